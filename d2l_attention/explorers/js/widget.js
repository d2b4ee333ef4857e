// What anywidget wants of a figure: one store for a model, shared by its views.

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
