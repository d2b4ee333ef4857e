// A corner in each cell whose number has just changed. It fades by itself: no number waits for it.

import { element } from "./dom.js";

export const FADE = 800; // ms
const CORNER = 7; // pixels
const NOTICED = 1 / 256; // of the scale: a smaller change does not change the colour

export const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Marks {
  constructor(box) {
    this.box = box;
  }

  // Made when it is first needed.
  get canvas() {
    return (this.made ??= element(this.box, "canvas.marks", "", { "aria-hidden": true }));
  }

  // Marks where X differs from what was shown before, if that was as large.
  show(before, { X, rows, columns, width, height, limit }) {
    if (before === X || before?.length !== X.length) return;
    const changed = [];
    X.forEach((x, at) => {
      if (Math.abs(x - before[at]) > NOTICED * limit) changed.push(at);
    });
    if (!changed.length) return;
    const { canvas } = this;
    const context = canvas.getContext("2d");
    [canvas.width, canvas.height] = [columns * width, rows * height];
    context.fillStyle = "#d81b60";
    context.strokeStyle = "#fff";
    for (const at of changed) {
      const [right, top] = [((at % columns) + 1) * width, Math.floor(at / columns) * height];
      context.beginPath();
      context.moveTo(right - CORNER, top);
      context.lineTo(right, top);
      context.lineTo(right, top + CORNER);
      context.closePath();
      context.fill();
      context.stroke();
    }
    const easing = prefersStillness() ? "steps(1)" : "ease-in";
    canvas.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE, easing });
  }
}
