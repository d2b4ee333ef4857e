// The database explorer: a query to type, and records that answer by how well their keys fit.

import { button, labelled, temperatureSlider } from "./controls.js";
import { maskedSoftmax } from "./engine.js";
import { numberText } from "./painting.js";
import { element, setText } from "./panel.js";
import { folded, ratio } from "./similarity.js";
import { Store } from "./store.js";
import { widget } from "./widget.js";

const CLOSEST = 3;

class DatabaseStore extends Store {
  get computesHere() {
    return true;
  }

  get kept() {
    const { keys } = this.setup;
    return [...keys.keys()].filter((j) => !this.now.deleted.includes(keys[j]));
  }

  // Records that are deleted have similarities, but weigh nothing.
  attend() {
    const { keys, vectors } = this.setup;
    const query = folded(this.now.query);
    const scores = Float32Array.from(keys, (key) => ratio(query, folded(key)));
    const kept = this.kept;
    const shares = maskedSoftmax(
      kept.map((j) => scores[j]), [kept.length], 1, kept.length, this.now.temperature,
    );
    const weights = new Float32Array(keys.length);
    kept.forEach((j, at) => (weights[j] = shares[at]));
    const output = Float32Array.from(vectors?.[0] ?? [], (_, c) =>
      weights.reduce((sum, weight, j) => sum + weight * vectors[j][c], 0),
    );
    return { scores, weights, output };
  }
}

class DatabaseView {
  constructor(store, parent) {
    this.store = store;
    const { words, setup } = store;
    this.root = element("div", "d2l-attention", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", words.figure);
    const controls = element("div", "controls", this.root);
    this.query = labelled(controls, words.query, "input");
    this.query.addEventListener("input", () => store.control("query", this.query.value));
    this.exact = element("output", "exact", controls);
    const slider = temperatureSlider(store, controls);
    this.paintSlider = slider.paint;
    slider.control.before(element("small", "", null, words.nearest));
    slider.control.after(element("small", "", null, words.average));
    button(controls, words.reset, () => store.reset());
    this.closest = element("div", "closest", this.root);
    this.table = element("table", "records", element("div", "scroll", this.root));
    const head = element("tr", "", element("thead", "", this.table));
    for (const name of ["key", "value", "similarity", "weight", ""]) {
      element("th", "", head, words[name]).scope = "col";
    }
    const body = element("tbody", "", this.table);
    this.rows = setup.keys.map((key, j) => this.row(key, j, body));
    this.answer = element("div", "answer", this.root);
    this.status = element("div", "status", this.root);
    store.views.add(this);
    store.announce();
  }

  row(key, j, body) {
    const { store } = this;
    const root = element("tr", "", body);
    element("th", "", root, key).scope = "row";
    element("td", "", root, store.setup.values[j]);
    const similarity = element("td", "", root);
    const weight = element("td", "weight", root);
    const bar = element("div", "bar", weight);
    const number = element("span", "", weight);
    const press = button(element("td", "", root), "", () => {
      const { deleted } = store.now;
      const others = deleted.filter((name) => name !== key);
      store.control("deleted", others.length < deleted.length ? others : [...deleted, key]);
    });
    return { root, similarity, bar, number, press };
  }

  close() {
    this.store.views.delete(this);
    this.root.remove();
  }

  paint() {
    const { store } = this;
    const { words, setup, now, result } = store;
    if (this.query.value !== now.query) this.query.value = now.query;
    this.paintSlider();
    this.rows.forEach(({ root, similarity, bar, number, press }, j) => {
      const deleted = now.deleted.includes(setup.keys[j]);
      root.classList.toggle("deleted", deleted);
      setText(similarity, numberText(result.scores[j]));
      bar.style.width = `${100 * result.weights[j]}px`;
      setText(number, deleted ? words.deleted : numberText(result.weights[j]));
      setText(press, deleted ? words.restore : words.delete);
      press.setAttribute("aria-label", `${press.textContent} ${setup.keys[j]}`);
    });
    this.paintAnswers();
    setText(this.status, store.status);
  }

  paintAnswers() {
    const { words, setup, now, result } = this.store;
    const { kept } = this.store;
    const exact = kept.find((j) => setup.keys[j] === now.query);
    const best = [...kept].sort((a, b) => result.scores[b] - result.scores[a]).slice(0, CLOSEST);
    const near = best.filter((j) => result.scores[j] > 0).map((j) => setup.keys[j]);
    const none = near.length ? `${words.noKey}; ${words.closest} ${near.join(", ")}` : words.noKey;
    setText(this.exact, `${words.exact} ${exact === undefined ? none : setup.values[exact]}`);
    const answers = best.map(
      (j) => `${setup.keys[j]} → ${setup.values[j]} (${numberText(result.scores[j])})`,
    );
    setText(this.closest, `${words.similar} ${answers.join(" · ")}`);
    const soft = `${words.answer} ${[...result.output].map((x) => numberText(x)).join(", ")}`;
    setText(this.answer, result.output.length ? soft : "");
  }
}

export default widget(DatabaseStore, DatabaseView);
