// Colours move to what Shuffle, Reset or another score brings; edits of cells are there at once.

import assert from "node:assert/strict";
import test from "node:test";

import { Leap } from "../../explorers/js/leap.js";
import { Store } from "../../explorers/js/store.js";
import { firstControls, firstInputs, setupOf } from "./kernel.js";

let now = 0;
let still = false;
globalThis.performance.now = () => now;
globalThis.matchMedia = () => ({ matches: still });

const panel = { spec: { rows: 1, columns: 2 } };

function leap() {
  const asked = { count: 0, requestPaint: () => (asked.count += 1) };
  return [new Leap(asked), asked];
}

test("colours start from what was shown, and are there after 200 ms", () => {
  now = 1000;
  const [moving, asked] = leap();
  assert.deepEqual(moving.of(panel, [1, 2]), { before: [1, 2], share: 0 });
  now = 1050;
  // What is shown meanwhile is the new matrix: the start is kept.
  assert.deepEqual(moving.of(panel, [3, 4]), { before: [1, 2], share: 0.25 });
  assert.equal(asked.count, 2);
  now = 1200;
  assert.deepEqual(moving.of(panel, [3, 4]), {});
  assert.equal(asked.count, 2);
});

test("nothing moves for a matrix of another size, nor where the reader wants no motion", () => {
  now = 0;
  assert.deepEqual(leap()[0].of(panel, [1, 2, 3]), {});
  assert.deepEqual(leap()[0].of(panel, undefined), {});
  still = true;
  assert.deepEqual(leap()[0].of(panel, [1, 2]), {});
  still = false;
});

test("shuffle, reset and another score are leaps, an edit and the temperature are not", () => {
  const saved = { setup: setupOf("dot"), now: firstControls(), arrays: firstInputs() };
  const store = new Store(null, saved);
  const leaps = (act) => {
    const before = store.leap;
    act();
    return store.leap !== before;
  };
  assert.equal(
    leaps(() => store.edit("Q", 0, 5)),
    false,
  );
  assert.equal(
    leaps(() => store.control("temperature", 2)),
    false,
  );
  assert.equal(
    leaps(() => store.control("scoring", "other")),
    true,
  );
  assert.equal(
    leaps(() => store.shuffle()),
    true,
  );
  assert.equal(
    leaps(() => store.reset()),
    true,
  );
});
