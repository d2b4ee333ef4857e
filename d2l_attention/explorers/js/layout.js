// What stands where: the specs of the panels that panels.py describes, the signs between them, and
// the size of their cells.

import { clamp, sum } from "./dom.js";
import { hasParameters } from "./engine.js";
import { numberText } from "./painting.js";
import { gutter } from "./panel.js";

const GAP = 8; // as in style.css
const PADDING = 24 + 8; // of the figure and of the stages
const LETTER = 7; // pixels of a sign's
const SIGN = 12; // pixels of a sign's padding, as in matrices.css
const CAPTION = 70; // pixels of the caption of V
const LEAST = 28; // pixels of a cell with a number
const STAGES = { weights: 2, V: 3, output: 3 }; // the others stand in the first

const projects = ({ kind, setup }) =>
  hasParameters(kind) && setup.show === "parameters" && !setup.large;

export function panelSpecs(store) {
  const { words, kind, setup } = store;
  const { large, sizes } = setup;
  const isProjected = projects(store);
  // Where nothing is projected, queries and keys share their features.
  const shared = sizes.dq === sizes.dk && !isProjected;
  const placeOf = ({ plain, projected }) => (isProjected ? projected : plain);
  const [, first] = placeOf(setup.panels.find(({ name }) => name === "weights"));
  const spec = (panel) => {
    const { name, shape, axes, labels, indices, input, turned } = panel;
    const [rows, columns] = shape.map((size) => sizes[size] ?? 1);
    const unknown = new Float32Array(rows * columns).fill(NaN);
    const [row, column, span] = placeOf(panel);
    const stage = STAGES[name] ?? 1;
    const left = stage === 1 ? 0 : first + stage - 3; // the columns of the stages before
    return {
      name,
      rows,
      columns,
      turned,
      stage,
      // Signs stand in the columns between; a stage begins with its own.
      place: [row, 2 * (column - left), span],
      axes: axes.map((axis) => (shared ? axis.split(" ").at(-1) : axis)),
      title: words[`title ${name}`],
      size: setup.shapes[name] ?? `${rows} × ${columns}`,
      labels: labels.map((axis) => setup[`${axis}Labels`]),
      indices: indices.map((axis) => (setup.named[axis] ? null : setup[`${axis}Labels`])),
      get: () => (input ? store.example(name) : (store.result[name] ?? unknown)),
      input: input && !large,
      map: name === "weights" ? "sequential" : "diverging",
      ...(name === "weights" && !large && { masked: () => store.masked, limit: 1, opens: true }),
    };
  };
  return setup.panels
    .filter(placeOf)
    .filter(({ name }) => name !== "w_v" || kind === "additive")
    .map(spec);
}

// What a sign does to the matrix on its left, in lines of text, by the name of the one on its right.
export function signTexts(store) {
  const { words, kind, now, setup } = store;
  const isProjected = projects(store);
  const keys = isProjected ? "· W_k Kᵀ" : "· Kᵀ";
  const scores = {
    dot: [keys, "÷ √d"],
    distance: [keys, "− ½‖k‖²"],
    multiplicative: isProjected ? [keys, "÷ √h"] : ["· M Kᵀ"],
    additive: isProjected ? ["+ W_k k", "tanh", "· w_v"] : ["w_vᵀ", "tanh(…)"],
    own: ["score"],
  };
  const cooled = now.temperature === 1 ? "÷ τ" : `÷ τ = ${numberText(now.temperature)}`;
  const isMasked = !setup.large && store.masked.includes(1);
  return {
    q: ["· W_qᵀ"],
    k: ["· Kᵀ"],
    scores: scores[kind],
    weights: [cooled, ...(isMasked ? [words.mask] : []), "softmax"],
    output: ["· V"],
  };
}

// {width, height, numbers: are written, lines}: the largest cells that fit, in as few lines as leave
// cells wide enough for numbers.
export function cellSize(specs, width) {
  const [first, ...others] = [1, 2, 3].map((at) =>
    needs(specs.filter(({ stage }) => stage === at)),
  );
  const total = (stages, part) => sum(stages.map((stage) => stage[part]));
  const all = [first, ...others];
  const numbers = total(all, "columns") <= 48 && specs.every(({ rows }) => rows <= 16);
  const fits = (stages) =>
    Math.floor((width - PADDING - total(stages, "fixed")) / total(stages, "columns"));
  const ways = [[all], [[first], others], all.map((stage) => [stage])];
  const found = ways.map((lines) => Math.min(...lines.map(fits)));
  const [one, two] = numbers ? [34, LEAST] : [6, 6];
  const lines = found[0] >= one ? 1 : found[1] >= two ? 2 : 3;
  const size = clamp(found[lines - 1], ...(numbers ? [LEAST, 44] : [2, 30]));
  const height = numbers ? Math.max(24, Math.round(size * 0.72)) : size;
  return { width: size, height, numbers, lines };
}

// A stage's columns of cells, and the pixels of all else in its width.
function needs(specs) {
  const columns = {};
  const fixed = {};
  const sign = { q: 8, scores: 9, weights: 10, output: 3 }; // letters of the widest
  for (const { name, of = name, place, columns: count, labels, axes } of specs) {
    const [, column] = place;
    columns[column] = Math.max(columns[column] ?? 0, count);
    fixed[column] = Math.max(fixed[column] ?? 0, gutter(labels[0]));
    if (sign[of]) fixed[`before ${of}`] = LETTER * sign[of] + SIGN;
    if (axes[1] === "value") fixed.caption = Math.max(0, CAPTION - LEAST * count);
    fixed.gaps = Math.max(fixed.gaps ?? 0, GAP * column);
  }
  return { columns: sum(Object.values(columns)), fixed: sum(Object.values(fixed)) };
}
