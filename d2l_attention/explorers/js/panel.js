// One matrix of the figure: its picture, its labels, and its cells to drag, type into and step.

import { MatrixPainter, niceLimit, numberText } from "./painting.js";

const DRAG_STEP = 0.02; // per pixel
const KEY_STEP = 0.1;
const LARGE = 10; // times that, with Shift

export function element(tag, className, parent, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text; // Labels are the reader's: text, never HTML.
  parent?.append(made);
  return made;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// `spec` = {name, title, rows, columns, axes: [of a row, of a column], get(), map, limit?, masked?,
// input?: name of the input it edits, index(i, j): where, row, column: its place in the grid,
// labels: [rows, columns], opens?}; `on` = {point, words, edit, open}.
export class Panel {
  constructor(spec, parent, on) {
    this.spec = spec;
    this.on = on;
    this.at = [0, 0];
    this.limit = 0;
    this.root = element("div", "panel", parent);
    this.root.style.gridArea = `${spec.row} / ${spec.column}`;
    this.root.dataset.name = spec.name;
    this.caption = element("div", "caption", this.root);
    element("b", "", this.caption, spec.title);
    this.range = element("small", "", this.caption);
    this.box = element("div", "box", this.root);
    this.canvas = element("canvas", spec.input ? "editable" : "", this.box);
    this.canvas.tabIndex = 0;
    // JupyterLab would take the keys for its own commands.
    this.canvas.dataset.lmSuppressShortcuts = "true";
    this.canvas.setAttribute("role", spec.input ? "spinbutton" : "application");
    this.bands = ["row", "column"].map((way) => element("div", `band ${way}`, this.box));
    this.cursor = element("div", "cursor", this.box);
    this.labels = element("div", "labels", this.box);
    this.labels.setAttribute("aria-hidden", "true");
    this.painter = new MatrixPainter(this.canvas);
    this.listen();
  }

  listen() {
    const { canvas, spec } = this;
    canvas.addEventListener("pointermove", (event) => this.hover(event));
    canvas.addEventListener("pointerleave", () => this.drag || this.on.point(null));
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => (this.drag = null));
    }
    canvas.addEventListener("click", () => spec.opens && this.on.open(this.at));
    canvas.addEventListener("dblclick", () => this.type());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.moveTo(...this.at));
    canvas.addEventListener("blur", () => this.on.point(null));
  }

  cellOf(event) {
    const { rows, columns } = this.spec;
    const clamp = (x, end) => Math.max(0, Math.min(end - 1, Math.floor(x)));
    return [clamp(event.offsetY / this.height, rows), clamp(event.offsetX / this.width, columns)];
  }

  press(event) {
    if (event.button) return;
    this.at = this.cellOf(event);
    if (!this.spec.input) return this.moveTo(...this.at);
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.moveTo(...this.at);
    this.drag = { x: event.clientX, y: event.clientY, from: this.value };
  }

  hover(event) {
    if (!this.drag) return this.show(...this.cellOf(event));
    const { x, y, from } = this.drag;
    const steps = (event.clientX - x - (event.clientY - y)) * (event.shiftKey ? LARGE : 1);
    if (steps) this.set(from + steps * DRAG_STEP);
  }

  get value() {
    return this.spec.get()[this.at[0] * this.spec.columns + this.at[1]];
  }

  set(value) {
    this.on.edit(this.spec.input, this.spec.index(...this.at), Math.round(value * 1e6) / 1e6);
    this.show(...this.at);
  }

  // What is pointed at, and (moveTo) where the keyboard is.
  show(i, j) {
    this.on.point({ panel: this, cell: [i, j] });
  }

  moveTo(i, j) {
    const { rows, columns } = this.spec;
    this.at = [Math.max(0, Math.min(rows - 1, i)), Math.max(0, Math.min(columns - 1, j))];
    place(this.cursor, this.at[1] * this.width, this.at[0] * this.height, this.width, this.height);
    this.show(...this.at);
  }

  key(event) {
    const [i, j] = this.at;
    const { rows, columns, input, opens } = this.spec;
    const step = KEY_STEP * (event.shiftKey ? LARGE : 1);
    const next = i * columns + j + { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const moves = {
      Home: [i, 0],
      End: [i, columns - 1],
      PageUp: [i - 1, j],
      PageDown: [i + 1, j],
      ...(!input && { ArrowUp: [i - 1, j], ArrowDown: [i + 1, j] }),
      ...(next >= 0 && next < rows * columns && { [event.key]: divmod(next, columns) }),
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) this.moveTo(...moves[event.key]);
    else if (input && event.key === "ArrowUp") this.set(this.value + step);
    else if (input && event.key === "ArrowDown") this.set(this.value - step);
    else if (input && event.key === "Enter") this.type();
    else if (input && /^[-\d.,]$/.test(event.key)) this.type(event.key);
    else if (opens && (event.key === "Enter" || event.key === " ")) this.on.open(this.at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // A field over the cell: Enter commits, Esc cancels, leaving it commits.
  type(start) {
    if (!this.spec.input) return;
    const field = element("input", "field", this.box);
    field.dataset.lmSuppressShortcuts = "true";
    field.setAttribute("aria-label", this.canvas.getAttribute("aria-label"));
    field.inputMode = "decimal";
    field.value = start ?? String(Number(this.value.toFixed(4)));
    const width = Math.max(56, this.width);
    place(field, this.at[1] * this.width, this.at[0] * this.height, width, this.height);
    field.focus({ preventScroll: true });
    if (start === undefined) field.select();
    const close = (keep) => {
      if (!field.isConnected || field.closing) return;
      field.closing = true;
      const value = field.value.trim().replace(",", ".").replace("−", "-");
      field.remove();
      if (keep && value !== "" && Number.isFinite(Number(value))) this.set(Number(value));
    };
    field.addEventListener("blur", () => close(true));
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      close(event.key === "Enter");
      this.canvas.focus({ preventScroll: true });
    });
  }

  // `cell` = {width, height, numbers}; `lit` = the index that each axis is pointed at, by name.
  paint(cell, lit) {
    const { spec } = this;
    if (cell.width !== this.width || cell.height !== this.height) this.resize(cell);
    const X = spec.get();
    const limit = spec.limit ?? niceLimit(X);
    // A scale that shrank at once would make the other cells flicker during a drag.
    if (!this.drag || limit > this.limit) this.limit = limit;
    const { rows, columns, map, masked } = spec;
    const look = { X, rows, columns, map, masked, limit: this.limit, ...cell };
    this.painter.paint(look);
    const low = map === "sequential" ? "0" : `−${Number(this.limit.toPrecision(3))}`;
    const range = `${spec.size ?? `${rows} × ${columns}`} · ${low} … ${Number(this.limit.toPrecision(3))}`;
    if (this.range.textContent !== range) this.range.textContent = range;
    this.light(lit);
    this.describe(X);
  }

  resize({ width, height }) {
    [this.width, this.height] = [width, height];
    const { rows, columns, labels, gutter } = this.spec;
    this.box.style.width = `${columns * width}px`;
    this.box.style.height = `${rows * height}px`;
    this.root.style.paddingLeft = `${gutter}px`;
    this.labels.replaceChildren();
    labels[0]?.forEach((text, i) => {
      if (height < 11) return;
      const label = element("span", "row", this.labels, text);
      place(label, -gutter, i * height, gutter - 4, height);
      label.style.lineHeight = `${height}px`;
      label.title = text;
    });
    const across = labels[1]?.some((text) => text.length * 6.5 > width);
    const tall = across ? Math.min(60, 6 + 6.5 * Math.max(...labels[1].map((t) => t.length))) : 14;
    this.box.style.marginTop = labels[1] && width >= 11 ? `${tall + 3}px` : "0";
    labels[1]?.forEach((text, j) => {
      if (width < 11) return;
      const label = element("span", across ? "column across" : "column", this.labels, text);
      label.title = text;
      place(label, j * width, -tall - 1, width, tall);
      label.style.lineHeight = `${across ? width : tall}px`;
    });
    place(this.cursor, this.at[1] * width, this.at[0] * height, width, height);
  }

  light(lit) {
    const { rows, columns, axes } = this.spec;
    const [row, column] = axes.map((axis) => lit[axis]);
    const [rowBand, columnBand] = this.bands;
    rowBand.hidden = row === undefined;
    columnBand.hidden = column === undefined;
    if (row !== undefined) place(rowBand, 0, row * this.height, columns * this.width, this.height);
    if (column !== undefined) {
      place(columnBand, column * this.width, 0, this.width, rows * this.height);
    }
  }

  describe(X) {
    const [i, j] = this.at;
    const value = X[i * this.spec.columns + j];
    const words = this.on.words(this, i, j);
    if (words === this.said) return;
    this.said = words;
    this.canvas.setAttribute("aria-label", this.spec.input ? this.spec.title : words);
    if (!this.spec.input) return;
    this.canvas.setAttribute("aria-valuenow", numberText(value, 4).replace("−", "-"));
    this.canvas.setAttribute("aria-valuetext", words);
  }
}

export function place(node, left, top, width, height) {
  const style = { left, top, width, height };
  for (const [name, size] of Object.entries(style)) node.style[name] = `${size}px`;
}

const divmod = (x, by) => [Math.floor(x / by), x % by];

