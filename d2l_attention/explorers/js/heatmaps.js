// Heatmaps that follow a model while it trains, and a scrubber back through what they showed.

import { MatrixPainter } from "./painting.js";
import { element } from "./panel.js";

class Film {
  constructor(model) {
    this.setup = model.get("_setup");
    this.views = new Set();
    this.frames = [];
    this.seen = (message, [buffer]) => this.add(message, buffer);
    model.on("msg:custom", this.seen);
    this.close = () => model.off("msg:custom", this.seen);
    const { shape, steps } = model.get("_now");
    const all = floats(model.get("_frames"));
    const size = steps.length ? all.length / steps.length : 0;
    steps.forEach((step, at) => {
      this.frames.push({ step, X: all.subarray(at * size, (at + 1) * size) });
    });
    this.shape = shape;
  }

  add({ shape, step, most }, buffer) {
    this.shape = shape;
    this.frames.push({ step, X: floats(buffer) });
    // As Python does: every second one goes when there are too many.
    if (this.frames.length > most) this.frames = this.frames.filter((_, at) => at % 2 === 0);
    this.announce();
  }

  announce() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      for (const view of this.views) view.paint();
    });
  }
}

const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

class Screen {
  constructor(film, parent) {
    this.film = film;
    const { words, xlabel, ylabel } = film.setup;
    this.root = element("div", "d2l-attention", parent);
    this.grid = element("div", "grid", this.root);
    element("div", "readout", this.root, `${ylabel} ↓  ${xlabel} →`);
    const label = element("label", "", this.root, words.step);
    this.slider = element("input", "", label);
    Object.assign(this.slider, { type: "range", min: 0, max: 0 });
    this.slider.dataset.lmSuppressShortcuts = "true";
    this.slider.addEventListener("input", () => film.announce());
    this.caption = element("output", "", label);
    film.views.add(this);
    film.announce();
  }

  build() {
    const { shape, setup } = this.film;
    this.grid.replaceChildren();
    this.painters = Array.from({ length: shape[0] * shape[1] }, (_, at) => {
      const [i, j] = [Math.floor(at / shape[1]), at % shape[1]];
      const panel = element("div", "panel", this.grid);
      panel.style.gridArea = `${i + 1} / ${j + 1}`;
      const title = [setup.rowTitles?.[i], setup.titles?.[j]].filter(Boolean).join(", ");
      element("div", "caption", panel, title);
      const canvas = element("canvas", "", panel);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", title);
      return new MatrixPainter(canvas);
    });
  }

  paint() {
    const { frames, shape } = this.film;
    if (!frames.length) return;
    if (this.built !== shape.join()) {
      this.built = shape.join();
      this.build();
    }
    // Who is at the end stays at the end; who went back stays there.
    const end = frames.length - 1;
    const last = Number(this.slider.max);
    const follows = Number(this.slider.value) === last;
    this.slider.max = end;
    if (follows && end !== last) this.slider.value = end;
    const { step, X } = frames[Math.min(end, Number(this.slider.value))];
    this.caption.textContent = step;
    const [, , rows, columns] = shape;
    let [low, limit] = [0, 0];
    for (const x of X) {
      if (Math.abs(x) < Infinity) [low, limit] = [Math.min(low, x), Math.max(limit, Math.abs(x))];
    }
    const side = Math.max(2, Math.min(24, Math.floor(220 / Math.max(rows, columns))));
    this.painters.forEach((painter, at) => {
      const panel = X.subarray(at * rows * columns, (at + 1) * rows * columns);
      const map = low < 0 ? "diverging" : "sequential";
      const cell = { width: side, height: side, numbers: false };
      painter.paint({ X: panel, rows, columns, map, limit: limit || 1, ...cell });
    });
  }
}

export default () => {
  let film;
  return {
    initialize({ model }) {
      film = new Film(model);
      return () => film.close();
    },
    render({ el }) {
      const screen = new Screen(film, el);
      return () => film.views.delete(screen);
    },
  };
};
