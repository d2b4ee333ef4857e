// What the shapes, lines and colours of the plane mean.

import { element, times } from "./dom.js";

// Adds the legend to its parent; `setup` is the store's.
export function addLegend(parent, { words, setup }) {
  const { colours, tied, sizes } = setup;
  const root = element(parent, "div.legend");
  const shapes = element(root, "div.signs");
  const sign = (kind, text) => {
    const entry = element(shapes, `span.${kind}`);
    element(entry, "i");
    entry.append(text);
    return entry;
  };
  sign("Q", words["mark Q"]);
  sign("K", words[tied ? "mark KV" : "mark K"]);
  if (!tied) sign("V", words["mark V"]);
  sign("out", words["mark out"]);
  if (setup.predict) sign("P", words["your output"]);
  sign("strip", words.strip);
  sign("dashes", words.hull);
  element(root, "div", words.wins);
  const keys = element(root, "div.signs");
  // Where keys are many, they share colours.
  times(Math.min(sizes.m, colours.length), (at) => {
    const entry = element(keys, "span");
    const bar = element(entry, "i.bar");
    bar.style.background = `linear-gradient(90deg, #fff, ${colours[at]})`;
    const more = at + colours.length < sizes.m ? `, k${at + colours.length} …` : "";
    entry.append(`k${at}${more}`);
  });
  element(root, "small", words.sharply);
}
