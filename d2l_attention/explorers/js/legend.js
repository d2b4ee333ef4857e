// The scale of a matrix: its ends, 0, and the colours between.

import { element, setText, times } from "./dom.js";
import { colourOf } from "./painting.js";

const STOPS = 4; // steps of a gradient

export class Legend {
  constructor(parent, map) {
    this.root = element(parent, "small.legend");
    this.ends = map === "sequential" ? [0, 1] : [-1, 0, 1];
    this.texts = this.ends.map((end, at) => {
      const colour = (stop) => `rgb(${colourOf(map, end - stop / STOPS, 1)})`;
      const gradient = times(STOPS + 1, colour);
      if (at) element(this.root, "i").style.background = `linear-gradient(-90deg, ${gradient})`;
      return element(this.root, "span");
    });
  }

  paint(limit) {
    const end = Number(limit.toPrecision(3));
    this.ends.forEach((x, at) => setText(this.texts[at], String(x * end).replace("-", "−")));
  }
}
