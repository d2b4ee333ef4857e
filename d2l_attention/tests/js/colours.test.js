// Colours and the ends of scales are those of Python: on cases made there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { colourOf, niceLimit } from "../../explorers/js/painting.js";

const { colours, limits } = JSON.parse(readFileSync(process.env.CASES));

test("the browser colours every number as Python does", () => {
  for (const [map, x, limit, colour] of colours) {
    assert.deepEqual(colourOf(map, Number(x), limit), colour, `${map} ${x} of ${limit}`);
  }
});

test("the browser ends every scale where Python does", () => {
  for (const [X, limit] of limits) {
    const found = niceLimit(Float32Array.from(X, Number));
    assert.ok(Math.abs(found / limit - 1) < 1e-12, `${X}: ${found}, not ${limit}`);
  }
});
