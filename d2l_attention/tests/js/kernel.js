// Plays the kernel of a figure: it keeps inputs and an epoch, and answers each request once, in order,
// when a test says so. Two examples of two queries and three keys. What it says has the fields of what
// Python says: recorded.test.js holds the two together.

import { attend } from "../../explorers/js/engine.js";

globalThis.requestAnimationFrame = (paint) => setTimeout(paint, 0);

const SIZES = { n: 2, m: 3, dq: 2, dk: 2, h: 1, v: 1 };
const LENGTHS = { Q: 8, K: 12, V: 6, valid_lens: 4, W_q: 2, W_k: 2, w_v: 1 };
const OFFSET = 1e-6; // of its weights from the browser's, below the tolerance

export const firstInputs = () => {
  const arrays = Object.entries(LENGTHS).map(([name, length]) => {
    const entry = (_, at) => (name === "valid_lens" ? 3 : (at + 1) / 4);
    return [name, Float32Array.from({ length }, entry)];
  });
  return Object.fromEntries(arrays);
};

export const setupOf = (kind) => ({
  sizes: SIZES,
  batch: 2,
  kinds: { it: kind, other: "distance" },
  large: false,
  tolerance: 1e-5,
  words: new Proxy({}, { get: (_, word) => `{${word}}` }),
});

export const firstControls = (batch = 0) => ({
  temperature: 1,
  scoring: "it",
  batch,
  lens: "query",
  shown: true,
});

function pack(arrays) {
  const numbers = Float32Array.from(Object.values(arrays).flatMap((X) => [...X]));
  const lengths = Object.entries(arrays).map(([name, X]) => [name, X.length]);
  // As in a message: somewhere within a larger buffer, at any byte.
  const bytes = new Uint8Array(numbers.byteLength + 8);
  bytes.set(new Uint8Array(numbers.buffer), 3);
  return [lengths, new DataView(bytes.buffer, 3, numbers.byteLength)];
}

export class Kernel {
  constructor({ kind = "dot", batch = 0 } = {}) {
    Object.assign(this, { setup: setupOf(kind), epoch: 1, sent: [], listeners: {} });
    this.handled = 0; // of the requests in `sent`
    this.inputs = firstInputs();
    this.controls = firstControls(batch);
    this.offset = OFFSET;
  }

  get model() {
    const [now, numbers] = this.everything();
    const state = { _setup: this.setup, _now: now, _numbers: numbers };
    return {
      get: (name) => state[name],
      send: (message) => {
        if (this.isGone) throw new Error("the comm is closed");
        this.sent.push(structuredClone(message));
      },
      on: (event, listener) => (this.listeners[event] = listener),
      off: (event) => delete this.listeners[event],
    };
  }

  requests(kind) {
    return this.sent.filter((request) => request.kind === kind);
  }

  get edits() {
    return this.requests("edit").map(({ edits }) => edits);
  }

  results() {
    const { batch, temperature } = this.controls;
    const part = (name) => {
      const X = this.inputs[name];
      return X.subarray((batch * X.length) / 2, ((batch + 1) * X.length) / 2);
    };
    const X = { Q: part("Q"), K: part("K"), V: part("V"), lens: part("valid_lens") };
    const { scores, weights, output } = attend({ kind: "dot", ...SIZES, temperature, ...X });
    return { scores, weights: weights.map((x) => x + this.offset), output };
  }

  now(arrays) {
    const [lengths, numbers] = pack(arrays);
    const { epoch, controls } = this;
    return [{ epoch, ...controls, device: "cpu", error: null, arrays: lengths }, numbers];
  }

  everything() {
    return this.now({ ...this.inputs, ...this.results() });
  }

  say(message, [now, numbers]) {
    this.listeners["msg:custom"]({ ...now, ...message }, [numbers]);
  }

  // Python assigned an input: a state that nobody asked for.
  assign(name, values) {
    this.inputs[name].set(values);
    this.epoch += 1;
    this.say({ kind: "state" }, this.everything());
  }

  // Handles the next request; its answer can be dropped on the way, or be a refusal.
  answer({ isDropped = false, refusal = null } = {}) {
    const { kind, id, sequence, epoch, edits, controls } = this.sent[this.handled++];
    const isStale = kind === "edit" && epoch !== this.epoch;
    if (kind === "edit" && !isStale && !refusal) {
      for (const [name, index, value] of edits) this.inputs[name][index] = value;
      Object.assign(this.controls, controls);
    }
    if (kind === "reset") {
      this.inputs = firstInputs();
      this.controls = firstControls(this.controls.batch);
    }
    if (isDropped) return;
    const about = { id, sequence, failure: refusal };
    if (kind === "edit" && !refusal) {
      this.say({ kind: "result", ...about }, this.now(this.results()));
    } else {
      this.say({ kind: "state", ...about }, this.everything());
    }
  }

  answerAll() {
    while (this.handled < this.sent.length) this.answer();
  }
}
