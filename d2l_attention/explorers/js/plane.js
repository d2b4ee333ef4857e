// The plane explorer: queries and keys as points to drag, over a map of which key wins where.

import { css } from "./plane.css";
import { addControls, labelled } from "./controls.js";
import { clamp, element, dragListeners, setText, times } from "./dom.js";
import { rowOf } from "./engine.js";
import { Figure } from "./figure.js";
import { imageOf, numberText, rgb } from "./painting.js";
import { PlaneStore } from "./plane-store.js";
import { widget } from "./widget.js";

const STEP = 0.1;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const LINES = `<svg viewBox="-1 -1 2 2"><path d="M-1 0H1M0-1V1"/><path class="hull"/></svg>`;

const pair = (X, at) => [...rowOf(X, at, 2)];
const say = (xy) => xy.map((x) => numberText(x)).join("; ");

class PlaneFigure extends Figure {
  get styles() {
    return [...super.styles, css];
  }

  build(words) {
    const {
      sizes: { n, m },
      tied,
    } = this.store.setup;
    this.paintControls = addControls(this.store, this.root);
    const beside = element(this.root, "div.beside");
    this.plane = element(beside, "div.plane");
    this.canvas = element(this.plane, "canvas");
    this.plane.insertAdjacentHTML("beforeend", LINES);
    this.scale = element(this.plane, "small");
    const several = (name, count) => times(count, (at) => this.point(name, at));
    this.points = [...several("V", tied ? 0 : m), ...several("K", m), ...several("Q", n)];
    this.outputs = times(n, (i) => element(this.plane, "span.out", `o${i}`));
    this.chosen = this.points.at(-1);
    const shades = (colour) => (share) => colour.map((c) => 255 + (share / 255) * (c - 255));
    this.shades = this.store.setup.colours.map((hex) => times(256, shades(rgb(hex))));
    const side = element(beside, "div.side", words.hint);
    this.typed = labelled(side, "=", "input", {
      "aria-label": words.coordinates,
      change: () => {
        const xy = this.typed.value
          .replaceAll("−", "-")
          .split(/[;\s]+/)
          .map(Number);
        if (xy.length === 2) this.move(this.chosen, xy);
      },
      // In JupyterLab Enter fires no change event; leaving the field does.
      keydown: ({ key }) => key === "Enter" && this.chosen.root.focus(),
    });
    this.readout = element(side, "div.readout", "", { "aria-live": "polite" });
  }

  point(name, at) {
    const point = { name, at };
    const focus = () => {
      this.chosen = point;
      this.store.requestPaint();
    };
    const held = dragListeners({
      drag: ({ clientX, clientY }) => {
        const { left, top, width } = this.canvas.getBoundingClientRect();
        const [reach] = this.store.inputs.reach;
        const coordinate = (x) => reach * clamp((2 * x) / width - 1, -1, 1);
        this.move(point, [coordinate(clientX - left), -coordinate(clientY - top)]);
      },
      key: ({ key }, steps) => {
        if (key === "Enter") return () => this.typed.select();
        const to = (x, c) => x + STEP * steps * WAYS[key][c];
        return key in WAYS && (() => this.move(point, this.where(point).map(to)));
      },
    });
    const text = name.toLowerCase() + at;
    point.root = element(this.plane, `button.point.${name}`, text, { ...held, focus });
    const { colours } = this.store.setup;
    if (name !== "Q") point.root.style.borderColor = colours[at % colours.length];
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
    this.outlineValues();
    for (const point of this.points) {
      const [{ root }, xy] = [point, this.where(point)];
      this.put(root, xy);
      root.setAttribute("aria-label", `${root.textContent} (${say(xy)})`);
    }
    if (output) this.outputs.forEach((node, i) => this.put(node, pair(output, i)));
    const end = Number(store.inputs.reach[0].toPrecision(3));
    setText(this.scale, `−${end} … ${end}`);
    setText(this.typed.previousSibling, `${chosen.root.textContent} =`);
    if (this.focused !== this.typed) this.typed.value = say(this.where(chosen));
    let words = chosen.root.getAttribute("aria-label");
    if (chosen.name === "Q" && weights) {
      const { at } = chosen;
      const row = [...rowOf(weights, at, store.setup.sizes.m)];
      words += ` → ${row.map((weight, j) => `k${j} ${numberText(weight)}`).join(", ")}`;
      words += ` → o${at} (${say(pair(output, at))})`;
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
    [this.canvas.width, this.canvas.height] = [rows, rows];
    this.canvas.getContext("2d").putImageData(imageOf(rows, rows, shade), 0, 0);
  }

  // The convex hull: its edges are the pairs of values with no value to their right.
  outlineValues() {
    const { V, reach } = this.store.inputs;
    const points = times(V.length / 2, (j) => {
      const [x, y] = pair(V, j);
      return [x / reach[0], -y / reach[0]];
    });
    const right = ([ax, ay], [bx, by], [x, y]) => (bx - ax) * (y - ay) < (by - ay) * (x - ax);
    const edges = points.flatMap((a) =>
      points.filter((b) => !points.some((c) => right(a, b, c))).map((b) => `M${a}L${b}`),
    );
    this.plane.querySelector(".hull").setAttribute("d", edges.join(""));
  }
}

export default widget(PlaneStore, PlaneFigure);
