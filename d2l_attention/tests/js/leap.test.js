// Colours move to what Shuffle, Reset or another score brings; edits of cells are there at once.

import assert from "node:assert/strict";
import test from "node:test";

import { Leap } from "../../explorers/js/leap.js";
import { Panel } from "../../explorers/js/panel.js";
import { Store } from "../../explorers/js/store.js";
import { firstControls, firstInputs, setupOf } from "./kernel.js";

let now = 0;
let still = false;
globalThis.performance.now = () => now;
globalThis.matchMedia = () => ({ matches: still });

const whose = {};

function leap() {
  const asked = { count: 0, requestPaint: () => (asked.count += 1) };
  return [new Leap(asked), asked];
}

test("colours start from what was shown, and are there after 200 ms", () => {
  now = 1000;
  const [moving, asked] = leap();
  assert.deepEqual([moving.from(whose, "first"), moving.share], ["first", 0]);
  now = 1050;
  // What is shown meanwhile is new: the start is kept.
  assert.deepEqual([moving.from(whose, "next"), moving.share], ["first", 0.25]);
  assert.equal(asked.count, 2);
  now = 1200;
  assert.deepEqual([moving.from(whose, "next"), moving.share], [undefined, 1]);
  assert.equal(asked.count, 2);
});

test("nothing moves where the reader wants no motion", () => {
  now = 0;
  still = true;
  const [moving, asked] = leap();
  assert.deepEqual([moving.from(whose, "first"), moving.share, asked.count], [undefined, 1, 0]);
  still = false;
});

// A panel whose numbers are X.
function panelOf(store, X) {
  const panel = Object.create(Panel.prototype);
  return Object.assign(panel, {
    figure: { store },
    spec: {},
    scale: () => (panel.limit = panel.scaleOf(X)),
  });
}

test("while something is held a scale only grows, to two digits; then it moves to a round end", () => {
  now = 0;
  const saved = { setup: setupOf("dot"), now: firstControls(), arrays: firstInputs() };
  const store = new Store(null, saved);
  const X = [1.5, -0.5];
  const panel = panelOf(store, X);
  const set = (x) => {
    X[0] = x;
    return panel.scale();
  };
  assert.equal(set(1.5), 2);
  assert.equal(store.leap, undefined);
  store.hold(true);
  // A twentieth further than the number asks, so that two digits are never too few.
  assert.deepEqual([1.9, 2.25, -3.333, 3.4, 0.1].map(set), [2, 2.4, 3.5, 3.5, 3.5]);
  assert.equal(store.leap, undefined);
  store.hold(false);
  assert.deepEqual([set(0.1), store.leap.share], [0.5, 0]);
  // All that changes meanwhile moves together.
  const begun = store.leap;
  now = 100;
  assert.equal(set(7), 10);
  assert.equal(store.leap, begun);
  now = 200;
  assert.equal(set(70), 100);
  assert.notEqual(store.leap, begun);
});

test("a scale whose end is given stays, and compared matrices have one", () => {
  const panel = panelOf({ isHeld: true }, [3]);
  panel.spec = { limit: 1 };
  assert.equal(panel.scale(), 1);
  panel.spec = { compared: () => [3, -7] };
  panel.limit = 5;
  assert.equal(panel.scale(), 7.4);
  for (let x = 1; x < 10; x += 0.001) {
    Object.assign(panel, { limit: 0.5, spec: { compared: () => [x] } });
    assert.ok(panel.scale() >= x && panel.limit < 1.11 * x, `a scale to ${panel.limit} for ${x}`);
  }
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

test("in a drag a computed matrix is gone through when it is new, and until it has moved there", () => {
  now = 0;
  let X = [1, 2];
  let painted = 0;
  const store = { isHeld: true, move() {} };
  const size = { width: 1, height: 1 };
  const panel = Object.assign(panelOf(store, X), {
    painter: { painted: { X }, paint: () => (painted += 1) },
    ...size,
  });
  const computed = { rows: 1, columns: 2, get: () => X };
  panel.spec = computed;
  const paintings = (count) => {
    painted = 0;
    for (let at = 0; at < count; at++) panel.paint(size);
    return painted;
  };
  assert.equal(paintings(3), 1);
  X = [3, 4];
  assert.equal(paintings(3), 1);
  // What the hand edits keeps its array; a prediction beside it changes a scale; at rest scales do.
  for (const spec of [
    { ...computed, input: true },
    { ...computed, compared: () => [5] },
  ]) {
    panel.spec = spec;
    assert.equal(paintings(2), 2);
  }
  panel.spec = computed;
  store.isHeld = false;
  assert.equal(paintings(2), 2);
  store.isHeld = true;
  store.leap = new Leap({ requestPaint() {} });
  X = [5, 6];
  assert.equal(paintings(2), 2);
  now = 200;
  assert.equal(paintings(2), 1);
});

test("marks are looked for where something was painted, and nowhere else", () => {
  const X = [1, 2];
  const cell = { width: 30, height: 24, numbers: true };
  let shown = 0;
  const panel = Object.assign(panelOf({ move() {} }, X), {
    ...cell,
    painter: { painted: { X } },
    marks: { show: () => (shown += 1) },
    spec: { rows: 1, columns: 2, get: () => X },
  });
  panel.painter.paint = () => {};
  panel.paint(cell);
  assert.equal(shown, 0);
  panel.painter.paint = (look) => (panel.painter.painted = look);
  panel.paint(cell);
  assert.equal(shown, 1);
  panel.paint({ ...cell, numbers: false });
  assert.equal(shown, 1);
});
