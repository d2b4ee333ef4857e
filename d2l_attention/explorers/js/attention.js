// The attention explorer: all matrices, a goal for the weights, and one weight opened.

import { css } from "./receipt.css";
import { css as predictionCss } from "./prediction.css";
import { addControls, shows } from "./controls.js";
import { explain } from "./explanation.js";
import { clamp, element, keyListener, place, setText, times } from "./dom.js";
import { rowOf } from "./engine.js";
import { cellSize, panelSpecs, signTexts } from "./layout.js";
import { addLengths } from "./lengths.js";
import { MatrixFigure } from "./matrices.js";
import { colourOf, numberText } from "./painting.js";
import { Receipt } from "./receipt.js";
import { withPrediction } from "./predicted.js";
import { isEmpty, outputVerdict, shareVerdict } from "./prediction.js";
import { addQuestion } from "./question.js";
import { Store } from "./store.js";
import { sumText } from "./sums.js";
import { widget } from "./widget.js";

const REACHED = 0.05;
const ROOM = 1100; // pixels of a figure with room for an opened weight beside its matrices
const RECEIPT = 388 + 24; // as in receipt.css
const QUESTION = 360; // pixels that a question wants

class AttentionFigure extends MatrixFigure {
  get styles() {
    return [...super.styles, css, predictionCss];
  }

  build(words) {
    this.paintControls = addControls(this.store, this.root);
    this.addGrid(this.hint);
    if (this.store.setup.predict) {
      this.question = addQuestion(this.store, this.root, () => this.verdicts());
      this.readout.before(this.question.root);
    }
    this.goal = element(this.root, "div.goal", "", { role: "status" });
    this.receipt = new Receipt(this.root, words, this);
    const close = ({ key }) => key === "Escape" && this.opened && (() => this.closeWeight());
    this.root.addEventListener("keydown", keyListener(close));
  }

  get hint() {
    const { store } = this;
    const { large, hint, openHint } = store.words;
    if (store.setup.large) return large;
    return store.isCovered("weights") ? hint : `${hint} ${openHint}`;
  }

  update() {
    const { store } = this;
    const { scoring, lens, batch, shown } = store.now;
    const built = [scoring, lens, batch, shown].join();
    if (this.built !== built) this.buildPanels();
    this.built = built;
    this.paintPanels(this.arrange(this.width), signTexts(store));
    this.lightValues();
    if (store.wasTouched) this.nudge?.remove();
    this.paintLengths?.();
    this.paintControls();
    this.paintGoal();
    this.question?.paint();
    if (!this.opened) return;
    const [i, j] = this.opened;
    const name = `${this.label("query", i)} → ${this.label("key", j)}`;
    this.receipt.paint(explain(store, this.opened, name));
  }

  // The size of cells; an opened weight stands beside them if they need not go into other lines.
  arrange(width) {
    const [alone, shared] = [0, RECEIPT].map((taken) => cellSize(this.specs, width - taken));
    const isBeside = Boolean(this.opened) && width >= ROOM && shared.lines === alone.lines;
    if (isBeside !== this.isBeside) setTimeout(() => this.showOverflow());
    this.isBeside = isBeside;
    this.root.classList.toggle("beside", isBeside);
    return isBeside ? shared : alone;
  }

  buildPanels() {
    const { store } = this;
    const { inputs, setup } = store;
    const specs = panelSpecs(store);
    this.replacePanels(setup.predict ? withPrediction(store, specs) : specs, signTexts(store));
    if (setup.large) return;
    if (setup.predict) this.cover(this.named("prediction"));
    const asked = store.isCovered(setup.predict) && this.named("prediction");
    const first = asked || this.panels.find(({ spec }) => spec.input);
    this.nudge = element(first.box, "div.nudge");
    place(this.nudge, 0, 0);
    element(this.nudge, "span", store.words.dragMe);
    const weights = this.named("weights");
    this.frame = weights && element(weights.box, "div.opened");
    this.markOpened();
    const bounded = weights ?? this.named("prediction");
    this.paintLengths = shows(store, "mask") ? addLengths(store, bounded) : null;
    this.target = weights && inputs.target && store.example("target");
    // A frame around each weight that has a target, in the target's colour.
    this.target?.forEach((wanted, at) => {
      if (Number.isNaN(wanted)) return;
      const frame = element(weights.box, "div.target");
      place(frame, Math.floor(at / setup.sizes.m), at % setup.sizes.m);
      frame.style.borderColor = `rgb(${colourOf("sequential", wanted, 1)})`;
    });
  }

