// What is drawn in the plane, in numbers: the ticks of its axes, the lines from values to an output, the
// outline of the values, and where the name of each mark stands. Nothing here touches the page.

import { times } from "./dom.js";
import { niceLimit } from "./painting.js";

const LEAST = 0.005; // of a weight whose line is drawn
const THICK = 10; // pixels of the line of a weight of 1
const AROUND = 10; // pixels from a mark's middle to where its name may begin
const LETTER = 7; // pixels of a name's
const HEIGHT = 14; // pixels of a name
// Where a name stands, the first that is free: right or left, above or below.
const SIDES = [
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
];
const RINGS = [1, 1.8, 2.6]; // times AROUND: further out, where all sides are taken

// The numbers at an axis from −reach to reach: a few steps of 1, 2 or 5 times a power of ten.
export function ticksOf(reach) {
  const step = niceLimit([reach / 3]);
  const most = Math.floor(reach / step + 1e-6);
  return times(2 * most + 1, (at) => Number(((at - most) * step).toPrecision(3)));
}

// The path of the lines from [x, y] to each of `values`, as thick as its weight; `pixel` is the width of
// one. A line is a filled strip, so that all lines of an output are one path.
export function linesTo([x, y], values, weights, pixel) {
  let path = "";
  values.forEach(([vx, vy], j) => {
    const length = Math.hypot(vx - x, vy - y);
    if (!(weights[j] >= LEAST && length)) return;
    const half = (THICK * weights[j] * pixel) / 2 / length;
    const [across, down] = [half * (y - vy), half * (vx - x)];
    path += `M${x + across} ${y + down}L${vx + across} ${vy + down}`;
    path += `L${vx - across} ${vy - down}L${x - across} ${y - down}Z`;
  });
  return path;
}

// The path around the convex hull of points.
export function hullOf(points) {
  const right = ([ax, ay], [bx, by], [x, y]) => (bx - ax) * (y - ay) <= (by - ay) * (x - ax);
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const side = (found, point) => {
    while (found.length > 1 && right(found.at(-2), found.at(-1), point)) found.pop();
    return [...found, point];
  };
  const [there, back] = [sorted, sorted.toReversed()].map((way) => way.reduce(side, []));
  return `M${[...there, ...back].join("L")}Z`;
}

// Finds for the name of each of `marks` = [{x, y: in pixels, letters: of its name}] where its middle
// stands, `beside`: pixels to the right and down from the mark. It covers no mark, no other name and no
// edge of the square of `side` pixels, if there is such a place, and stays there as long as it can.
export function placeNames(marks, side) {
  const taken = marks.map(({ x, y }) => boxAround(x, y, AROUND - 2, AROUND - 2));
  for (const mark of marks) {
    const wide = (LETTER * mark.letters + 4) / 2;
    const boxAt = ([across, down]) => boxAround(mark.x + across, mark.y + down, wide, HEIGHT / 2);
    const isFree = (place) => {
      const box = boxAt(place);
      return isInside(box, side) && !taken.some((other) => overlap(box, other));
    };
    if (mark.wide !== wide || !isFree(mark.beside)) {
      const all = RINGS.flatMap((ring) => SIDES.map((way) => placeOn(way, ring * AROUND, wide)));
      mark.beside = all.find(isFree) ?? all[0];
    }
    mark.wide = wide;
    taken.push(boxAt(mark.beside));
  }
}

// The middle of a name on one side of its mark; at a corner it comes closer.
function placeOn([across, down], out, wide) {
  const far = across && down ? 0.6 * out : out;
  return [across * (far + wide), down * (far + HEIGHT / 2)];
}

const boxAround = (x, y, wide, high) => [x - wide, y - high, x + wide, y + high];
const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
const isInside = ([left, top, right, bottom], side) =>
  left >= 0 && top >= 0 && right <= side && bottom <= side;
