// The numbers of a figure: inputs, controls, results, and who computed them. With a kernel, edits go
// to it through a link and torch's numbers come back; without one (model = null) it runs by itself.

import { attend, difference, maskedOf, rowOf } from "./engine.js";
import { Leap } from "./leap.js";
import { Link } from "./link.js";
import { normal } from "./random.js";
import { SharedState, readFloats } from "./shared.js";

const INPUTS = ["Q", "K", "V", "valid_lens", "W_q", "W_k", "w_v"]; // what a reader can edit
const RESULTS = ["scores", "weights", "output"];
const PARAMETER = /^w_/i;
const FOLLOW = { weights: ["weights", "output"], output: ["output"] }; // from what is predicted

// Arrays by name, from [[name, length], …] and the buffer in which they follow each other.
function unpack(lengths, buffer) {
  const numbers = readFloats(buffer);
  let at = 0;
  return Object.fromEntries(
    lengths.map(([name, length]) => [name, numbers.slice(at, (at += length))]),
  );
}

const stateOf = (model) => ({
  setup: model.get("_setup"),
  now: model.get("_now"),
  arrays: unpack(model.get("_now").arrays, model.get("_numbers")),
});

export class Store extends SharedState {
  // `setup` never changes; `now` holds the controls; `arrays` the inputs, and results if there are.
  constructor(model, { setup, now, arrays } = stateOf(model)) {
    super(setup);
    this.inputs = {};
    this.result = {};
    this.now = { ...now };
    this.failure = null; // what failed in Python while a request was handled; until the next change
    this.distrusted = new Set(); // the scorings where torch computed something else
    this.agreement = null; // the largest difference of the last comparison
    this.takeArrays(arrays, { isCurrent: true });
    this.first = structuredClone({ now, inputs: this.inputs });
    this.link = model && new Link(model, this, now.epoch);
  }

  close() {
    this.link?.close();
  }

  // When the hand lets go, what has waited goes to Python.
  hold(isHeld) {
    super.hold(isHeld);
    queueMicrotask(() => this.link?.flush());
  }

  // The controls that Reset goes back to, and the inputs that Shuffle draws anew.
  get resetControls() {
    return ["scoring", "temperature"];
  }

  get shuffledInputs() {
    return ["Q", "K", "V"];
  }

  get kind() {
    return this.setup.kinds[this.now.scoring] ?? "own";
  }

  get engineFits() {
    return this.kind !== "own" && !this.setup.large;
  }

  // The engine is used only for what torch has not been seen to compute otherwise.
  get browserComputes() {
    return this.engineFits && !this.distrusted.has(this.now.scoring);
  }

  // One example of an input. All share the parameters.
  example(name) {
    const X = this.inputs[name];
    if (this.setup.large || PARAMETER.test(name)) return X;
    const { batch = 1 } = this.setup; // The records of a database are one example.
    return rowOf(X, this.now.batch ?? 0, X.length / batch);
  }

  // The sizes and inputs of the example shown.
  get exampleInputs() {
    const { inputs, setup } = this;
    const X = Object.fromEntries(Object.keys(inputs).map((name) => [name, this.example(name)]));
    return { ...setup.sizes, ...X, lens: X.valid_lens };
  }

  // Computes the example shown, with other sizes and inputs in place of its own.
  attend(others = {}) {
    const { kind, now, exampleInputs } = this;
    return attend({ kind, temperature: now.temperature, ...exampleInputs, ...others });
  }

  // 1 for each weight that is masked in the result.
  get masked() {
    return (this.result.masked ??= maskedOf(this.exampleInputs));
  }

  // `index` counts within the example that is shown.
  edit(name, index, value) {
    const X = this.example(name);
    this.wasTouched = true;
    if (!Number.isFinite(value) || Object.is(X[index], Math.fround(value))) return;
    this.write(name, (X.byteOffset - this.inputs[name].byteOffset) / 4 + index, value);
    this.inputsChanged();
  }

  // `index` counts within the whole input; call inputsChanged() once all is written.
  write(name, index, value) {
    this.failure = null;
    const isKnown = Object.is(this.inputs[name][index], Math.fround(value));
    if (isKnown && name !== "prediction") return; // Python takes whole rows of a prediction.
    this.inputs[name][index] = value;
    this.link?.edit(name, index, value);
  }

  control(name, value) {
    if (name === "scoring") this.leap = new Leap(this);
    this.failure = null;
    this.now[name] = value;
    this.link?.control(name, value);
    this.inputsChanged();
  }

  // Begins to move, unless all is moving already.
  move() {
    if (!(this.leap?.share < 1)) this.leap = new Leap(this);
  }

  shuffle() {
    this.leap = new Leap(this);
    for (const name of this.shuffledInputs)
      this.inputs[name].forEach((_, index) => this.write(name, index, normal()));
    this.inputsChanged();
  }

  // To what this store began with; a kernel that answers says what its explorer was made with.
  reset() {
    this.leap = new Leap(this);
    const { inputs, now } = this.first;
    for (const name of INPUTS)
      inputs[name]?.forEach((value, index) => this.write(name, index, value));
    for (const name of this.resetControls) this.control(name, now[name]);
    if (this.setup.predict) this.again();
    if (this.link?.isAlive) this.link.reset();
    this.inputsChanged();
  }

