// Temperature, scoring function, buttons: what is not a cell of a matrix.

import { element, set, setText, times } from "./dom.js";
import { numberText } from "./painting.js";

const STEPS = ["weights", "scores", "mask", "parameters"];

// Whether a figure shows so much of the computation.
export const shows = ({ setup }, step) => STEPS.indexOf(setup.show) >= STEPS.indexOf(step);

export const labelled = (parent, text, kind, attributes) =>
  element(element(parent, "label", text), kind, "", attributes);

export const button = (parent, text, click) =>
  element(parent, "button", text, { type: "button", click });

// A button for a method of the store, "reset" or "shuffle"; returns a function that updates it.
export function actionButton(store, parent, action) {
  const made = button(parent, store.words[action], () => store[action]());
  return () => (made.disabled = !store.canCompute);
}

// A slider of the temperature's exponent, from 0.01 to 100 with 1 in the middle.
export function temperatureSlider(store, parent) {
  const input = () => store.control("temperature", Number((10 ** control.value).toPrecision(3)));
  const range = { type: "range", min: -2, max: 2, step: 0.01, input };
  const control = labelled(parent, store.words.temperature, "input", range);
  const shown = element(control.parentElement, "output");
  const paint = () => {
    const { temperature } = store.now;
    control.value = Math.log10(temperature);
    setText(shown, numberText(temperature));
    set(control, "ariaValueText", shown.textContent);
  };
  return { control, paint };
}

// Adds the controls; returns a function that updates them.
export function addControls(store, parent) {
  const { words, setup } = store;
  const root = element(parent, "div.controls");
  const parts = [];
  const choose = (name, text, options, read) => {
    const change = () => store.control(name, read(select.value));
    const select = labelled(root, text, "select", { change });
    for (const { value, words: said, reason } of options) {
      const option = element(select, "option", reason ? `${said} (${reason})` : said, { value });
      option.disabled = reason;
    }
    parts.push(() => (select.value = store.now[name]));
  };
  if (shows(store, "scores")) choose("scoring", words.scoring, setup.choices, String);
  parts.push(temperatureSlider(store, root).paint);
  const examples = times(setup.batch, (value) => ({ value, words: value }));
  if (setup.batch > 1) choose("batch", words.example, examples, Number);
  const actions = element(root, "div.actions");
  if (!setup.large) parts.push(actionButton(store, actions, "shuffle"));
  parts.push(actionButton(store, actions, "reset"));
  return () => parts.forEach((paint) => paint());
}
