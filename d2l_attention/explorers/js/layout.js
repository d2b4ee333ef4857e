// Makes the specs of the panels that panels.py describes, and sizes their cells.

import { clamp } from "./dom.js";
import { hasParameters } from "./engine.js";
import { gutter } from "./panel.js";

const STEPS = ["weights", "scores", "mask", "parameters"];
const GAP = 22; // as in style.css
const PADDING = 24; // of the figure and of the grid

// Whether a figure shows so much of the computation.
export const shows = (store, step) => STEPS.indexOf(store.setup.show) >= STEPS.indexOf(step);

export function panelSpecs(store) {
  const { words, kind, setup } = store;
  const { large, sizes } = setup;
  const projects = hasParameters(kind) && shows(store, "parameters") && !large;
  // Where nothing is projected, queries and keys share their features.
  const shared = sizes.dq === sizes.dk && !projects;
  const lens = large ? undefined : () => store.example("valid_lens");
  const spec = ({ name, shape, axes, labels, input, turned, plain, projected }) => {
    const [rows, columns] = shape.map((size) => sizes[size] ?? 1);
    const unknown = new Float32Array(rows * columns).fill(NaN);
    return {
      name,
      rows,
      columns,
      turned,
      place: projects ? projected : plain,
      axes: axes.map((axis) => (shared ? axis.split(" ").at(-1) : axis)),
      title: words[`title ${name}`] + (name === "scores" ? words[`formula ${kind}`] : ""),
      size: setup.shapes[name] ?? `${rows} × ${columns}`,
      labels: labels.map((axis) => setup[`${axis}Labels`]),
      get: () => (input ? store.example(name) : (store.result[name] ?? unknown)),
      input: input && !large,
      map: "diverging",
      ...(name === "scores" && { lens }),
      ...(name === "weights" && {
        lens,
        map: "sequential",
        limit: large ? undefined : 1,
        opens: !large,
      }),
    };
  };
  return setup.panels
    .filter(({ plain, projected }) => (projects ? projected : plain))
    .filter(({ name }) => name !== "w_v" || kind === "additive")
    .map(spec);
}

// The largest cells that fit. Cells with numbers may need a scroll bar; cells without are shrunk.
export function cellSize(specs, width) {
  const columns = {};
  const fixed = {};
  for (const {
    place: [, column],
    columns: count,
    labels,
  } of specs) {
    columns[column] = Math.max(columns[column] ?? 0, count);
    fixed[column] = Math.max(fixed[column] ?? 0, gutter(labels[0]) + GAP);
  }
  const sum = (X) => Object.values(X).reduce((a, b) => a + b, 0);
  const fits = Math.floor((width - PADDING - sum(fixed)) / sum(columns));
  const numbers = sum(columns) <= 48 && specs.every(({ rows }) => rows <= 16);
  const size = numbers ? clamp(fits, 28, 44) : clamp(fits, 2, 30);
  const height = numbers ? Math.round(size * 0.72) : size;
  return { width: size, height, numbers };
}