  // The prediction, of figures that ask for one: `setup.predict` is "weights" or "output". It is an
  // input that is NaN in rows without one; the control `shown` says whether the truth is.

  // Whether nothing may be told of a result.
  isCovered(name) {
    return !this.now.shown && Boolean(FOLLOW[this.setup.predict]?.includes(name));
  }

  get predictsShares() {
    return this.setup.predict === "weights";
  }

  get predictedColumns() {
    return this.setup.sizes[this.predictsShares ? "m" : "v"];
  }

  get prediction() {
    return this.example("prediction");
  }

  predicted(row) {
    return rowOf(this.prediction, row, this.predictedColumns);
  }

  get isUnpredicted() {
    return this.inputs.prediction.every(Number.isNaN);
  }

  // A whole row of the example that is shown.
  predict(row, numbers) {
    const from = this.predicted(row).byteOffset - this.inputs.prediction.byteOffset;
    this.wasTouched = true;
    numbers.forEach((x, at) => this.write("prediction", from / 4 + at, x));
    this.inputsChanged();
  }

  show() {
    this.control("shown", true);
  }

  // Covers the truth, and takes the prediction of every example back.
  again() {
    this.inputs.prediction.forEach((_, index) => this.write("prediction", index, NaN));
    this.control("shown", false);
  }

  // Whether anyone would follow a reset or a shuffle.
  get canCompute() {
    return this.browserComputes || Boolean(this.link?.isAlive);
  }

  // The results are old: the browser computes them before it paints, or torch sends them.
  inputsChanged() {
    this.confirmed = false;
    this.mustCompute = this.browserComputes;
    this.requestPaint();
  }

  beforePaint() {
    if (this.mustCompute) this.result = this.attend();
    this.mustCompute = false;
  }

  // Everything; `unconfirmed` was changed here and has not reached Python yet: it stays on top.
  takeState(message, buffers, unconfirmed) {
    this.failure = message.failure ?? (message.id ? this.failure : null);
    this.now = { ...message, ...unconfirmed.controls };
    const arrays = unpack(message.arrays, buffers[0]);
    this.takeArrays(arrays, { isCurrent: unconfirmed.isEmpty });
    if (unconfirmed.isEmpty) return;
    for (const [name, index, value] of unconfirmed.edits.values()) this.inputs[name][index] = value;
    this.inputsChanged();
  }

  // The answer to an edit; isOvertaken: the reader has changed something since.
  takeResult(message, buffers, isOvertaken) {
    this.failure = message.failure ?? this.failure;
    this.now.error = message.error;
    this.requestPaint();
    const isOfAnother = message.batch !== this.now.batch || message.scoring !== this.now.scoring;
    // After an error the last good picture stays; during a drag the browser's numbers are newer.
    if (isOfAnother || message.error || (isOvertaken && this.browserComputes)) return;
    this.takeArrays(unpack(message.arrays, buffers[0]), { isCurrent: !isOvertaken });
  }

  // isCurrent: torch's results are those of the inputs as they are here.
  takeArrays(arrays, { isCurrent }) {
    const torch = {};
    for (const [name, X] of Object.entries(arrays)) {
      if (RESULTS.includes(name)) torch[name] = X;
      else this.inputs[name] = X;
    }
    // A saved page has inputs alone.
    if (!torch.scores) return this.inputsChanged();
    const ours = this.engineFits && isCurrent ? this.attend() : null;
    if (isCurrent) this.agreement = ours && this.compare(ours, torch);
    this.confirmed = true;
    this.mustCompute = false;
    // The engine's projections are shown, too, where it is trusted.
    this.result = { ...(this.browserComputes && ours), ...torch };
    this.requestPaint();
  }

  // The largest difference, which decides whether the engine is trusted; NaN on one side is one.
  compare(ours, torch) {
    const { distrusted, setup, now } = this;
    const off = Math.max(
      ...["weights", "output"].map((name) => difference(ours[name], torch[name])),
    );
    if (off <= setup.tolerance) distrusted.delete(now.scoring);
    else distrusted.add(now.scoring);
    return off;
  }

  get problem() {
    return [this.now.error, this.failure].filter(Boolean).join("\n");
  }

  get status() {
    const { words, link } = this;
    if (!link) return words.browserAlone;
    if (link.state === "lost") return words.lost;
    if (this.confirmed) return this.comparison;
    const isSilent = link.state === "silent";
    if (this.browserComputes) return isSilent ? words.browserAlone : words.browser;
    return isSilent ? words.noKernel : words.waiting;
  }

  get comparison() {
    const { agreement, words, now, distrusted } = this;
    const by = `torch · ${now.device}`;
    if (agreement === null) return by;
    const amount = agreement ? agreement.toExponential(0) : String(agreement);
    return `${by} · ${distrusted.has(now.scoring) ? words.differs : words.agrees} ${amount}`;
  }
}
