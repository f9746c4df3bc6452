/* VM Explorer in the browser: what the grid does to the view (columns, sort, machine, tab) and the other way round. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const DETAIL = "vm-explorer-detail";
  const FIRST_SORT = "name";
  const FIRST_TAB = "general";
  const NARROW = window.matchMedia("(max-width: 1199.98px)");
  const COPIED_MS = 2000;

  const views = new Map();
  const attached = new WeakSet();

  const keep = () => window.dash_clientside.no_update;
  const element = (id) => document.getElementById(id);
  const viewOf = (store) => new URLSearchParams(views.get(store) || "");
  const count = (number) => number.toLocaleString("en-US");
  const openMachine = () => viewOf(VIEW).get("machine");

  async function withGrid(act) {
    const api = await window.dash_ag_grid.getApiAsync(GRID);
    if (!api.isDestroyed()) act(api);
  }

  /* Put values of some parameters into a view's store: {parameter: [value, …]}. */
  function change(store, changes) {
    const view = viewOf(store);
    for (const [name, values] of Object.entries(changes)) {
      view.delete(name);
      values.forEach((value) => view.append(name, value));
    }
    const query = view.toString();
    if (query === (views.get(store) || "")) return;
    views.set(store, query);
    window.dash_clientside.set_props(store, { data: query });
  }

  /* The detail ------------------------------------------------------------------------------------------------- */

  function open(machine, takesFocus) {
    change(VIEW, { machine: [machine] });
    const panel = element(DETAIL);
    panel.scrollTop = 0;
    if (takesFocus || NARROW.matches) requestAnimationFrame(() => requestAnimationFrame(() => panel.focus()));
  }

  function close() {
    const machine = openMachine();
    if (!machine) return;
    change(VIEW, { machine: [] });
    withGrid((api) => {
      const node = api.getRowNode(machine);
      api.deselectAll();
      if (node?.rowIndex != null) requestAnimationFrame(() => api.setFocusedCell(node.rowIndex, api.getAllDisplayedColumns()[0]));
      else document.querySelector(".search-field input").focus();
    });
  }

  function mark(api) {
    const machine = openMachine();
    const node = machine && api.getRowNode(machine);
    if (node && !node.isSelected()) node.setSelected(true);
    if (!machine) api.deselectAll();
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
    api.addEventListener("columnMoved", (event) => event.finished && keepOrder(api));
    for (const name of ["bodyScroll", "modelUpdated", "gridSizeChanged"]) api.addEventListener(name, () => showRange(api));
    api.addEventListener("modelUpdated", () => mark(api));
    showRange(api);
    mark(api);
  }

  function keepSort(api) {
    const sorted = api.getColumnState().find((column) => column.sort);
    if (!sorted) return;
    const text = (sorted.sort === "desc" ? "-" : "") + sorted.colId;
    change(VIEW, { sort: text === FIRST_SORT ? [] : [text] });
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

  /* The columns ------------------------------------------------------------------------------------------------ */

  const chooser = () => document.querySelector("[data-columns]");
  const defaults = () => JSON.parse(chooser().dataset.columns);
  const options = () => [...chooser().querySelectorAll(".choice")];

  function columns() {
    const chosen = viewOf(VIEW).getAll("col");
    return chosen.length ? chosen : defaults();
  }

  function note(chosen) {
    change(VIEW, { col: chosen.join("\n") === defaults().join("\n") ? [] : chosen });
  }

  function keepOrder(api) {
    note(api.getAllDisplayedColumns().map((column) => column.getColId()));
  }

  function choose(chosen) {
    const isMore = chosen.some((key) => !columns().includes(key));
    note(chosen);
    withGrid((api) => {
      const known = new Map(options().map((row) => [row.dataset.value, row.dataset.definition]));
      const definitions = chosen.map((key) => (known.has(key) ? JSON.parse(known.get(key)) : api.getColumnDef(key)));
      window.dash_clientside.set_props(GRID, { columnDefs: definitions.filter(Boolean) });
      if (!isMore) return;
      api.purgeInfiniteCache();
      setTimeout(() => api.getColumn(chosen.at(-1)) && api.ensureColumnVisible(chosen.at(-1)));
    });
  }

  function showColumns() {
    const chosen = new Set(columns());
    options().forEach((row) => row.setAttribute("aria-selected", String(chosen.has(row.dataset.value))));
    findColumns();
  }

  function findColumns() {
    const words = element("vm-explorer-columns-search").value.trim().toLowerCase();
    options().forEach((row) => (row.hidden = !row.textContent.toLowerCase().includes(words)));
    chooser().querySelectorAll('[role="group"]').forEach((group) => {
      group.hidden = !group.querySelector(".choice:not([hidden])");
    });
  }

  document.addEventListener("panelopen", (event) => {
    if (!event.target.matches("[data-columns]")) return;
    window.dash_clientside.set_props("vm-explorer-columns-search", { value: "" });
    window.dash_clientside.set_props("vm-explorer-columns-request", { data: Date.now() });
    requestAnimationFrame(showColumns);
  });

  document.addEventListener("choose", (event) => {
    const row = event.target;
    if (!row.closest("[data-columns]")) return;
    const key = row.dataset.value;
    const before = columns();
    const after = before.includes(key) ? before.filter((one) => one !== key) : [...before, key];
    if (after.length) choose(after);
  });

  /* Tabs, links, keys ------------------------------------------------------------------------------------------ */

  function toggleNoise(button) {
    const isOn = button.getAttribute("aria-checked") !== "true";
    const panel = button.closest(".tab-panel");
    button.setAttribute("aria-checked", String(isOn));
    window.dash_clientside.shell.refocus(panel, "[data-noise]");
    change(panel.parentElement.querySelector(".tabs").dataset.view, { noise: isOn ? ["1"] : [] });
  }

  function selectTab(button) {
    const list = button.closest(".tabs");
    for (const one of list.querySelectorAll(".tab")) {
      const isChosen = one === button;
      one.setAttribute("aria-selected", String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
    }
    change(list.dataset.view, { tab: button.dataset.tab === FIRST_TAB ? [] : [button.dataset.tab] });
  }

  async function copy(button) {
    const address = new URL(button.dataset.copy || location.href, location.href).href;
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      isCopied = copyBySelection(address);
    }
    button.textContent = isCopied ? "Link copied" : "Copying is not allowed";
    setTimeout(() => (button.textContent = "Copy link"), COPIED_MS);
  }

  /* Without a secure connection there is no clipboard, only the old command. */
  function copyBySelection(text) {
    const field = document.createElement("textarea");
    const focused = document.activeElement;
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    focused.focus();
    return isCopied;
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-tab], [data-copy], .detail-close, .columns-default, .tab-panel [data-noise]");
    if (!target) return;
    if (target.dataset.tab) selectTab(target);
    else if ("copy" in target.dataset) copy(target);
    else if ("noise" in target.dataset) toggleNoise(target);
    else if (target.matches(".detail-close")) close();
    else choose(defaults());
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "vm-explorer-columns-search") findColumns();
  });

  document.addEventListener("keydown", (event) => {
    const place = event.target;
    if (event.key === "Escape" && place.closest?.(`#${DETAIL}, #${GRID}`)) close();
    else if (place.matches?.("[data-tab]")) moveTab(event);
  });

  function moveTab(event) {
    const tabs = [...event.target.closest(".tabs").querySelectorAll(".tab")];
    const at = tabs.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    selectTab(tab);
    tab.focus();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    explorer: {
      showView: (query, scope, _columns, shown) => {
        views.set(VIEW, query || "");
        const id = Number(openMachine()) || null;
        const view = viewOf(VIEW);
        const as_of = new URLSearchParams(scope || "").get("as_of");
        const machine = { id, tab: view.get("tab"), noise: view.get("noise"), as_of };
        withGrid((api) => {
          attach(api);
          mark(api);
        });
        requestAnimationFrame(() => chooser() && showColumns());
        const isOther = id && JSON.stringify(machine) !== JSON.stringify(shown);
        return [id ? "split has-detail" : "split", isOther ? machine : keep()];
      },
      noteView: (query, store) => {
        views.set(store, query || "");
        document.querySelector('.tab[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
        return keep();
      },
      reload: (_scope, _refreshes, scopeId) => {
        const isMoved = window.dash_clientside.callback_context.triggered_id === scopeId;
        withGrid((api) => {
          if (isMoved && api.getDisplayedRowCount()) api.ensureIndexVisible(0, "top");
          api.purgeInfiniteCache();
        });
        return window.dash_clientside.no_update;
      },
      linkExport: (scope, query, path) => {
        const view = new URLSearchParams(query || "");
        ["machine", "tab", "noise"].forEach((name) => view.delete(name));
        const whole = [scope, view.toString()].filter(Boolean).join("&");
        return path + (whole ? `?${whole}` : "");
      },
    },
  });
})();
