// Heatmaps that follow a training, and a scrubber back through it.

import { css } from "./heatmaps.css";
import { labelled } from "./controls.js";
import { clamp, element, setText, times } from "./dom.js";
import { rowOf } from "./engine.js";
import { END, Film } from "./film.js";
import { MatrixFigure } from "./matrices.js";
import { colourOf, largest, numberText } from "./painting.js";
import { widget } from "./widget.js";

const LEAST = 72; // pixels of a panel, which its name needs

class Screen extends MatrixFigure {
  get styles() {
    return [...super.styles, css];
  }

  build(words) {
    const { xlabel, ylabel } = this.store.setup;
    this.root.classList.add("film");
    this.addGrid(`${ylabel} ↓  ${xlabel} →`);
    const scale = element(this.root, "div.scale");
    this.scale = ["span", "i", "span"].map((tag) => element(scale, tag));
    const input = () => {
      this.step = this.store.stepAt(Number(this.slider.value));
      this.store.requestPaint();
    };
    const range = { type: "range", min: 0, max: 0, input };
    this.slider = labelled(this.root, words.step, "input", range);
    this.step = END;
    this.caption = element(this.slider.parentElement, "output");
  }

  buildPanels() {
    const {
      shape: [panelRows, panelColumns, rows, columns],
      setup,
    } = this.store;
    // Labels of what was pooled would name blocks.
    const fit = (labels, count) => (labels?.length === count ? labels : null);
    const names = [fit(setup.queryLabels, rows), fit(setup.keyLabels, columns)];
    this.replacePanels(
      times(panelRows * panelColumns, (at) => {
        const [i, j] = [Math.floor(at / panelColumns), at % panelColumns];
        const title = [setup.rowTitles?.[i], setup.titles?.[j]].filter(Boolean).join(", ");
        const get = () => rowOf(this.X, at, rows * columns);
        const labels = [j ? null : names[0], i ? null : names[1]];
        return {
          title,
          rows,
          columns,
          get,
          labels,
          names,
          axes: ["y", "x"],
          place: [i + 1, j + 1],
        };
      }),
    );
  }

  update() {
    const { frames, shape } = this.store;
    if (!frames.length) return;
    const at = this.store.frameAt(this.step);
    Object.assign(this.slider, { max: frames.length - 1, value: at });
    setText(this.caption, frames[at].step);
    this.X = frames[at].X;
    if (this.built !== shape.join()) this.buildPanels();
    this.built = shape.join();
    const limit = largest(this.X);
    const map = this.X.some((x) => x < 0 && x >= -limit) ? "diverging" : "sequential";
    for (const { spec } of this.panels) Object.assign(spec, { map, limit });
    const [, panelColumns, rows, columns] = shape;
    const room = (this.width - 24) / panelColumns - 22;
    const most = Math.max(rows, columns);
    const side = clamp(Math.floor(Math.min(room, 260) / most), Math.ceil(LEAST / most), 40);
    this.paintPanels({ width: side, height: side, numbers: false });
    this.paintScale(map, limit);
  }

  paintScale(map, limit) {
    const [low, bar, high] = this.scale;
    const least = map === "diverging" ? -limit : 0;
    const colour = (at) => `rgb(${colourOf(map, least + (at / 8) * (limit - least), limit)})`;
    setText(low, numberText(least));
    bar.style.background = `linear-gradient(90deg, ${times(9, colour)})`;
    setText(high, numberText(limit));
  }

  describe({ title, names }, [i, j], value) {
    const { xlabel, ylabel } = this.store.setup;
    const [row, column] = [names[0]?.[i] ?? i, names[1]?.[j] ?? j];
    const where = `${ylabel} ${row} → ${xlabel} ${column}`;
    return `${title && `${title} · `}${where}: ${numberText(value, 4)}`;
  }
}

export default widget(Film, Screen);
