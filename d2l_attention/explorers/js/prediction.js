// A prediction by hand, row by row: what an edit makes of a row, how far it is from the truth, and how
// that is said. A row of NaN is not predicted yet.

import { clamp, sum } from "./dom.js";
import { numberText } from "./painting.js";

const SAME = 1e-4; // Shares that differ by less are equally large.

export const isEmpty = (row) => row.every(Number.isNaN);

// What the first touch makes of a row: shares begin even, other numbers at 0.
export const begun = (row, isShares) =>
  isEmpty(row) ? [...row].fill(isShares ? 1 / row.length : 0) : [...row];

// One share becomes what is wanted, and the others give way in proportion; evenly if all are 0.
export function withShare(row, at, wanted) {
  const share = row.length === 1 ? 1 : clamp(wanted, 0, 1);
  const others = sum(row.map((x, j) => (j === at ? 0 : x)));
  const even = (1 - share) / (row.length - 1);
  return row.map((x, j) => (j === at ? share : others > 0 ? (x / others) * (1 - share) : even));
}

// The share that was put in the wrong place; NaN if nothing was predicted.
export const misplaced = (row, truth) => sum([...row].map((x, j) => Math.max(x - truth[j], 0)));

export const distance = (row, truth) => Math.hypot(...[...row].map((x, j) => x - truth[j]));

// The places of the largest share: several if they are alike, none if all are 0.
export function largestOf(row) {
  const most = Math.max(...row);
  return [...row.keys()].filter((j) => most > 0 && row[j] > most - SAME);
}

// "query 0: 18% of the attention was in the wrong place; the largest is right".
export function shareVerdict(words, name, row, truth, nameOf) {
  const right = largestOf(truth);
  const isRight = largestOf(row).every((j) => right.includes(j));
  const largest = isRight
    ? words.largestRight
    : right.length
      ? words.largestWrong.replace("{key}", () => right.map(nameOf).join(", "))
      : words.allMasked;
  const share = words.percent.replace("{n}", Math.round(100 * misplaced(row, truth)));
  return `${name}: ${words.wrongShare.replace("{share}", share)}; ${largest}`;
}

export const outputVerdict = (words, name, row, truth) =>
  `${name}: ${words.off.replace("{distance}", numberText(distance(row, truth)))}`;
