// The database explorer: a query to type, three answers to it, and the similarity and weight of each
// record.

import { css } from "./database.css";
import { css as predictionCss } from "./prediction.css";
import { Answers } from "./answers.js";
import { actionButton, button, labelled } from "./controls.js";
import { element, setText } from "./dom.js";
import { maskedSoftmax } from "./engine.js";
import { Figure } from "./figure.js";
import { flash } from "./marks.js";
import { numberText } from "./painting.js";
import { PredictedBar } from "./predicted-bar.js";
import { begun, isEmpty, shareVerdict, withShare } from "./prediction.js";
import { addQuestion } from "./question.js";
import { folded, matchingBlocks, matchingParts, ratio } from "./similarity.js";
import { Store } from "./store.js";
import { widget } from "./widget.js";

const NOTICED = 1 / 256; // A smaller change of a weight is not marked.

class DatabaseStore extends Store {
  get engineFits() {
    return true;
  }

  get resetControls() {
    return ["query", "temperature", "deleted"];
  }

  get kept() {
    const { keys } = this.setup;
    return [...keys.keys()].filter((j) => !this.now.deleted.includes(keys[j]));
  }

  // The runs of letters of each key that match the query, compared once for each query.
  get matches() {
    const { query } = this.now;
    if (this.matched?.query !== query) {
      const letters = folded(query);
      const keys = this.setup.keys.map(folded);
      const blocks = keys.map((key) => matchingBlocks(letters, key));
      const scores = keys.map((key, j) => ratio(letters, key, blocks[j]));
      this.matched = { query, blocks, scores };
    }
    return this.matched;
  }

  get predictedColumns() {
    return this.setup.keys.length;
  }

  // Shares of the records that are kept, which sum to 1: even ones where nothing is predicted yet.
  begunPrediction(from = this.prediction) {
    return this.withDeleted(
      begun(
        this.kept.map((j) => from[j]),
        true,
      ),
    );
  }

  withDeleted(shares) {
    const row = new Float32Array(this.setup.keys.length);
    this.kept.forEach((j, at) => (row[j] = shares[at]));
    return row;
  }

  // The share of a record becomes what is wanted, and those of the others give way.
  predictShare(j, wanted, from) {
    const row = this.begunPrediction(from);
    const { kept } = this;
    const shares = kept.map((at) => row[at]);
    this.predict(0, this.withDeleted(withShare(shares, kept.indexOf(j), wanted)));
  }

  // A record that is deleted gives its predicted share to the others.
  setDeleted(deleted) {
    const { setup } = this;
    const gone = (key) => deleted.includes(key) && !this.now.deleted.includes(key);
    const asks = setup.predict && !this.now.shown && !this.isUnpredicted;
    if (asks && setup.keys.every((key) => deleted.includes(key))) this.again();
    else if (asks) setup.keys.forEach((key, j) => gone(key) && this.predictShare(j, 0));
    this.control("deleted", deleted);
  }

  // Deleted records have a similarity, but a weight of 0.
  attend() {
    const { keys, vectors } = this.setup;
    const scores = Float32Array.from(this.matches.scores);
    const weights = new Float32Array(keys.length);
    const { kept } = this;
    const of = kept.map((j) => scores[j]);
    maskedSoftmax(of, [], 1, of.length, this.now.temperature).forEach((weight, at) => {
      weights[kept[at]] = weight;
    });
    const sum = (_, c) => weights.reduce((total, weight, j) => total + weight * vectors[j][c], 0);
    return { scores, weights, output: Float32Array.from(vectors?.[0] ?? [], sum) };
  }
}

class DatabaseFigure extends Figure {
  get styles() {
    return [...super.styles, css, predictionCss];
  }

