// Temperature, scoring function, example, shuffle, reset: what is not a cell of a matrix.

import { clamp, element, hold, place, setText } from "./dom.js";
import { reaches } from "./figure.js";
import { numberText } from "./painting.js";

export const labelled = (parent, text, kind, attributes) =>
  element(element(parent, "label", text), kind, "", attributes);

export function button(parent, text, press) {
  const made = element(parent, "button", text, { type: "button" });
  made.addEventListener("click", press);
  return made;
}

function choice(parent, text, options, choose) {
  const select = labelled(parent, text, "select");
  for (const { value, words, reason } of options) {
    const option = element(select, "option", reason ? `${words} (${reason})` : words, { value });
    option.disabled = Boolean(reason);
  }
  select.addEventListener("change", () => choose(select.value));
  return select;
}

// The slider moves the exponent: as far below 1 as above it.
export function temperatureSlider(store, parent) {
  const range = { type: "range", min: -2, max: 2, step: 0.01 };
  const control = labelled(parent, store.words.temperature, "input", range);
  const shown = element(control.parentElement, "output");
  control.addEventListener("input", () => {
    store.control("temperature", Number((10 ** control.value).toPrecision(3)));
  });
  const paint = () => {
    const { temperature } = store.now;
    const far = Math.abs(10 ** control.value / temperature - 1) > 0.02;
    if (document.activeElement !== control || far) control.value = Math.log10(temperature);
    setText(shown, numberText(temperature));
    control.setAttribute("aria-valuetext", shown.textContent);
  };
  return { control, paint };
}

// Returns a function that brings the controls up to date.
export function addControls(store, parent) {
  const { words, setup } = store;
  const root = element(parent, "div.controls");
  const choose = (name, text, options, read) =>
    [name, choice(root, text, options, (value) => store.control(name, read(value)))];
  const choices = [];
  if (reaches(store, "scores")) {
    choices.push(choose("scoring", words.scoring, setup.choices, String));
  }
  const slider = temperatureSlider(store, root);
  if (setup.batch > 1) {
    const examples = Array.from({ length: setup.batch }, (_, i) => ({ value: i, words: i }));
    choices.push(choose("batch", words.example, examples, Number));
  }
  if (!setup.large) button(root, words.shuffle, () => store.shuffle());
  button(root, words.reset, () => store.reset());
  return () => {
    for (const [name, select] of choices) select.value = store.now[name];
    slider.paint();
  };
}

// The valid length as a handle on the weights: one for each query, or one for all.
export class LengthHandles {
  constructor(store, panel) {
    [this.store, this.panel] = [store, panel];
    const { n, m } = store.setup.sizes;
    [this.m, this.each] = [m, store.now.lens === "query"];
    this.rows = this.each ? Array.from({ length: n }, (_, i) => [i]) : [[...Array(n).keys()]];
    this.handles = this.rows.map((rows) => this.handle(rows));
  }

  handle(rows) {
    const { m, panel, store: { words } } = this;
    const query = this.each ? `, ${words.query.replace("{n}", rows[0])}` : "";
    const handle = element(panel.box, "div.handle", "", {
      role: "slider", tabindex: 0, title: words.validLength,
      "aria-label": words.validLength + query, "aria-valuemin": 0, "aria-valuemax": m,
    });
    hold(handle, {
      drag: ({ clientX }) => {
        const { left } = panel.canvas.getBoundingClientRect();
        this.set(rows, Math.round((clientX - left) / panel.width));
      },
      key: ({ key }) => {
        const length = this.length(rows);
        const [less, more] = [length - 1, length + 1];
        const lengths = {
          ArrowLeft: less, ArrowDown: less, ArrowRight: more, ArrowUp: more, Home: 0, End: m,
        };
        return key in lengths && (() => this.set(rows, lengths[key]));
      },
    });
    return handle;
  }

  length([row]) {
    return clamp(this.store.example("valid_lens")[row], 0, this.m);
  }

  set(rows, length) {
    for (const row of rows) this.store.edit("valid_lens", row, clamp(length, 0, this.m));
  }

  paint() {
    this.handles.forEach((handle, at) => {
      const rows = this.rows[at];
      place(handle, rows[0], this.length(rows), rows.length);
      handle.setAttribute("aria-valuenow", this.length(rows));
    });
  }
}
