// Similarity as Python's difflib has it: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { folded, matchingBlocks, matchingParts, ratio } from "../../explorers/js/similarity.js";

const cases = JSON.parse(readFileSync(process.env.CASES, "utf-8"));

test("every pair of texts is as alike as Python says", () => {
  assert.ok(cases.length > 1000);
  for (const [query, key, wanted] of cases) {
    assert.equal(ratio(folded(query), folded(key)), wanted, `${query} and ${key}`);
  }
});

test("the letters that match are those that Python matches", () => {
  for (const [query, key, , blocks] of cases) {
    assert.deepEqual(matchingBlocks(folded(query), folded(key)), blocks, `${query} and ${key}`);
  }
});

const parts = (query, key) => matchingParts(key, matchingBlocks(folded(query), folded(key)));

test("what is set off in a key are its own letters, capitals and all", () => {
  assert.deepEqual(parts("smo", "SMola"), [
    ["SMo", true],
    ["la", false],
  ]);
  // İ is folded into two letters; the i alone matches.
  assert.deepEqual(parts("iz", "İZ!"), [
    ["İZ", true],
    ["!", false],
  ]);
  assert.deepEqual(parts("😀b", "a😀b"), [
    ["a", false],
    ["😀b", true],
  ]);
  assert.deepEqual(parts("", "Li"), [["Li", false]]);
  for (const [query, key] of cases) {
    const whole = parts(query, key).map(([letters]) => letters);
    assert.equal(whole.join(""), key);
  }
});
