// What stands where: the specs of the panels that panels.py describes, the signs between them, and
// the size of their cells.

import { clamp, sum } from "./dom.js";
import { hasParameters } from "./engine.js";
import { numberText } from "./painting.js";
import { gutter } from "./panel.js";

const STEPS = ["weights", "scores", "mask", "parameters"];
const GAP = 8; // as in style.css
const PADDING = 24 + 8; // of the figure and of the stages
const LETTER = 7; // pixels of a sign's
const SIGN = 12; // pixels of a sign's padding, as in matrices.css
const CAPTION = 70; // pixels of the caption of V
const LEAST = 28; // pixels of a cell with a number
const STAGE_2 = ["weights", "V", "output"]; // the others stand in the first

// Whether a figure shows so much of the computation.
export const shows = (store, step) => STEPS.indexOf(store.setup.show) >= STEPS.indexOf(step);

const projects = ({ kind, setup }) =>
  hasParameters(kind) && setup.show === "parameters" && !setup.large;

export function panelSpecs(store) {
  const { words, kind, setup } = store;
  const { large, sizes } = setup;
  const isProjected = projects(store);
  // Where nothing is projected, queries and keys share their features.
  const shared = sizes.dq === sizes.dk && !isProjected;
  const lens = large ? undefined : () => store.example("valid_lens");
  const placeOf = ({ plain, projected }) => (isProjected ? projected : plain);
  const [, first] = placeOf(setup.panels.find(({ name }) => name === "weights"));
  const spec = (panel) => {
    const { name, shape, axes, labels, indices, input, turned } = panel;
    const [rows, columns] = shape.map((size) => sizes[size] ?? 1);
    const unknown = new Float32Array(rows * columns).fill(NaN);
    const [row, column, span] = placeOf(panel);
    const stage = STAGE_2.includes(name) ? 2 : 1;
    return {
      name,
      rows,
      columns,
      turned,
      stage,
      // Signs stand in the columns between; a stage begins with its own.
      place: [row, 2 * (stage === 1 ? column : column - first + 1), span],
      axes: axes.map((axis) => (shared ? axis.split(" ").at(-1) : axis)),
      title: words[`title ${name}`],
      size: setup.shapes[name] ?? `${rows} × ${columns}`,
      labels: labels.map((axis) => setup[`${axis}Labels`]),
      indices: indices.map((axis) => (setup.named[axis] ? null : setup[`${axis}Labels`])),
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
    .filter(placeOf)
    .filter(({ name }) => name !== "w_v" || kind === "additive")
    .map(spec);
}

// What is done to the matrix on the left of a sign to get the one on its right, in lines of text; by
// the name of the latter.
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
  const isMasked = !setup.large && store.example("valid_lens").some((end) => end < setup.sizes.m);
  const masked = isMasked ? [words.mask] : [];
  return {
    q: ["· W_qᵀ"],
    k: ["· Kᵀ"],
    scores: scores[kind],
    weights: [cooled, ...masked, "softmax"],
    output: ["· V"],
  };
}

// {width, height, numbers: are written, isNarrow}: the largest cells that fit, with all in one line if
// cells are wide enough for their numbers, else (isNarrow) with one stage below the other.
export function cellSize(specs, width) {
  const stages = [1, 2].map((stage) => specs.filter((spec) => spec.stage === stage));
  const widths = stages.filter((stage) => stage.length).map(needs);
  const total = (needed, part) => sum(needed.map((stage) => stage[part]));
  const numbers = total(widths, "columns") <= 48 && specs.every(({ rows }) => rows <= 16);
  const fits = (needed) =>
    Math.floor((width - PADDING - total(needed, "fixed")) / total(needed, "columns"));
  const least = numbers ? 34 : 6;
  const oneLine = fits(widths);
  const isNarrow = oneLine < least && widths.length > 1;
  const found = isNarrow ? Math.min(...widths.map((stage) => fits([stage]))) : oneLine;
  const size = numbers ? clamp(found, LEAST, 44) : clamp(found, 2, 30);
  const height = numbers ? Math.max(24, Math.round(size * 0.72)) : size;
  return { width: size, height, numbers, isNarrow };
}

// The columns of cells that a stage has side by side, and the pixels of all else in its width.
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
