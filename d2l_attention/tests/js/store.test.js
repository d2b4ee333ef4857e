// The numbers of a figure, and its line to a kernel, which the tests play.

import assert from "node:assert/strict";
import test from "node:test";

import { Store } from "../../explorers/js/store.js";
import { Kernel, firstInputs } from "./kernel.js";

const PATIENCE = 2000;

// A figure whose greeting was answered, its kernel, and a moment in which all that is due happens.
function open(t, options = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const kernel = new Kernel(options);
  const store = new Store(kernel.model);
  t.after(() => store.close());
  const wait = async (ms = 1) => {
    await Promise.resolve();
    for (let at = 0; at < ms; at++) t.mock.timers.tick(1);
  };
  if (!options.isUnanswered) kernel.answer();
  const edit = async (...change) => {
    store.edit(...change);
    await wait();
  };
  return { store, kernel, wait, edit };
}

const firstOf = (X, count) => Array.from(X).slice(0, count);
const weights = (store) => [...store.result.weights];
const torchs = (kernel) => [...kernel.results().weights];

test("it greets the kernel, with an id and a number as every request", async (t) => {
  const { store, kernel, edit } = open(t);
  await edit("Q", 0, 1);
  const { id } = store.link;
  const requests = kernel.sent.map((request) => [request.kind, request.id, request.sequence]);
  assert.deepEqual(requests, [
    ["hello", id, 1],
    ["edit", id, 2],
  ]);
});

test("what is edited at one stroke goes in one message, the last value of each number", async (t) => {
  const { store, kernel, wait } = open(t);
  store.edit("Q", 0, 5);
  store.edit("Q", 1, 2);
  store.edit("Q", 0, 3);
  store.control("temperature", 0.5);
  await wait();
  const [request] = kernel.requests("edit");
  assert.deepEqual(request.edits, [
    ["Q", 0, 3],
    ["Q", 1, 2],
  ]);
  assert.deepEqual(request.controls, { temperature: 0.5 });
});

test("three requests are in flight: the next waits for an answer", async (t) => {
  const { kernel, edit } = open(t);
  for (const value of [1, 2, 3, 4, 5]) await edit("Q", 0, value);
  assert.equal(kernel.edits.length, 3);
  kernel.answer();
  assert.deepEqual(kernel.edits[3], [["Q", 0, 5]]);
  kernel.answerAll();
  assert.equal(kernel.inputs.Q[0], 5);
});

// Edits in a drag, one each millisecond; the kernel answers when the next one waits.
async function drag({ store, kernel, wait }, milliseconds) {
  store.hold(true);
  await wait();
  for (let at = 0; at < milliseconds; at++) {
    store.edit("Q", 0, at);
    kernel.answerAll();
    await wait();
  }
}

test("in a drag Python follows ten times a second, and is told the last when the hand lets go", async (t) => {
  const figure = open(t);
  const { store, kernel, wait } = figure;
  await drag(figure, 250);
  assert.deepEqual(kernel.edits, [[["Q", 0, 99]], [["Q", 0, 199]]]);
  store.hold(false);
  await Promise.resolve();
  assert.deepEqual(kernel.edits.slice(2), [[["Q", 0, 249]]]);
  kernel.answerAll();
  await wait(200);
  assert.equal(kernel.edits.length, 3);
});

test("where only Python computes, it follows a drag as fast as it can", async (t) => {
  const figure = open(t, { kind: "own" });
  await drag(figure, 20);
  assert.equal(figure.kernel.edits.length, 20);
});

test("the answer to the last request settles those before it", async (t) => {
  const { kernel, edit } = open(t);
  for (const value of [1, 2]) await edit("Q", 0, value);
  kernel.answer({ isDropped: true });
  kernel.answer();
  for (const value of [3, 4, 5]) await edit("Q", 0, value);
  assert.equal(kernel.edits.length, 5);
});

test("an answer that comes after that to a later request says nothing new", async (t) => {
  const { store, kernel, edit } = open(t);
  for (const value of [1, 2]) await edit("Q", 0, value);
  const { id, sequence } = kernel.sent.at(-1);
  kernel.answerAll();
  kernel.offset = 0;
  kernel.say({ kind: "result", id, sequence: sequence - 1 }, kernel.now(kernel.results()));
  assert.notDeepEqual(weights(store), torchs(kernel));
});

