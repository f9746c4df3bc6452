/* VM Explorer in the browser: what the grid does to the view and the other way round. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const FIRST_SORT = "name";

  const attached = new WeakSet();

  const keep = () => window.dash_clientside.no_update;
  const element = (id) => document.getElementById(id);
  const view = () => window.dash_clientside.view.of(VIEW);
  const change = (changes) => window.dash_clientside.view.change(VIEW, changes);
  const count = (number) => number.toLocaleString("en-US");
  const openMachine = () => view().get("machine");
  const open = (machine, takesFocus) => window.dash_clientside.detail.open(machine, takesFocus);

  async function withGrid(act) {
    const api = await window.dash_ag_grid.getApiAsync(GRID);
    if (!api.isDestroyed()) act(api);
  }

  /* Rows that are drawn later get their class by `isOpen`. */
  function mark() {
    const machine = openMachine();
    element(GRID)?.querySelectorAll(".ag-row[row-id]").forEach((row) => {
      row.classList.toggle("is-open", row.getAttribute("row-id") === machine);
    });
  }

  /* The grid --------------------------------------------------------------------------------------------------- */

  function attach(api) {
    if (attached.has(api)) return;
    attached.add(api);
    element(GRID).querySelector('[role="grid"], [role="treegrid"]')?.setAttribute("aria-label", "Machines");
    api.addEventListener("rowClicked", (event) => event.data && open(String(event.data.machine_id), false));
    api.addEventListener("cellKeyDown", (event) => {
      if (event.event.key === "Enter" && event.data) open(String(event.data.machine_id), true);
    });
    api.addEventListener("sortChanged", () => keepSort(api));
    window.dash_clientside.columns.attach(api);
    window.dash_clientside.selection.attach(api);
    for (const name of ["bodyScroll", "modelUpdated", "gridSizeChanged"]) api.addEventListener(name, () => showRange(api));
    showRange(api);
  }

  function keepSort(api) {
    const sorted = api.getColumnState().find((column) => column.sort);
    if (!sorted) return;
    const text = (sorted.sort === "desc" ? "-" : "") + sorted.colId;
    change({ sort: text === FIRST_SORT ? [] : [text] });
  }

  function showRange(api) {
    const range = element("vm-explorer-range");
    if (!range || api.isDestroyed()) return;
    const total = api.getDisplayedRowCount();
    const height = api.getDisplayedRowAtIndex(0)?.rowHeight;
    if (!total || !height || !api.isLastRowIndexKnown()) {
      range.textContent = "";
      return;
    }
    const { top, bottom } = api.getVerticalPixelRange();
    const first = Math.min(total, Math.floor(top / height) + 1);
    const last = Math.max(first, Math.min(total, Math.floor(bottom / height)));
    range.textContent = `Rows ${count(first)} to ${count(last)} of ${count(total)}`;
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.isOpen = ({ data }) => Boolean(data) && data.machine_id === openMachine();

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    explorer: {
      withGrid,
      showView: (query, scope, _columns, shown) => {
        window.dash_clientside.view.note(VIEW, query);
        const id = Number(openMachine()) || null;
        const as_of = new URLSearchParams(scope || "").get("as_of");
        const machine = { id, tab: view().get("tab"), noise: view().get("noise"), as_of };
        window.dash_clientside.selection.follow(scope);
        window.dash_clientside.detail.cover();
        withGrid((api) => {
          attach(api);
          mark();
        });
        requestAnimationFrame(window.dash_clientside.columns.show);
        if (id) requestAnimationFrame(window.dash_clientside.detail.showTab);
        const isOther = id && JSON.stringify(machine) !== JSON.stringify(shown);
        return [id ? "split has-detail" : "split", isOther ? machine : keep()];
      },
      reload: (_scope, _refreshes, scopeId) => {
        const isMoved = window.dash_clientside.callback_context.triggered_id === scopeId;
        withGrid((api) => {
          if (isMoved && api.getDisplayedRowCount()) api.ensureIndexVisible(0, "top");
          api.purgeInfiniteCache();
        });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
