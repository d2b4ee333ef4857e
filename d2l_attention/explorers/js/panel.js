// One matrix: its picture, its labels, and its cells to drag, type into and step.

import { clamp, element, dragListeners, place, set, times } from "./dom.js";
import { Legend } from "./legend.js";
import { Marks } from "./marks.js";
import { MatrixPainter, largest, niceLimit, numberText } from "./painting.js";

const STEPS = { drag: 0.02, key: 0.1 }; // per pixel, and per key
const LETTER = 6.5; // pixels of a label
const LEAST = 11; // pixels of a cell that is labelled
const NARROW = 120; // pixels of a matrix too narrow for a wide legend

const longest = (labels) => Math.max(0, ...(labels ?? []).map((text) => [...text].length));

// Pixels of the labels to the left of the rows.
export const gutter = (labels) => (labels ? Math.min(96, 10 + LETTER * longest(labels)) : 0);

// `spec` = {name, title, size?, rows, columns, axes: [of a row, of a column], get(), turned: get()
// is its transpose, map, limit?, masked?(), input: can be edited, place: [row, column, rows?] in the
// grid, labels: [of rows, of columns], indices?: what stands for them where there are none, faintly,
// opens?, steps?, compared?(): the numbers that the scale is for, unknown?: "asked" or "covered", what a
// NaN stands for}; `figure` = {store, point, describe, open}.
export class Panel {
  constructor(spec, parent, figure) {
    const { name, title, size, labels, indices = [], input, opens, axes, map, unknown } = spec;
    this.names = axes.map((_, way) => labels[way] ?? indices[way]);
    Object.assign(this, { spec, figure, at: [0, 0] });
    this.root = element(parent, "div.panel", "", { "data-name": name });
    const [row, column, rows = 1] = spec.place;
    // Captions of a row stand at one height, with labels below them or without.
    this.root.classList.toggle("aligned", axes[0] === "query");
    this.root.classList.toggle("last", axes[1] === "value");
    this.root.style.gridArea = `${row} / ${column} / span ${rows}`;
    element(this.root, "div.caption", title);
    const names = (under, kind, way) => {
      const list = element(under, labels[way] ? kind : `${kind}.faint`, "", {
        "aria-hidden": true,
      });
      for (const text of this.names[way] ?? []) element(list, "span", text, { title: text });
      return list;
    };
    this.above = names(this.root, "div.columns", 1);
    this.box = element(this.root, "div.box");
    this.left = names(this.box, "div.rows", 0);
    const kind = `canvas.${input ? "editable" : opens ? "opens" : (unknown ?? "known")}`;
    const role = input ? "spinbutton" : "application";
    this.canvas = element(this.box, kind, "", { role, tabindex: 0, ...this.listeners() });
    this.bands = ["row", "column"].map((way) => element(this.box, `div.band.${way}`));
    this.hovered = element(this.box, "div.hovered", "", { hidden: true });
    this.cursor = element(this.box, "div.cursor");
    this.marks = new Marks(this.box);
    this.painter = new MatrixPainter(this.canvas);
    if (!size) return;
    const foot = element(this.root, "div.foot");
    element(foot, "small", size);
    this.legend = new Legend(foot, map);
    this.legend.root.hidden = unknown === "covered";
  }

  listeners() {
    const { figure, spec } = this;
    const leave = () => {
      this.hovered.hidden = true;
      figure.point(null);
    };
    return {
      ...dragListeners({
        grab: (event) => this.grab(event),
        drag: (event, steps) => this.drag(event, steps),
        release: () => (this.held = null),
        hover: (event) => this.hover(this.cellOf(event)),
        key: (event, steps) => this.key(event, steps),
      }),
      pointerleave: leave,
      blur: leave,
      focus: () => this.moveTo(...this.at),
      click: () => spec.opens && figure.open(this.at),
      dblclick: () => this.type(),
    };
  }

  cellOf({ offsetX, offsetY }) {
    return this.nearest(Math.floor(offsetY / this.height), Math.floor(offsetX / this.width));
  }

  nearest(i, j) {
    return [clamp(i, 0, this.spec.rows - 1), clamp(j, 0, this.spec.columns - 1)];
  }

  // Cells to drag or open show their edge.
  hover(at) {
    this.hovered.hidden = !(this.spec.input || this.spec.opens);
    place(this.hovered, ...at);
    this.figure.point(this, at);
  }

  grab(event) {
    this.moveTo(...this.cellOf(event));
    this.held = { way: event.clientX - event.clientY, from: this.start };
  }

  drag(event, steps) {
    if (!this.spec.input) return this.figure.point(this, this.cellOf(event));
    const { way, from } = this.held;
    const pixels = (event.clientX - event.clientY - way) * steps;
    if (pixels) this.set(from + pixels * this.steps.drag);
  }

  // The index of a cell in the array that get() returns.
  index([i, j]) {
    const { rows, columns, turned } = this.spec;
    return turned ? j * rows + i : i * columns + j;
  }

  get value() {
    return this.spec.get()[this.index(this.at)];
  }

  // The number that a drag or a key sets off from.
  get start() {
    return this.value;
  }

  get steps() {
    return this.spec.steps ?? STEPS;
  }

  set(value) {
    const { store } = this.figure;
    store.edit(this.spec.name, this.index(this.at), Math.round(value * 1e6) / 1e6);
    this.figure.point(this, this.at);
  }

  moveTo(i, j) {
    this.at = this.nearest(i, j);
    place(this.cursor, ...this.at);
    this.figure.point(this, this.at);
  }