test("an answer that was dropped silences nothing: the edit is sent again", async (t) => {
  const { store, kernel, wait, edit } = open(t);
  for (const value of [1, 2, 3, 4]) await edit("Q", 0, value);
  await edit("Q", 1, 7);
  for (let dropped = 0; dropped < 3; dropped++) kernel.answer({ isDropped: true });
  await wait(PATIENCE);
  assert.equal(store.link.state, "silent");
  assert.equal(kernel.sent.at(-1).kind, "hello");
  assert.equal(kernel.edits.length, 3);
  kernel.answer();
  assert.equal(store.link.state, "alive");
  assert.deepEqual(kernel.edits[3].toSorted(), [
    ["Q", 0, 4],
    ["Q", 1, 7],
  ]);
  kernel.answerAll();
  assert.deepEqual(firstOf(kernel.inputs.Q, 2), [4, 7]);
  assert.deepEqual(weights(store), torchs(kernel));
});

test("while nothing answers edits wait, and one greeting at a time asks", async (t) => {
  const { kernel, wait, edit, store } = open(t, { isUnanswered: true });
  assert.equal(store.status, "torch · cpu · {agrees} 1e-6");
  await wait(PATIENCE);
  assert.equal(kernel.requests("hello").length, 2);
  await wait(2 * PATIENCE);
  assert.equal(kernel.requests("hello").length, 2);
  for (const value of [1, 2, 3]) await edit("Q", 0, value);
  assert.equal(kernel.requests("hello").length, 3);
  assert.equal(kernel.edits.length, 0);
  assert.equal(store.status, "{browserAlone}");
  kernel.answerAll();
  assert.deepEqual(kernel.edits, [[["Q", 0, 3]]]);
  assert.equal(kernel.inputs.Q[0], 3);
});

test("an edit that is made while disconnected is sent when the kernel is there again", async (t) => {
  const { store, kernel, edit, wait } = open(t);
  await edit("Q", 0, 1); // in flight when the connection is lost
  kernel.handled += 1;
  kernel.isGone = true;
  kernel.listeners.comm_live_update();
  assert.equal(store.status, "{lost}");
  await edit("Q", 1, 2);
  await wait(3 * PATIENCE);
  assert.equal(store.status, "{lost}");
  kernel.isGone = false;
  kernel.listeners.comm_live_update();
  kernel.answerAll();
  assert.deepEqual(firstOf(kernel.inputs.Q, 2), [1, 2]);
  assert.deepEqual(firstOf(store.inputs.Q, 2), [1, 2]);
  assert.match(store.status, /^torch/);
});

test("what waited is dropped if Python has changed something since", async (t) => {
  const { store, kernel, edit } = open(t);
  kernel.isGone = true;
  await edit("Q", 0, 1);
  kernel.isGone = false;
  kernel.epoch += 1;
  kernel.inputs.Q.fill(7);
  kernel.listeners.comm_live_update();
  kernel.answerAll();
  assert.equal(kernel.edits.length, 0);
  assert.deepEqual([...store.inputs.Q], [...kernel.inputs.Q]);
});

test("an assignment from Python beats edits that were on their way", async (t) => {
  const { store, kernel, edit } = open(t);
  await edit("Q", 0, 1);
  store.edit("Q", 0, 2);
  kernel.assign("Q", Array(8).fill(7));
  kernel.answerAll();
  assert.equal(kernel.edits.length, 1);
  assert.deepEqual([...store.inputs.Q], Array(8).fill(7));
  assert.deepEqual(weights(store), torchs(kernel));
  await edit("Q", 0, 3);
  kernel.answerAll();
  assert.equal(kernel.inputs.Q[0], 3);
});

test("a stale result is not shown; if its state never came, it is asked for", async (t) => {
  const { store, kernel, edit } = open(t);
  await edit("Q", 0, 1);
  kernel.epoch += 1; // by an assignment whose message is lost
  kernel.inputs.K.fill(5);
  kernel.answer();
  assert.notEqual(store.inputs.K[0], 5);
  assert.notDeepEqual(weights(store), torchs(kernel));
  assert.equal(kernel.sent.at(-1).kind, "hello");
  kernel.answer();
  assert.equal(store.inputs.K[0], 5);
  assert.deepEqual([...store.inputs.Q], [...kernel.inputs.Q]);
});

test("the answer to a greeting does not undo what is being edited", async (t) => {
  const { store, kernel, edit } = open(t, { isUnanswered: true });
  await edit("Q", 0, 5);
  store.control("temperature", 2);
  kernel.inputs.Q[1] = 9;
  kernel.answer();
  assert.deepEqual(firstOf(store.inputs.Q, 2), [5, 9]);
  assert.equal(store.now.temperature, 2);
  // Numbers at another temperature are no reason for distrust.
  assert.ok(store.browserComputes);
});

test("an edit that Python refused is taken back, said, and keeps what is newer", async (t) => {
  const { store, kernel, edit, wait } = open(t);
  await edit("Q", 0, 9);
  store.edit("Q", 1, 4);
  kernel.answer({ refusal: "ValueError: no nine" });
  assert.deepEqual(firstOf(store.inputs.Q, 2), [firstInputs().Q[0], 4]);
  assert.equal(store.problem, "ValueError: no nine");
  await wait();
  kernel.answerAll();
  assert.equal(kernel.inputs.Q[1], 4);
});

