// The small sum behind one number of a matrix, in one line: "(0.50 · 1.20 + 1.00 · 0.30) ÷ √2".

import { sum } from "./dom.js";
import { comparedRows, rowOf } from "./engine.js";
import { numberText as text } from "./painting.js";

const MOST = 6; // terms that are written out

const joined = (terms) => [...terms.slice(0, MOST), ...(terms[MOST] ? ["…"] : [])].join(" + ");
const products = (A, B) => joined([...A].map((a, at) => `${text(a)} · ${text(B[at])}`));
const columnOf = (X, j, size) => X.filter((_, at) => at % size === j);

// Empty where only torch knows.
export function sumText(store, name, [i, j]) {
  const { result, setup, now } = store;
  const { m, dq, dk, v } = setup.sizes;
  if (setup.large || !result.q) return "";
  const input = (matrix) => store.example(matrix);
  const sums = {
    q: () => products(rowOf(input("Q"), i, dq), rowOf(input("W_q"), j, dq)),
    k: () => products(rowOf(input("W_k"), i, dk), rowOf(input("K"), j, dk)),
    scores: () => scoreText(store, i, j),
    weights: () => {
      const masked = rowOf(store.masked, i, m);
      if (masked[j]) return "";
      const power = (score) => `exp(${text(score / now.temperature)})`;
      const powers = [...rowOf(result.scores, i, m)].map(power);
      return `${powers[j]} ÷ (${joined(powers.filter((_, at) => !masked[at]))})`;
    },
    output: () => products(rowOf(result.weights, i, m), columnOf(input("V"), j, v)),
  };
  return sums[name]?.() ?? "";
}

function scoreText(store, i, j) {
  const { kind } = store;
  const [q, k] = comparedRows(store.result, store.setup.sizes.n, i, j);
  if (kind === "additive") {
    const w = store.example("w_v");
    return joined(q.map((x, c) => `${text(w[c])} · tanh(${text(x + k[c])})`));
  }
  if (kind === "distance") {
    return `${products(q, k)} − ${text(sum(k.map((x) => (x * x) / 2)))}`;
  }
  return `(${products(q, k)}) ÷ √${q.length}`;
}
