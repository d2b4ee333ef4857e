// The arithmetic that ships, against numbers from torch: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { attend, difference, normals } from "../../explorers/js/engine.js";

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
  assert.deepEqual([...kinds].sort(), ["additive", "distance", "dot", "multiplicative"]);
});

test("a number that is not one is a difference", () => {
  assert.ok(Number.isNaN(difference(Float32Array.of(NaN), Float32Array.of(0))));
  assert.equal(difference(Float32Array.of(NaN), Float32Array.of(NaN)), 0);
});

test("shuffled numbers are normal, and the same for the same seed", () => {
  const X = normals(7, 10_000);
  assert.deepEqual(X, normals(7, 10_000));
  assert.notDeepEqual(X, normals(8, 10_000));
  const mean = X.reduce((a, b) => a + b) / X.length;
  const variance = X.reduce((a, b) => a + (b - mean) ** 2, 0) / X.length;
  assert.ok(Math.abs(mean) < 0.05 && Math.abs(variance - 1) < 0.05);
});
