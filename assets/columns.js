/* The columns of VM Explorer: what the chooser and the grid do to the view. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const SEARCH = "vm-explorer-columns-search";

  const view = () => window.dash_clientside.view.of(VIEW);
  const change = (changes) => window.dash_clientside.view.change(VIEW, changes);
  const chooser = () => document.querySelector("[data-columns]");
  const defaults = () => JSON.parse(chooser().dataset.columns);
  const options = () => [...chooser().querySelectorAll(".choice")];

  function columns() {
    const chosen = view().getAll("col");
    return chosen.length ? chosen : defaults();
  }

  function note(chosen) {
    change({ col: chosen.join("\n") === defaults().join("\n") ? [] : chosen });
  }

  function keepOrder(api) {
    note(api.getAllDisplayedColumns().map((column) => column.getColId()));
  }

  function choose(chosen) {
    const isMore = chosen.some((key) => !columns().includes(key));
    note(chosen);
    window.dash_clientside.explorer.withGrid((api) => {
      const known = new Map(options().map((row) => [row.dataset.value, row.dataset.definition]));
      const definitions = chosen.map((key) => (known.has(key) ? JSON.parse(known.get(key)) : api.getColumnDef(key)));
      window.dash_clientside.set_props(GRID, { columnDefs: definitions.filter(Boolean) });
      if (!isMore) return;
      api.purgeInfiniteCache();
      setTimeout(() => api.getColumn(chosen.at(-1)) && api.ensureColumnVisible(chosen.at(-1)));
    });
  }

  function show() {
    if (!chooser()) return;
    const chosen = new Set(columns());
    options().forEach((row) => row.setAttribute("aria-selected", String(chosen.has(row.dataset.value))));
    findColumns();
  }

  function findColumns() {
    const words = document.getElementById(SEARCH).value.trim().toLowerCase();
    options().forEach((row) => (row.hidden = !row.textContent.toLowerCase().includes(words)));
    chooser().querySelectorAll('[role="group"]').forEach((group) => {
      group.hidden = !group.querySelector(".choice:not([hidden])");
    });
  }

  document.addEventListener("panelopen", (event) => {
    if (!event.target.matches("[data-columns]")) return;
    window.dash_clientside.set_props(SEARCH, { value: "" });
    window.dash_clientside.set_props("vm-explorer-columns-request", { data: Date.now() });
    requestAnimationFrame(show);
  });

  document.addEventListener("choose", (event) => {
    const row = event.target;
    if (!row.closest("[data-columns]")) return;
    const key = row.dataset.value;
    const before = columns();
    const after = before.includes(key) ? before.filter((one) => one !== key) : [...before, key];
    if (after.length) choose(after);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".columns-default")) choose(defaults());
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === SEARCH) findColumns();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    columns: {
      attach: (api) => api.addEventListener("columnMoved", (event) => event.finished && keepOrder(api)),
      show,
    },
  });
})();