test("a refusal stays until something changes: answers to what was on its way leave it", async (t) => {
  const { store, kernel, edit, wait } = open(t);
  const changes = {
    edit: () => store.edit("Q", 1, 4),
    control: () => store.control("temperature", 2),
    shuffle: () => store.shuffle(),
    python: () => kernel.assign("Q", Array(8).fill(7)),
  };
  for (const [name, change] of Object.entries(changes)) {
    await edit("Q", 0, 9 + Math.random());
    await edit("Q", 2, 9 + Math.random());
    kernel.answer({ refusal: "no" });
    kernel.answerAll();
    store.link.hello();
    kernel.answerAll();
    assert.equal(store.problem, "no", name);
    change();
    assert.equal(store.problem, "", name);
    await wait();
    kernel.answerAll();
  }
});

test("what failed is said beside the failure of a reader's own score", (t) => {
  const { store, kernel } = open(t, { kind: null });
  kernel.say({ kind: "state", failure: "observer" }, kernel.everything());
  store.now.error = "score";
  assert.equal(store.problem, "score\nobserver");
});

test("torch has the last word, unless the reader has gone on", async (t) => {
  const { store, kernel, edit } = open(t);
  await edit("Q", 0, 1);
  assert.equal(store.status, "{browser}");
  await edit("Q", 0, 2);
  kernel.answer();
  assert.notDeepEqual(weights(store), torchs(kernel));
  kernel.answer();
  assert.deepEqual(weights(store), torchs(kernel));
  assert.equal(store.status, "torch · cpu · {agrees} 1e-6");
});

test("of a score that only torch can compute, every answer is shown", async (t) => {
  const { store, kernel, edit } = open(t, { kind: null });
  await edit("Q", 0, 1);
  await edit("Q", 0, 2);
  assert.equal(store.status, "{waiting}");
  kernel.answer();
  assert.deepEqual(weights(store), torchs(kernel));
});

test("an answer of another example, or of another score, is not shown", async (t) => {
  for (const [name, ...values] of [
    ["batch", 1, 0],
    ["scoring", "other", "it"],
  ]) {
    t.mock.timers.reset();
    const { store, kernel, edit, wait } = open(t, { kind: null });
    await edit("Q", 0, 1);
    kernel.answerAll();
    store.control(name, values[0]);
    await wait();
    store.control(name, values[1]);
    const before = weights(store);
    kernel.answer();
    assert.deepEqual(weights(store), before);
  }
});

test("where a reader's score fails the last good numbers stay, and it is said", async (t) => {
  const { store, kernel, edit } = open(t, { kind: null });
  await edit("Q", 0, 1);
  const before = weights(store);
  const { id, sequence } = kernel.sent.at(-1);
  const failed = { kind: "result", id, sequence, error: "no" };
  kernel.say(failed, kernel.now({ ...kernel.results(), weights: new Float32Array(6) }));
  assert.deepEqual(weights(store), before);
  assert.equal(store.problem, "no");
});

test("who edits in another window is followed, and the own edits stay", async (t) => {
  const { store, kernel, edit } = open(t);
  await edit("Q", 0, 1);
  kernel.inputs.Q[1] = 8;
  kernel.say({ kind: "result", id: "another", sequence: 9 }, kernel.now({}));
  assert.equal(kernel.sent.at(-1).kind, "hello");
  store.edit("Q", 2, 6);
  kernel.answerAll();
  assert.deepEqual(firstOf(store.inputs.Q, 3), [1, 8, 6]);
});

// The engine is used only for what it was checked on.

test("where torch computes something else, the browser does not, until they agree again", async (t) => {
  const { store, kernel, edit } = open(t);
  kernel.offset = 0.25;
  await edit("Q", 0, 1);
  assert.ok(store.browserComputes);
  kernel.answer();
  assert.equal(store.status, "torch · cpu · {differs} 3e-1");
  assert.equal(store.result.q, undefined);
  store.edit("Q", 0, 2);
  await Promise.resolve(); // No painting goes before the message.
  assert.equal(kernel.edits.length, 2);
  assert.ok(!store.browserComputes && !store.mustCompute);
  assert.equal(store.status, "{waiting}");
  // Another scoring has not been seen to differ.
  store.now.scoring = "other";
  assert.ok(store.browserComputes);
  store.now.scoring = "it";
  kernel.offset = 0;
  kernel.answer();
  assert.ok(store.browserComputes);
  assert.equal(store.status, "torch · cpu · {agrees} 0");
});

