// The attention explorer: all matrices, a goal for the weights, and one weight opened.

import { css } from "./receipt.css";
import { addControls, addLengths } from "./controls.js";
import { explain } from "./explanation.js";
import { element, place, setText } from "./dom.js";
import { rowOf } from "./engine.js";
import { cellSize, panelSpecs, shows, signTexts } from "./layout.js";
import { MatrixFigure } from "./matrices.js";
import { colourOf, numberText } from "./painting.js";
import { Receipt } from "./receipt.js";
import { Store } from "./store.js";
import { sumText } from "./sums.js";
import { widget } from "./widget.js";

const REACHED = 0.05;
const ROOM = 1100; // pixels of a figure with room for an opened weight beside its matrices
const RECEIPT = 388 + 24; // as in receipt.css

class AttentionFigure extends MatrixFigure {
  get styles() {
    return [...super.styles, css];
  }

  build(words) {
    this.paintControls = addControls(this.store, this.root);
    this.addGrid(this.store.setup.large ? words.large : words.hint);
    this.goal = element(this.root, "div.goal", "", { role: "status" });
    const step = (rows, keys) => this.step(rows, keys);
    this.receipt = new Receipt(this.root, words, { step, close: () => this.closeWeight() });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.opened) return;
      event.preventDefault();
      event.stopPropagation();
      this.closeWeight();
    });
  }

  update() {
    const { store } = this;
    const { scoring, lens, batch } = store.now;
    const built = [scoring, lens, batch].join();
    if (this.built !== built) this.buildPanels();
    this.built = built;
    this.paintPanels(this.arrange(this.root.clientWidth), signTexts(store));
    this.lightValues();
    if (store.wasTouched) this.nudge?.remove();
    this.paintLengths?.();
    this.paintControls();
    this.paintGoal();
    if (!this.opened) return;
    const [i, j] = this.opened;
    const name = `${this.label("query", i)} → ${this.label("key", j)}`;
    this.receipt.paint(explain(store, this.opened, name));
  }

  // The size of cells; an opened weight stands beside them if they need not go into other lines.
  arrange(width) {
    const alone = cellSize(this.specs, width);
    if (!this.opened || width < ROOM) return this.setBeside(false, alone);
    const shared = cellSize(this.specs, width - RECEIPT);
    const fits = shared.isNarrow === alone.isNarrow;
    return this.setBeside(fits, fits ? shared : alone);
  }

  setBeside(isBeside, cell) {
    if (isBeside !== this.isBeside) setTimeout(() => this.showOverflow());
    this.isBeside = isBeside;
    this.root.classList.toggle("beside", isBeside);
    return cell;
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
    const { weights } = this;
    this.frame = element(weights.box, "div.opened");
    this.markOpened();
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

  // Every way to open a weight leads here, so that it can be refused here.
  open([i, j]) {
    if (this.opened?.join() === [i, j].join()) return this.closeWeight();
    this.opened = [i, j];
    this.markOpened();
    this.store.requestPaint();
  }

  markOpened() {
    if (!this.frame) return;
    this.frame.hidden = !this.opened;
    if (this.opened) place(this.frame, ...this.opened);
  }

  closeWeight() {
    this.opened = null;
    this.receipt.root.hidden = true;
    this.markOpened();
    this.weights.canvas.focus();
    this.store.requestPaint();
  }

  // Opens another weight, round and round; its query and its key are lit as if it were pointed at.
  step(rows, keys) {
    const { n, m } = this.store.setup.sizes;
    const [i, j] = this.opened;
    const next = [(i + rows + n) % n, (j + keys + m) % m];
    if (next.join() === this.opened.join()) return;
    this.open(next);
    this.weights.moveTo(...next);
  }

  get weights() {
    return this.panels.find(({ spec }) => spec.name === "weights");
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
