// The numbers of a receipt, against scores and weights from torch: the cases come in the file $CASES names.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { SCORES, attend, maskedOf } from "../../explorers/js/engine.js";
import { explain } from "../../explorers/js/explanation.js";

const cases = JSON.parse(readFileSync(process.env.CASES, "utf-8"));
const words = new Proxy({}, { get: (_, word) => `{${word}}` });
const toNumbers = (X) => Float32Array.from(X, (x) => (x === null ? NaN : x));
const sum = (X) => X.reduce((a, b) => a + b, 0);
const number = (text) => Number(text.replace("−", "-").replace(/[÷ ]/g, ""));

function assertNear(found, wanted, what) {
  const off = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
  assert.ok(off < 1e-5, `${what}: ${found}, torch has ${wanted}`);
}

// A number that is written, with three decimals or, from 100 on, none.
function assertWritten(text, wanted) {
  const tolerance = Math.abs(wanted) < 99 ? 0.00051 : 0.51;
  assert.ok(Math.abs(number(text) - wanted) < tolerance, `${text}, torch has ${wanted}`);
}

function storeOf(input) {
  const arrays = Object.entries(input).filter(([, value]) => Array.isArray(value));
  const X = Object.fromEntries(arrays.map(([name, value]) => [name, toNumbers(value)]));
  return {
    words,
    kind: input.kind,
    now: { temperature: input.temperature },
    result: attend({ ...input, ...X }),
    setup: { sizes: input, keyLabels: Array.from({ length: input.m }, (_, j) => `k${j}`) },
    masked: maskedOf({ ...input, ...X }),
    example: (name) => X[name],
  };
}

// From the products of the features to the score, as each scoring function has it.
function scoreFrom({ kind, h, dq }, columns) {
  const total = sum(columns.at(-1).X);
  if (kind === "additive") return total;
  if (kind === "distance") return total - sum(columns[1].X.map((x) => x * x)) / 2;
  return total / Math.sqrt(kind === "multiplicative" ? h : dq);
}

for (const { name, input, expected } of cases) {
  test(name, () => {
    const store = storeOf(input);
    const { n, m, temperature } = input;
    for (let i = 0; i < n; i++) {
      const isValid = (j) => j < input.lens[i] && input.mask?.[i * m + j] !== 0;
      for (let j = 0; j < m; j++) {
        const wanted = { score: expected.scores[i * m + j], weight: expected.weights[i * m + j] };
        const { note, tables } = explain(store, [i, j], "name");
        const shares = tables.at(-1);
        const [score, weight] = [shares.columns[0].X, shares.columns.at(-1).X];
        assert.equal(shares.marked, j);
        assert.equal(shares.names[j], `k${j}`);
        assertNear(weight[j], wanted.weight, "weight");
        if (!isValid(j)) {
          assert.equal(note, "{maskedWeight}");
          assert.equal(tables.length, 1);
          assert.deepEqual([score[j], weight[j]], ["{masked}", 0]);
          continue;
        }
        assert.equal(note, "");
        assertNear(scoreFrom(input, tables[0].columns), wanted.score, "score");
        assertWritten(tables[0].steps.at(-1)[1], wanted.score);
        assertNear(score[j], wanted.score, "score");
        assertNear(shares.columns[1].X[j], wanted.score / temperature, "score / temperature");
        const powers = shares.columns[2].X;
        const total = sum(powers.filter((_, at) => isValid(at)));
        assertNear(powers[j] / total, wanted.weight, "share");
        assertWritten(shares.steps[0][1], total);
        assertWritten(shares.steps.at(-1)[1], wanted.weight);
      }
    }
  });
}

test("there are cases, of every kind", () => {
  const kinds = new Set(cases.map(({ input }) => input.kind));
  assert.deepEqual([...kinds].sort(), Object.keys(SCORES).sort());
});

test("of a reader's own score only the score is said", () => {
  const store = storeOf(cases[0].input);
  const { scores, weights } = store.result;
  Object.assign(store, { kind: "own", result: { scores, weights } });
  const { note, tables } = explain(store, [0, 0], "name");
  assert.match(note, /^\{score\} = .* · \{ownScore\}$/);
  assert.deepEqual(
    tables.map(({ title }) => title),
    ["softmax"],
  );
});

test("at temperature 1 no step divides by it", () => {
  const store = storeOf({ ...cases[0].input, temperature: 1 });
  const heads = explain(store, [0, 0], "name")
    .tables.at(-1)
    .columns.map(({ head }) => head);
  assert.equal(heads.length, 3);
  assert.ok(!heads.some((head) => head.startsWith("÷")));
});
