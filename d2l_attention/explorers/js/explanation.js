// One weight, opened: how it came from a query, a key and the scores of its row.

import { clamp, element } from "./dom.js";
import { hasParameters, rowOf } from "./engine.js";
import { numberText } from "./painting.js";

const text = (x) => numberText(x, 3);
const sum = (X) => X.reduce((a, b) => a + b, 0);

// Adds a table of rows [name, ...cells]; a row without a name is a heading.
function table(parent, rows) {
  const body = element(parent, "table");
  for (const [name, ...cells] of rows) {
    const row = element(body, "tr");
    element(row, "th", name);
    for (const cell of cells) element(row, name ? "td" : "th", cell);
  }
}

function explainScore(store, i, j) {
  const {
    words,
    kind,
    result,
    setup: { sizes },
  } = store;
  const score = text(result.scores[i * sizes.m + j]);
  // Of a reader's own score, or where the engine is not trusted, only the sum is known.
  if (!result.q) {
    const own = kind === "own" ? ` · ${words.ownScore}` : "";
    return [[], `${words.score} = ${score}${own}`];
  }
  const projected = hasParameters(kind);
  const size = projected ? sizes.h : sizes.dq;
  const [q, k] = [[...rowOf(result.q, i, size)], [...rowOf(result.k, j, size)]];
  const names = projected ? ["W_q q", "W_k k"] : ["q", "k"];
  const rows = [
    [names[0], q],
    [names[1], k],
  ];
  let steps = [words.sum];
  if (kind === "additive") {
    const w = [...store.example("w_v")];
    const active = q.map((x, c) => Math.tanh(x + k[c]));
    rows.push([`tanh(${names.join(" + ")})`, active], ["w_v", w]);
    rows.push(["w_v ∘ tanh", active.map((x, c) => w[c] * x)]);
  } else {
    const products = q.map((x, c) => x * k[c]);
    rows.push([names.join(" ∘ "), products]);
    const half = text(sum(k.map((x) => (x * x) / 2)));
    const [symbols, numbers] =
      kind === "distance"
        ? ["− ½‖k‖²", `− ${half}`]
        : [`/ √${projected ? "h" : "d"}`, `/ √${size}`];
    steps = [`${words.sum} ${symbols}`, `${text(sum(products))} ${numbers}`];
  }
  const line = [words.score, ...steps, score].join(" = ");
  return [rows.map(([name, X]) => [name, ...X.map(text)]), line];
}

export function explain(store, root, [i, j], name) {
  const {
    words,
    result,
    now: { temperature },
    setup: {
      sizes: { m },
      keyLabels,
    },
  } = store;
  root.replaceChildren();
  element(root, "h4", name);
  const valid = clamp(store.example("valid_lens")[i], 0, m);
  if (j >= valid) return element(root, "p", words.maskedWeight.replace("{n}", valid));
  if (!result.scores) return;
  const [rows, line] = explainScore(store, i, j);
  table(root, rows);
  element(root, "p", line);
  const row = [...result.scores.subarray(i * m, i * m + valid)].map((x) => x / temperature);
  const largest = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - largest));
  const cooled = temperature === 1 ? "" : ` / ${numberText(temperature)}`;
  const mark = (x, at) => (at === j ? `▸ ${text(x)}` : text(x));
  table(root, [
    ["", ...keyLabels.slice(0, valid)],
    [words.score + cooled, ...row.map(mark)],
    [`exp(· − ${text(largest)})`, ...powers.map(mark)],
  ]);
  const share = `${text(powers[j])} / ${text(sum(powers))} = ${text(result.weights[i * m + j])}`;
  element(root, "p.answer", `${words.weight} = ${share}`);
}
