// What all views of one explorer share: the numbers, who computed them, and the line to the kernel.

import { attend, difference, hasParameters, normals } from "./engine.js";
import { Link } from "./link.js";

const RESULTS = ["scores", "weights", "output"];
const PARAMETERS = ["W_q", "W_k", "w_v"];

export class Store {
  constructor(model) {
    this.setup = model.get("_setup");
    this.words = this.setup.words;
    this.views = new Set();
    this.now = {};
    this.inputs = {};
    this.result = {};
    this.shuffles = 0;
    this.link = new Link(model, {
      state: (now, buffers) => this.take(now, buffers),
      result: (message, buffers, overtaken) => this.takeResult(message, buffers, overtaken),
      silence: () => this.announce(),
    });
    this.take(model.get("_now"), [model.get("_numbers")]);
    this.link.epoch = this.now.epoch;
    this.first = structuredClone({ now: this.now, inputs: this.inputs });
    this.link.greet();
  }

  get kind() {
    return this.setup.kinds[this.now.scoring] ?? "own";
  }

  get computesHere() {
    return this.kind !== "own" && !this.setup.large;
  }

  get hasParameters() {
    return hasParameters(this.kind);
  }

  // One example of a batched input: a view, not a copy. Parameters are the same for all examples.
  example(name) {
    const X = this.inputs[name];
    if (this.setup.large || PARAMETERS.includes(name)) return X;
    const size = X.length / this.setup.sizes.batch;
    return X.subarray(this.now.batch * size, (this.now.batch + 1) * size);
  }

  take(now, buffers) {
    this.now = { ...now };
    this.torch(now, this.sort(unpack(now.arrays, buffers[0])));
    this.announce();
  }

  takeResult(message, buffers, overtaken) {
    this.now.error = message.error;
    const stale = message.batch !== this.now.batch || message.scoring !== this.now.scoring;
    // While the reader drags, the browser's numbers are newer than torch's.
    if (!stale && !(overtaken && this.computesHere) && !message.error) {
      this.torch(message, this.sort(unpack(message.arrays, buffers[0])));
    }
    this.announce();
  }

  // Keeps the inputs, and returns what torch computed from them.
  sort(arrays) {
    const result = {};
    for (const [name, X] of Object.entries(arrays)) {
      (RESULTS.includes(name) ? result : this.inputs)[name] = X;
    }
    return result;
  }

  torch(now, result) {
    if (!result.scores) return; // The score raised: the last good picture stays.
    this.by = "torch";
    this.agreement = null;
    if (this.computesHere) {
      const ours = this.attend();
      this.agreement = Math.max(
        difference(ours.weights, result.weights),
        difference(ours.output, result.output),
      );
      result = { ...ours, ...result };
    }
    this.result = result;
  }

  attend() {
    const { n, m, dq, dk, h, v } = this.setup.sizes;
    const { kind, now } = this;
    const X = { lens: this.example("valid_lens"), w_v: this.example("w_v") };
    for (const name of ["Q", "K", "V", "W_q", "W_k"]) X[name] = this.example(name);
    return attend({ kind, n, m, dq, dk, h, v, temperature: now.temperature, ...X });
  }

  // index counts within the example that is shown.
  edit(name, index, value) {
    const X = this.example(name);
    if (!Number.isFinite(value) || Object.is(X[index], Math.fround(value))) return;
    X[index] = value;
    this.link.edit(name, (X.byteOffset - this.inputs[name].byteOffset) / 4 + index, value);
    this.stale();
  }

  control(name, value) {
    this.now[name] = value;
    this.link.control(name, value);
    this.stale();
  }

  shuffle() {
    this.shuffles += 1;
    ["Q", "K", "V"].forEach((name, at) => {
      const fresh = normals(3 * this.shuffles + at, this.example(name).length);
      fresh.forEach((x, index) => this.edit(name, index, x));
    });
  }

  // The kernel knows what the explorer was made with; without one, what came first is the best.
  reset() {
    if (this.link.alive) return this.link.transmit({ kind: "reset" });
    const { now, inputs } = structuredClone(this.first);
    [this.now, this.inputs] = [now, inputs];
    this.stale();
  }

  stale() {
    this.by = "browser";
    this.mustCompute = true;
    this.announce();
  }

  // Many events make one frame, and the arithmetic is done once for it.
  announce() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (this.mustCompute && this.by === "browser" && this.computesHere) this.result = this.attend();
      this.mustCompute = false;
      for (const view of this.views) view.paint();
    });
  }

  get status() {
    const { words, now, link } = this;
    if (link.lost) return words.lost;
    if (this.by === "torch") {
      const agrees = this.agreement === null ? "" : ` · ${words.agrees} ${brief(this.agreement)}`;
      return `torch · ${now.device}${agrees}`;
    }
    if (this.computesHere) return link.silent ? words.browserAlone : words.browser;
    return link.silent ? words.noKernel : words.waiting;
  }

  close() {
    this.link.close();
  }
}

export const brief = (x) => (x === 0 ? "0" : x.toExponential(0));

function unpack(arrays, buffer) {
  const bytes = buffer.buffer ? buffer : new DataView(buffer);
  let at = bytes.byteOffset;
  return Object.fromEntries(
    arrays.map(([name, length]) => {
      const X = new Float32Array(bytes.buffer.slice(at, at + 4 * length));
      at += 4 * length;
      return [name, X];
    }),
  );
}
