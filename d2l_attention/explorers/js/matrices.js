// Panels in a grid, lit together where they share what is pointed at.

import { element, setText } from "./dom.js";
import { Panel } from "./panel.js";
import { Figure } from "./widget.js";

export class MatrixFigure extends Figure {
	addGrid(hint) {
		this.lit = {};
		this.grid = element(this.root, "div.grid");
		this.readout = element(this.root, "div.readout", hint, { "aria-live": "polite" });
	}

	lay(specs) {
		this.specs = specs;
		this.pointed = null;
		this.grid.replaceChildren();
		this.panels = specs.map((spec) => new Panel(spec, this.grid, this));
	}

	paintPanels(cell) {
		for (const panel of this.panels) panel.paint(cell, this.lit);
		if (this.pointed) this.say();
	}

	point(panel, cell) {
		this.pointed = panel && { panel, cell };
		this.lit = {};
		panel?.spec.axes.forEach((axis, way) => (this.lit[axis] = cell[way]));
		for (const each of this.panels) each.light(this.lit);
		if (panel) this.say();
	}

	say() {
		const { panel, cell } = this.pointed;
		panel.describe();
		const value = panel.spec.get()[panel.index(cell)];
		setText(this.readout, this.describe(panel.spec, cell, value));
	}
}
