// What anywidget wants of a figure: one store for a model, shared by its views.

import { element, setText } from "./dom.js";

export const widget = (Store, View) => () => {
  let store;
  return {
    initialize({ model }) {
      store = new Store(model);
      return () => store.close();
    },
    render({ el }) {
      const view = new View(store, el);
      return () => view.close();
    },
  };
};

// The float32 numbers in a buffer: a copy, since they may stand at any byte.
export function floats(buffer) {
  const { buffer: bytes = buffer, byteOffset: from = 0, byteLength } = buffer;
  return new Float32Array(bytes.slice(from, from + byteLength));
}

// Many events make one frame.
export class Shared {
  constructor(model) {
    this.setup = model.get("_setup");
    this.words = this.setup.words;
    this.views = new Set();
    this.now = {};
  }

  announce() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.refresh?.();
      for (const view of this.views) view.paint();
    });
  }
}

// A view that builds its parts once, and updates them.
export class Figure {
  constructor(store, parent) {
    this.store = store;
    const name = { role: "group", "aria-label": store.words.figure };
    this.root = element(parent, "div.d2l-attention", "", name);
    this.build(store.words);
    this.error = element(this.root, "pre.error", "", { role: "alert" });
    this.status = element(this.root, "div.status");
    store.views.add(this);
    this.resizes = new ResizeObserver(() => this.paint());
    this.resizes.observe(this.root);
  }

  paint() {
    if (!this.root.clientWidth) return; // Hidden: there is nothing to lay out in.
    this.update();
    setText(this.error, this.store.now.error ?? "");
    setText(this.status, this.store.status);
  }

  close() {
    this.resizes.disconnect();
    this.store.views.delete(this);
    this.root.remove();
  }
}
