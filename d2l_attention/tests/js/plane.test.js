// The map that ships, against the one of torch: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { PlaneStore } from "../../explorers/js/plane-store.js";

const maps = JSON.parse(readFileSync(process.env.CASES, "utf-8"));

globalThis.requestAnimationFrame = () => 1;

function storeOf({ kind, sizes, temperature, reach, inputs }) {
  const arrays = Object.entries({ ...inputs, reach: [reach] });
  return new PlaneStore(null, {
    setup: {
      kinds: { [kind]: kind },
      sizes,
      batch: sizes.batch,
      large: false,
      tied: true,
      tolerance: 1e-3,
    },
    now: { scoring: kind, temperature, batch: 0 },
    arrays: Object.fromEntries(arrays.map(([name, X]) => [name, Float32Array.from(X)])),
  });
}

function agrees(map, { keys, shares }) {
  assert.equal(map.length, 2 * keys.length);
  let borders = 0;
  for (let at = 0; at < keys.length; at++) {
    // Where two keys are equally strong, rounding decides.
    if (map[at] !== keys[at]) borders += 1;
    assert.ok(Math.abs(map[keys.length + at] - shares[at]) <= 1, `weight of ${at}`);
  }
  assert.ok(borders <= 3, `${borders} pixels differ`);
}

// Time in which nothing changes.
function rest(t, ms) {
  for (let at = 0; at < ms; at++) t.mock.timers.tick(1);
}

for (const { rough, fine, ...state } of maps) {
  test(state.kind, (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const store = storeOf(state);
    agrees(store.map(), rough);
    rest(t, 400);
    agrees(store.map(), fine);
  });
}

test("the map is rough while points move, and the figure is told when it is fine", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const store = storeOf(maps[0]);
  const rows = () => Math.sqrt(store.map().length / 2);
  let told = 0;
  store.requestPaint = () => (told += 1);
  for (const x of [1, 2, 3]) {
    store.edit("K", 0, x);
    assert.equal(rows(), 64);
    rest(t, 140);
    assert.equal(rows(), 64);
  }
  told = 0;
  rest(t, 400);
  assert.deepEqual([rows(), told], [256, 1]);
});

test("a change between two parts of the fine map begins it again", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [store, moved] = [storeOf(maps[0]), storeOf(maps[0])];
  store.map();
  rest(t, 151);
  for (const each of [store, moved]) each.edit("K", 0, 1);
  for (const each of [store, moved]) each.map();
  rest(t, 400);
  assert.equal(store.map().length, 2 * 256 ** 2);
  assert.deepEqual(store.map(), moved.map());
});

test("torch's map stays when it comes before the fine one is done", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const store = storeOf(maps[0]);
  store.map();
  rest(t, 151);
  const torchs = (store.inputs.map = new Float32Array(1));
  rest(t, 400);
  assert.equal(store.map(), torchs);
});

test("Python's rough map is taken only where the browser makes none of its own", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [rough, fine] = [64, 256].map((rows) => new Float32Array(rows ** 2 / 2));
  for (const kind of [maps[0].kind, "own"]) {
    const store = storeOf(maps[0]);
    store.now.scoring = kind;
    const { scores, weights, output } = storeOf(maps[0]).attend();
    const take = (map) => store.takeArrays({ scores, weights, output, map }, { isCurrent: true });
    take(rough);
    assert.equal(store.map() === rough, kind === "own");
    take(fine);
    assert.equal(store.map(), fine);
  }
});

test("a key that moves takes its value along", () => {
  const store = storeOf(maps[0]);
  const sent = [];
  store.link = { edit: (...edit) => sent.push(edit) };
  store.edit("K", 3, 0.25);
  assert.equal(store.inputs.K[3], 0.25);
  assert.deepEqual(store.inputs.V, store.inputs.K);
  assert.deepEqual(sent, [
    ["K", 3, 0.25],
    ["V", 3, 0.25],
  ]);
});

test("a shuffle leaves keys the values, and a plane with values of its own draws them, too", () => {
  for (const tied of [true, false]) {
    const store = storeOf(maps[0]);
    store.setup.tied = tied;
    store.shuffle();
    assert.notDeepEqual(store.inputs.K, store.first.inputs.K);
    assert.equal(store.inputs.K.join() === store.inputs.V.join(), tied);
  }
});

globalThis.matchMedia = () => ({ matches: false });

test("the plane grows with its points, and comes back when they do", () => {
  const store = storeOf(maps[0]);
  const reach = () => {
    store.beforePaint();
    return store.inputs.reach[0];
  };
  const first = reach();
  // 1.2 times the largest, rounded up to one digit: both coordinates count, and what is inside does not.
  const cases = [
    [8, -9, 20],
    [-99, 0, 200],
    [199, 4, 300],
  ];
  for (const [x, y, grown] of cases) {
    store.edit("Q", 0, x);
    store.edit("Q", 1, y);
    assert.equal(reach(), grown);
  }
  store.edit("Q", 1, 0);
  store.edit("Q", 0, 0.96 * first); // 1.15 times what there is
  assert.equal(reach(), first);
  store.edit("Q", 0, 99);
  assert.ok(reach() > first);
  store.reset();
  assert.equal(reach(), first);
});

test("under the hand the plane only grows, and Python is told of the hand", async () => {
  const store = storeOf(maps[0]);
  const sent = [];
  const control = (name, value) => sent.push([name, value]);
  store.link = { edit: () => {}, control, flush: () => sent.push("sent") };
  const drag = (x) => {
    store.edit("Q", 0, x);
    store.beforePaint();
    return store.inputs.reach[0];
  };
  const [first] = store.inputs.reach;
  store.hold(true);
  assert.deepEqual([drag(9), drag(0), drag(30), drag(15)], [20, 20, 40, 40]);
  assert.deepEqual(sent, Array(4).fill(["held", true]));
  store.hold(false);
  assert.deepEqual([store.inputs.reach[0], sent.at(-1)], [20, ["held", false]]);
  await Promise.resolve();
  assert.equal(sent.at(-1), "sent");
  assert.ok(store.leap.share < 1);
  store.hold(true);
  drag(0);
  assert.equal(store.inputs.reach[0], 20);
  store.hold(false);
  assert.equal(store.inputs.reach[0], first);
  assert.ok(store.mustCompute);
  const count = sent.length;
  store.hold(false);
  assert.equal(sent.length, count);
});
