// The frames of a training, and where its scrubber stands.

import assert from "node:assert/strict";
import test from "node:test";

import { END, Film } from "../../explorers/js/film.js";

globalThis.requestAnimationFrame = () => 1;

const MOST = 6;

// Frames of these steps; the number in each is its step.
function filmOf(...steps) {
  const listeners = {};
  const state = {
    _setup: { words: {} },
    _now: { shape: [1, 1, 1, 1], steps },
    _numbers: Float32Array.from(steps),
  };
  const film = new Film({
    get: (name) => state[name],
    on: (event, listener) => (listeners[event] = listener),
    off: (event) => delete listeners[event],
  });
  const train = (step) => {
    const message = { kind: "frame", step, most: MOST, shape: [1, 1, 1, 1] };
    listeners["msg:custom"](message, [new DataView(Float32Array.of(step).buffer)]);
  };
  const shown = (step) => film.frames[film.frameAt(step)].X[0];
  return { film, train, shown, listeners };
}

test("at the end it follows the training", () => {
  const { film, train, shown } = filmOf(1, 2, 3);
  const step = film.stepAt(2);
  assert.equal(step, END);
  for (const next of [4, 5, 6, 7, 8]) {
    train(next);
    assert.equal(shown(step), film.frames.at(-1).step);
  }
});

test("elsewhere it stays at its step, or just before it when that is thinned out", () => {
  const { film, train, shown } = filmOf(1, 2, 3, 4, 5, 6);
  const [second, third] = [film.stepAt(1), film.stepAt(2)];
  assert.deepEqual([second, third], [2, 3]);
  train(7);
  assert.deepEqual(
    film.frames.map(({ step }) => step),
    [1, 3, 5, 7],
  );
  assert.deepEqual([shown(second), shown(third)], [1, 3]);
});

test("a film that is closed listens no more", () => {
  const { film, listeners } = filmOf(1);
  film.close();
  assert.deepEqual(listeners, {});
});
