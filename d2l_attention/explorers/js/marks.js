// A corner in each cell whose number has just changed. It goes by itself; no number waits.

import { element } from "./dom.js";

const SEEN = 700; // ms
const CORNER = 7; // pixels
const NOTICED = 1 / 256; // of the scale: a smaller change does not change the colour

export const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Shows a node for a moment. It does not fade: to begin that in each frame costs more than the numbers.
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

  // Marks where X differs from what was shown before, if that was as large: once the frame is painted.
  show(before, look) {
    if (before?.length === look.X.length) setTimeout(() => this.draw(before, look));
  }

  draw(before, { X, rows, columns, width, height, limit }) {
    const corners = new Path2D();
    X.forEach((x, at) => {
      if (!(Math.abs(x - before[at]) > NOTICED * limit)) return;
      const [right, top] = [((at % columns) + 1) * width, Math.floor(at / columns) * height];
      corners.moveTo(right - CORNER, top);
      corners.lineTo(right, top);
      corners.lineTo(right, top + CORNER);
      corners.closePath();
    });
    const { canvas } = this;
    const context = canvas.getContext("2d");
    // This clears it, too.
    [canvas.width, canvas.height] = [columns * width, rows * height];
    context.fillStyle = "#1b1f24";
    context.strokeStyle = "#fff";
    context.fill(corners);
    context.stroke(corners);
    flash(canvas);
  }
}
