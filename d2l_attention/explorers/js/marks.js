// A corner in each cell whose number has just changed. It goes by itself; no number waits.

import { element } from "./dom.js";

const SEEN = 700; // ms
const CORNER = 7; // pixels
const NOTICED = 1 / 256; // of the scale: a smaller change does not change the colour

export const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Shows a node for a moment. Fading, begun in each frame, costs more than the numbers.
export function flash(node) {
  node.classList.add("seen");
  clearTimeout(node.seen);
  node.seen = setTimeout(() => node.classList.remove("seen"), SEEN);
}

export class Marks {
  constructor(box) {
    this.box = box;
  }

  get canvas() {
    return (this.made ??= element(this.box, "canvas.marks.passing", "", { "aria-hidden": true }));
  }

  // Marks where X differs from `before`, if that is as large, once the frame is painted.
  show(before, look) {
    if (before?.length === look.X.length) setTimeout(() => this.draw(before, look));
  }

  draw(before, { X, columns, width, height, limit }) {
    const marked = [...X.keys()].filter((at) => Math.abs(X[at] - before[at]) > NOTICED * limit);
    if (!marked.length) return;
    const rowOf = (at) => Math.floor(at / columns);
    const from = rowOf(marked[0]);
    const { canvas } = this;
    const context = canvas.getContext("2d");
    // Only the rows with marks: in each frame all of a canvas is copied. This clears it, too.
    canvas.style.top = `${from * height}px`;
    canvas.width = columns * width;
    canvas.height = (rowOf(marked.at(-1)) + 1 - from) * height;
    context.fillStyle = "#1b1f24";
    context.strokeStyle = "#fff";
    for (const at of marked) {
      const [right, top] = [((at % columns) + 1) * width, (rowOf(at) - from) * height];
      context.moveTo(right - CORNER, top);
      context.lineTo(right, top);
      context.lineTo(right, top + CORNER);
      context.closePath();
    }
    context.fill();
    context.stroke();
    flash(canvas);
  }
}
