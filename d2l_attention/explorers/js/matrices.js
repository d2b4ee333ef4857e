// Panels in a grid, lit together where they share what is pointed at.

import { element, setText } from "./dom.js";
import { Panel } from "./panel.js";
import { Figure } from "./figure.js";

export class MatrixFigure extends Figure {
  addGrid(hint) {
    this.lit = {};
    this.grid = element(this.root, "div.grid");
    this.readout = element(this.root, "div.readout", hint, { "aria-live": "polite" });
  }

  replacePanels(specs) {
    this.specs = specs;
    this.pointed = null;
    this.grid.replaceChildren();
    this.panels = specs.map((spec) => new Panel(spec, this.grid, this));
  }

  paintPanels(cell) {
    // All canvases first: text drawn after a change of the page waits for its new styles.
    for (const panel of this.panels) panel.paint(cell);
    for (const panel of this.panels) panel.updateTexts(this.lit);
    if (!this.pointed) return;
    const { panel, at } = this.pointed;
    this.holdHeight();
    const value = panel.spec.get()[panel.index(at)];
    setText(this.readout, this.describe(panel.spec, at, value));
  }

  // Keeps the readout as high as the hint that it replaces, so that what is below does not move while
  // the reader points. The height holds for the width at which the hint was shown, and is dropped at
  // another.
  holdHeight() {
    const width = this.root.clientWidth;
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
