// A prediction by hand: what an edit makes of its rows, how it is judged, and how it reaches the kernel.

import assert from "node:assert/strict";
import test from "node:test";

import {
  begun,
  distance,
  largestOf,
  misplaced,
  outputVerdict,
  shareVerdict,
  withShare,
} from "../../explorers/js/prediction.js";
import { Store } from "../../explorers/js/store.js";
import { Kernel } from "./kernel.js";

const COUNT = 12; // shares in the two examples of two queries and three keys
const EMPTY = Array(COUNT).fill(NaN);

const isNear = (X, Y) => {
  assert.equal(X.length, Y.length);
  for (const [at, x] of [...X].entries()) assert.ok(Math.abs(x - Y[at]) < 1e-6, `${X} is not ${Y}`);
};

class AskingKernel extends Kernel {
  constructor(asked = "weights") {
    super();
    this.setup.predict = asked;
    this.controls.shown = false;
    this.inputs.prediction = new Float32Array(asked === "weights" ? COUNT : 4).fill(NaN);
  }
}

function open(t, asked) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const kernel = new AskingKernel(asked);
  const store = new Store(kernel.model);
  t.after(() => store.close());
  kernel.answer();
  const wait = async () => {
    await Promise.resolve();
    t.mock.timers.tick(1);
  };
  return { store, kernel, wait };
}

test("the first touch makes shares even, and other numbers 0", () => {
  isNear(begun(new Float32Array(4).fill(NaN), true), [0.25, 0.25, 0.25, 0.25]);
  assert.deepEqual(begun(new Float32Array(2).fill(NaN), false), [0, 0]);
  assert.deepEqual(begun([0.5, 0.5], true), [0.5, 0.5]);
});

test("one share is raised and the others give way in proportion", () => {
  isNear(withShare([0.2, 0.2, 0.6], 0, 0.6), [0.6, 0.1, 0.3]);
  isNear(withShare([0.2, 0.2, 0.6], 2, 0.2), [0.4, 0.4, 0.2]);
});

test("others that are all 0 take evenly what is left", () => {
  isNear(withShare([1, 0, 0], 0, 0.4), [0.4, 0.3, 0.3]);
});

test("a share stays within 0 and 1, and the only one is 1", () => {
  isNear(withShare([0.5, 0.5], 0, 7), [1, 0]);
  isNear(withShare([0.5, 0.5], 0, -1), [0, 1]);
  assert.deepEqual(withShare([1], 0, 0.3), [1]);
});

test("after any edits every row sums to 1 and has no negative share", (t) => {
  const { store } = open(t);
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let edit = 0; edit < 1000; edit++) {
    const i = Math.floor(2 * random());
    const wanted = [0, 1, 1e-9, 1.4 * random() - 0.2][Math.floor(4 * random())];
    const row = begun(store.predicted(i), true);
    store.predict(i, withShare(row, Math.floor(3 * random()), wanted));
    const made = [...store.predicted(i)];
    assert.ok(Math.abs(made.reduce((a, b) => a + b) - 1) < 1e-6, `edit ${edit}: ${made}`);
    assert.ok(made.every((x) => x >= 0 && x <= 1));
  }
});

test("distances are those worked out by hand", () => {
  assert.ok(Math.abs(misplaced([0.5, 0.3, 0.2], [0.7, 0.2, 0.1]) - 0.2) < 1e-12);
  assert.equal(misplaced([0.5, 0.5], [0, 0]), 1); // Nothing may be seen: all of it is misplaced.
  assert.ok(Number.isNaN(misplaced([NaN, NaN], [0.5, 0.5])));
  assert.equal(distance([3, 0], [0, 4]), 5);
});

test("the largest are all that are alike, and none where all are 0", () => {
  assert.deepEqual(largestOf([0.2, 0.5, 0.3]), [1]);
  assert.deepEqual(largestOf([0.40001, 0.4, 0.19999]), [0, 1]);
  assert.deepEqual(largestOf(new Float32Array(3)), []);
});

