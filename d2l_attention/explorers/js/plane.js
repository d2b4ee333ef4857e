// The plane explorer: queries and keys as points to drag, over a map of which key wins where, and the
// output of each query tied to the values that it is made of.

import { css } from "./plane.css";
import { css as predictionCss } from "./prediction.css";
import { addControls, labelled } from "./controls.js";
import { clamp, dragListeners, element, set, setText, times } from "./dom.js";
import { rowOf } from "./engine.js";
import { Figure } from "./figure.js";
import { imageOf, numberText, rgb } from "./painting.js";
import { pairOf, say } from "./plane-coordinates.js";
import { hullOf, linesTo, ticksOf } from "./plane-drawing.js";
import { addLegend } from "./plane-legend.js";
import { PlaneMarks, nearest } from "./plane-marks.js";
import { PlaneStore } from "./plane-store.js";
import { isEmpty, outputVerdict } from "./prediction.js";
import { addQuestion } from "./question.js";
import { widget } from "./widget.js";

const STEP = 0.1;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const SVG = "http://www.w3.org/2000/svg";
const MOST = 420; // pixels of the plane
const BESIDE = 24 + 44; // pixels of the figure's padding, and of what stands beside the plane
const TIED = 24; // outputs: if there are more, only the lines of one show

const pair = (X, at) => [...rowOf(X, at, 2)];

function draw(path, line) {
  if (path.line !== line) path.setAttribute("d", (path.line = line));
}

class PlaneFigure extends Figure {
  get styles() {
    return [...super.styles, css, predictionCss];
  }

  build(words) {
    const { setup } = this.store;
    const { n } = setup.sizes;
    this.paintControls = addControls(this.store, this.root);
    const beside = element(this.root, "div.beside");
    this.plane = element(beside, "div.plane", "", this.listeners());
    this.canvas = element(this.plane, "canvas");
    this.svg = this.plane.appendChild(document.createElementNS(SVG, "svg"));
    this.svg.setAttribute("viewBox", "-1 -1 2 2");
    this.grid = this.path("grid");
    this.hull = this.path("hull");
    this.lines = times(n, () => this.path("strip"));
    this.misses = times(n, () => this.path("miss"));
    const shades = (colour) => (share) => colour.map((c) => 255 + (share / 255) * (c - 255));
    this.shades = setup.colours.map((hex) => times(256, shades(rgb(hex))));
    const choose = (point) => {
      this.chosen = point;
      this.store.requestPaint();
    };
    this.marks = new PlaneMarks(this.store, this.plane, choose);
    this.chosen = this.marks.points.find(({ name }) => name === "Q");
    this.buildSide(element(beside, "div.side"), words);
  }

  buildSide(side, words) {
    if (this.store.setup.predict) {
      this.question = addQuestion(this.store, side, () => this.verdicts());
    }
    addLegend(side, this.store);
    this.typed = labelled(side, "=", "input", {
      "aria-label": words.coordinates,
      // A keyboard of digits alone lacks "−" or ";".
      inputmode: "text",
      enterkeyhint: "done",
      autocomplete: "off",
      change: () => {
        const xy = pairOf(this.typed.value);
        if (xy) this.move(this.chosen, xy);
      },
      // In JupyterLab Enter fires no change event; leaving the field does.
      keydown: ({ key }) => key === "Enter" && this.chosen.root.focus(),
    });
    this.readout = element(side, "div.readout", "", { "aria-live": "polite" });
    element(side, "p", words.hint);
  }

  path(name) {
    const path = this.svg.appendChild(document.createElementNS(SVG, "path"));
    path.setAttribute("class", name);
    return path;
  }

  // Of the plane, since the point that is nearest to the pointer is taken, whichever lies on top.
  listeners() {
    return {
      ...dragListeners({
        grab: (event) => {
          this.held = null;
          const isPoint = event.target.closest(".point");
          const point = isPoint && this.nearest(event, this.marks.points);
          if (!point) return;
          point.root.focus({ preventScroll: true });
          const { width } = this.plane.getBoundingClientRect();
          const { clientX, clientY } = event;
          this.held = { point, width, from: this.where(point), clientX, clientY };
        },
        drag: (event) => this.held && this.drag(event),
        release: () => (this.held = null),
        hover: (event) => this.light(this.nearest(event, this.marks.all)),
        key: (event, steps) => this.key(event, steps),
      }),
      pointerleave: () => this.light(null),
    };
  }

  drag({ clientX, clientY }) {
    const { point, width, from, ...start } = this.held;
    const [reach] = this.store.inputs.reach;
    const to = (x, pixels) => clamp(x + (2 * reach * pixels) / width, -reach, reach);
    const [x, y] = from;
    this.move(point, [to(x, clientX - start.clientX), to(y, start.clientY - clientY)]);
  }

  key({ key }, steps) {
    const { chosen } = this;
    if (key === "Enter") return () => this.typed.select();
    const to = (x, c) => x + STEP * steps * WAYS[key][c];
    return key in WAYS && (() => this.move(chosen, this.where(chosen).map(to)));
  }

  nearest({ clientX, clientY }, marks) {
    const { left, top, width } = this.plane.getBoundingClientRect();
    const scale = this.side / width;
    return nearest(marks, scale * (clientX - left), scale * (clientY - top));
  }

  // The mark that is pointed at.
  light(mark) {
    if (mark === this.lit) return;
    this.lit?.root.classList.remove("lit");
    mark?.root.classList.add("lit");
    this.lit = mark;
    this.store.requestPaint();
  }

  where({ name, at }) {
    if (name === "P") return this.expected(at);
    return pair(this.store.example(name), at);
  }

