// The plane's numbers: points, how far it reaches, and its map.

import { matrix } from "./engine.js";
import { Store } from "./store.js";

// Rows of the browser's map: during a drag, if keys are few; and at rest, like torch's.
const ROUGH = 64;
const FINE = 256;
const PAUSE = 150; // ms without a change, before the fine map is computed
const SCORES = 60_000; // the most that it computes within a frame

export class PlaneStore extends Store {
  // Tied: the values are the keys.
  write(name, index, value) {
    if (this.isHeld) this.link?.control("held", true);
    super.write(name, index, value);
    if (this.setup.tied && name === "K") super.write("V", index, value);
  }

  get shuffledInputs() {
    return this.setup.tied ? ["Q", "K"] : ["Q", "K", "V"];
  }

  inputsChanged() {
    if (this.browserComputes) delete this.inputs.map;
    super.inputsChanged();
  }

  // Python's map is rough while a point is held. Where the browser computes, it makes its own, and
  // refines that when the hand rests.
  takeArrays(arrays, about) {
    super.takeArrays(arrays, about);
    if (this.browserComputes && arrays.map?.length < FINE ** 2 / 2) delete this.inputs.map;
  }

  // Once for both coordinates of a point.
  beforePaint() {
    if (this.mustCompute) this.fitReach();
    super.beforePaint();
  }

  // The plane grows under the hand, and comes back once that lets go; Python waits for it, too.
  hold(isHeld) {
    const isReleased = this.isHeld && !isHeld;
    super.hold(isHeld);
    if (!isReleased) return;
    this.link?.control("held", false);
    if (this.fitReach()) this.inputsChanged();
  }

  // As Python does: the plane is as it was at first or, for points that lie outside, ends at 1.2 times
  // the largest coordinate, rounded up to one digit. Says whether that is a change.
  fitReach() {
    const { Q, K, V, reach } = this.inputs;
    const [before] = reach;
    const largest = Math.max(...[Q, K, V].flatMap((X) => [...X].map(Math.abs)));
    if (!this.isHeld) reach.set(this.first.inputs.reach);
    if (largest > reach[0]) {
      const power = 10 ** Math.floor(Math.log10(1.2 * largest));
      reach[0] = Math.ceil((1.2 * largest) / power) * power;
    }
    if (reach[0] === before) return false;
    if (!this.isHeld) this.move();
    return true;
  }

  // Bytes: the key that wins in each pixel, row by row, then its weight from 0 to 255.
  map() {
    if (this.browserComputes && !this.inputs.map) {
      const rows = Math.min(ROUGH, Math.floor(Math.sqrt(SCORES / this.setup.sizes.m)));
      const rough = this.fill(new Uint8Array(2 * rows ** 2), 0, rows);
      this.inputs.map = rough;
      setTimeout(() => this.refine(rough, new Uint8Array(2 * FINE ** 2), 0), PAUSE);
    }
    return this.inputs.map;
  }

  // As many rows as fit in a frame, then the next; in vain once another map stands for `rough`.
  refine(rough, fine, from) {
    if (this.inputs.map !== rough) return;
    const to = Math.min(FINE, from + Math.ceil(SCORES / (FINE * this.setup.sizes.m)));
    this.fill(fine, from, to);
    if (to < FINE) return setTimeout(() => this.refine(rough, fine, to));
    this.inputs.map = fine;
    this.requestPaint();
  }

  // The rows of a map from one to before another.
  fill(map, from, to) {
    const { inputs, setup } = this;
    const { m } = setup.sizes;
    const count = map.length / 2;
    const rows = Math.sqrt(count);
    const start = from * rows;
    const n = (to - from) * rows;
    const middle = (at) => inputs.reach[0] * ((2 * at + 1) / rows - 1);
    const down = (i) => from + Math.floor(i / rows);
    const Q = matrix(n, 2, (i, c) => (c ? -middle(down(i)) : middle(i % rows)));
    const lens = new Float32Array(n).fill(m);
    const { weights } = this.attend({ n, v: 0, V: [], Q, lens });
    for (let i = 0; i < n; i++) {
      let most = i * m;
      for (let at = most; at < (i + 1) * m; at++) if (weights[at] > weights[most]) most = at;
      map[start + i] = most - i * m;
      map[count + start + i] = Math.round(255 * weights[most]);
    }
    return map;
  }
}
