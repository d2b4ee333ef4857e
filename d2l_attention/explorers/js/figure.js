// Which matrices there are and where they stand: laid out so that the picture is the algebra.

// A product stands to the right of its left factor and below its right factor.
const PLAIN = {
  Q: [2, 1], K: [1, 2], scores: [2, 2], weights: [2, 3], V: [1, 4], output: [2, 4],
};
const WITH_PARAMETERS = {
  Q: [3, 1], W_q: [1, 2], W_k: [2, 2], q: [3, 2], K: [1, 3], k: [2, 3], w_v: [2, 4],
  scores: [3, 3], weights: [3, 4], V: [2, 5], output: [3, 5],
};
const STEPS = ["weights", "scores", "mask", "parameters"];
const FROM = {
  weights: 0, V: 0, output: 0, Q: 1, K: 1, scores: 1, W_q: 3, W_k: 3, w_v: 3, q: 3, k: 3,
};

export const reaches = (store, step) => STEPS.indexOf(store.setup.show) >= STEPS.indexOf(step);

function transposed(X, rows, columns) {
  const out = new Float32Array(X.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = X[i * columns + j];
  return out;
}

// The specification of each panel, in the order in which Tab visits them.
export function panelSpecs(store) {
  const { words, setup } = store;
  const { n, m, dq, dk, h, v } = setup.sizes;
  const projected = store.hasParameters && reaches(store, "parameters") && !setup.large;
  const places = projected ? WITH_PARAMETERS : PLAIN;
  const input = (name) => (setup.large ? undefined : name);
  const straight = (name, columns) => ({
    get: () => store.example(name), input: input(name), index: (i, j) => i * columns + j,
  });
  // Shown upright, kept as torch keeps it: rows × columns is what is kept.
  const turned = (name, rows, columns) => ({
    get: () => transposed(store.example(name), rows, columns),
    input: input(name), index: (i, j) => j * columns + i,
  });
  const result = (name, size) => ({
    get: () => store.result[name] ?? new Float32Array(size).fill(NaN),
  });
  const masked = (i, j) => !setup.large && j >= store.example("valid_lens")[i];
  // Where nothing is projected, queries and keys share their features.
  const feature = dq === dk && !projected ? "feature" : "key feature";
  const axes = { Q: ["query", feature === "feature" ? feature : "query feature"] };
  const queries = setup.queryLabels;
  const keys = setup.keyLabels;
  const specs = {
    Q: { rows: n, columns: dq, axes: axes.Q, ...straight("Q", dq), labels: [queries] },
    W_q: {
      rows: dq, columns: h, axes: ["query feature", "hidden"], ...turned("W_q", h, dq), labels: [],
    },
    W_k: { rows: h, columns: dk, axes: ["hidden", feature], ...straight("W_k", dk), labels: [] },
    K: { rows: dk, columns: m, axes: [feature, "key"], ...turned("K", m, dk), labels: [null, keys] },
    q: { rows: n, columns: h, axes: ["query", "hidden"], ...result("q", n * h), labels: [] },
    k: {
      rows: h, columns: m, axes: ["hidden", "key"], labels: [],
      get: () => transposed(store.result.k ?? new Float32Array(m * h).fill(NaN), m, h),
    },
    w_v: { rows: h, columns: 1, axes: ["hidden", ""], ...straight("w_v", 1), labels: [] },
    scores: { rows: n, columns: m, axes: ["query", "key"], ...result("scores", n * m), masked, labels: [] },
    weights: {
      rows: n, columns: m, axes: ["query", "key"], ...result("weights", n * m), masked,
      map: "sequential", limit: setup.large ? undefined : 1, opens: !setup.large,
      labels: [reaches(store, "scores") ? null : queries, keys],
    },
    V: { rows: m, columns: v, axes: ["key", "value"], ...straight("V", v), labels: [keys] },
    output: { rows: n, columns: v, axes: ["query", "value"], ...result("output", n * v), labels: [] },
  };
  return Object.entries(specs)
    .filter(([name]) => places[name] && STEPS.indexOf(setup.show) >= FROM[name])
    .filter(([name]) => name !== "w_v" || store.kind === "additive")
    .map(([name, spec]) => {
      const gutter = spec.labels[0] || name === "output" ? gutterFor(name === "Q" || name === "weights" ? queries : keys) : 0;
      const [row, column] = places[name];
      return {
        name, title: words[`title ${name}`], map: "diverging", row, column, gutter, ...spec,
        size: setup.shapes[name],
        ...(name === "scores" && { title: `${words["title scores"]} ${FORMULAS[store.kind]}` }),
      };
    });
}

const FORMULAS = {
  dot: "Q Kᵀ / √d", multiplicative: "(Q W_qᵀ)(W_k Kᵀ) / √h", distance: "qᵀk − ½‖k‖²",
  additive: "w_vᵀ tanh(…)", own: "score(Q, K)",
};

const gutterFor = (labels) =>
  labels ? Math.min(96, 10 + Math.max(...labels.map((text) => [...text].length)) * 6.5) : 0;

// The largest cells that fit the width; numbers are worth a scroll bar, mere colours are not.
export function cellSize(specs, width) {
  const columns = {};
  const fixed = {};
  for (const { column, columns: count, gutter } of specs) {
    columns[column] = Math.max(columns[column] ?? 0, count);
    fixed[column] = Math.max(fixed[column] ?? 0, gutter + 22);
  }
  const sum = (X) => Object.values(X).reduce((a, b) => a + b, 0);
  const fits = Math.floor((width - sum(fixed)) / sum(columns));
  const few = sum(columns) <= 48 && Math.max(...specs.map(({ rows }) => rows)) <= 16;
  const size = few ? Math.max(30, Math.min(44, fits)) : Math.max(2, Math.min(30, fits));
  return few
    ? { width: size, height: Math.round(size * 0.72), numbers: true }
    : { width: size, height: size, numbers: false };
}
