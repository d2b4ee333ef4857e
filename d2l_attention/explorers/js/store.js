// What all views of an explorer share: the numbers, and who computed them.

import { attend, difference, rowOf } from "./engine.js";
import { Link } from "./link.js";
import { Shared, floats } from "./widget.js";

const RESULTS = ["scores", "weights", "output"];
const PARAMETER = /^w_/i;

export class Store extends Shared {
  constructor(model) {
    super(model);
    [this.inputs, this.result] = [{}, {}];
    this.link = new Link(model, this);
    this.take(model.get("_now"), [model.get("_numbers")]);
    this.link.epoch = this.now.epoch;
    this.link.greet();
  }

  get kind() {
    return this.setup.kinds[this.now.scoring] ?? "own";
  }

  get computesHere() {
    return this.kind !== "own" && !this.setup.large;
  }

  // One example of an input. All share the parameters.
  example(name) {
    const X = this.inputs[name];
    if (this.setup.large || PARAMETER.test(name)) return X;
    return rowOf(X, this.now.batch, X.length / this.setup.batch);
  }

  take(now, buffers) {
    this.now = { ...now };
    this.torch(now, buffers);
  }

  takeResult(message, buffers, overtaken) {
    const { error, batch, scoring } = message;
    this.now.error = error;
    const stale = batch !== this.now.batch || scoring !== this.now.scoring;
    // During a drag, the browser's numbers are newer than torch's.
    if (stale || error || (overtaken && this.computesHere)) this.announce();
    else this.torch(message, buffers);
  }

  torch({ arrays }, [buffer]) {
    this.announce();
    const torchs = {};
    const numbers = floats(buffer);
    let at = 0;
    for (const [name, length] of arrays) {
      const kept = RESULTS.includes(name) ? torchs : this.inputs;
      kept[name] = numbers.slice(at, (at += length));
    }
    // A saved page has inputs alone; after an error the last good picture stays.
    if (!torchs.scores) return this.computesHere ? this.stale() : undefined;
    const ours = this.computesHere ? this.attend() : null;
    const off = (name) => difference(ours[name], torchs[name]);
    this.by = "torch";
    this.agreement = ours && Math.max(off("weights"), off("output"));
    this.result = { ...ours, ...torchs };
  }

  attend() {
    const {
      kind,
      inputs,
      setup: { sizes },
      now: { temperature },
    } = this;
    const X = Object.fromEntries(Object.keys(inputs).map((name) => [name, this.example(name)]));
    return attend({ kind, ...sizes, temperature, ...X, lens: X.valid_lens });
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

  stale() {
    this.by = "browser";
    this.mustCompute = this.computesHere;
    this.announce();
  }

  // Once for all that happened within a frame.
  refresh() {
    if (this.mustCompute && this.by === "browser") this.result = this.attend();
    this.mustCompute = false;
  }

  get status() {
    const {
      agreement,
      words,
      now,
      link: { state },
    } = this;
    if (state === "lost") return words.lost;
    if (this.by === "torch") {
      const agrees = `${words.agrees} ${agreement ? agreement.toExponential(0) : 0}`;
      return `torch · ${now.device}${agreement === null ? "" : ` · ${agrees}`}`;
    }
    const silent = state === "silent";
    if (this.computesHere) return silent ? words.browserAlone : words.browser;
    return silent ? words.noKernel : words.waiting;
  }

  close() {
    this.link.close();
  }
}
