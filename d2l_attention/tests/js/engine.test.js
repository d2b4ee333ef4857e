// The arithmetic that ships, against numbers from torch: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { SCORES, attend, difference, maskedOf, maskedSoftmax } from "../../explorers/js/engine.js";

const cases = JSON.parse(readFileSync(process.env.CASES, "utf-8"));
const toNumbers = (X) => Float32Array.from(X, (x) => (x === null ? NaN : x));

for (const { name, input, expected } of cases) {
  test(name, () => {
    const arrays = Object.entries(input).filter(([, value]) => Array.isArray(value));
    const X = Object.fromEntries(arrays.map(([key, value]) => [key, toNumbers(value)]));
    const result = attend({ ...input, ...X });
    for (const key of ["scores", "weights", "output"]) {
      const wanted = toNumbers(expected[key]);
      assert.equal(result[key].length, wanted.length);
      const off = difference(result[key], wanted);
      assert.ok(off <= 1e-5, `${key} differs by ${off}`);
      // Masked means exactly 0, not nearly.
      if (key === "weights") {
        wanted.forEach((x, at) => assert.equal(x === 0, result.weights[at] === 0));
      }
    }
  });
}

test("there are cases, of every kind", () => {
  const kinds = new Set(cases.map(({ input }) => input.kind));
  assert.deepEqual([...kinds].sort(), Object.keys(SCORES).sort());
});

test("a number that is not one is a difference", () => {
  assert.ok(Number.isNaN(difference(Float32Array.of(NaN), Float32Array.of(0))));
  assert.equal(difference(Float32Array.of(NaN), Float32Array.of(NaN)), 0);
});

test("scores that are large do not overflow", () => {
  for (const [scores, temperature] of [
    [[1000, 999], 1],
    [[-1000, -1001], 1],
    [[1, 0.999], 1e-3],
  ]) {
    const [first, second] = maskedSoftmax(Float32Array.from(scores), [0, 0], 1, 2, temperature);
    assert.ok(
      Math.abs(first - 1 / (1 + Math.exp(-1))) < 1e-4 && Math.abs(first + second - 1) < 1e-6,
    );
  }
});

test("a length past the end is all of its own row", () => {
  const masked = maskedOf({ n: 2, m: 2, lens: [9, 1] });
  const weights = maskedSoftmax(Float32Array.of(0, 0, 5, 5), masked, 2, 2);
  assert.deepEqual([...weights], [0.5, 0.5, 1, 0]);
});

test("a difference is relative where numbers are above 1", () => {
  const off = (a, b) => difference(Float32Array.of(0, a), Float32Array.of(0, b));
  assert.equal(off(2002, 2000), 2 / 2000);
  assert.equal(off(0.25, 0.5), 0.25);
});
