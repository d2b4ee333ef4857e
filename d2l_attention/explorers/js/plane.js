// The plane explorer: queries and keys as points to drag, over a map of where each key wins.

import { addControls, labelled } from "./controls.js";
import { attend } from "./engine.js";
import { numberText } from "./painting.js";
import { element, setText } from "./panel.js";
import { Store } from "./store.js";
import { Figure, widget } from "./widget.js";

// Okabe and Ito's colours, which can be told apart with any colour vision.
const COLOURS = ["e69f00", "56b4e9", "009e73", "f0e442", "0072b2", "d55e00", "cc79a7", "999999"];
const RGB = COLOURS.map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
const ROUGH = 96; // rows of the map while the browser draws it, fewer if there are many keys
const SCORES = 60_000; // the most that the browser computes for it within a frame
const STEP = 0.1;
const LARGE = 10; // times that, with Shift
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class PlaneStore extends Store {
  edit(name, index, value) {
    const { reach } = this.inputs;
    const size = Math.abs(Math.fround(value));
    const power = 10 ** Math.floor(Math.log10(1.2 * size));
    if (size > reach[0]) reach[0] = Math.ceil((1.2 * size) / power) * power; // as Python does
    super.edit(name, index, value);
    if (this.setup.tied && name === "K") super.edit("V", index, value);
  }

  stale() {
    if (this.computesHere) this.inputs.map = null; // until the next frame
    super.stale();
  }

  // Bytes: the key that wins in each pixel from the top left, then their weights from 0 to 255.
  map() {
    this.inputs.map ??= this.computesHere ? this.roughMap() : new Uint8Array();
    return this.inputs.map;
  }

  roughMap() {
    const { m, dq, dk, h } = this.setup.sizes;
    const rows = Math.min(ROUGH, Math.floor(Math.sqrt(SCORES / m)));
    const n = rows ** 2;
    const middle = (at) => this.inputs.reach[0] * ((2 * at + 1) / rows - 1);
    const X = { lens: new Float32Array(n).fill(m), V: [], Q: new Float32Array(2 * n) };
    for (let i = 0; i < n; i++) X.Q.set([middle(i % rows), -middle(Math.floor(i / rows))], 2 * i);
    for (const name of ["K", "W_q", "W_k", "w_v"]) X[name] = this.example(name);
    const { kind, now: { temperature } } = this;
    const { weights } = attend({ kind, n, m, dq, dk, h, v: 0, temperature, ...X });
    const map = new Uint8Array(2 * n);
    for (let i = 0; i < n; i++) {
      const row = weights.subarray(i * m, (i + 1) * m);
      const most = Math.max(...row);
      [map[i], map[n + i]] = [row.indexOf(most), Math.round(255 * most)];
    }
    return map;
  }
}

const pair = (X, at) => [...X.subarray(2 * at, 2 * at + 2)];
const say = (xy) => xy.map((x) => numberText(x)).join("; ");

