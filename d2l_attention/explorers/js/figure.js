// A view that builds its parts once and updates them, with the lines that every figure ends with.

import { element, setText } from "./dom.js";

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
    setText(this.error, this.store.problem);
    setText(this.status, this.store.status);
  }

  close() {
    this.resizes.disconnect();
    this.store.views.delete(this);
    this.root.remove();
  }
}
