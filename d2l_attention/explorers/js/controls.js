// Temperature, scoring function, example, shuffle, reset: what is not a cell of a matrix.

import { numberText } from "./painting.js";
import { element } from "./panel.js";
import { reaches } from "./figure.js";

export function labelled(parent, text, tag) {
  const label = element("label", "", parent, text);
  const control = element(tag, "", label);
  control.dataset.lmSuppressShortcuts = "true";
  return control;
}

function choice(parent, text, options, choose) {
  const select = labelled(parent, text, "select");
  for (const { value, words, reason } of options) {
    const option = element("option", "", select, reason ? `${words} (${reason})` : words);
    option.value = value;
    option.disabled = Boolean(reason);
  }
  select.addEventListener("change", () => choose(select.value));
  return select;
}

export function button(parent, text, press) {
  const made = element("button", "", parent, text);
  made.type = "button";
  made.dataset.lmSuppressShortcuts = "true";
  made.addEventListener("click", press);
  return made;
}

// The slider moves the exponent: as far below 1 as above it.
export function temperatureSlider(store, parent) {
  const control = labelled(parent, store.words.temperature, "input");
  Object.assign(control, { type: "range", min: -2, max: 2, step: 0.01 });
  const shown = element("output", "", control.parentElement);
  control.addEventListener("input", () => {
    store.control("temperature", Number((10 ** control.value).toPrecision(3)));
  });
  const paint = () => {
    const { temperature } = store.now;
    if (document.activeElement !== control || Math.abs(10 ** control.value / temperature - 1) > 0.02) {
      control.value = Math.log10(temperature);
    }
    shown.textContent = numberText(temperature);
    control.setAttribute("aria-valuetext", shown.textContent);
  };
  return { control, paint };
}

// Returns a function that brings the controls up to date.
export function addControls(store, parent) {
  const { words, setup } = store;
  const root = element("div", "controls", parent);
  let scoring;
  if (reaches(store, "scores")) {
    scoring = choice(root, words.scoring, setup.choices, (name) => store.control("scoring", name));
  }
  const slider = temperatureSlider(store, root);
  let batch;
  if (setup.batch > 1) {
    const examples = Array.from({ length: setup.batch }, (_, i) => ({ value: i, words: i }));
    batch = choice(root, words.example, examples, (i) => store.control("batch", Number(i)));
  }
  if (!setup.large) button(root, words.shuffle, () => store.shuffle());
  button(root, words.reset, () => store.reset());
  return () => {
    const { now } = store;
    if (scoring) scoring.value = now.scoring;
    if (batch) batch.value = now.batch;
    slider.paint();
  };
}

// The valid length as a handle on the weights: one for each query, or one for all.
export class LengthHandles {
  constructor(store, panel) {
    [this.store, this.panel] = [store, panel];
    const { n } = store.setup.sizes;
    this.each = store.now.lens === "query";
    this.handles = Array.from({ length: this.each ? n : 1 }, (_, i) => this.handle(i));
  }

  handle(i) {
    const { words, sizes } = this.store.setup;
    const handle = element("div", "handle", this.panel.box);
    handle.tabIndex = 0;
    handle.dataset.lmSuppressShortcuts = "true";
    handle.setAttribute("role", "slider");
    const query = this.each ? `, ${words.query.replace("{n}", i)}` : "";
    handle.setAttribute("aria-label", words.validLength + query);
    handle.setAttribute("aria-valuemin", 0);
    handle.setAttribute("aria-valuemax", sizes.m);
    handle.title = words.validLength;
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const left = this.panel.canvas.getBoundingClientRect().left;
      this.set(i, Math.round((event.clientX - left) / this.panel.width));
    });
    handle.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
      if (event.key in steps) this.set(i, this.length(i) + steps[event.key]);
      else if (event.key === "Home" || event.key === "End") this.set(i, event.key === "End" ? sizes.m : 0);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return handle;
  }

  length(i) {
    return Math.max(0, Math.min(this.store.setup.sizes.m, this.store.example("valid_lens")[i]));
  }

  set(i, length) {
    const { n, m } = this.store.setup.sizes;
    const kept = Math.max(0, Math.min(m, length));
    const rows = this.each ? [i] : Array.from({ length: n }, (_, row) => row);
    for (const row of rows) this.store.edit("valid_lens", row, kept);
  }

  paint() {
    const { width, height } = this.panel;
    this.handles.forEach((handle, i) => {
      handle.style.left = `${this.length(i) * width - 5}px`;
      handle.style.top = `${i * height}px`;
      handle.style.height = `${this.each ? height : height * this.store.setup.sizes.n}px`;
      handle.setAttribute("aria-valuenow", this.length(i));
    });
  }
}
