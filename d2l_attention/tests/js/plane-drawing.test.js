// Ticks, lines, outline and names of the plane, against numbers worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";

import { hullOf, linesTo, placeNames, ticksOf } from "../../explorers/js/plane-drawing.js";

test("an axis has a few round numbers, 0 among them", () => {
  assert.deepEqual(ticksOf(2), [-2, -1, 0, 1, 2]);
  assert.deepEqual(ticksOf(5), [-4, -2, 0, 2, 4]);
  assert.deepEqual(ticksOf(0.3), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticksOf(20), [-20, -10, 0, 10, 20]);
});

test("a line is as thick as its weight, and a weight of 0 has none", () => {
  // From (0, 0) to the right and upwards, 10 pixels for a weight of 1.
  const path = linesTo(
    [0, 0],
    [
      [1, 0],
      [0, -1],
      [1, 1],
    ],
    [0.5, 0.5, 0],
    0.1,
  );
  const corners = path
    .split("Z")
    .map((part) => part.match(/-?[\d.]+/g)?.map((x) => Number(x) || 0));
  assert.deepEqual(corners, [
    [0, 0.25, 1, 0.25, 1, -0.25, 0, -0.25],
    [0.25, 0, 0.25, -1, -0.25, -1, -0.25, 0],
    undefined,
  ]);
});

test("a line keeps its thickness whatever its length, and one of no length is not drawn", () => {
  const path = linesTo([0, 0], [[3, 4]], [1], 0.1);
  const corners = path.match(/-?[\d.]+/g).map(Number);
  // Half a thickness of 1 across a line of length 5: (−4, 3) / 10, from both its ends.
  assert.deepEqual(
    corners.map((x) => Math.round(100 * x) / 100),
    [-0.4, 0.3, 2.6, 4.3, 3.4, 3.7, 0.4, -0.3],
  );
  assert.equal(linesTo([1, 2], [[1, 2]], [1], 0.1), "");
});

test("the outline goes round the corners, and leaves out what is inside or on an edge", () => {
  const points = [
    [0, 0],
    [-1, 0], // Of points above each other this one is neither first nor last.
    [-1, 1],
    [-1, -1],
    [1, -1],
    [0, -1],
    [1, 1],
  ];
  const corners = new Set(hullOf(points).slice(1, -1).split("L"));
  assert.deepEqual(corners, new Set(["-1,-1", "1,-1", "1,1", "-1,1"]));
  assert.equal(hullOf([[1, 2]]).match(/NaN|undefined/), null);
});

test("no name covers a mark, another name or the edge, and names stay where they can", () => {
  const side = 300;
  const marks = [
    [150, 150],
    [170, 150],
    [160, 165],
    [299, 1],
    [1, 299],
    [150, 140],
  ].map(([x, y]) => ({ x, y, letters: 2 }));
  placeNames(marks, side);
  const boxes = marks.map(({ x, y, beside: [across, down] }) => [x + across, y + down]);
  boxes.forEach(([x, y], at) => {
    assert.ok(x > 8 && y > 6 && x < side - 8 && y < side - 6, `${at} is inside`);
    for (const mark of marks) {
      assert.ok(Math.abs(mark.x - x) >= 16 || Math.abs(mark.y - y) >= 12, `${at} covers a mark`);
    }
    boxes.slice(0, at).forEach(([ox, oy]) => {
      assert.ok(Math.abs(ox - x) >= 18 || Math.abs(oy - y) >= 14, `${at} covers a name`);
    });
  });
  const before = marks.map(({ beside }) => beside);
  for (const mark of marks) mark.x -= 0.5;
  placeNames(marks, side);
  assert.deepEqual(
    marks.map(({ beside }) => beside),
    before,
  );
});

const placed = (x, y, letters = 2) => ({ x, y, letters });

test("a name stays on its side while that is free, and leaves it when it is not", () => {
  const mark = placed(150, 150);
  const other = placed(164, 138); // where the name would stand first
  placeNames([mark, other], 300);
  const { beside } = mark;
  other.x = 20;
  placeNames([mark, other], 300);
  assert.deepEqual(mark.beside, beside);
  [other.x, other.y] = [150 + beside[0], 150 + beside[1]];
  placeNames([mark, other], 300);
  assert.notDeepEqual(mark.beside, beside);
});

test("a name that becomes longer is placed anew", () => {
  const mark = placed(150, 150);
  placeNames([mark], 300);
  const [near] = mark.beside;
  mark.letters = 12;
  placeNames([mark], 300);
  assert.equal(mark.beside[0] - near, (7 * 10) / 2);
  mark.letters = 2;
  placeNames([mark], 300);
  assert.equal(mark.beside[0], near);
});

test("a name stands to the right, or further out at a corner, or on top where nothing is free", () => {
  const mark = placed(150, 150);
  placeNames([mark], 300);
  assert.deepEqual(mark.beside, [10 + 9, 0]);
  const around = [
    [169, 150],
    [131, 150],
    [150, 133],
    [150, 167],
  ].map(([x, y]) => placed(x, y));
  placeNames([mark, ...around], 300);
  // 0.6 times 18 pixels, to the right and up.
  assert.deepEqual(
    mark.beside.map((x) => x.toFixed(3)),
    ["19.800", "-17.800"],
  );
  const crowd = [placed(5, 5), placed(5, 5)];
  placeNames(crowd, 10); // a plane smaller than any name
  for (const { beside } of crowd) assert.deepEqual(beside, [15, -13]);
});