  // Leaves no number of before where something is covered again.
  cover({ spec }) {
    const { isShares, rows, below } = spec;
    setText(this.readout, this.hint);
    this.stages.classList.toggle("compared", Boolean(below));
    this.stages.style.setProperty("--below", rows);
    if (!below && isShares) this.hideReceipt();
  }

  // Each row that was predicted, in words.
  verdicts() {
    const { store } = this;
    const { result, setup, words } = store;
    const { n } = setup.sizes;
    const truth = result[setup.predict];
    if (!truth) return [];
    return times(n, (i) => {
      const row = store.predicted(i);
      if (isEmpty(row)) return "";
      const about = [words, this.label("query", i), row, rowOf(truth, i, row.length)];
      if (!store.predictsShares) return outputVerdict(...about);
      return shareVerdict(...about, (j) => this.label("key", j));
    }).filter(Boolean);
  }

  // The question stands under the matrix that it is about, where there is room for it.
  showOverflow() {
    super.showOverflow();
    const { question, stages } = this;
    if (!question) return;
    const { left } = stages.getBoundingClientRect();
    const { root } = this.named("prediction");
    const from = root.getBoundingClientRect().left - left;
    const room = stages.clientWidth - QUESTION;
    question.root.style.setProperty("--left", `${clamp(from, 0, Math.max(0, room))}px`);
  }

  // While an output is pointed at, each value is framed as strongly as its weight.
  lightValues() {
    const { result, setup } = this.store;
    const { panel, at } = this.pointed ?? {};
    const isOutput = panel && (panel.spec.of ?? panel.spec.name) === "output";
    const row =
      isOutput && !this.store.isCovered("weights") && rowOf(result.weights, at[0], setup.sizes.m);
    this.named("V").lightRows(row);
  }

  paintGoal() {
    const { result, words } = this.store;
    const { weights } = result;
    if (!this.target || !weights) return setText(this.goal, "");
    const off = (wanted, at) => (Number.isNaN(wanted) ? 0 : Math.abs(weights[at] - wanted));
    const distance = Math.max(...this.target.map(off)); // NaN where a weight is
    const far = `${words.distance} ${numberText(distance)}`;
    setText(this.goal, distance <= REACHED ? `✓ ${words.reached}` : far);
  }

  // Every way to open a weight leads here: one that is covered stays closed.
  open(at) {
    if (this.store.isCovered("weights")) return;
    if (this.opened?.join() === at.join()) return this.closeWeight();
    this.opened = at;
    this.markOpened();
    this.store.requestPaint();
  }

  markOpened() {
    if (!this.frame) return;
    this.frame.hidden = !this.opened;
    if (this.opened) place(this.frame, ...this.opened);
  }

  hideReceipt() {
    this.opened = null;
    this.receipt.hide();
    this.markOpened();
  }

  closeWeight() {
    this.hideReceipt();
    this.named("weights").canvas.focus();
    this.store.requestPaint();
  }

  // Opens another weight, round and round, and lights query and key.
  step(rows, keys) {
    const { n, m } = this.store.setup.sizes;
    const [i, j] = this.opened;
    const next = [(i + rows + n) % n, (j + keys + m) % m];
    if (next.join() === this.opened.join()) return;
    this.open(next);
    this.named("weights").moveTo(...next);
  }

  named(name) {
    return this.panels.find(({ spec }) => spec.name === name);
  }

  label(axis, at) {
    const { words, setup } = this.store;
    const name = setup.named[axis] ? ` '${setup[`${axis}Labels`][at]}'` : "";
    return (words[axis] ?? words.component).replace("{n}", at) + name;
  }

  sumOf({ name }, at) {
    const sum = !this.store.isCovered(name) && sumText(this.store, name, at);
    return sum ? ` ≈ ${sum}` : "";
  }

  // "weights · query 3 'bank' → key 1 'river': 0.62 (goal: 1.00)"
  describe({ name, title, axes, columns, masked, unknown }, [i, j], value) {
    const { words } = this.store;
    const at = i * columns + j;
    const wanted = name === "weights" ? this.target?.[at] : NaN;
    let text = masked?.()[at] ? words.masked : numberText(value, 4);
    if (unknown && Number.isNaN(value)) text = words[unknown];
    if (wanted >= 0) text += ` (${words.goal} ${numberText(wanted)})`;
    const parts = axes.flatMap((axis, way) => (axis ? this.label(axis, [i, j][way]) : []));
    return `${title} · ${parts.join(axes.join() === "query,key" ? " → " : ", ")}: ${text}`;
  }
}

export default widget(Store, AttentionFigure);
