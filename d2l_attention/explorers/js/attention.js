// The attention explorer: all matrices, a goal for the weights, and one weight opened.

import { css } from "./receipt.css";
import { explain } from "./explanation.js";
import { addControls, addLengths } from "./controls.js";
import { element, place, setText } from "./dom.js";
import { rowOf } from "./engine.js";
import { cellSize, panelSpecs, shows, signTexts } from "./layout.js";
import { MatrixFigure } from "./matrices.js";
import { colourOf, numberText } from "./painting.js";
import { Store } from "./store.js";
import { sumText } from "./sums.js";
import { widget } from "./widget.js";

const REACHED = 0.05;

class AttentionFigure extends MatrixFigure {
  get styles() {
    return [...super.styles, css];
  }

  build(words) {
    this.paintControls = addControls(this.store, this.root);
    this.addGrid(this.store.setup.large ? words.large : words.hint);
    this.goal = element(this.root, "div.goal", "", { role: "status" });
    this.arithmetic = element(this.root, "section.arithmetic");
  }

  update() {
    const { store } = this;
    const { scoring, lens, batch } = store.now;
    const built = [scoring, lens, batch].join();
    if (this.built !== built) this.buildPanels();
    this.built = built;
    this.paintPanels(cellSize(this.specs, this.root.clientWidth), signTexts(store));
    this.lightValues();
    if (store.wasTouched) this.nudge?.remove();
    this.paintLengths?.();
    this.paintControls();
    this.paintGoal();
    if (!this.opened) return;
    const [i, j] = this.opened;
    const name = `${this.label("query", i)} → ${this.label("key", j)}`;
    explain(store, this.arithmetic, this.opened, name);
  }

  buildPanels() {
    const { store } = this;
    const { inputs, setup } = store;
    this.replacePanels(panelSpecs(store), signTexts(store));
    if (setup.large) return;
    const first = this.panels.find(({ spec }) => spec.input);
    this.nudge = element(first.box, "div.nudge");
    place(this.nudge, 0, 0);
    element(this.nudge, "span", store.words.dragMe);
    const weights = this.panels.find(({ spec }) => spec.name === "weights");
    this.paintLengths = shows(store, "mask") ? addLengths(store, weights) : null;
    this.target = inputs.target && store.example("target");
    // A frame around each weight that has a target, in the target's colour.
    this.target?.forEach((wanted, at) => {
      if (Number.isNaN(wanted)) return;
      const frame = element(weights.box, "div.target");
      place(frame, Math.floor(at / setup.sizes.m), at % setup.sizes.m);
      frame.style.borderColor = `rgb(${colourOf("sequential", wanted, 1)})`;
    });
  }

  // While an output is pointed at, each value is framed as strongly as its weight.
  lightValues() {
    const { result, setup } = this.store;
    const { panel, at } = this.pointed ?? {};
    const row = panel?.spec.name === "output" && rowOf(result.weights, at[0], setup.sizes.m);
    this.panels.find(({ spec }) => spec.name === "V").lightRows(row || null);
  }

  paintGoal() {
    const {
      result: { weights },
      words,
    } = this.store;
    if (!this.target || !weights) return;
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
    const sum = sumText(this.store, name, at);
    return sum && ` = ${sum}`;
  }

  // "weights · query 3 'bank' → key 1 'river': 0.62 (goal: 1.00)"
  describe({ name, title, axes, columns, lens }, [i, j], value) {
    const { words } = this.store;
    const wanted = name === "weights" ? this.target?.[i * columns + j] : NaN;
    let text = j >= lens?.()[i] ? words.masked : numberText(value, 4);
    if (wanted >= 0) text += ` (${words.goal} ${numberText(wanted)})`;
    const parts = axes.flatMap((axis, way) => (axis ? this.label(axis, [i, j][way]) : []));
    return `${title} · ${parts.join(axes.join() === "query,key" ? " → " : ", ")}: ${text}`;
  }
}

export default widget(Store, AttentionFigure);
