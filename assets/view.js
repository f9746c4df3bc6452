/* The view of a page (columns, sort, machine, tab): a query text in a store, and how scripts read and change it. */
(() => {
  "use strict";

  const views = new Map();

  const of = (store) => new URLSearchParams(views.get(store) || "");
  const note = (store, query) => views.set(store, query || "");

  /* Put values of some parameters into a view's store: {parameter: [value, …]}. */
  function change(store, changes) {
    const view = of(store);
    for (const [name, values] of Object.entries(changes)) {
      view.delete(name);
      values.forEach((value) => view.append(name, value));
    }
    const query = view.toString();
    if (query === (views.get(store) || "")) return;
    views.set(store, query);
    window.dash_clientside.set_props(store, { data: query });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { view: { of, note, change } });
  window.dash_clientside.columns.begin();
})();