test("numbers are not compared with those of other inputs", async (t) => {
  const { store, kernel, edit } = open(t);
  kernel.offset = 0.25;
  await edit("Q", 0, 1);
  kernel.answer();
  kernel.offset = 0;
  for (const value of [2, -9]) await edit("Q", 0, value);
  kernel.answer();
  assert.ok(!store.browserComputes);
  kernel.answer();
  assert.ok(store.browserComputes);
});

test("a number on one side only is a difference, and never agreement", async (t) => {
  const { store, kernel, edit } = open(t);
  kernel.offset = NaN;
  await edit("Q", 0, 1);
  kernel.answer();
  assert.equal(store.status, "torch · cpu · {differs} NaN");
  assert.ok(!store.browserComputes);
});

// Edits.

test("what is no number, or no change, is no edit", async (t) => {
  const { store, kernel, edit, wait } = open(t);
  for (const value of [NaN, Infinity, firstInputs().Q[0]]) store.edit("Q", 0, value);
  store.edit("Q", 1, 0.1);
  store.edit("Q", 1, 0.1);
  await wait();
  assert.deepEqual(kernel.edits, [[["Q", 1, 0.1]]]);
  await edit("Q", 1, 0.1);
  assert.equal(kernel.edits.length, 1);
  assert.equal(store.inputs.Q[0], firstInputs().Q[0]);
});

test("of the second example the inputs are its own, and the parameters those of all", async (t) => {
  const { store, kernel, wait } = open(t, { batch: 1 });
  store.edit("Q", 1, 9);
  store.edit("W_q", 1, 8);
  await wait();
  const edits = [
    ["Q", 5, 9],
    ["W_q", 1, 8],
  ];
  assert.deepEqual(kernel.edits, [edits]);
  assert.equal(store.inputs.W_q[1], 8);
});

test("a shuffle is drawn here and sent as edits", async (t) => {
  const { store, kernel, wait } = open(t);
  store.shuffle();
  await wait();
  assert.deepEqual(
    kernel.sent.map(({ kind }) => kind),
    ["hello", "edit"],
  );
  kernel.answerAll();
  assert.notDeepEqual([...kernel.inputs.K], [...firstInputs().K]);
  assert.deepEqual([...store.inputs.K], [...kernel.inputs.K]);
  assert.deepEqual([...kernel.inputs.valid_lens], [3, 3, 3, 3]);
});

test("a reset is the kernel's, where it answers", async (t) => {
  const { store, kernel, edit, wait } = open(t);
  await edit("Q", 0, 9);
  kernel.answerAll();
  store.control("temperature", 3);
  store.reset();
  await wait();
  assert.equal(kernel.sent.at(-1).kind, "reset");
  assert.equal(kernel.edits.length, 1);
  kernel.answerAll();
  assert.deepEqual([...store.inputs.Q], [...firstInputs().Q]);
  assert.equal(store.now.temperature, 1);
  assert.match(store.status, /^torch/);
});

test("what is edited after a reset stays, whether the kernel has answered it or not", async (t) => {
  const { store, kernel, edit, wait } = open(t);
  await edit("Q", 0, 9);
  kernel.answerAll();
  store.reset();
  await edit("Q", 1, 8); // in flight with the epoch before the reset
  await edit("Q", 2, 7); // waits
  kernel.answerAll();
  await wait();
  kernel.answerAll();
  for (const { Q } of [store.inputs, kernel.inputs]) {
    assert.deepEqual(firstOf(Q, 3), [firstInputs().Q[0], 8, 7]);
  }
});

test("a reset that nothing answers is done here, and sent when something does", async (t) => {
  for (const isSilentBefore of [true, false]) {
    t.mock.timers.reset();
    const { store, kernel, edit, wait } = open(t);
    await edit("Q", 0, 9);
    kernel.answerAll();
    if (isSilentBefore) {
      await edit("Q", 1, 8);
      kernel.handled += 1;
      await wait(PATIENCE);
    }
    store.reset();
    await wait();
    assert.deepEqual([...store.inputs.Q], [...firstInputs().Q]);
    kernel.handled = kernel.sent.length;
    await wait(PATIENCE);
    await edit("Q", 1, 7);
    assert.equal(kernel.inputs.Q[0], 9);
    kernel.answerAll();
    assert.deepEqual(firstOf(kernel.inputs.Q, 2), [firstInputs().Q[0], 7]);
    assert.ok(kernel.edits.flat().every(([name]) => name === "Q"));
  }
});

test("nobody shuffles or resets where nobody would compute it", async (t) => {
  const own = open(t, { kind: null });
  assert.ok(own.store.canCompute);
  own.kernel.isGone = true;
  await own.edit("Q", 0, 1);
  assert.ok(!own.store.canCompute);
  t.mock.timers.reset();
  const dot = open(t);
  dot.kernel.isGone = true;
  await dot.edit("Q", 0, 1);
  assert.ok(dot.store.canCompute);
});
