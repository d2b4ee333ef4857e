// Colours, scales and numbers as they are painted.

import assert from "node:assert/strict";
import test from "node:test";

import { colourOf, niceLimit } from "../../explorers/js/painting.js";

const colour = (map, x, limit) => colourOf(map, x, limit).slice(0, 3);

test("colours run from white, or through white, to the limit and no further", () => {
  for (const x of [2, 3]) assert.deepEqual(colour("sequential", x, 2), [8, 48, 107]);
  assert.deepEqual(colour("sequential", 0, 2), [255, 255, 255]);
  assert.deepEqual(colour("sequential", 1, 2), [107, 174, 214]);
  assert.deepEqual(colour("diverging", 0, 2), [255, 255, 255]);
  for (const x of [-2, -3]) assert.deepEqual(colour("diverging", x, 2), [127, 59, 8]);
  assert.deepEqual(colour("diverging", 2, 2), [8, 48, 107]);
});

test("what is not finite is grey", () => {
  for (const x of [NaN, Infinity, -Infinity]) {
    assert.deepEqual(colour("sequential", x, 1), [140, 140, 140]);
  }
});

test("a scale ends at 1, 2 or 5 times a power of ten", () => {
  const cases = [
    [0, 1],
    [-0.2, 0.2],
    [0.21, 0.5],
    [0.7, 1],
    [1, 1],
    [3, 5],
    [100, 100],
    [101, 200],
  ];
  for (const [largest, limit] of cases) {
    const X = Float32Array.of(0, largest, NaN, Infinity);
    assert.ok(Math.abs(niceLimit(X) / limit - 1) < 1e-6, `${largest}: ${niceLimit(X)}`);
  }
});
