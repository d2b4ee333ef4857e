// Which matrices there are and where they stand: laid out so that the picture is the algebra.

import { clamp } from "./dom.js";
import { matrix } from "./engine.js";
import { gutter } from "./panel.js";

// A product stands to the right of its left factor and below its right factor: [row, column, rows].
const PLAIN = {
  Q: [2, 1], K: [1, 2], scores: [2, 2], weights: [2, 3], V: [1, 4], output: [2, 4],
};
const WITH_PARAMETERS = {
  Q: [3, 1], W_q: [1, 2], W_k: [2, 2], q: [3, 2], K: [1, 3], k: [2, 3], w_v: [2, 4],
  scores: [3, 3], weights: [3, 4], V: [1, 5, 2], output: [3, 5],
};
const TURNED = ["W_q", "K", "k"]; // kept as torch keeps them, shown transposed
const RESULTS = ["q", "k", "scores", "weights", "output"];
const STEPS = ["weights", "scores", "mask", "parameters"];
const GAP = 22; // pixels between panels, as in the style sheet
const PADDING = 24; // of the figure and of the grid

export const reaches = (store, step) => STEPS.indexOf(store.setup.show) >= STEPS.indexOf(step);

// The specification of each panel, in the order in which Tab visits them.
export function panelSpecs(store) {
  const { words, kind, setup } = store;
  const { large, queryLabels, keyLabels, sizes: { n, m, dq, dk, h, v } } = setup;
  const all = reaches(store, "scores");
  const projected = store.hasParameters && reaches(store, "parameters") && !large;
  // Where nothing is projected, queries and keys share their features.
  const shared = dq === dk && !projected;
  const [ofQuery, ofKey] = shared ? ["feature", "feature"] : ["query feature", "key feature"];
  const shapes = {
    Q: [n, dq, "query", ofQuery], W_q: [dq, h, ofQuery, "hidden"], W_k: [h, dk, "hidden", ofKey],
    K: [dk, m, ofKey, "key"], q: [n, h, "query", "hidden"], k: [h, m, "hidden", "key"],
    w_v: [h, 1, "hidden", ""], scores: [n, m, "query", "key"], weights: [n, m, "query", "key"],
    V: [m, v, "key", "value"], output: [n, v, "query", "value"],
  };
  const labels = {
    Q: [queryLabels], K: [null, keyLabels], weights: [all ? null : queryLabels, keyLabels],
    V: [keyLabels],
  };
  const masked = large ? undefined : (i, j) => j >= store.example("valid_lens")[i];
  const spec = (name, [rows, columns, ...axes], place) => {
    const ours = !RESULTS.includes(name);
    const turned = TURNED.includes(name);
    const unknown = new Float32Array(rows * columns).fill(NaN);
    const kept = () => (ours ? store.example(name) : store.result[name] ?? unknown);
    const transposed = () => {
      const X = kept();
      return matrix(rows, columns, (i, j) => X[j * rows + i]);
    };
    return {
      name, rows, columns, axes, place,
      title: words[`title ${name}`] + (name === "scores" ? words[`formula ${kind}`] : ""),
      size: setup.shapes[name] ?? `${rows} × ${columns}`,
      labels: labels[name] ?? [],
      get: turned ? transposed : kept,
      input: ours && !large ? name : undefined,
      index: turned ? (i, j) => j * rows + i : (i, j) => i * columns + j,
      map: "diverging",
      ...(name === "scores" && { masked }),
      ...(name === "weights" && {
        masked, map: "sequential", limit: large ? undefined : 1, opens: !large,
      }),
    };
  };
  return Object.entries(projected ? WITH_PARAMETERS : PLAIN)
    .filter(([name]) => all || ["weights", "V", "output"].includes(name))
    .filter(([name]) => name !== "w_v" || kind === "additive")
    .map(([name, place]) => spec(name, shapes[name], place));
}

// The largest cells that fit the width; numbers are worth a scroll bar, mere colours are not.
export function cellSize(specs, width) {
  const columns = {};
  const fixed = {};
  for (const { place: [, column], columns: count, labels } of specs) {
    columns[column] = Math.max(columns[column] ?? 0, count);
    fixed[column] = Math.max(fixed[column] ?? 0, gutter(labels[0]) + GAP);
  }
  const sum = (X) => Object.values(X).reduce((a, b) => a + b, 0);
  const fits = Math.floor((width - PADDING - sum(fixed)) / sum(columns));
  const numbers = sum(columns) <= 48 && Math.max(...specs.map(({ rows }) => rows)) <= 16;
  if (!numbers) return { width: clamp(fits, 2, 30), height: clamp(fits, 2, 30), numbers };
  const size = clamp(fits, 28, 44);
  return { width: size, height: Math.round(size * 0.72), numbers };
}
