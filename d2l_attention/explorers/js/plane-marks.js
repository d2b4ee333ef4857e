// The marks of the plane: outputs, and points to move; each a shape in its target, and a name beside it.

import { element, times } from "./dom.js";
import { placeNames } from "./plane-drawing.js";

const NEAR = 14; // pixels around a mark that are its own
const NAMED = 100; // marks: if there are more, names show only where one points

// Of marks that coincide, the last: queries lie over keys, and keys over values. `x` and `y` are in
// pixels, like those of the marks.
export function nearest(marks, x, y) {
  let [found, least] = [null, NEAR * Math.SQRT2];
  for (const mark of marks) {
    if (mark.root.hidden) continue;
    const far = Math.hypot(mark.x - x, mark.y - y);
    if (far <= least) [found, least] = [mark, far];
  }
  return found;
}

export class PlaneMarks {
  // `focus(point)` is called when a point gets the focus.
  constructor(store, plane, focus) {
    const { setup, words } = store;
    Object.assign(this, { store, plane, focus, colours: setup.colours });
    const { n, m } = setup.sizes;
    this.outputs = times(n, (at) => this.mark("span.out", "o", at));
    const several = (name, count) => times(count, (at) => this.point(name, at));
    this.points = [...several("V", setup.tied ? 0 : m), ...several("K", m), ...several("Q", n)];
    // Where the reader expects the outputs.
    if (setup.predict) this.points.push(...several("P", n));
    const named = (name) => this.points.filter((point) => point.name === name);
    this.values = named(setup.tied ? "K" : "V");
    this.predictions = named("P");
    this.all = [...this.outputs, ...this.points];
    plane.classList.toggle("crowded", this.all.length > NAMED);
    const moved = setup.predict ? "P" : "Q";
    this.first = this.points.find(({ name }) => name === moved);
    this.first.label.dataset.nudge = words.dragMe;
    this.first.letters += 1 + words.dragMe.length;
  }

  mark(kind, letter, at, listeners = {}) {
    const root = element(this.plane, kind, "", listeners);
    const shape = element(root, "i");
    const label = element(root, "b", letter + at);
    return { root, shape, label, at, letters: label.textContent.length };
  }

  point(name, at) {
    const focus = () => this.focus(point);
    const mark = this.mark(`button.point.${name}`, name.toLowerCase(), at, { focus });
    const point = Object.assign(mark, { name });
    const { colours } = this;
    if (name === "K" || name === "V") point.shape.style.background = colours[at % colours.length];
    return point;
  }

  // The first query, or what is predicted of it, says that it can be dragged, until something was.
  endNudge() {
    const { label } = this.first;
    if (!label.dataset.nudge) return;
    delete label.dataset.nudge;
    this.first.letters = label.textContent.length;
  }

  // Puts a mark at shares of the half of a plane of `side` pixels, to the right and down, or on its way.
  put(mark, to, side) {
    const { leap } = this.store;
    const from = leap?.from(mark, mark.place) ?? to;
    const [x, y] = (mark.place = from.map((c, at) => c + (leap?.share ?? 1) * (to[at] - c)));
    mark.root.style.left = `${50 * (1 + x)}%`;
    mark.root.style.top = `${50 * (1 + y)}%`;
    [mark.x, mark.y] = [(side * (1 + x)) / 2, (side * (1 + y)) / 2];
  }

  paintNames(side) {
    if (this.all.length > NAMED) return;
    const marks = this.all.filter(({ root }) => !root.hidden);
    placeNames(marks, side);
    for (const mark of marks) {
      if (mark.moved === mark.beside) continue;
      mark.moved = mark.beside;
      const [across, down] = mark.beside;
      mark.label.style.transform = `translate(${across}px, ${down}px) translate(-50%, -50%)`;
    }
  }
}
