// The attention explorer: all matrices, a goal for the weights, and one weight opened.

import { css } from "./receipt.css";
import { css as predictionCss } from "./prediction.css";
import { explain } from "./explanation.js";
import { addControls, addLengths } from "./controls.js";
import { clamp, element, place, setText, times } from "./dom.js";
import { rowOf } from "./engine.js";
import { cellSize, panelSpecs, shows, signTexts } from "./layout.js";
import { MatrixFigure } from "./matrices.js";
import { colourOf, numberText } from "./painting.js";
import { withPrediction } from "./predicted.js";
import { isEmpty, outputVerdict, shareVerdict } from "./prediction.js";
import { addQuestion } from "./question.js";
import { Store } from "./store.js";
import { sumText } from "./sums.js";
import { widget } from "./widget.js";

const REACHED = 0.05;
const QUESTION = 360; // pixels that a question wants

class AttentionFigure extends MatrixFigure {
  get styles() {
    return [...super.styles, css, predictionCss];
  }

  build(words) {
    this.paintControls = addControls(this.store, this.root);
    this.hint = this.store.setup.large ? words.large : words.hint;
    this.addGrid(this.hint);
    if (this.store.setup.predict) {
      this.question = addQuestion(this.store, this.root, () => this.verdicts());
      this.readout.before(this.question.root);
    }
    this.goal = element(this.root, "div.goal", "", { role: "status" });
    this.arithmetic = element(this.root, "section.arithmetic");
  }

  update() {
    const { store } = this;
    const { scoring, lens, batch, shown } = store.now;
    const built = [scoring, lens, batch, shown].join();
    if (this.built !== built) this.buildPanels();
    this.built = built;
    this.paintPanels(cellSize(this.specs, this.root.clientWidth), signTexts(store));
    this.lightValues();
    if (store.wasTouched) this.nudge?.remove();
    this.paintLengths?.();
    this.paintControls();
    this.paintGoal();
    this.question?.paint();
    if (!this.opened) return;
    const [i, j] = this.opened;
    const name = `${this.label("query", i)} → ${this.label("key", j)}`;
    explain(store, this.arithmetic, this.opened, name);
  }

  buildPanels() {
    const { store } = this;
    const { inputs, setup } = store;
    const specs = panelSpecs(store);
    this.replacePanels(setup.predict ? withPrediction(store, specs) : specs, signTexts(store));
    if (setup.large) return;
    const named = (name) => this.panels.find(({ spec }) => spec.name === name);
    if (setup.predict) this.cover(named("prediction"));
    const asked = store.isCovered(setup.predict) && named("prediction");
    const first = asked || this.panels.find(({ spec }) => spec.input);
    this.nudge = element(first.box, "div.nudge");
    place(this.nudge, 0, 0);
    element(this.nudge, "span", store.words.dragMe);
    const weights = named("weights");
    const lengths = () => addLengths(store, weights ?? named("scores"));
    this.paintLengths = shows(store, "mask") ? lengths() : null;
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
    if (!below && isShares) {
      this.opened = null;
      this.arithmetic.replaceChildren();
    }
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
    const { root } = this.panels.find(({ spec }) => spec.name === "prediction");
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
    this.panels.find(({ spec }) => spec.name === "V").lightRows(row || null);
  }

  paintGoal() {
    const {
      result: { weights },
      words,
    } = this.store;
    if (!this.target || !weights) return setText(this.goal, "");
    const off = (wanted, at) => (Number.isNaN(wanted) ? 0 : Math.abs(weights[at] - wanted));
    const distance = Math.max(...this.target.map(off)); // NaN where a weight is
    const far = `${words.distance} ${numberText(distance)}`;
    setText(this.goal, distance <= REACHED ? `✓ ${words.reached}` : far);
  }

  open([i, j]) {
    const same = this.opened?.[0] === i && this.opened[1] === j;
    this.opened = same ? null : [i, j];
    if (same) this.arithmetic.replaceChildren();
    this.store.requestPaint();
  }

  label(axis, at) {
    const { words, setup } = this.store;
    const name = setup.named[axis] ? ` '${setup[`${axis}Labels`][at]}'` : "";
    return (words[axis] ?? words.component).replace("{n}", at) + name;
  }

  sumOf({ name }, at) {
    const sum = !this.store.isCovered(name) && sumText(this.store, name, at);
    return sum ? ` = ${sum}` : "";
  }

  // "weights · query 3 'bank' → key 1 'river': 0.62 (goal: 1.00)"
  describe({ name, title, axes, columns, lens, unknown }, [i, j], value) {
    const { words } = this.store;
    const wanted = name === "weights" ? this.target?.[i * columns + j] : NaN;
    let text = j >= lens?.()[i] ? words.masked : numberText(value, 4);
    if (unknown && Number.isNaN(value)) text = words[unknown];
    if (wanted >= 0) text += ` (${words.goal} ${numberText(wanted)})`;
    const parts = axes.flatMap((axis, way) => (axis ? this.label(axis, [i, j][way]) : []));
    return `${title} · ${parts.join(axes.join() === "query,key" ? " → " : ", ")}: ${text}`;
  }
}

export default widget(Store, AttentionFigure);
