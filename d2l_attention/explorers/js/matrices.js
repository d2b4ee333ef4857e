// Panels in grids, lit together where they share what is pointed at.

import { css } from "./matrices.css";
import { element, setText, times } from "./dom.js";
import { Panel } from "./panel.js";
import { Figure } from "./figure.js";

export class MatrixFigure extends Figure {
  get styles() {
    return [...super.styles, css];
  }

  addGrid(hint) {
    this.lit = {};
    this.stages = element(this.root, "div.stages");
    this.swipe = element(this.root, "div.swipe", this.store.words.swipe, { hidden: true });
    this.readout = element(this.root, "div.readout", hint, { "aria-live": "polite" });
    this.panels = [];
  }

  // `signs` are the lines of text on the left of a panel, by its name.
  replacePanels(specs, signs = {}) {
    const before = new Map(this.panels.map(({ spec, painter }) => [spec.name, painter.painted]));
    this.specs = specs;
    this.pointed = null;
    this.stages.replaceChildren();
    const grids = {};
    this.signs = [];
    const roots = {};
    this.panels = specs.map((spec) => {
      // What comes after the first stage keeps together while there is room.
      const parent =
        spec.stage > 1 ? (grids.after ??= element(this.stages, "div.after")) : this.stages;
      const grid = (grids[spec.stage] ??= element(parent, "div.grid"));
      const sign = spec.of ?? spec.name; // A prediction stands in place of its matrix, or below it.
      if (signs[sign] && !spec.below) this.addSign(sign, spec, grid);
      const under = spec.below ? roots[spec.below] : grid;
      const panel = new (spec.Panel ?? Panel)(spec, under, this);
      roots[spec.name] = panel.root;
      const painted = before.get(spec.name);
      if (painted?.X.length === spec.rows * spec.columns) panel.painter.painted = painted;
      return panel;
    });
  }

  addSign(name, { rows, place: [row, column, span = 1] }, grid) {
    const root = element(grid, `div.sign.to-${name}`);
    root.style.gridArea = `${row} / ${column - 1} / span ${span}`;
    root.style.setProperty("--rows", rows);
    this.signs.push({ name, lines: times(4, () => element(root, "span")) });
    element(root, "b", "→", { "aria-hidden": true });
  }

  paintPanels(cell, signs = {}) {
    const layout = [cell.width, this.width, this.panels.length].join();
    if (layout !== this.layout) {
      setTimeout(() => this.showOverflow());
      // Setting these restyles all cells.
      this.stages.style.setProperty("--width", `${cell.width}px`);
      this.stages.style.setProperty("--height", `${cell.height}px`);
    }
    this.layout = layout;
    // All canvases first: text drawn after a change of the page waits for its new styles.
    for (const panel of this.panels) panel.paint(cell);
    for (const panel of this.panels) panel.update(this.lit);
    for (const { name, lines } of this.signs) {
      lines.forEach((line, at) => setText(line, signs[name][at] ?? ""));
    }
  }

  paintWords() {
    super.paintWords();
    for (const panel of this.panels) panel.describe();
    if (!this.pointed) return;
    const { panel, at } = this.pointed;
    this.holdHeight();
    const value = panel.spec.get()[panel.index(at)];
    setText(this.readout, this.describe(panel.spec, at, value) + this.sumOf(panel.spec, at));
  }

  // Says so where matrices reach beyond the right edge.
  showOverflow() {
    this.swipe.hidden = this.stages.scrollWidth <= this.stages.clientWidth;
  }

  // How the number that is pointed at came about.
  sumOf() {
    return "";
  }

  // The readout stays as high as the hint was, at one width: nothing below moves while one points.
  holdHeight() {
    const { width } = this;
    this.hintWidth ??= width;
    const { style } = this.readout;
    if (width !== this.hintWidth) style.minHeight = "";
    else style.minHeight ||= `${this.readout.getBoundingClientRect().height}px`;
  }

  point(panel, at) {
    this.pointed = panel && { panel, at };
    this.lit = {};
    panel?.spec.axes.forEach((axis, way) => (this.lit[axis] = at[way]));
    this.store.requestPaint();
  }
}
