// What the views of a figure share, and its line to a kernel: the kernel is played by the tests.

import assert from "node:assert/strict";
import test from "node:test";

import { Store } from "../../explorers/js/store.js";

globalThis.requestAnimationFrame = (paint) => setTimeout(paint, 0);
const moment = () => new Promise((done) => setTimeout(done, 5));

const SIZES = { batch: 2, n: 2, m: 3, dq: 2, dk: 2, h: 1, v: 1 };
const LENGTHS = { Q: 8, K: 12, V: 6, valid_lens: 4, W_q: 2, W_k: 2, w_v: 1 };
const RESULTS = { scores: 6, weights: 6, output: 2 };
const zeros = (lengths) =>
  Object.fromEntries(
    Object.entries(lengths).map(([name, length]) => [name, Array(length).fill(0)]),
  );

function pack(arrays) {
  const numbers = Float32Array.from(Object.values(arrays).flat());
  const lengths = Object.entries(arrays).map(([name, X]) => [name, X.length]);
  return [lengths, new DataView(numbers.buffer)];
}

// A figure of two examples, shown at `batch`, whose score is of this kind (null: the reader's own).
function figure(t, { kind = "dot", batch = 0 } = {}) {
  const common = {
    epoch: 1,
    temperature: 1,
    scoring: "it",
    batch,
    lens: "query",
    device: "cpu",
    error: null,
  };
  const [arrays, numbers] = pack({
    ...zeros(LENGTHS),
    valid_lens: [3, 3, 3, 3],
    ...zeros(RESULTS),
  });
  const state = {
    _setup: { sizes: SIZES, batch: 2, kinds: { it: kind }, large: false, words: {} },
    _now: { ...common, arrays },
    _numbers: numbers,
  };
  const [sent, handlers] = [[], {}];
  const store = new Store({
    get: (name) => state[name],
    send: (message) => sent.push(structuredClone(message)),
    on: (name, handler) => (handlers[name] = handler),
    off: () => {},
  });
  t.after(() => store.close());
  // What Python says; an answer is to the last message, unless it says to which.
  const say = (answer, more = {}, given = zeros(RESULTS)) => {
    const { sequence, id } = sent.at(-1);
    const [lengths, buffer] = pack(given);
    const reply = { ...common, kind: answer, sequence, id, stale: false, arrays: lengths, ...more };
    handlers["msg:custom"](reply, [buffer]);
  };
  const edits = () =>
    sent.filter((message) => message.kind === "edit").map((message) => message.edits);
  return { store, sent, say, edits };
}

const SOME = { ...zeros(RESULTS), weights: [1, 0, 0, 0, 1, 0] };
const shown = (store) => [...store.result.weights];

test("it greets the kernel", (t) => {
  assert.deepEqual(figure(t).sent, [{ kind: "hello" }]);
});

test("what is edited at one stroke goes in one message, the last value of each number", async (t) => {
  const { store, edits } = figure(t);
  store.edit("Q", 0, 1);
  store.edit("Q", 1, 2);
  store.edit("Q", 0, 3);
  await moment();
  assert.deepEqual(edits(), [
    [
      ["Q", 0, 3],
      ["Q", 1, 2],
    ],
  ]);
});

test("two messages are in flight: the next waits for an answer that is new", async (t) => {
  const { store, edits, say } = figure(t);
  for (const value of [1, 2, 3]) {
    store.edit("Q", 0, value);
    await moment();
  }
  assert.equal(edits().length, 2);
  say("result", { sequence: 0 });
  assert.equal(edits().length, 2);
  say("result", { sequence: 1 });
  assert.deepEqual(edits()[2], [["Q", 0, 3]]);
  store.edit("Q", 0, 4);
  await moment();
  say("result", { sequence: 1 });
  assert.equal(edits().length, 3);
  // The answer to the last says that all before it are done.
  say("result", { sequence: 3 });
  store.edit("Q", 0, 5);
  await moment();
  assert.equal(edits().length, 5);
});

test("of two answers on their way the first is shown only where the browser computes nothing", async (t) => {
  for (const kind of ["dot", null]) {
    const { store, say } = figure(t, { kind });
    for (const value of [1, 2]) {
      store.edit("Q", 0, value);
      await moment();
    }
    say("result", { sequence: 1 }, SOME);
    assert.equal(shown(store).join() === SOME.weights.join(), kind === null);
    say("result", { sequence: 2 }, SOME);
    assert.deepEqual(shown(store), SOME.weights);
    // What comes late says nothing new.
    say("result", { sequence: 1 });
    assert.deepEqual(shown(store), SOME.weights);
  }
});

test("an assignment from Python beats edits that were on their way", async (t) => {
  const { store, sent, edits, say } = figure(t);
  store.edit("Q", 0, 1);
  await moment();
  const { sequence, id } = sent.at(-1);
  store.edit("Q", 0, 2);
  const assigned = { ...zeros(LENGTHS), Q: [7, 7, 7, 7, 7, 7, 7, 7], ...zeros(RESULTS) };
  say("state", { epoch: 2 }, assigned);
  say("result", { sequence, id, stale: true });
  await moment();
  assert.equal(edits().length, 1);
  assert.deepEqual([...store.inputs.Q], assigned.Q);
});

test("the answer to a greeting does not undo what is being edited", (t) => {
  const { store, say } = figure(t);
  store.edit("Q", 0, 5);
  say("state", {}, { ...zeros(LENGTHS), ...zeros(RESULTS) });
  assert.equal(store.inputs.Q[0], 5);
});

test("torch has the last word, unless the reader has gone on or it is stale", async (t) => {
  const { store, say } = figure(t);
  store.edit("Q", 0, 1);
  await moment();
  say("result", { stale: true }, SOME);
  assert.notDeepEqual(shown(store), SOME.weights);
  store.edit("Q", 0, 2);
  await moment();
  store.edit("Q", 0, 3);
  say("result", {}, SOME);
  await moment();
  assert.notDeepEqual(shown(store), SOME.weights);
  say("result", {}, SOME);
  assert.deepEqual(shown(store), SOME.weights);
});

test("of a score that only torch can compute, every answer is shown", async (t) => {
  const { store, say } = figure(t, { kind: null });
  store.edit("Q", 0, 1);
  await moment();
  store.edit("Q", 0, 2);
  say("result", {}, SOME);
  assert.deepEqual(shown(store), SOME.weights);
});

test("the answer to another window is asked for again", async (t) => {
  const { store, sent, say } = figure(t);
  store.edit("Q", 0, 1);
  await moment();
  say("result", { id: "another" }, SOME);
  assert.equal(sent.at(-1).kind, "hello");
  assert.notDeepEqual(shown(store), SOME.weights);
});

test("what is no number, or no change, is no edit", async (t) => {
  const { store, edits } = figure(t);
  for (const value of [NaN, Infinity, 0]) store.edit("Q", 0, value);
  store.edit("Q", 1, 0.1);
  store.edit("Q", 1, 0.1);
  await moment();
  assert.deepEqual(edits(), [[["Q", 1, 0.1]]]);
  store.edit("Q", 1, 0.1);
  await moment();
  assert.equal(store.link.waiting, false);
  assert.equal(store.inputs.Q[0], 0);
});

test("of the second example the inputs are its own, and the parameters those of all", async (t) => {
  const { store, edits } = figure(t, { batch: 1 });
  store.edit("Q", 1, 2);
  store.edit("W_q", 1, 3);
  await moment();
  assert.deepEqual(edits(), [
    [
      ["Q", 5, 2],
      ["W_q", 1, 3],
    ],
  ]);
  assert.equal(store.inputs.W_q[1], 3);
});
