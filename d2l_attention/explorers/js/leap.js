// A change that was not made cell by cell, such as Shuffle: colours, points and bars move to it, numbers
// are there at once.

import { clamp } from "./dom.js";
import { prefersStillness } from "./marks.js";

const DURATION = 200; // ms

export class Leap {
  constructor(store) {
    this.start = performance.now();
    this.store = store;
    this.before = new Map(); // what was shown of each panel or mark when it began
  }

  // How far all have come, from 0 to 1.
  get share() {
    return prefersStillness() ? 1 : clamp((performance.now() - this.start) / DURATION, 0, 1);
  }

  // What a panel or mark is on its way from; nothing once all are there.
  from(whose, shown) {
    if (this.share === 1) return undefined;
    if (!this.before.has(whose)) this.before.set(whose, shown);
    this.store.requestPaint();
    return this.before.get(whose);
  }
}
