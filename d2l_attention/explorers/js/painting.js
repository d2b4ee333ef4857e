// Colours, and matrices painted on canvases: all cells in one ImageData, numbers where they fit.

// The colours of show_heatmaps.
const SEQUENTIAL = ["#ffffff", "#c6dbef", "#6baed6", "#2171b5", "#08306b"];
const DIVERGING = ["#7f3b08", "#b35806", "#fdb863", "#ffffff", "#6baed6", "#2171b5", "#08306b"];
const NOT_FINITE = [140, 140, 140];
const STEPS = 256;

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

const table = (stops) =>
  Array.from({ length: STEPS + 1 }, (_, i) => {
    const at = (i / STEPS) * (stops.length - 1);
    const left = Math.min(stops.length - 2, Math.floor(at));
    const [from, to] = [rgb(stops[left]), rgb(stops[left + 1])];
    return from.map((c, part) => Math.round(c + (at - left) * (to[part] - c)));
  });
const TABLES = { sequential: table(SEQUENTIAL), diverging: table(DIVERGING) };

// The colour of x on a scale from 0 (or −limit) to limit.
export function colourOf(map, x, limit) {
  if (!Number.isFinite(x)) return NOT_FINITE;
  const share = map === "sequential" ? x / limit : (x / limit + 1) / 2;
  return TABLES[map][Math.round(Math.max(0, Math.min(1, share)) * STEPS)];
}

// 1, 2 or 5 times a power of ten: a scale that stays still while one number moves.
export function niceLimit(X) {
  let largest = 0;
  for (const x of X) if (Math.abs(x) > largest && Math.abs(x) < Infinity) largest = Math.abs(x);
  if (largest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest) + 1e-9);
  return power * [1, 2, 5, 10].find((step) => step * power >= largest * 0.999999);
}

export function numberText(x, digits = 2) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "∞" : "−∞";
  const text = Math.abs(x) >= 100 ? x.toPrecision(3) : x.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

const isDark = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b < 140;

// Paints `look` = {X, rows, columns, map, limit, masked(i, j), width, height of a cell, numbers}.
// Only cells that differ from what the canvas shows are drawn, unless the look itself changed.
export class MatrixPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.pixels = document.createElement("canvas");
    this.shown = null;
    this.key = "";
  }

  paint(look) {
    const { X, rows, columns, width, height, map, limit, masked } = look;
    const ratio = window.devicePixelRatio || 1;
    const key = [rows, columns, width, height, map, limit, look.numbers, ratio].join();
    const all = key !== this.key;
    if (all) this.prepare(look, ratio, key);
    const context = this.canvas.getContext("2d");
    const changed = [];
    for (let at = 0; at < X.length; at++) {
      const hidden = masked ? masked(Math.floor(at / columns), at % columns) : false;
      const was = this.shown[at];
      // A masked cell is remembered as −∞, which no shown number is.
      const now = hidden ? -Infinity : X[at];
      if (all || !Object.is(was, now)) changed.push(at);
      this.shown[at] = now;
    }
    if (!changed.length) return;
    if (changed.length > 64) this.paintAll(context, look);
    for (const at of changed) {
      const box = [(at % columns) * width, Math.floor(at / columns) * height, width, height];
      const hidden = this.shown[at] === -Infinity;
      const colour = hidden ? [255, 255, 255] : colourOf(map, X[at], limit);
      if (changed.length <= 64) {
        context.fillStyle = `rgb(${colour})`;
        context.fillRect(...box);
      }
      if (hidden) hatch(context, box);
      else if (look.numbers) this.paintNumber(context, X[at], colour, box);
    }
  }

  prepare({ X, rows, columns, width, height }, ratio, key) {
    this.key = key;
    this.shown = new Float64Array(X.length);
    [this.pixels.width, this.pixels.height] = [columns, rows];
    [this.canvas.width, this.canvas.height] = [columns * width * ratio, rows * height * ratio];
    this.canvas.style.width = `${columns * width}px`;
    this.canvas.style.height = `${rows * height}px`;
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `${Math.min(12, Math.floor(width / 3.2))}px system-ui, sans-serif`;
  }

  paintAll(context, { X, rows, columns, width, height, map, limit }) {
    const image = new ImageData(columns, rows);
    for (let at = 0; at < X.length; at++) {
      const colour = this.shown[at] === -Infinity ? [255, 255, 255] : colourOf(map, X[at], limit);
      image.data.set(colour, 4 * at);
      image.data[4 * at + 3] = 255;
    }
    this.pixels.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(this.pixels, 0, 0, columns * width, rows * height);
  }

  paintNumber(context, x, colour, [left, top, width, height]) {
    context.fillStyle = isDark(colour) ? "#ffffff" : "#1a1a1a";
    context.fillText(numberText(x), left + width / 2, top + height / 2 + 0.5, width - 2);
  }
}

// A masked cell is struck out, so that it cannot be taken for a small weight.
function hatch(context, [left, top, width, height]) {
  context.strokeStyle = "#8a8a8a";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left + 1, top + height - 1);
  context.lineTo(left + width - 1, top + 1);
  context.stroke();
}
