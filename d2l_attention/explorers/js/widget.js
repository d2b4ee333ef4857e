// What a page wants of a figure: one store, shared by its views.

export const widget = (Store, Figure) => () => {
  let store;
  return {
    // anywidget calls these two: once for a model, and for each place where it is shown.
    initialize({ model }) {
      store = new Store(model);
      return () => store.close();
    },
    render({ el }) {
      const figure = new Figure(store, el);
      return () => figure.close();
    },
    // For a page without a kernel, which hands over what was saved, and gets the store.
    mount(saved, el) {
      store = new Store(null, saved);
      this.render({ el });
      return store;
    },
  };
};
