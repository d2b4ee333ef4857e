// The two coordinates of a point, written and read.

import { numberText } from "./painting.js";

// "1.00; −2.00"
export const say = (xy) => xy.map((x) => numberText(x)).join("; ");

// [x, y] of "1; −2", "1 -2", "1,5; 2" or "1, 2"; null of what is no pair of numbers.
export function pairOf(text) {
  const parts = text
    .trim()
    .replaceAll("−", "-")
    .split(/[;\s]+/);
  const two = parts.length === 1 ? parts[0].split(",") : parts;
  const xy = two.map((part) => (part ? Number(part.replace(/,$/, "").replace(",", ".")) : NaN));
  return xy.length === 2 && xy.every(Number.isFinite) ? xy : null;
}
