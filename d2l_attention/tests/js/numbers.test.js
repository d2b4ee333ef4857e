// Numbers are written as Python writes them: on cases made there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { numberText } from "../../explorers/js/painting.js";

const cases = JSON.parse(readFileSync(process.env.CASES));

test("the browser writes every number as Python does", () => {
  assert.ok(cases.length > 0);
  for (const [x, digits, text] of cases) {
    assert.equal(numberText(Number(x), digits), text, `${x} with ${digits} digits`);
  }
});
