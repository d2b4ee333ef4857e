// The store with messages that Python really sent, in the file $CASES names; and the kernel that the
// other tests play, beside them: it may say nothing that Python does not say.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { attend } from "../../explorers/js/engine.js";
import { Store } from "../../explorers/js/store.js";
import { Kernel } from "./kernel.js";

const { first, answers } = JSON.parse(readFileSync(process.env.CASES, "utf-8"));

function bytesOf(text) {
  const bytes = Buffer.from(text, "base64");
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// A model that keeps what is sent, and can be told what Python said.
function recordedModel() {
  const state = { _setup: first.setup, _now: first.now, _numbers: bytesOf(first.bytes) };
  const model = {
    sent: [],
    get: (name) => state[name],
    send: (message) => model.sent.push(message),
    on: (event, listener) => (model[event] = listener),
    off() {},
    // As the answer to the last request, unless nobody asked.
    say(name) {
      const { content, bytes } = answers[name];
      const { id, sequence } = model.sent.at(-1);
      const about = "id" in content ? { id, sequence } : {};
      model["msg:custom"]({ ...content, ...about }, [bytesOf(bytes)]);
    },
  };
  return model;
}

function isNear(X, Y) {
  assert.equal(X.length, Y.length);
  X.forEach((x, at) => assert.ok(Math.abs(x - Y[at]) < 1e-5, `${X} is not ${Y}`));
}

// What is shown is what follows from the inputs and the controls.
function assertShown(store) {
  const { now, setup, result } = store;
  const X = Object.fromEntries(["Q", "K", "V"].map((name) => [name, store.example(name)]));
  const { temperature } = now;
  const lens = store.example("valid_lens");
  const wanted = attend({ kind: "dot", ...setup.sizes, temperature, ...X, lens });
  for (const name of ["scores", "weights", "output"]) isNear(result[name], wanted[name]);
  assert.ok(store.confirmed);
  assert.match(store.status, /^torch · cpu · .*[0-9]$/);
}

test("the store follows Python through a greeting, edits, a refusal, a reset and news", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const model = recordedModel();
  const store = new Store(model);
  t.after(() => store.close());
  const wait = async () => {
    await Promise.resolve();
    t.mock.timers.tick(1);
  };
  const kinds = () => model.sent.map(({ kind }) => kind).join();
  model.say("hello");
  assertShown(store);

  store.edit("Q", 0, 2);
  store.control("batch", 1);
  store.edit("Q", 1, -1);
  store.control("batch", 0);
  store.control("temperature", 0.5);
  await wait();
  assert.deepEqual(model.sent.at(-1).edits, [
    ["Q", 0, 2],
    ["Q", 5, -1],
  ]);
  model.say("edit");
  assertShown(store);

  store.control("temperature", -1);
  await wait();
  model.say("refusal");
  assert.match(store.problem, /^ValueError: temperature/);
  assert.equal(store.now.temperature, 0.5);
  assertShown(store);

  store.control("batch", 1);
  await wait();
  model.say("batch");
  assert.equal(store.problem, "");
  assertShown(store);

  store.reset();
  await wait();
  assert.equal(kinds(), "hello,edit,edit,edit,reset");
  model.say("reset");
  assert.deepEqual([store.now.batch, store.now.temperature, store.inputs.Q[0]], [1, 1, 0.25]);
  assertShown(store);

  const { epoch } = store.link;
  const K = [...store.inputs.K];
  model.say("news");
  assert.ok(store.link.epoch > epoch);
  assert.deepEqual(
    [...store.inputs.K],
    K.map((x) => -x),
  );
  assertShown(store);
});

const fields = (message) => Object.keys(message).sort();
const names = ({ arrays }) => arrays.map(([name]) => name).sort();

test("the kernel of the tests answers with the fields and the arrays of Python", () => {
  const kernel = new Kernel();
  const told = [];
  kernel.model.on("msg:custom", (message) => told.push(message));
  const about = { id: "mine", sequence: 1 };
  const request = { ...about, kind: "edit", epoch: kernel.epoch, edits: [], controls: {} };
  kernel.sent.push({ ...about, kind: "hello" }, { ...request, controls: { temperature: 0.5 } });
  kernel.sent.push(request, { ...request, controls: { batch: 1 } }, { ...about, kind: "reset" });
  for (const refusal of [null, null, "no", null, null]) kernel.answer({ refusal });
  kernel.assign("K", kernel.inputs.K);
  assert.equal(told.length, Object.keys(answers).length);
  Object.entries(answers).forEach(([name, { content }], at) => {
    assert.deepEqual(fields(told[at]), fields(content), name);
    assert.deepEqual(names(told[at]), names(content), name);
    for (const field of ["kind", "batch", "temperature"]) {
      assert.equal(told[at][field], content[field], `${field} of ${name}`);
    }
    assert.equal(typeof told[at].failure, typeof content.failure, name);
  });
});

test("the kernel of the tests begins with what Python begins with", () => {
  const { model } = new Kernel();
  const now = model.get("_now");
  assert.deepEqual(fields(now), fields(first.now));
  assert.deepEqual(names(now), names(first.now));
  const { setup } = first;
  for (const [name, value] of Object.entries(model.get("_setup"))) {
    assert.equal(typeof setup[name], typeof value, name);
  }
  for (const [name, size] of Object.entries(model.get("_setup").sizes)) {
    // Parameters are drawn by Python, as large as it likes.
    if (name === "h") assert.ok(setup.sizes.h > 0);
    else assert.equal(setup.sizes[name], size, name);
  }
});
