// What the receipt of one weight says: how it came from a query, a key and the scores of its row.

import { sum, times } from "./dom.js";
import { comparedRows, hasParameters, rowOf } from "./engine.js";
import { niceLimit, numberText } from "./painting.js";

export const text = (x) => numberText(x, 3);

// {name, note, tables}. A table is {title, names: of its rows, marked: the row to set off, columns,
// steps: the lines below them, [name, text]}; a column is {head, X: numbers, or text where there is
// none, limit: of its bars, isPositive}.
export function explain(store, [i, j], name) {
  const { words, kind, result, setup } = store;
  const { m } = setup.sizes;
  const masked = rowOf(store.masked, i, m);
  const tables = [];
  let note = "";
  if (!result.scores) return { name, note, tables };
  if (masked[j]) note = words.maskedWeight;
  else if (result.q) tables.push(scoreTable(store, i, j));
  // Of a reader's own score, or where the engine is not trusted, only the sum is known.
  else {
    note = `${words.score} = ${text(result.scores[i * m + j])}`;
    if (kind === "own") note += ` · ${words.ownScore}`;
  }
  tables.push(softmaxTable(store, i, j, masked));
  return { name, note, tables };
}

function scoreTable(store, i, j) {
  const { words, kind, result, setup } = store;
  const projected = hasParameters(kind);
  const [q, k] = comparedRows(result, setup.sizes.n, i, j);
  const size = q.length;
  const heads = projected ? ["W_q q", "W_k k"] : ["q", "k"];
  const columns = [q, k].map((X, at) => [heads[at], X]);
  if (kind === "additive") {
    const w = [...store.example("w_v")];
    const active = q.map((x, c) => Math.tanh(x + k[c]));
    columns.push([`tanh(${heads.join(" + ")})`, active], ["w_v", w]);
    columns.push(["w_v ∘ tanh", active.map((x, c) => w[c] * x)]);
  } else {
    columns.push([heads.join(" ∘ "), q.map((x, c) => x * k[c])]);
  }
  const steps = [[words.sum, text(sum(columns.at(-1)[1]))]];
  if (kind === "distance") steps.push(["− ½‖k‖²", `− ${text(sum(k.map((x) => (x * x) / 2)))}`]);
  else if (kind !== "additive") {
    steps.push([`÷ √${projected ? "h" : "d"} = √${size}`, `÷ ${text(Math.sqrt(size))}`]);
  }
  steps.push([words.score, text(result.scores[i * setup.sizes.m + j])]);
  // One scale, so that bars can be compared.
  const limit = niceLimit(columns.flatMap(([, X]) => X));
  return {
    title: words.score,
    head: words.featureHeading,
    names: times(size, String),
    columns: columns.map(([head, X]) => ({ head, X, limit })),
    steps,
  };
}

function softmaxTable(store, i, j, masked) {
  const { words, result, now, setup } = store;
  const { m } = setup.sizes;
  const { temperature } = now;
  const scores = [...rowOf(result.scores, i, m)];
  const cooled = scores.map((x) => x / temperature);
  // What is masked takes no part, whatever its score.
  const valid = (X) => X.filter((_, at) => !masked[at]);
  const largest = Math.max(...valid(cooled));
  const powers = cooled.map((x, at) => (masked[at] ? 0 : Math.exp(x - largest)));
  const unmasked = (head, X, instead, limit = niceLimit(valid(X)), isPositive) => {
    return { head, X: X.map((x, at) => (masked[at] ? instead : x)), limit, isPositive };
  };
  const columns = [unmasked(words.score, scores, words.masked)];
  if (temperature !== 1) columns.push(unmasked(`÷ τ = ${numberText(temperature)}`, cooled, ""));
  // Less the largest, so that no power is too large for a number.
  const shift = `${largest < 0 ? "+" : "−"} ${text(Math.abs(largest))}`;
  const power = masked.includes(0) ? `exp(· ${shift})` : "exp";
  columns.push(unmasked(power, powers, "", 1, true));
  const weights = rowOf(result.weights, i, m);
  columns.push(unmasked(words.weight, weights, 0, 1, true));
  const [total, answer] = [text(sum(powers)), text(weights[j])];
  const quotient = [`${words.weight} = ${text(powers[j])} ÷ ${total}`, answer];
  const steps = masked[j] ? [[words.weight, answer]] : [[`${words.sum} exp`, total], quotient];
  return {
    title: "softmax",
    head: words.keyName,
    names: setup.keyLabels,
    marked: j,
    columns,
    steps,
  };
}
