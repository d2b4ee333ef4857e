// Colours, and matrices painted on canvases: all cells at once, numbers where they fit.

import { clamp, times } from "./dom.js";

// The colours of show_heatmaps.
const SEQUENTIAL = ["#ffffff", "#c6dbef", "#6baed6", "#2171b5", "#08306b"];
const DIVERGING = ["#7f3b08", "#b35806", "#fdb863", "#ffffff", "#6baed6", "#2171b5", "#08306b"];
const NOT_FINITE = [140, 140, 140];
const WHITE = [255, 255, 255];
const STRIKE = "#8a8a8a";
const STEPS = 256;

export const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

const mixed = (from, to, share) => from.map((c, part) => Math.round(c + share * (to[part] - c)));

const table = (stops) =>
  times(STEPS + 1, (i) => {
    const at = (i / STEPS) * (stops.length - 1);
    const left = Math.min(stops.length - 2, Math.floor(at));
    const [from, to] = [rgb(stops[left]), rgb(stops[left + 1])];
    return mixed(from, to, at - left);
  });
const TABLES = { sequential: table(SEQUENTIAL), diverging: table(DIVERGING) };

// [red, green, blue] of x on a scale from 0 (or −limit) to limit.
export function colourOf(map, x, limit) {
  if (!Number.isFinite(x)) return NOT_FINITE;
  const share = map === "sequential" ? x / limit : (x / limit + 1) / 2;
  return TABLES[map][Math.round(clamp(share, 0, 1) * STEPS)];
}

// colour(at) is [red, green, blue] of a pixel, counted row by row.
export function imageOf(rows, columns, colour) {
  const image = new ImageData(columns, rows);
  image.data.fill(255);
  for (let at = 0; at < rows * columns; at++) {
    const parts = colour(at);
    for (let c = 0; c < 3; c++) image.data[4 * at + c] = parts[c];
  }
  return image;
}

// The largest finite absolute value, and at least `from`; 1 if there is none above 0.
export const largest = (X, from = 0) =>
  X.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), from) || 1;

// The end of a scale: 1, 2 or 5 times a power of ten.
export function niceLimit(X) {
  const size = largest(X);
  const power = 10 ** Math.floor(Math.log10(size) + 1e-9);
  return power * [1, 2, 5, 10].find((step) => step * power >= size * 0.999999);
}

// Processors differ in the last bits of a float32: 0.125 here may be 0.12499999 there.
const SAFE_DIGITS = 5;

// Rounded to five decimals, then to `digits`, halves up.
function rounded(size, digits) {
  const unit = 10 ** (SAFE_DIGITS - digits);
  const steps = Math.floor(size * 10 ** SAFE_DIGITS + 0.5);
  return Math.floor((steps + Math.floor(unit / 2)) / unit) / 10 ** digits;
}

// As number_text.py writes it, where the rule stands: 0.13, −1.50, 1234, 1.23e6, ∞, −∞ or NaN.
export function numberText(x, digits = 2) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const decimals = rounded(size, digits) < 100 ? digits : 0;
  const number = rounded(size, decimals);
  const whole = number < 1e6 ? number.toFixed(decimals) : size.toExponential(2).replace("+", "");
  return x < 0 && number ? `−${whole}` : whole;
}

// From 0 to 255.
export const brightness = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;

// Paints {X, rows, columns, map, limit, masked: 1 where a cell is struck, width, height of a cell,
// numbers, unknown: "covered" or "asked", if that is what a NaN stands for, and maybe before and
// share: colours have come so far from what was `painted` then}, from the first row to the last that
// looks different from what is painted now. It keeps X.
export class MatrixPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.pixels = document.createElement("canvas");
  }

  paint(look) {
    const { X, rows, columns, width, height, map, limit, masked, numbers, before, share, unknown } =
      look;
    const sizes = [rows, columns, width, height, window.devicePixelRatio].join();
    if (sizes !== this.sizes) this.resize(look);
    const key = [sizes, map, limit, share, unknown].join();
    const shade = (x) => (unknown && Number.isNaN(x) ? WHITE : colourOf(map, x, limit));
    const { context, pixels, painted } = this;
    // torch and the browser differ in the last bits, which nobody sees.
    const looksOther = (x, y) =>
      !Object.is(x, y) && (shade(x) !== shade(y) || (numbers && numberText(x) !== numberText(y)));
    const isAllNew = key !== this.key;
    const isNew = (at) =>
      isAllNew || masked?.[at] !== painted.masked?.[at] || looksOther(X[at], painted.X[at]);
    const newCells = [...X.keys()].filter(isNew);
    if (!newCells.length) return;
    const from = Math.floor(newCells[0] / columns);
    const count = Math.floor(newCells.at(-1) / columns) + 1 - from;
    Object.assign(this, { sizes, key, painted: { X, limit, masked } });
    const start = from * columns;
    const changed = X.subarray(start, start + count * columns);
    const colour = (at) => {
      if (masked?.[start + at]) return WHITE;
      const there = shade(changed[at]);
      return before
        ? mixed(colourOf(map, before.X[start + at], before.limit), there, share)
        : there;
    };
    pixels.getContext("2d").putImageData(imageOf(count, columns, colour), 0, 0);
    const area = [0, from * height, columns * width, count * height];
    // What is covered lets its hatched background through.
    if (unknown === "covered") context.clearRect(...area);
    else context.drawImage(pixels, 0, 0, columns, count, ...area);
    context.beginPath();
    changed.forEach((x, at) => {
      const [left, top] = [(at % columns) * width, (from + Math.floor(at / columns)) * height];
      if (masked?.[start + at]) {
        // Struck out, so that it is not taken for a small weight.
        context.moveTo(left + 1, top + height - 1);
        context.lineTo(left + width - 1, top + 1);
      } else if (numbers) {
        context.fillStyle = brightness(colour(at)) < 140 ? "#fff" : "#1a1a1a";
        const text = unknown && Number.isNaN(x) ? "?" : numberText(x);
        context.fillText(text, left + width / 2, top + height / 2 + 0.5, width - 2);
      }
    });
    context.strokeStyle = STRIKE;
    context.stroke();
  }

  resize({ rows, columns, width, height }) {
    const { canvas, context, pixels } = this;
    const ratio = window.devicePixelRatio;
    [pixels.width, pixels.height] = [columns, rows];
    [canvas.width, canvas.height] = [columns * width * ratio, rows * height * ratio];
    canvas.style.width = `${columns * width}px`;
    canvas.style.height = `${rows * height}px`;
    context.scale(ratio, ratio);
    Object.assign(context, {
      imageSmoothingEnabled: false,
      textAlign: "center",
      textBaseline: "middle",
      font: `${clamp(Math.floor(width / 3.2), 9, 12)}px system-ui`,
    });
  }
}
