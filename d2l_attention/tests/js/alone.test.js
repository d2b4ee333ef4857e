// A figure with no kernel: its store runs by itself.

import assert from "node:assert/strict";
import test from "node:test";

import { attend } from "../../explorers/js/engine.js";
import { Store } from "../../explorers/js/store.js";
import { firstControls, firstInputs, setupOf } from "./kernel.js";

function alone(now = firstControls()) {
  return new Store(null, { setup: setupOf("dot"), now, arrays: firstInputs() });
}

function attended(store, batch = 0) {
  const part = (X) => X.subarray((batch * X.length) / 2, ((batch + 1) * X.length) / 2);
  const [Q, K, V] = ["Q", "K", "V"].map((name) => part(store.inputs[name]));
  const { sizes } = store.setup;
  const { temperature } = store.now;
  return attend({ kind: "dot", ...sizes, temperature, Q, K, V, lens: [3, 3] });
}

function assertComputed(store, batch) {
  store.beforePaint();
  const { weights, output } = attended(store, batch);
  assert.deepEqual([store.result.weights, store.result.output], [weights, output]);
}

test("it computes what was saved, and every change", () => {
  const store = alone();
  assertComputed(store);
  store.edit("Q", 0, 9);
  assert.equal(store.inputs.Q[0], 9);
  assertComputed(store);
  store.control("temperature", 0.1);
  assertComputed(store);
  store.control("batch", 1);
  store.edit("Q", 0, 5);
  assert.equal(store.inputs.Q[4], 5);
  assertComputed(store, 1);
  assert.equal(store.status, "{browserAlone}");
});

test("a shuffle draws normal numbers with two decimals, for all examples", () => {
  const drawn = [];
  for (let turn = 0; turn < 200; turn++) {
    const store = alone();
    store.shuffle();
    assertComputed(store);
    for (const name of ["Q", "K", "V"]) drawn.push(...store.inputs[name]);
    const { valid_lens, W_q } = firstInputs();
    assert.deepEqual([store.inputs.valid_lens, store.inputs.W_q], [valid_lens, W_q]);
  }
  assert.ok(drawn.every((x) => x === Math.fround(Math.round(100 * x) / 100)));
  const mean = (X) => X.reduce((sum, x) => sum + x, 0) / X.length;
  // Of 5,200 draws; bounds of five standard errors.
  assert.ok(Math.abs(mean(drawn)) < 5 / Math.sqrt(drawn.length));
  const variance = mean(drawn.map((x) => x * x));
  assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / drawn.length), `variance ${variance}`);
  assert.ok(drawn.some((x) => x > 2) && drawn.some((x) => x < -2));
});

test("a reset goes back to what was saved, but for the example that is shown", () => {
  const store = alone();
  store.control("batch", 1);
  store.shuffle();
  store.edit("W_q", 0, 3);
  store.edit("valid_lens", 0, 1);
  store.control("temperature", 0.1);
  store.control("scoring", "other");
  store.reset();
  assert.deepEqual(store.inputs, firstInputs());
  assert.deepEqual(store.now, firstControls(1));
  assertComputed(store, 1);
  // The first inputs are not those that edits change.
  store.edit("Q", 0, 9);
  store.reset();
  assert.deepEqual(store.inputs, firstInputs());
});

test("a mask stays beside the lengths, and nothing that a reader does changes it", () => {
  const mask = Float32Array.from({ length: 12 }, (_, at) => Number(at !== 1 && at !== 9));
  const arrays = { ...firstInputs(), mask };
  const store = new Store(null, { setup: setupOf("dot"), now: firstControls(), arrays });
  const struck = () => {
    store.beforePaint();
    assert.deepEqual(
      [...store.result.weights].map((x) => Number(x === 0)),
      [...store.masked],
    );
    return [...store.masked].join("");
  };
  assert.equal(struck(), "010000");
  store.edit("valid_lens", 0, 2);
  assert.equal(struck(), "011000");
  store.shuffle();
  assert.equal(struck(), "011000");
  store.control("batch", 1);
  assert.equal(struck(), "000100");
  store.reset();
  store.control("batch", 0);
  assert.equal(struck(), "010000");
});

test("all can be used", () => {
  assert.ok(alone().canCompute);
});
