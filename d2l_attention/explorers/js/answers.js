// Three answers to one question, side by side: the value of the key that is the query, that of the
// most similar key, and all values, by their weights. The temperature leads from the second to the
// average of all.

import { temperatureSlider } from "./controls.js";
import { element, setText } from "./dom.js";
import { numberText } from "./painting.js";
import { isSame } from "./similarity.js";

const NAMED = 3; // records, or shares, that an answer tells of

const filled = (text, names) => text.replace(/\{(\w+)\}/g, (_, name) => names[name]);

// Indices of records, the largest first; of equal ones, one whose key is the query, then the first.
const ranked = (records, X, isExact = () => false) =>
  [...records].sort((a, b) => X[b] - X[a] || isExact(b) - isExact(a));

export class Answers {
  constructor(store, parent) {
    this.store = store;
    const { words } = store;
    const root = element(parent, "div.answers");
    const part = (name) => {
      const made = element(root, `div.${name}`);
      element(made, "small", words[name]);
      return made;
    };
    this.exact = element(part("exact"), "div.found");
    const nearest = part("nearest");
    this.nearest = element(nearest, "div.found");
    this.similar = element(nearest, "small");
    const soft = part("soft");
    this.answer = element(soft, "div.found.answer");
    this.sum = element(soft, "small.sum");
    this.slider = temperatureSlider(store, soft);
    const ends = element(this.slider.control.parentElement, "span.ends");
    element(ends, "small", words.nearestEnd);
    element(ends, "small", words.averageEnd);
  }

  paint() {
    const { words, setup, now, result, kept } = this.store;
    const { keys, values } = setup;
    const isExact = (j) => isSame(keys[j], now.query);
    const exact = kept.find(isExact);
    setText(this.exact, exact === undefined ? words.noKey : values[exact]);
    this.exact.classList.toggle("none", exact === undefined);
    const isCovered = this.store.isCovered("weights");
    for (const answer of [this.nearest, this.answer]) answer.classList.toggle("none", isCovered);
    if (isCovered) {
      this.cover();
      this.slider.paint();
      return;
    }
    // To no text, every key is equally near.
    const [first, ...others] = now.query
      ? ranked(kept, result.scores, isExact).slice(0, NAMED)
      : [];
    const near = (j) => `${keys[j]} (${numberText(result.scores[j])})`;
    setText(this.nearest, first === undefined ? "–" : values[first]);
    const similar = { key: first === undefined ? "" : near(first), others: others.map(near) };
    similar.others = similar.others.join(", ");
    setText(
      this.similar,
      first === undefined ? "" : others.length ? filled(words.similarMore, similar) : similar.key,
    );
    this.paintSoft();
    this.slider.paint();
  }

  // The most similar record is that of the largest weight.
  cover() {
    const { words } = this.store;
    for (const answer of [this.nearest, this.answer]) setText(answer, words.covered);
    for (const more of [this.similar, this.sum]) setText(more, "");
  }

  paintSoft() {
    const { setup, result, kept } = this.store;
    if (!kept.length) {
      setText(this.answer, "–");
      setText(this.sum, "");
      return;
    }
    setText(this.answer, setup.vectors ? `(${numbers(result.output)})` : this.shares());
    setText(this.sum, setup.vectors ? this.terms() : "");
  }

  // "0.88 · (0.00, 1.00) + 0.12 · (2.00, −3.00)", the largest weights first.
  terms() {
    const { setup, result, kept } = this.store;
    const most = ranked(kept, result.weights);
    const term = (j) => `${numberText(result.weights[j])} · (${setup.values[j]})`;
    const terms = most.slice(0, NAMED).map(term);
    return `= ${[...terms, ...(most.length > NAMED ? ["…"] : [])].join(" + ")}`;
  }

  // "Mu 0.88 · Zachary 0.07 · Alex 0.02 · the rest 0.03"; records of one value add up.
  shares() {
    const { words, setup, result, kept } = this.store;
    const shares = new Map();
    for (const j of kept) {
      const value = setup.values[j];
      shares.set(value, (shares.get(value) ?? 0) + result.weights[j]);
    }
    const most = [...shares].sort(([, a], [, b]) => b - a);
    const rest = most.splice(NAMED).reduce((sum, [, share]) => sum + share, 0);
    if (shares.size > NAMED) most.push([words.rest, rest]);
    return most.map(([value, share]) => `${value} ${numberText(share)}`).join(" · ");
  }
}

const numbers = (X) => [...X].map((x) => numberText(x)).join(", ");
