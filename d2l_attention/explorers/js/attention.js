// The attention explorer: the whole computation, a goal for its weights, and one weight opened.

import { explain } from "./arithmetic.js";
import { LengthHandles, addControls } from "./controls.js";
import { element, place, setText } from "./dom.js";
import { cellSize, panelSpecs, reaches } from "./figure.js";
import { MatrixFigure } from "./matrices.js";
import { colourOf, numberText } from "./painting.js";
import { Store } from "./store.js";
import { widget } from "./widget.js";

const REACHED = 0.05;

class AttentionFigure extends MatrixFigure {
  build(words) {
    this.paintControls = addControls(this.store, this.root);
    this.addGrid(this.store.setup.large ? words.large : words.hint);
    this.goal = element(this.root, "div.goal", "", { role: "status" });
    this.arithmetic = element(this.root, "section.arithmetic");
  }

  update() {
    const { store } = this;
    const { scoring, lens, batch } = store.now;
    const built = `${scoring} ${lens} ${batch}`;
    if (this.built !== built) this.layOut();
    this.built = built;
    this.paintPanels(cellSize(this.specs, this.root.clientWidth));
    this.handles?.paint();
    this.paintControls();
    this.paintGoal();
    if (this.opened) explain(store, this.arithmetic, this.opened, this.pair(...this.opened));
  }

  layOut() {
    const { store } = this;
    this.lay(panelSpecs(store));
    const weights = this.panels.find(({ spec }) => spec.name === "weights");
    const { inputs, setup } = store;
    const handled = reaches(store, "mask") && !setup.large;
    this.handles = handled ? new LengthHandles(store, weights) : null;
    this.target = inputs.target && !setup.large ? store.example("target") : null;
    // Where the target says something, a frame in the colour that is wanted.
    this.target?.forEach((wanted, at) => {
      if (Number.isNaN(wanted)) return;
      const frame = element(weights.box, "div.target");
      place(frame, Math.floor(at / setup.sizes.m), at % setup.sizes.m);
      frame.style.borderColor = `rgb(${colourOf("sequential", wanted, 1)})`;
    });
  }

  paintGoal() {
    const { result: { weights }, words } = this.store;
    if (!this.target || !weights) return;
    const off = weights.map((x, at) => Math.abs(x - this.target[at]));
    const distance = Math.max(...off.filter((x) => !Number.isNaN(x)));
    const reached = distance <= REACHED;
    const far = `${words.distance} ${numberText(distance)}`;
    setText(this.goal, reached ? `✓ ${words.reached}` : far);
    this.goal.classList.toggle("reached", reached);
  }

  edit(name, index, value) {
    this.store.edit(name, index, value);
  }

  open([i, j]) {
    const same = this.opened?.[0] === i && this.opened[1] === j;
    this.opened = same ? null : [i, j];
    if (same) this.arithmetic.replaceChildren();
    this.store.announce();
  }

  label(kind, at) {
    const { words, setup } = this.store;
    const name = setup.named[kind] ? ` '${setup[`${kind}Labels`][at]}'` : "";
    return words[kind].replace("{n}", at) + name;
  }

  pair(i, j) {
    return `${this.label("query", i)} → ${this.label("key", j)}`;
  }

  // "weights · query 3 'bank' → key 1 'river': 0.62"
  describe(spec, i, j) {
    const { words } = this.store;
    const at = i * spec.columns + j;
    let value = spec.masked?.(i, j) ? words.masked : numberText(spec.get()[at], 4);
    if (spec.name === "weights" && this.target?.[at] >= 0) {
      value += ` (${words.goal} ${numberText(this.target[at])})`;
    }
    const [row, column] = spec.axes;
    if (row === "query" && column === "key") return `${spec.title} · ${this.pair(i, j)}: ${value}`;
    const part = (axis, index) =>
      axis === "query" || axis === "key"
        ? this.label(axis, index)
        : axis && words.component.replace("{n}", index);
    const parts = [part(row, i), part(column, j)].filter(Boolean);
    return `${spec.title} · ${parts.join(", ")}: ${value}`;
  }
}

export default widget(Store, AttentionFigure);
