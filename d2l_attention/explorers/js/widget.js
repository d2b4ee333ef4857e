// What anywidget wants of a figure: one store for a model, shared by its views.

import { element, setText } from "./panel.js";

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

// A view that builds its parts once and brings them up to date: build(words), update().
export class Figure {
  constructor(store, parent) {
    this.store = store;
    this.root = element("div", "d2l-attention", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", store.words.figure);
    this.build(store.words);
    this.error = element("pre", "error", this.root);
    this.error.setAttribute("role", "alert");
    this.status = element("div", "status", this.root);
    store.views.add(this);
    store.announce();
  }

  paint() {
    this.update();
    setText(this.error, this.store.now.error ?? "");
    setText(this.status, this.store.status);
  }

  close() {
    this.store.views.delete(this);
    this.root.remove();
  }
}
