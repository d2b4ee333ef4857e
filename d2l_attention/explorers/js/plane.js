// The plane explorer: queries and keys as points to drag, over a map of where each key wins.

import { addControls, labelled } from "./controls.js";
import { attend } from "./engine.js";
import { niceLimit, numberText } from "./painting.js";
import { element, place, setText } from "./panel.js";
import { Store } from "./store.js";
import { widget } from "./widget.js";

// Okabe and Ito's colours, which can be told apart with any colour vision.
const COLOURS = ["e69f00", "56b4e9", "009e73", "f0e442", "0072b2", "d55e00", "cc79a7", "999999"];
const RGB = COLOURS.map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
const SVG = "http://www.w3.org/2000/svg";
const SIDE = 420; // pixels
const ROUGH = 96; // rows of the map while the browser draws it
const STEP = 0.1;
const LARGE = 10;

class PlaneStore extends Store {
  // The map comes after the numbers: the winning keys, then their weights from 0 to 255.
  take(now, buffers) {
    this.map = buffers[1] && readMap(buffers[1]);
    super.take(now, buffers);
  }

  takeResult(message, buffers, overtaken) {
    if (!overtaken || !this.computesHere) this.map = readMap(buffers[1]);
    super.takeResult(message, buffers, overtaken);
  }

  edit(name, index, value) {
    const { tied } = this.setup;
    if (Math.abs(value) > this.now.reach) this.control("reach", niceLimit([1.2 * value]));
    super.edit(name, index, value);
    if (tied && name === "K") super.edit("V", index, value);
  }

  stale() {
    if (this.computesHere) this.map = null;
    super.stale();
  }

  // A query in the middle of each pixel, from the top left.
  field() {
    if (this.map || !this.computesHere) return this.map;
    const { m, dq, dk, h } = this.setup.sizes;
    const n = ROUGH ** 2;
    const middle = (at) => this.now.reach * ((2 * at + 1) / ROUGH - 1);
    const X = { lens: new Float32Array(n).fill(m), V: [], Q: new Float32Array(2 * n) };
    for (let i = 0; i < n; i++) X.Q.set([middle(i % ROUGH), -middle(Math.floor(i / ROUGH))], 2 * i);
    for (const name of ["K", "W_q", "W_k", "w_v"]) X[name] = this.example(name);
    const { temperature } = this.now;
    const { weights } = attend({ kind: this.kind, n, m, dq, dk, h, v: 0, temperature, ...X });
    const [keys, shares] = [new Uint8Array(n), new Uint8Array(n)];
    for (let i = 0; i < n; i++) {
      const row = weights.subarray(i * m, i * m + m);
      keys[i] = row.indexOf(Math.max(...row));
      shares[i] = Math.round(255 * row[keys[i]]);
    }
    return (this.map = { rows: ROUGH, keys, shares });
  }
}

function readMap(buffer) {
  const bytes = new Uint8Array(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength);
  const half = bytes.length / 2;
  return { rows: Math.sqrt(half), keys: bytes.subarray(0, half), shares: bytes.subarray(half) };
}