const WORDS = {
  percent: "{n}%",
  wrongShare: "{share} wrong",
  largestRight: "right",
  largestWrong: "not {key}",
  allMasked: "masked",
  off: "off {distance}",
};

test("a verdict says how far off a row was, and whether the largest was right", () => {
  const say = (row, truth) => shareVerdict(WORDS, "q", row, truth, (j) => `$& ${j}`);
  assert.equal(say([0.6, 0.4], [0.78, 0.22]), "q: 18% wrong; right");
  assert.equal(say([0.4, 0.6], [0.75, 0.25]), "q: 35% wrong; not $& 0");
  assert.equal(say([0.5, 0.5], [0.75, 0.25]), "q: 25% wrong; not $& 0");
  assert.equal(say([0.9, 0.1], [0.5, 0.5]), "q: 40% wrong; right");
  assert.equal(say([0.5, 0.5], [0, 0]), "q: 100% wrong; masked");
  assert.equal(outputVerdict(WORDS, "q", [3, 0], [0, 4]), "q: off 5.00");
});

test("what is asked and what follows from it is covered until it is shown", (t) => {
  const { store } = open(t);
  const covered = () => ["scores", "weights", "output"].filter((name) => store.isCovered(name));
  assert.deepEqual(covered(), ["weights", "output"]);
  store.setup.predict = "output";
  assert.deepEqual(covered(), ["output"]);
  store.show();
  assert.deepEqual(covered(), []);
  store.again();
  store.setup.predict = null;
  assert.deepEqual(covered(), []);
});

test("a row reaches the kernel whole, in one message, of the example that is shown", async (t) => {
  const { store, kernel, wait } = open(t);
  store.now.batch = 1;
  store.predict(1, [0.5, 0.25, 0.25]);
  await wait();
  store.predict(1, [0.5, 0, 0.5]);
  await wait();
  const row = (values) => values.map((x, j) => ["prediction", 9 + j, x]);
  assert.deepEqual(kernel.edits, [row([0.5, 0.25, 0.25]), row([0.5, 0, 0.5])]);
});

test("Again covers and empties every row, at the kernel too, in one message", async (t) => {
  const { store, kernel, wait } = open(t);
  store.predict(0, [0.5, 0.25, 0.25]);
  store.show();
  await wait();
  assert.deepEqual(kernel.requests("edit")[0].controls, { shown: true });
  store.again();
  await wait();
  assert.ok(store.isUnpredicted);
  const { edits, controls } = kernel.requests("edit")[1];
  assert.deepEqual(controls, { shown: false });
  assert.deepEqual(
    edits,
    EMPTY.map((_, at) => ["prediction", at, null]),
  ); // JSON has no NaN.
});

test("a row that Python has not confirmed stays empty when a state comes", async (t) => {
  const { store, kernel, wait } = open(t);
  store.predict(0, [0.5, 0.25, 0.25]);
  await wait();
  kernel.answerAll();
  store.again();
  await wait();
  kernel.say({ kind: "state" }, kernel.everything());
  assert.deepEqual([...store.inputs.prediction], EMPTY);
  assert.equal(store.now.shown, false);
});

test("Reset covers and empties the prediction, kernel or not", async (t) => {
  const { store, kernel, wait } = open(t);
  const alone = new Store(null, {
    setup: kernel.setup,
    now: { ...kernel.controls },
    arrays: structuredClone(kernel.inputs),
  });
  for (const each of [store, alone]) {
    each.predict(0, [0.5, 0.25, 0.25]);
    each.show();
    await wait();
    each.reset();
    assert.ok(each.isUnpredicted);
    assert.equal(each.now.shown, false);
  }
});

test("an output is predicted in rows of its own size", (t) => {
  const { store } = open(t, "output");
  store.predict(1, [-2]);
  assert.deepEqual([...store.inputs.prediction], [NaN, -2, NaN, NaN]);
});
