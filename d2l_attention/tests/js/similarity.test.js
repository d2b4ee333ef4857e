// Similarity as Python's difflib has it: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { folded, ratio } from "../../explorers/js/similarity.js";

const cases = JSON.parse(readFileSync(process.env.CASES, "utf-8"));

test("every pair of texts is as alike as Python says", () => {
  assert.ok(cases.length > 1000);
  for (const [query, key, wanted] of cases) {
    assert.equal(ratio(folded(query), folded(key)), wanted, `${query} and ${key}`);
  }
});
