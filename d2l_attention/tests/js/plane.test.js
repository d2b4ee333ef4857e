// The map that ships, against the one of torch: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { PlaneStore } from "../../explorers/js/plane.js";

const maps = JSON.parse(readFileSync(process.env.CASES, "utf-8"));

function storeOf({ kind, sizes, temperature, reach, inputs }) {
  const store = Object.create(PlaneStore.prototype);
  const arrays = Object.entries({ ...inputs, reach: [reach] });
  store.inputs = Object.fromEntries(arrays.map(([name, X]) => [name, Float32Array.from(X)]));
  store.now = { scoring: kind, temperature, batch: 0 };
  store.setup = { kinds: { [kind]: kind }, sizes, batch: sizes.batch, large: false, tied: true };
  store.link = { sent: [], edit: (...edit) => store.link.sent.push(edit) };
  store.announce = () => {};
  return store;
}

for (const { keys, shares, ...state } of maps) {
  test(state.kind, () => {
    const store = storeOf(state);
    const map = store.map();
    assert.equal(map.length, 2 * keys.length);
    let borders = 0;
    for (let at = 0; at < keys.length; at++) {
      // Where two keys are equally strong, rounding decides.
      if (map[at] !== keys[at]) borders += 1;
      assert.ok(Math.abs(map[keys.length + at] - shares[at]) <= 1, `weight of ${at}`);
    }
    assert.ok(borders <= 3, `${borders} pixels differ`);
  });
}

test("a key that moves takes its value along", () => {
  const store = storeOf(maps[0]);
  store.edit("K", 3, 0.25);
  assert.equal(store.inputs.K[3], 0.25);
  assert.deepEqual(store.inputs.V, store.inputs.K);
  assert.deepEqual(store.link.sent, [["K", 3, 0.25], ["V", 3, 0.25]]);
});
