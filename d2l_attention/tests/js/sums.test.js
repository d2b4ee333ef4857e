// The sums that a figure writes beside a number: worked out as they stand, they give that number.

import assert from "node:assert/strict";
import test from "node:test";

import { SCORES } from "../../explorers/js/engine.js";
import { Store } from "../../explorers/js/store.js";
import { sumText } from "../../explorers/js/sums.js";
import { firstControls, firstInputs, setupOf } from "./kernel.js";

const OFF = 0.05; // what rounding to two decimals can add up to here

function figure(kind, change = () => {}) {
  const saved = { setup: setupOf(kind), now: firstControls(), arrays: firstInputs() };
  change(saved);
  const store = new Store(null, saved);
  store.beforePaint();
  return store;
}

// Reads the text as a formula.
function value(text) {
  const formula = text
    .replaceAll("·", "*")
    .replaceAll("÷", "/")
    .replaceAll("− ", "- ")
    .replaceAll("−", "-")
    .replace(/√(\d+)/g, "Math.sqrt($1)")
    .replaceAll("tanh", "Math.tanh")
    .replaceAll("exp", "Math.exp")
    .replaceAll("* -", "* (0-1) * ");
  return Function(`return ${formula}`)();
}

for (const kind of Object.keys(SCORES)) {
  test(`every sum of ${kind} attention gives its number`, () => {
    const store = figure(kind, ({ arrays }) => {
      arrays.Q[1] = -0.5;
      arrays.K[4] = -1.5;
      arrays.W_k[0] = -0.25;
    });
    const { n, m, v } = store.setup.sizes;
    for (const [name, rows, columns] of [
      ["scores", n, m],
      ["weights", n, m],
      ["output", n, v],
    ]) {
      for (let at = 0; at < rows * columns; at++) {
        const place = [Math.floor(at / columns), at % columns];
        const found = value(sumText(store, name, place));
        const wanted = store.result[name][at];
        assert.ok(Math.abs(found - wanted) < OFF, `${name} ${place}: ${found}, not ${wanted}`);
      }
    }
  });
}

test("projected queries and keys have sums, and inputs have none", () => {
  const store = figure("multiplicative");
  assert.equal(sumText(store, "q", [1, 0]), "0.75 · 0.25 + 1.00 · 0.50");
  assert.equal(sumText(store, "k", [0, 1]), "0.25 · 0.75 + 0.50 · 1.00");
  assert.equal(sumText(store, "Q", [0, 0]), "");
});

test("the scores of a weight are those that it came from: valid ones, divided by the temperature", () => {
  const store = figure("dot", ({ now, arrays }) => {
    now.temperature = 0.5;
    arrays.valid_lens.fill(2);
  });
  const powers = [0, 1].map((j) => `exp(${(store.result.scores[j] / 0.5).toFixed(2)})`);
  assert.equal(sumText(store, "weights", [0, 0]), `${powers[0]} ÷ (${powers.join(" + ")})`);
  assert.equal(sumText(store, "weights", [0, 2]), "");
  // The mask comes after the scores.
  for (const j of [1, 2]) assert.notEqual(sumText(store, "scores", [0, j]), "");
});

test("a mask takes its keys out of the sum of a weight", () => {
  const store = figure("dot", ({ arrays }) => {
    arrays.mask = Float32Array.from({ length: 12 }, (_, at) => Number(at !== 1));
  });
  const powers = [0, 2].map((j) => `exp(${store.result.scores[j].toFixed(2)})`);
  assert.equal(sumText(store, "weights", [0, 2]), `${powers[1]} ÷ (${powers.join(" + ")})`);
  assert.equal(sumText(store, "weights", [0, 1]), "");
});

test("a long sum is cut, and a figure whose scores only torch knows has none", () => {
  const keys = 9;
  const store = figure("dot", ({ setup, arrays }) => {
    setup.sizes = { ...setup.sizes, m: keys };
    arrays.K = new Float32Array(2 * keys * 2).fill(1);
    arrays.V = new Float32Array(2 * keys).fill(1);
    arrays.valid_lens.fill(keys);
  });
  assert.match(sumText(store, "output", [0, 0]), /^(0\.11 · 1\.00 \+ ){6}…$/);
  assert.equal(sumText(figure("own"), "scores", [0, 0]), "");
});
