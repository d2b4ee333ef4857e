// The frames of a training, as they come from Python.

import { rowOf } from "./engine.js";
import { SharedState, readFloats } from "./shared.js";

// Later than every step: where a scrubber that stands at the end follows the training.
export const END = Infinity;

export class Film extends SharedState {
  constructor(model) {
    super(model.get("_setup"));
    this.listen = (message, [buffer]) => this.add(message, readFloats(buffer));
    model.on("msg:custom", this.listen);
    this.model = model;
    const { shape, steps } = model.get("_now");
    const numbers = readFloats(model.get("_numbers"));
    const size = numbers.length / steps.length;
    this.shape = shape; // [rows, columns, num_queries, num_keys]; rows and columns of panels
    this.frames = steps.map((step, at) => ({ step, X: rowOf(numbers, at, size) }));
  }

  // Nothing is said below it.
  get problem() {
    return "";
  }

  get status() {
    return "";
  }

  close() {
    this.model.off("msg:custom", this.listen);
  }

  add({ shape, step, most }, X) {
    this.shape = shape;
    this.frames.push({ step, X });
    // As Python does.
    if (this.frames.length > most) this.frames = this.frames.filter((_, at) => at % 2 === 0);
    this.requestPaint();
  }

  // Frames are thinned out: what stays where it was put is a step, not a place among the frames.
  stepAt(at) {
    return at < this.frames.length - 1 ? this.frames[at].step : END;
  }

  frameAt(step) {
    return this.frames.findLastIndex((frame) => frame.step <= step);
  }
}
