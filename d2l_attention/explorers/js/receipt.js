// The receipt of one opened weight: tables of numbers with bars, built once and then updated.

import { button } from "./controls.js";
import { clamp, element, keyListener, set, setText } from "./dom.js";
import { text } from "./explanation.js";

// Of each key its sign, and the rows and columns to go.
const STEPS = {
  ArrowLeft: ["←", 0, -1],
  ArrowRight: ["→", 0, 1],
  ArrowUp: ["↑", -1, 0],
  ArrowDown: ["↓", 1, 0],
};

export class Receipt {
  // figure.step(rows, keys) opens another weight.
  constructor(parent, words, figure) {
    this.root = element(parent, "section.arithmetic", "", {
      role: "region",
      tabindex: 0,
      hidden: true,
      keydown: keyListener(({ key }) => STEPS[key] && (() => figure.step(...STEPS[key].slice(1)))),
    });
    const head = element(this.root, "div.heading");
    this.name = element(head, "h4");
    const buttons = element(head, "div.actions");
    const add = (sign, said, click) => {
      const made = button(buttons, sign, click);
      made.title = made.ariaLabel = said;
    };
    for (const [key, [sign, ...by]] of Object.entries(STEPS))
      add(sign, words[key], () => figure.step(...by));
    add("×", words.close, () => figure.closeWeight());
    this.note = element(this.root, "p");
    this.parts = element(this.root, "div.parts");
  }

  paint({ name, note, tables }) {
    const lengths = ({ columns, names, steps }) => [columns.length, names.length, steps.length];
    const shape = String(tables.map(lengths));
    if (shape !== this.shape) this.build(tables);
    this.shape = shape;
    this.root.hidden = false;
    set(this.root, "ariaLabel", name);
    setText(this.name, name);
    setText(this.note, note);
    tables.forEach((table, at) => this.tables[at].paint(table));
  }

  // Keeps no number: it may be covered now.
  hide() {
    this.root.hidden = true;
    this.shape = null;
    this.parts.replaceChildren();
    setText(this.note, "");
  }

  build(tables) {
    this.parts.replaceChildren();
    this.tables = tables.map((table) => new BarTable(this.parts, table));
  }
}

// A row for each name, a number and a bar in each column, and the steps to the answer below.
class BarTable {
  constructor(parent, { columns, names, steps }) {
    const table = element(parent, "table");
    this.title = element(table, "caption");
    const head = element(element(table, "thead"), "tr");
    const header = (row, scope, span = 1) => element(row, "th", "", { scope, colspan: span });
    this.heads = [null, ...columns].map(() => header(head, "col"));
    for (const wide of this.heads.slice(1)) wide.style.width = `${80 / columns.length}%`;
    const body = element(table, "tbody");
    this.rows = names.map(() => {
      const root = element(body, "tr");
      return {
        root,
        name: header(root, "row"),
        cells: columns.map((column) => new BarCell(root, column)),
      };
    });
    const foot = element(table, "tfoot");
    this.steps = steps.map(() => {
      const row = element(foot, "tr");
      return [header(row, "row", columns.length), element(row, "td")];
    });
  }

  paint({ title, head, names, marked, columns, steps }) {
    setText(this.title, title);
    [{ head }, ...columns].forEach((column, at) => setText(this.heads[at], column.head));
    this.rows.forEach(({ root, name, cells }, at) => {
      setText(name, names[at]);
      set(root, "ariaCurrent", at === marked ? "true" : null);
      cells.forEach((cell, column) => cell.paint(columns[column], at));
    });
    steps.forEach((texts, at) => texts.forEach((x, part) => setText(this.steps[at][part], x)));
  }
}

// A bar grows from the middle of its cell, or from the left where no number is negative.
class BarCell {
  constructor(row, { isPositive }) {
    const cell = element(row, isPositive ? "td.positive" : "td.signed");
    this.number = element(cell, "span");
    this.axis = element(cell, "b", "", { "aria-hidden": true });
    this.bar = element(cell, "i", "", { "aria-hidden": true });
  }

  paint({ X, limit }, at) {
    const x = X[at];
    if (Object.is(x, this.x) && limit === this.limit) return;
    Object.assign(this, { x, limit });
    const isNumber = typeof x === "number";
    setText(this.number, isNumber ? text(x) : x);
    this.axis.hidden = !isNumber;
    const share = clamp(isNumber ? x / limit : 0, -1, 1) || 0;
    this.bar.style.transform = `scaleX(${share})`;
    this.bar.className = share < 0 ? "negative" : "";
  }
}
