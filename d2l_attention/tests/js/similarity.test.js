// Similarity as Python's difflib has it: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
  folded,
  isSame,
  matchingBlocks,
  matchingParts,
  ratio,
} from "../../explorers/js/similarity.js";

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
  // A letter and its accent are shown as one, in however many characters they come.
  assert.deepEqual(parts("garci", "Garci\u0301a"), [
    ["Garci\u0301", true],
    ["a", false],
  ]);
  // U+0958 is folded into two characters; the first alone matches.
  assert.deepEqual(parts("\u0915z", "\u0958Z!"), [
    ["\u0958Z", true],
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

test("a key is the query if its letters are, however they are encoded", () => {
  assert.ok(isSame("Peña", "Pen\u0303a"));
  for (const other of ["Pena", "peña", "Peña "]) assert.ok(!isSame("Peña", other), other);
});
