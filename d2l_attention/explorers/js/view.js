// One view of an explorer: its panels, what is pointed at, its words and its status line.

import { explain } from "./arithmetic.js";
import { LengthHandles, addControls } from "./controls.js";
import { cellSize, panelSpecs, reaches } from "./figure.js";
import { colourOf, numberText } from "./painting.js";
import { Panel, element, place, setText } from "./panel.js";

const REACHED = 0.05;

export class View {
  constructor(store, parent) {
    this.store = store;
    this.lit = {};
    this.opened = null;
    this.root = element("div", "d2l-attention", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", store.words.figure);
    this.paintControls = addControls(store, this.root);
    this.grid = element("div", "grid", this.root);
    const hint = store.setup.large ? store.words.large : store.words.hint;
    this.readout = element("div", "readout", this.root, hint);
    this.readout.setAttribute("aria-live", "polite");
    this.goal = element("div", "goal", this.root);
    this.goal.setAttribute("role", "status");
    this.error = element("pre", "error", this.root);
    this.error.setAttribute("role", "alert");
    this.status = element("div", "status", this.root);
    this.arithmetic = element("section", "arithmetic", this.root);
    this.resizes = new ResizeObserver(() => this.paint());
    this.resizes.observe(this.root);
    store.views.add(this);
    store.announce();
  }

  close() {
    this.resizes.disconnect();
    this.store.views.delete(this);
    this.root.remove();
  }

  build() {
    const { store } = this;
    this.grid.replaceChildren();
    this.specs = panelSpecs(store);
    const on = {
      point: (target) => this.point(target),
      words: (panel, i, j) => this.words(panel, i, j),
      edit: (name, index, value) => store.edit(name, index, value),
      open: (cell) => this.open(cell),
    };
    this.panels = this.specs.map((spec) => new Panel(spec, this.grid, on));
    const weights = this.panels.find(({ spec }) => spec.name === "weights");
    const handled = reaches(store, "mask") && !store.setup.large;
    this.handles = handled ? new LengthHandles(store, weights) : null;
    this.goals = this.outlineTarget(weights);
  }

  paint() {
    const { store } = this;
    if (!this.root.clientWidth) return; // Hidden: there is nothing to lay out in.
    const built = `${store.now.scoring} ${store.now.lens} ${store.now.batch}`;
    if (this.built !== built) {
      this.built = built;
      this.build();
    }
    const cell = cellSize(this.specs, this.root.clientWidth);
    for (const panel of this.panels) panel.paint(cell, this.lit);
    this.handles?.paint();
    this.paintControls();
    this.paintTarget(cell);
    if (this.pointed) this.say();
    setText(this.status, store.status);
    setText(this.error, store.now.error ?? "");
    if (this.opened) explain(store, this.arithmetic, this.opened, this.names(...this.opened));
  }

  point(target) {
    this.pointed = target;
    this.lit = {};
    if (target) {
      const { panel, cell } = target;
      panel.spec.axes.forEach((axis, way) => (this.lit[axis] = cell[way]));
    }
    for (const panel of this.panels) panel.light(this.lit);
    if (target) this.say();
  }

  say() {
    const { panel, cell } = this.pointed;
    panel.describe(panel.spec.get());
    setText(this.readout, this.words(panel, ...cell));
  }

  open([i, j]) {
    const same = this.opened?.[0] === i && this.opened[1] === j;
    this.opened = same ? null : [i, j];
    if (same) this.arithmetic.replaceChildren();
    this.store.announce();
  }

  label(kind, at) {
    const { words, setup } = this.store;
    const label = setup.named[kind] ? setup[kind === "query" ? "queryLabels" : "keyLabels"][at] : null;
    return words[kind].replace("{n}", at) + (label === null ? "" : ` '${label}'`);
  }

  names(i, j) {
    return `${this.label("query", i)} → ${this.label("key", j)}`;
  }

  // "query 3 'bank' → key 1 'river': 0.62"
  words({ spec }, i, j) {
    const { store } = this;
    const x = spec.get()[i * spec.columns + j];
    const value = spec.masked?.(i, j) ? store.words.masked : numberText(x, 4);
    const [row, column] = spec.axes;
    if (row === "query" && column === "key") {
      return `${spec.title} · ${this.names(i, j)}: ${value}`;
    }
    const part = (axis, at) => {
      if (axis === "query" || axis === "key") return this.label(axis, at);
      return axis ? store.words.component.replace("{n}", at) : "";
    };
    const parts = [part(row, i), part(column, j)].filter(Boolean);
    return `${spec.title} · ${parts.join(", ")}: ${value}`;
  }

  // Where the target says something, a frame in the colour that is wanted.
  outlineTarget(panel) {
    const { inputs, setup } = this.store;
    if (!inputs.target || setup.large) return [];
    return [...this.store.example("target")].flatMap((wanted, at) => {
      if (Number.isNaN(wanted)) return [];
      const frame = element("div", "target", panel.box);
      frame.style.borderColor = `rgb(${colourOf("sequential", wanted, 1)})`;
      return [{ at, frame }];
    });
  }

  paintTarget({ width, height }) {
    if (!this.goals.length || !this.store.result.weights) return;
    const { m } = this.store.setup.sizes;
    const target = this.store.example("target");
    let distance = 0;
    for (const { at, frame } of this.goals) {
      place(frame, (at % m) * width, Math.floor(at / m) * height, width, height);
      frame.style.borderColor = `rgb(${colourOf("sequential", target[at], 1)})`;
      distance = Math.max(distance, Math.abs(this.store.result.weights[at] - target[at]));
    }
    const reached = distance <= REACHED;
    const { words } = this.store;
    setText(this.goal, reached ? `✓ ${words.reached}` : `${words.distance} ${numberText(distance)}`);
    this.goal.classList.toggle("reached", reached);
  }
}
