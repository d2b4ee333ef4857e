// The scale of a matrix: its ends, 0, and the colours between.

import { element, setText, times } from "./dom.js";
import { colourOf } from "./painting.js";

const STOPS = 5; // of a gradient

export class Legend {
  constructor(parent, map) {
    this.root = element(parent, "small.legend");
    // A scale of both signs has 0 in its middle.
    const ends = (this.ends = map === "sequential" ? [0, 1] : [-1, 0, 1]);
    this.texts = [element(this.root, "span")];
    for (const from of ends.slice(0, -1)) {
      const bar = element(this.root, "i");
      const stops = times(STOPS, (at) => from + at / (STOPS - 1));
      const colours = stops.map((x) => `rgb(${colourOf(map, x, 1)})`);
      bar.style.background = `linear-gradient(90deg, ${colours})`;
      this.texts.push(element(this.root, "span"));
    }
  }

  paint(limit) {
    const end = Number(limit.toPrecision(3));
    const texts = this.ends.map((x) => String(x * end).replace("-", "−"));
    texts.forEach((text, at) => setText(this.texts[at], text));
    this.root.title = `${texts[0]} … ${texts.at(-1)}`;
  }
}