class PlaneView {
  constructor(store, parent) {
    this.store = store;
    const { words, sizes, tied } = store.setup;
    this.root = element("div", "d2l-attention", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", words.figure);
    this.paintControls = addControls(store, this.root);
    this.box = element("div", "box plane", this.root);
    place(this.box, 0, 0, SIDE, SIDE);
    this.canvas = element("canvas", "", this.box);
    const svg = this.box.appendChild(document.createElementNS(SVG, "svg"));
    this.hull = svg.appendChild(document.createElementNS(SVG, "polygon"));
    this.points = [];
    for (let j = 0; j < sizes.m && !tied; j++) this.point("V", j, "value");
    for (let j = 0; j < sizes.m; j++) this.point("K", j, "key");
    for (let i = 0; i < sizes.n; i++) this.point("Q", i, "query");
    this.outputs = Array.from({ length: sizes.n }, (_, i) => element("span", "result", this.box, `o${i}`));
    this.typed = labelled(this.root, words.coordinates, "input");
    this.typed.addEventListener("change", () => {
      const xy = this.typed.value.replaceAll("−", "-").split(/[,;\s]+/).map(Number);
      if (xy.length === 2) this.move(this.chosen, xy);
    });
    this.readout = element("div", "readout", this.root);
    this.readout.setAttribute("aria-live", "polite");
    this.error = element("pre", "error", this.root);
    this.status = element("div", "status", this.root);
    this.chosen = this.points.at(-1);
    store.views.add(this);
    store.announce();
  }

  close() {
    this.store.views.delete(this);
    this.root.remove();
  }

  point(name, at, kind) {
    const root = element("button", `point ${kind}`, this.box, kind[0] + at);
    const point = { name, at, kind, root };
    root.dataset.lmSuppressShortcuts = "true";
    if (kind !== "query") root.style.borderColor = `rgb(${RGB[at % RGB.length]})`;
    root.addEventListener("focus", () => {
      this.chosen = point;
      this.store.announce();
    });
    root.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      root.focus();
      root.setPointerCapture(event.pointerId);
    });
    root.addEventListener("pointermove", (event) => {
      if (!root.hasPointerCapture(event.pointerId)) return;
      const { left, top } = this.canvas.getBoundingClientRect();
      const { reach } = this.store.now;
      const shares = [(event.clientX - left) / SIDE, 1 - (event.clientY - top) / SIDE];
      this.move(point, shares.map((x) => reach * (2 * Math.max(0, Math.min(1, x)) - 1)));
    });
    root.addEventListener("keydown", (event) => {
      const step = STEP * (event.shiftKey ? LARGE : 1);
      const { ArrowLeft = 0, ArrowRight = 0, ArrowUp = 0, ArrowDown = 0 } = { [event.key]: step };
      if (event.key === "Enter") this.typed.focus();
      else if (!event.key.startsWith("Arrow")) return;
      const [x, y] = this.where(point);
      this.move(point, [x + ArrowRight - ArrowLeft, y + ArrowUp - ArrowDown]);
      event.preventDefault();
      event.stopPropagation();
    });
    this.points.push(point);
  }

  where({ name, at }) {
    return this.store.example(name).subarray(2 * at, 2 * at + 2);
  }

  move({ name, at }, xy) {
    xy.forEach((x, c) => this.store.edit(name, 2 * at + c, Math.round(1e4 * x) / 1e4));
  }

  pixel([x, y]) {
    const { reach } = this.store.now;
    return [(SIDE * (1 + x / reach)) / 2, (SIDE * (1 - y / reach)) / 2];
  }

  paint() {
    const { store, chosen } = this;
    this.paintControls();
    this.paintMap(store.field());
    for (const point of this.points) {
      put(point.root, this.pixel(this.where(point)));
      point.root.setAttribute("aria-label", this.name(point));
    }
    const { output } = store.result;
    if (output) {
      this.outputs.forEach((node, i) => put(node, this.pixel(output.subarray(2 * i, 2 * i + 2))));
    }
    if (document.activeElement !== this.typed) {
      this.typed.value = [...this.where(chosen)].map((x) => numberText(x)).join("; ");
    }
    setText(this.readout, this.words(chosen));
    setText(this.error, store.now.error ?? "");
    setText(this.status, store.status);
  }

  name(point) {
    return `${point.kind[0]}${point.at} (${[...this.where(point)].map((x) => numberText(x)).join("; ")})`;
  }

  // A query says what it attends to, and what it is answered.
  words(point) {
    const { weights, output } = this.store.result;
    if (point.name !== "Q" || !weights) return this.name(point);
    const { m } = this.store.setup.sizes;
    const row = [...weights.subarray(point.at * m, (point.at + 1) * m)];
    const answer = [...output.subarray(2 * point.at, 2 * point.at + 2)].map((x) => numberText(x));
    const shares = row.map((weight, j) => `k${j} ${numberText(weight)}`).join(", ");
    return `${this.name(point)} → ${shares} → o${point.at} (${answer.join("; ")})`;
  }

  paintMap(map) {
    if (map && map !== this.painted) {
      this.painted = map;
      const image = new ImageData(map.rows, map.rows);
      map.keys.forEach((key, at) => {
        RGB[key % RGB.length].forEach((c, part) => {
          image.data[4 * at + part] = 255 + ((c - 255) * map.shares[at]) / 255;
        });
        image.data[4 * at + 3] = 255;
      });
      [this.canvas.width, this.canvas.height] = [map.rows, map.rows];
      this.canvas.getContext("2d").putImageData(image, 0, 0);
    }
    const V = this.store.example("V");
    const corners = Array.from({ length: V.length / 2 }, (_, j) => [V[2 * j], V[2 * j + 1]]);
    const path = hull(corners).map((corner) => this.pixel(corner).join());
    this.hull.setAttribute("points", path.join(" "));
  }
}

function put(node, [left, top]) {
  [node.style.left, node.style.top] = [`${left}px`, `${top}px`];
}

// The corners of the convex hull: from left to right below, and back above.
export function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (way) => {
    const kept = [];
    for (const p of way) {
      while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), p) <= 0) kept.pop();
      kept.push(p);
    }
    return kept.slice(0, -1);
  };
  return points.length > 1 ? [...half(sorted), ...half(sorted.reverse())] : sorted;
}

const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

export default widget(PlaneStore, PlaneView);
