// A change that was not made cell by cell, such as Shuffle: colours move to it, numbers are there at once.

import { clamp } from "./dom.js";
import { prefersStillness } from "./marks.js";

const DURATION = 200; // ms

export class Leap {
  constructor(store) {
    this.start = performance.now();
    this.store = store;
    this.before = new Map(); // what each panel showed when it began
  }

  // How far a panel's colours have come: {before, share}, or nothing once they are there.
  of(panel, shown) {
    const share = clamp((performance.now() - this.start) / DURATION, 0, 1);
    if (share === 1 || prefersStillness()) return {};
    if (!this.before.has(panel)) this.before.set(panel, shown);
    const before = this.before.get(panel);
    if (before?.length !== panel.spec.rows * panel.spec.columns) return {};
    this.store.requestPaint();
    return { before, share };
  }
}
