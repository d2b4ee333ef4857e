// The database explorer: a query to type, and the similarity and weight of each record.

import { css } from "./database.css";
import { actionButton, button, labelled, temperatureSlider } from "./controls.js";
import { element, setText } from "./dom.js";
import { maskedSoftmax } from "./engine.js";
import { Figure } from "./figure.js";
import { numberText } from "./painting.js";
import { folded, ratio } from "./similarity.js";
import { Store } from "./store.js";
import { widget } from "./widget.js";

const CLOSEST = 3;

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

  // Deleted records have a similarity, but a weight of 0.
  attend() {
    const { keys, vectors } = this.setup;
    const query = folded(this.now.query);
    const scores = Float32Array.from(keys, (key) => ratio(query, folded(key)));
    const weights = new Float32Array(keys.length);
    const { kept } = this;
    const of = kept.map((j) => scores[j]);
    maskedSoftmax(of, [of.length], 1, of.length, this.now.temperature).forEach((weight, at) => {
      weights[kept[at]] = weight;
    });
    const sum = (_, c) => weights.reduce((total, weight, j) => total + weight * vectors[j][c], 0);
    return { scores, weights, output: Float32Array.from(vectors?.[0] ?? [], sum) };
  }
}

class DatabaseFigure extends Figure {
  get styles() {
    return [...super.styles, css];
  }

  build(words) {
    const { store, root } = this;
    const controls = element(root, "div.controls");
    const input = () => store.control("query", this.query.value);
    this.query = labelled(controls, words.query, "input", { input });
    this.exact = element(controls, "output");
    this.slider = temperatureSlider(store, controls);
    const { control } = this.slider;
    control.before(element(controls, "small", words.nearest));
    control.after(element(controls, "small", words.average));
    this.paintReset = actionButton(store, controls, "reset");
    this.similar = element(root, "div");
    const table = element(element(root, "div.scroll"), "table.records");
    const head = element(element(table, "thead"), "tr");
    for (const name of ["key", "value", "similarity", "weight"]) element(head, "th", words[name]);
    const body = element(table, "tbody");
    this.rows = store.setup.keys.map((key, j) => this.row(key, j, body));
    this.answer = element(root, "div.answer");
  }

  row(key, j, body) {
    const { store } = this;
    const root = element(body, "tr");
    element(root, "th", key);
    element(root, "td", store.setup.values[j]);
    const similarity = element(root, "td");
    const weight = element(root, "td.weight");
    const [bar, number] = [element(weight, "div.bar"), element(weight, "span")];
    const press = button(element(root, "td"), "", () => {
      const { deleted } = store.now;
      const others = deleted.filter((name) => name !== key);
      store.control("deleted", deleted.includes(key) ? others : [...deleted, key]);
    });
    return { root, similarity, bar, number, press };
  }

  update() {
    const { words, setup, now, result, kept } = this.store;
    const { keys, values } = setup;
    if (this.query.value !== now.query) this.query.value = now.query;
    this.slider.paint();
    this.paintReset();
    this.rows.forEach(({ root, similarity, bar, number, press }, j) => {
      const deleted = now.deleted.includes(keys[j]);
      root.classList.toggle("deleted", deleted);
      setText(similarity, numberText(result.scores[j]));
      bar.style.width = `${100 * result.weights[j]}px`;
      setText(number, deleted ? words.deleted : numberText(result.weights[j]));
      setText(press, deleted ? words.restore : words.delete);
      press.setAttribute("aria-label", `${press.textContent} ${keys[j]}`);
    });
    const exact = kept.find((j) => keys[j] === now.query);
    const best = kept.sort((a, b) => result.scores[b] - result.scores[a]).slice(0, CLOSEST);
    setText(this.exact, `${words.exact} ${exact === undefined ? words.noKey : values[exact]}`);
    const answers = best.map((j) => `${keys[j]} → ${values[j]} (${numberText(result.scores[j])})`);
    setText(this.similar, `${words.similar} ${now.query ? answers.join(" · ") : "–"}`);
    const soft = [...result.output].map((x) => numberText(x));
    setText(this.answer, soft.length ? `${words.answer} ${soft.join(", ")}` : "");
  }
}

export default widget(DatabaseStore, DatabaseFigure);