  // An output that is not predicted yet is expected in the middle of the values.
  expected(at) {
    const row = [...this.store.predicted(at)];
    if (!isEmpty(row)) return row;
    const { V } = this.store.inputs;
    const middle = (c) => V.reduce((sum, x, i) => sum + (i % 2 === c ? x : 0), 0) / (V.length / 2);
    return [middle(0), middle(1)];
  }

  move({ name, at }, xy) {
    const { store } = this;
    const rounded = xy.map((x) => Math.round(1e4 * x) / 1e4);
    if (name === "P") store.predict(at, rounded);
    else rounded.forEach((x, c) => store.edit(name, 2 * at + c, x));
  }

  // In shares of the plane's half, from its middle, to the right and down.
  share([x, y]) {
    const [reach] = this.store.inputs.reach;
    return [x / reach, -y / reach];
  }

  update() {
    const { store } = this;
    this.fit(Math.max(100, Math.min(MOST, this.width - BESIDE)));
    this.paintControls();
    this.paintMap(store.map());
    if (store.wasTouched) this.marks.endNudge();
    for (const point of this.marks.points) {
      const xy = this.where(point);
      this.marks.put(point, this.share(xy), this.side);
      set(point.root, "ariaLabel", this.nameOf(point, xy));
      point.root.classList.toggle("chosen", point === this.chosen);
    }
    this.question?.paint();
    this.paintOutputs();
    this.marks.paintNames(this.side);
    this.paintTicks();
  }

  // "q0 (1.00; 2.00)"
  nameOf({ name, at, label }, xy) {
    const isAsked = name === "P" && isEmpty(this.store.predicted(at));
    return `${label.textContent} (${isAsked ? this.store.words.asked : say(xy)})`;
  }

  // Each prediction, in words.
  verdicts() {
    const { result, words } = this.store;
    return this.marks.outputs.flatMap(({ at }) => {
      const row = this.store.predicted(at);
      const name = words.query.replace("{n}", at);
      return isEmpty(row) ? [] : outputVerdict(words, name, row, pair(result.output, at));
    });
  }

  fit(side) {
    if (side === this.side) return;
    this.side = side;
    this.plane.style.width = `${side}px`;
  }

  paintOutputs() {
    const { setup, result } = this.store;
    const { weights, output } = result;
    const values = this.marks.values.map(({ place }) => place);
    draw(this.hull, hullOf(values));
    if (!output) return;
    const shown = this.ofQuery;
    const isCovered = this.store.isCovered("output");
    const { outputs } = this.marks;
    outputs.forEach((mark, i) => {
      set(mark.root, "hidden", isCovered);
      if (isCovered) return [this.misses[i], this.lines[i]].forEach((path) => draw(path, ""));
      this.marks.put(mark, this.share(pair(output, i)), this.side);
      const isPredicted = this.question && !isEmpty(this.store.predicted(i));
      draw(this.misses[i], isPredicted ? `M${mark.place}L${this.marks.predictions[i].place}` : "");
      const isDrawn = weights && (i === shown || outputs.length <= TIED);
      const row = isDrawn ? rowOf(weights, i, setup.sizes.m) : [];
      const path = isDrawn ? linesTo(mark.place, values, row, 2 / this.side) : "";
      draw(this.lines[i], path);
      this.lines[i].classList.toggle("quiet", shown !== undefined && i !== shown);
    });
  }

  // The query whose lines come forward: the one pointed at, or its output, else the one chosen.
  get ofQuery() {
    const isQuery = (mark) => mark && (mark.name === "Q" || !mark.name);
    return [this.lit, this.chosen].find(isQuery)?.at;
  }

  paintTicks() {
    const [reach] = this.store.inputs.reach;
    if (reach === this.ticked) return;
    this.ticked = reach;
    this.plane.querySelectorAll("small").forEach((tick) => tick.remove());
    let lines = "";
    for (const x of ticksOf(reach)) {
      const text = String(x).replaceAll("-", "−");
      const at = x / reach;
      element(this.plane, "small.across", text).style.left = `${50 * (1 + at)}%`;
      element(this.plane, "small.up", text).style.top = `${50 * (1 - at)}%`;
      lines += `M${at} -1V1M-1 ${-at}H1`;
    }
    draw(this.grid, `${lines}M0 -1V1M-1 0H1`);
  }

  paintWords() {
    super.paintWords();
    const { chosen, store } = this;
    const { weights, output } = store.result;
    setText(this.typed.previousSibling, `${chosen.label.textContent} =`);
    const { activeElement } = this.host.shadowRoot;
    if (activeElement !== this.typed) this.typed.value = say(this.where(chosen));
    let words = chosen.root.ariaLabel;
    if (chosen.name === "Q" && weights) {
      const { at } = chosen;
      const row = [...rowOf(weights, at, store.setup.sizes.m)];
      words += ` → ${row.map((weight, j) => `k${j} ${numberText(weight)}`).join(", ")}`;
      if (!store.isCovered("output")) words += ` → o${at} (${say(pair(output, at))})`;
    }
    setText(this.readout, words);
  }

  paintMap(map) {
    if (!map || map === this.painted) return;
    this.painted = map;
    const bytes = new Uint8Array(map.buffer);
    const count = bytes.length / 2;
    const rows = Math.sqrt(count);
    const shade = (at) => this.shades[bytes[at] % this.shades.length][bytes[count + at]];
    for (const side of ["width", "height"]) set(this.canvas, side, rows);
    this.canvas.getContext("2d").putImageData(imageOf(rows, rows, shade), 0, 0);
  }
}

export default widget(PlaneStore, PlaneFigure);