  build(words) {
    const { store, root } = this;
    const controls = element(root, "div.controls");
    const input = () => store.control("query", this.query.value);
    this.query = labelled(controls, words.query, "input", { input });
    this.paintReset = actionButton(store, element(controls, "div.actions"), "reset");
    if (store.setup.predict) this.question = addQuestion(store, root, () => this.verdict());
    this.answers = new Answers(store, root);
    const table = element(element(root, "div.table"), "table.records");
    const head = element(element(table, "thead"), "tr");
    for (const name of ["key", "value", "similarity", "weight"]) element(head, "th", words[name]);
    element(head, "td");
    const body = element(table, "tbody");
    this.rows = store.setup.keys.map((key, j) => new RecordRow(store, body, j));
    element(root, "small.hint", words.hint);
  }

  verdict() {
    const { words, setup, now, prediction, result } = this.store;
    if (isEmpty(prediction)) return [];
    const name = `${words.query} “${now.query}”`;
    return [shareVerdict(words, name, prediction, result.weights, (j) => setup.keys[j])];
  }

  update() {
    const { now, result } = this.store;
    if (this.query.value !== now.query) this.query.value = now.query;
    this.paintReset();
    this.question?.paint();
    this.answers.paint();
    const { query, blocks } = this.store.matches;
    this.rows.forEach((row, j) => row.paint(query, blocks[j], result));
  }
}

class RecordRow {
  constructor(store, body, j) {
    this.store = store;
    this.j = j;
    this.key = store.setup.keys[j];
    this.root = element(body, "tr");
    this.name = element(this.root, "th", "", { scope: "row" });
    element(this.root, "td", store.setup.values[j]);
    this.similarity = element(this.root, "td");
    const cell = element(this.root, "td.weight");
    this.track = element(cell, "div.track");
    this.was = element(this.track, "div.was.passing", "", { "aria-hidden": true });
    this.bar = element(this.track, "div.bar");
    this.number = element(this.track, "span");
    if (store.setup.predict) this.predicted = new PredictedBar(store, cell, j);
    this.press = button(element(this.root, "td"), "", () => this.toggle());
  }

  get isDeleted() {
    return this.store.now.deleted.includes(this.key);
  }

  toggle() {
    const { deleted } = this.store.now;
    const others = deleted.filter((name) => name !== this.key);
    this.store.setDeleted(this.isDeleted ? others : [...deleted, this.key]);
  }

  paint(query, blocks, result) {
    const { store, key, j, isDeleted, press } = this;
    const { words } = store;
    this.root.classList.toggle("deleted", isDeleted);
    this.paintName(query, blocks);
    setText(this.similarity, numberText(result.scores[j]));
    const isCovered = store.isCovered("weights");
    const weight = isCovered ? 0 : result.weights[j];
    this.track.hidden = isCovered && !isDeleted;
    this.paintWeight(weight, !isCovered);
    setText(this.number, isDeleted ? words.deleted : isCovered ? "" : numberText(weight));
    this.predicted?.paint(isDeleted);
    setText(press, isDeleted ? words.restore : words.delete);
    press.setAttribute("aria-label", `${press.textContent} ${key}`);
  }

  // The key, with the letters that match the query set off.
  paintName(query, blocks) {
    if (this.query === query) return;
    this.query = query;
    this.name.replaceChildren();
    for (const [letters, isMatch] of matchingParts(this.key, blocks)) {
      if (isMatch) element(this.name, "mark", letters);
      else this.name.append(letters);
    }
  }

  // A line stays for a moment where the bar ended before it changed.
  paintWeight(weight, isKnown) {
    const before = this.weight ?? weight;
    const { leap } = this.store;
    const from = leap?.from(this, before) ?? weight;
    this.bar.style.setProperty("--share", from + (leap?.share ?? 1) * (weight - from));
    if (!isKnown) this.was.style.setProperty("--share", 0);
    if (weight === this.weight) return;
    this.weight = weight;
    if (!isKnown || Math.abs(weight - before) < NOTICED) return;
    if (!this.was.matches(".seen")) this.was.style.setProperty("--share", before);
    flash(this.was);
  }
}

export default widget(DatabaseStore, DatabaseFigure);
