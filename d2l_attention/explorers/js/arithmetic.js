// One weight, opened: how it came from a query, a key and the other scores of its row.

import { numberText as text } from "./painting.js";
import { element } from "./panel.js";

function table(parent, rows, headings) {
  const body = element("table", "", parent);
  if (headings) {
    const line = element("tr", "", element("thead", "", body));
    for (const heading of ["", ...headings]) element("th", "", line, heading);
  }
  for (const [name, cells] of rows) {
    const line = element("tr", "", body);
    element("th", "", line, name);
    for (const cell of cells) {
      element("td", "", line, typeof cell === "number" ? text(cell, 3) : cell);
    }
  }
}

// The rows of numbers that make the score, and the line that ends in it.
function scoreRows(store, i, j) {
  const { words, kind, result } = store;
  const size = store.hasParameters ? store.setup.sizes.h : store.setup.sizes.dq;
  const q = [...result.q.subarray(i * size, (i + 1) * size)];
  const k = [...result.k.subarray(j * size, (j + 1) * size)];
  const score = result.scores[i * store.setup.sizes.m + j];
  const names = store.hasParameters ? ["W_q q", "W_k k"] : ["q", "k"];
  if (kind === "additive") {
    const w = [...store.example("w_v")];
    const active = q.map((x, c) => Math.tanh(x + k[c]));
    return {
      rows: [
        [names[0], q], [names[1], k], [`tanh(${names.join(" + ")})`, active], ["w_v", w],
        ["w_v ∘ tanh", active.map((x, c) => w[c] * x)],
      ],
      line: `${words.score} = ${words.sum} = ${text(score, 3)}`,
    };
  }
  const products = q.map((x, c) => x * k[c]);
  const sum = products.reduce((a, b) => a + b, 0);
  const rows = [[names[0], q], [names[1], k], [`${names[0]} ∘ ${names[1]}`, products]];
  if (kind === "distance") {
    const half = k.reduce((a, x) => a + (x * x) / 2, 0);
    return {
      rows,
      line: `${words.score} = ${words.sum} − ½‖k‖² = ${text(sum, 3)} − ${text(half, 3)} = ${text(score, 3)}`,
    };
  }
  const root = store.hasParameters ? "√h" : "√d";
  return {
    rows,
    line: `${words.score} = ${words.sum} / ${root} = ${text(sum, 3)} / √${size} = ${text(score, 3)}`,
  };
}

export function explain(store, root, [i, j], name) {
  const { words, result, now, setup } = store;
  const { m } = setup.sizes;
  root.replaceChildren();
  element("h4", "", root, name);
  const valid = Math.max(0, Math.min(m, store.example("valid_lens")[i]));
  if (j >= valid) {
    element("p", "", root, words.maskedWeight.replace("{n}", valid));
    return;
  }
  if (!result.scores) return;
  if (store.kind === "own") {
    element("p", "", root, `${words.score} = ${text(result.scores[i * m + j], 3)} · ${words.ownScore}`);
  } else {
    const { rows, line } = scoreRows(store, i, j);
    table(root, rows);
    element("p", "", root, line);
  }
  const row = [...result.scores.subarray(i * m, i * m + valid)].map((x) => x / now.temperature);
  const largest = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  const over = now.temperature === 1 ? words.score : `${words.score} / ${text(now.temperature)}`;
  const mark = (X) => X.map((x, at) => (at === j ? `▸ ${text(x, 3)}` : x));
  table(
    root,
    [[over, mark(row)], [`exp(· − ${text(largest, 3)})`, mark(powers)]],
    row.map((_, at) => setup.keyLabels[at]),
  );
  const weight = result.weights[i * m + j];
  const line = `${words.weight} = ${text(powers[j], 3)} / ${text(total, 3)} = ${text(weight, 3)}`;
  element("p", "answer", root, line);
}
