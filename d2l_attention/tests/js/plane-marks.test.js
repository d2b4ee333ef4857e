// Which mark of the plane a pointer takes, and how its coordinates are written and read.

import assert from "node:assert/strict";
import test from "node:test";

import { pairOf, say } from "../../explorers/js/plane-coordinates.js";
import { nearest } from "../../explorers/js/plane-marks.js";

const mark = (name, x, y, hidden = false) => ({ name, x, y, root: { hidden } });
const found = (marks, x, y) => nearest(marks, x, y)?.name;

test("of marks that coincide the last is taken, else the nearest, and none from afar", () => {
  const marks = [mark("v", 50, 50), mark("k", 50, 50), mark("q", 50, 50), mark("far", 60, 50)];
  assert.equal(found(marks, 50, 50), "q");
  assert.equal(found(marks, 54, 50), "q");
  assert.equal(found(marks, 56, 50), "far");
  marks[2].x = 46;
  assert.equal(found(marks, 50, 50), "k");
  assert.equal(found(marks, 46, 50), "q");
  // 14 pixels to the side and up: the corner of a mark's target.
  assert.equal(found(marks, 74.1, 64), undefined);
  assert.equal(found(marks, 74, 63.9), "far");
  assert.equal(found([], 50, 50), undefined);
});

test("a mark that is covered is not taken", () => {
  assert.equal(found([mark("k", 50, 50), mark("o", 50, 50, true)], 50, 50), "k");
});

test("coordinates are read with any sign between them, and what is no pair is none", () => {
  const pairs = { "1; −2": [1, -2], "1 -2": [1, -2], "1,5; 2": [1.5, 2], "1, 2": [1, 2] };
  for (const [text, xy] of Object.entries({
    ...pairs,
    " 1,2 ": [1, 2],
    "1,5, 2": [1.5, 2],
    "-.5;1e1": [-0.5, 10],
  })) {
    assert.deepEqual(pairOf(text), xy, text);
  }
  for (const text of ["", "1", "1;", "1; 2; 3", "a; 2", "1; Infinity"]) {
    assert.equal(pairOf(text), null, text);
  }
  assert.equal(say([1, -2.005]), "1.00; −2.01");
  assert.deepEqual(pairOf(say([-1.5, 2])), [-1.5, 2]);
});