class PlaneView extends Figure {
  build(words) {
    const { sizes, tied } = this.store.setup;
    this.paintControls = addControls(this.store, this.root);
    this.box = element("div", "box plane", this.root);
    this.canvas = element("canvas", "", this.box);
    this.box.insertAdjacentHTML("beforeend", "<svg viewBox='-1 -1 2 2'><path/></svg>");
    this.points = ["V", "K", "Q"].flatMap((name) => {
      const count = name === "Q" ? sizes.n : name === "V" && tied ? 0 : sizes.m;
      return Array.from({ length: count }, (_, at) => this.point(name, at));
    });
    this.chosen = this.points.at(-1);
    this.outputs = Array.from({ length: sizes.n }, (_, i) => element("span", "out", this.box, `o${i}`));
    this.typed = labelled(this.root, words.coordinates, "input");
    this.typed.addEventListener("change", () => {
      const xy = this.typed.value.replaceAll("−", "-").split(/[;\s]+/).map(Number);
      if (xy.length === 2) this.move(this.chosen, xy);
    });
    // In JupyterLab, Enter alone is not a change; leaving the field is.
    this.typed.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.chosen.root.focus();
    });
    this.readout = element("div", "readout", this.root);
    this.readout.setAttribute("aria-live", "polite");
  }

  point(name, at) {
    const root = element("button", `point ${name}`, this.box, name.toLowerCase() + at);
    const point = { name, at, root };
    root.dataset.lmSuppressShortcuts = "true";
    if (name !== "Q") root.style.borderColor = `rgb(${RGB[at % RGB.length]})`;
    root.addEventListener("focus", () => {
      this.chosen = point;
      this.store.announce();
    });
    root.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      root.focus();
      root.setPointerCapture(event.pointerId);
    });
    root.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
      if (!root.hasPointerCapture(pointerId)) return;
      const { left, top, width } = this.canvas.getBoundingClientRect();
      const unit = (x) => Math.max(-1, Math.min(1, (2 * x) / width - 1));
      const [reach] = this.store.inputs.reach;
      this.move(point, [reach * unit(clientX - left), -reach * unit(clientY - top)]);
    });
    root.addEventListener("keydown", (event) => {
      const step = STEP * (event.shiftKey ? LARGE : 1);
      const way = KEYS[event.key];
      if (event.key === "Enter") this.typed.select();
      else if (way) this.move(point, this.where(point).map((x, c) => x + step * way[c]));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return point;
  }

  where({ name, at }) {
    return pair(this.store.example(name), at);
  }

  move({ name, at }, xy) {
    xy.forEach((x, c) => this.store.edit(name, 2 * at + c, Math.round(1e4 * x) / 1e4));
  }

  put(node, [x, y]) {
    const [reach] = this.store.inputs.reach;
    node.style.left = `${50 * (1 + x / reach)}%`;
    node.style.top = `${50 * (1 - y / reach)}%`;
  }

  update() {
    const { chosen, store } = this;
    const { weights, output } = store.result;
    this.paintControls();
    this.paintMap(store.map());
    this.outlineValues(store.example("V"), store.inputs.reach[0]);
    for (const { root, name, at } of this.points) {
      const xy = pair(store.example(name), at);
      this.put(root, xy);
      root.setAttribute("aria-label", `${root.textContent} (${say(xy)})`);
    }
    if (output) this.outputs.forEach((node, i) => this.put(node, pair(output, i)));
    if (document.activeElement !== this.typed) this.typed.value = say(this.where(chosen));
    // A query says what it attends to, and what it is answered.
    let words = chosen.root.getAttribute("aria-label");
    if (chosen.name === "Q" && weights) {
      const { at } = chosen;
      const { m } = store.setup.sizes;
      const row = [...weights.subarray(at * m, (at + 1) * m)];
      words += ` → ${row.map((weight, j) => `k${j} ${numberText(weight)}`).join(", ")}`;
      words += ` → o${at} (${say(pair(output, at))})`;
    }
    setText(this.readout, words);
  }

  paintMap(map) {
    if (map === this.painted || !map.length) return;
    this.painted = map;
    const bytes = new Uint8Array(map.buffer);
    const count = bytes.length / 2;
    const rows = Math.sqrt(count);
    const image = new ImageData(rows, rows);
    for (let at = 0; at < count; at++) {
      const share = bytes[count + at] / 255;
      const colour = RGB[bytes[at] % RGB.length];
      for (let c = 0; c < 3; c++) image.data[4 * at + c] = 255 + share * (colour[c] - 255);
      image.data[4 * at + 3] = 255;
    }
    [this.canvas.width, this.canvas.height] = [rows, rows];
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // Two values are joined by an edge of their convex hull if no value lies to the right of it.
  outlineValues(V, reach) {
    const points = Array.from({ length: V.length / 2 }, (_, j) => [V[2 * j] / reach, -V[2 * j + 1] / reach]);
    const right = ([ax, ay], [bx, by], [x, y]) => (bx - ax) * (y - ay) < (by - ay) * (x - ax);
    const edges = points.flatMap((a) =>
      points.filter((b) => !points.some((c) => right(a, b, c))).map((b) => `M${a}L${b}`),
    );
    this.box.querySelector("path").setAttribute("d", edges.join(""));
  }
}

export default widget(PlaneStore, PlaneView);