  key({ key }, steps) {
    const [i, j] = this.at;
    const { rows, columns, input, opens } = this.spec;
    const to = (row, column) => () => this.moveTo(row, column);
    const along = (by) => {
      const next = clamp(i * columns + j + by, 0, rows * columns - 1);
      return to(Math.floor(next / columns), next % columns);
    };
    const change = (by) => () => this.set(this.start + by * this.steps.key * steps);
    const open = opens && (() => this.figure.open(this.at));
    const type = (start) => () => this.type(start);
    const [up, down] = [to(i - 1, j), to(i + 1, j)];
    const actions = {
      ArrowLeft: along(-1),
      ArrowRight: along(1),
      Home: to(i, 0),
      End: to(i, columns - 1),
      PageUp: up,
      PageDown: down,
      ...(input
        ? { ArrowUp: change(1), ArrowDown: change(-1), Enter: type() }
        : { ArrowUp: up, ArrowDown: down, Enter: open, " ": open }),
    };
    return actions[key] ?? (input && /^[-\d.,]$/.test(key) && type(key));
  }

  // Lays an input over the cell. Enter and leaving it commit the number, Esc cancels.
  type(start) {
    if (!this.spec.input) return;
    const field = element(this.box, "input.field", "", {
      "aria-label": this.spec.title,
      inputmode: "decimal",
      blur: () => {
        const text = field.value.trim().replace(",", ".").replace("−", "-");
        field.remove();
        if (text && Number.isFinite(Number(text))) this.set(Number(text));
      },
      keydown: (event) => {
        event.stopPropagation();
        if (event.key === "Escape") field.value = "";
        else if (event.key !== "Enter") return;
        event.preventDefault();
        this.canvas.focus({ preventScroll: true });
      },
    });
    place(field, ...this.at);
    field.value = start ?? (Number.isNaN(this.value) ? "" : Number(this.value.toFixed(4)));
    field.focus({ preventScroll: true });
    if (start === undefined) field.select();
  }

  paint(cell) {
    const { rows, columns, map, masked, get, turned, unknown, input, compared } = this.spec;
    const { painter, figure } = this;
    const numbers = get();
    if (cell.width !== this.width || cell.height !== this.height) this.resize(cell);
    // In a drag: Python has sent nothing new.
    else if (numbers === this.source && !input && !compared && figure.store.isHeld) return;
    const from = (at) => this.index([Math.floor(at / columns), at % columns]);
    const X = turned ? numbers.map((_, at) => numbers[from(at)]) : numbers.slice();
    const limit = (this.limit = this.scaleOf(X));
    const look = { X, rows, columns, map, masked: masked?.(), limit, unknown, ...cell };
    const { painted } = painter;
    const { leap } = figure.store;
    const before = leap?.from(this, painted);
    const isLike = before?.X.length === X.length;
    this.source = isLike ? null : numbers;
    painter.paint(isLike ? { ...look, before, share: leap.share } : look);
    if (cell.numbers && painter.painted !== painted) this.marks.show(painted?.X, look);
  }

  // The end of the scale: round; in a drag it only grows, to two digits, which fit below few columns.
  scaleOf(X) {
    const { limit, compared } = this.spec;
    const { store } = this.figure;
    const numbers = compared?.() ?? X;
    if (limit) return limit;
    const most = largest(numbers, this.limit);
    if (store.isHeld) return most > this.limit ? Number((1.05 * most).toPrecision(2)) : most;
    const round = niceLimit(numbers);
    if (this.limit && round !== this.limit) store.move();
    return round;
  }

  // Updates the legend and the bands; `lit` is the index pointed at on each axis, by name.
  update(lit) {
    this.legend?.paint(this.limit);
    this.light(lit);
  }

  // Frames each row as strongly as its share, if there are any.
  lightRows(shares) {
    const { rows, columns } = this.spec;
    if (shares && !this.shares) {
      this.shares = times(rows, (i) => {
        const frame = element(this.box, "div.share");
        place(frame, i, 0, 1, columns);
        return frame;
      });
    }
    this.shares?.forEach((frame, i) => (frame.style.opacity = shares?.[i] ?? 0));
  }

  resize({ width, height }) {
    Object.assign(this, { width, height });
    this.root.style.setProperty("--high", `${height * this.spec.rows}px`);
    this.root.style.paddingLeft = `${gutter(this.spec.labels[0])}px`;
    this.root.classList.toggle("narrow", width * this.spec.columns < NARROW);
    this.left.hidden = height < LEAST;
    this.above.hidden = width < LEAST;
    this.above.classList.toggle("upright", LETTER * longest(this.names[1]) > width);
  }

  light(lit) {
    const { rows, columns, axes } = this.spec;
    this.bands.forEach((band, way) => {
      const at = lit[axes[way]];
      set(band, "hidden", at === undefined);
      if (!band.hidden) place(band, ...(way ? [0, at, rows] : [at, 0, 1, columns]));
    });
  }

  describe() {
    const { input, title, unknown } = this.spec;
    const { canvas, value } = this;
    const words = this.figure.describe(this.spec, this.at, value);
    set(canvas, "ariaLabel", input ? title : words);
    if (!input || words === canvas.ariaValueText) return;
    const now = Number.isNaN(value) && unknown ? 0 : value; // a role must have one
    canvas.ariaValueNow = numberText(now, 4).replace("−", "-");
    canvas.ariaValueText = words;
  }
}
