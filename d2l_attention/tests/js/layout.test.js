// What stands where, with the panels that Python describes: the file $CASES names has them, by step.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { SCORES, maskedOf } from "../../explorers/js/engine.js";
import { cellSize, panelSpecs, signTexts } from "../../explorers/js/layout.js";

const panels = JSON.parse(readFileSync(process.env.CASES, "utf-8"));
const SIZES = { n: 3, m: 5, dq: 4, dk: 4, h: 3, v: 2 };
const named = (count) => Array.from({ length: count }, (_, at) => String(at));

function storeOf({ kind = "dot", show = "mask", temperature = 1, names = {}, lens = [5, 5, 5] }) {
  return {
    kind,
    now: { temperature },
    result: {},
    words: { mask: "mask" },
    masked: maskedOf({ ...SIZES, lens }),
    setup: {
      show,
      sizes: SIZES,
      shapes: {},
      panels: panels[show],
      named: { query: false, key: false, ...names },
      queryLabels: named(3),
      keyLabels: named(5),
    },
  };
}

const specsByName = (options) =>
  Object.fromEntries(panelSpecs(storeOf(options)).map((spec) => [spec.name, spec]));

test("between scores and weights stand the temperature, the mask and softmax", () => {
  const before = (options) => signTexts(storeOf(options)).weights;
  assert.deepEqual(before({}), ["÷ τ", "softmax"]);
  assert.deepEqual(before({ temperature: 0.5 }), ["÷ τ = 0.50", "softmax"]);
  assert.deepEqual(before({ lens: [5, 4, 5] }), ["÷ τ", "mask", "softmax"]);
});

test("every score has its signs, with parameters and without", () => {
  for (const kind of [...Object.keys(SCORES), "own"]) {
    for (const show of ["mask", "parameters"]) {
      assert.ok(signTexts(storeOf({ kind, show })).scores.every(Boolean), kind);
    }
  }
});

test("queries and keys without names have numbers, those with names only where they are labels", () => {
  const { Q, K, V, scores, weights, output } = specsByName({});
  assert.deepEqual([Q.labels[0], K.labels[1], V.labels[0]], [named(3), named(5), named(5)]);
  assert.deepEqual(scores.indices, [named(3), named(5)]);
  assert.deepEqual([weights.indices[0], weights.labels[1]], [named(3), named(5)]);
  assert.deepEqual(output.indices[0], named(3));
  for (const { indices } of [Q, K, V]) assert.ok(!indices.some(Boolean));
  const some = specsByName({ names: { key: true } });
  assert.deepEqual([some.scores.indices[0], some.scores.indices[1]], [named(3), null]);
  const all = specsByName({ names: { key: true, query: true } });
  assert.ok(!Object.values(all).some(({ indices }) => indices.some(Boolean)));
});

test("each stage begins with a column for its sign", () => {
  for (const [show, kind] of [
    ["weights", "dot"],
    ["mask", "dot"],
    ["parameters", "additive"],
  ]) {
    const specs = panelSpecs(storeOf({ show, kind }));
    for (const stage of new Set(specs.map((spec) => spec.stage))) {
      const columns = specs.filter((spec) => spec.stage === stage).map(({ place }) => place[1]);
      assert.equal(Math.min(...columns), 2, `${show}, stage ${stage}`);
    }
  }
});

test("cells are as large as the width allows, and on a phone stages stand below each other", () => {
  const specs = panelSpecs(storeOf({}));
  const sizes = [1280, 800, 500, 390, 300].map((width) => cellSize(specs, width));
  assert.deepEqual(
    sizes.map(({ width, lines }) => [width, lines]),
    [
      [44, 1],
      [44, 2],
      [38, 2],
      [28, 3],
      [28, 3],
    ],
  );
  // 440 less 32 around all, 33 for labels, 32 for gaps, 82 and 33 for signs, 14 for the caption of V:
  // 214 for 7 columns.
  const weights = panelSpecs(storeOf({ show: "weights" }));
  assert.deepEqual(cellSize(weights, 440), {
    width: 30,
    height: 24,
    numbers: true,
    lines: 2, // of which the first is empty
  });
});
