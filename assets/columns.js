/* The columns of VM Explorer: which there are, in which order, how wide, and which stay at the left. The view's
   parameters col, width and pin say so, and together they are a layout. What a person leaves is the person's layout: it
   is used wherever VM Explorer is opened from inside of the dashboard or by its bare address, while a link from outside
   shows what it says. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const SEARCH = "vm-explorer-columns-search";
  const LAYOUT_NAME = "vm-explorer-layout-name";
  const PATH = "/vm-explorer";
  const PERSON = "person";
  const PARAMETERS = ["col", "width", "pin"];
  const SELECTION = "selection";
  const MOST_LAYOUTS = 30;

  let waiting = null; // a layout whose columns are not known yet
  let applied = 0;

  const element = (id) => document.getElementById(id);
  const view = () => window.dash_clientside.view.of(VIEW);
  const withGrid = (act) => window.dash_clientside.explorer.withGrid(act);
  const chooser = () => document.querySelector("[data-columns]");
  const defaults = () => JSON.parse(chooser().dataset.columns);
  const defaultPins = () => JSON.parse(chooser().dataset.pins);
  const options = () => [...chooser().querySelectorAll(".choice")];
  const isSame = (one, other) => one.join("\n") === other.join("\n");

  /* Layouts ---------------------------------------------------------------------------------------------------- */

  /* What a query says of columns: {columns, widths: Map of key to pixels, pins}. */
  function read(query) {
    const columns = query.getAll("col");
    const widths = query.getAll("width").map((text) => [text.slice(0, text.lastIndexOf(":")), Number(text.slice(text.lastIndexOf(":") + 1))]);
    return {
      columns: columns.length ? columns : defaults(),
      widths: new Map(widths),
      pins: query.has("pin") ? query.getAll("pin").filter(Boolean) : defaultPins(),
    };
  }

  /* The same as changes of the view's parameters. Columns that stay at the left stand before the others. */
  function written({ columns, widths, pins }) {
    const kept = pins.filter((key) => columns.includes(key));
    const ordered = [...columns.filter((key) => kept.includes(key)), ...columns.filter((key) => !kept.includes(key))];
    return {
      col: isSame(ordered, defaults()) ? [] : ordered,
      width: [...widths].filter(([key]) => columns.includes(key)).map(([key, pixels]) => `${key}:${pixels}`),
      pin: isSame(kept, defaultPins().filter((key) => columns.includes(key))) ? [] : kept.length ? kept : [""],
    };
  }

  const layout = () => read(view());

  function textOf(query) {
    return new URLSearchParams([...query].filter(([name]) => PARAMETERS.includes(name))).toString();
  }

  const person = () => window.dash_clientside.shell.person();

  function keep(values) {
    window.dash_clientside.set_props(PERSON, { data: { ...person(), ...values } });
  }

  /* The view says it from now on, and the person is remembered by it. */
  function note(next) {
    window.dash_clientside.view.change(VIEW, written(next));
    const text = textOf(view());
    if ((person().explorer_layout || "") !== text) keep({ explorer_layout: text });
    show();
  }

  function withLayout(url) {
    if (url.pathname !== PATH) return url;
    if (PARAMETERS.some((name) => url.searchParams.has(name))) return url;
    const query = [url.search.slice(1), person().explorer_layout].filter(Boolean).join("&");
    return new URL(query ? `?${query}${url.hash}` : url.href, url);
  }

  /* The first page of a visit. A page that was opened from another one of the dashboard names it as its referrer. */
  function begin() {
    const isInside = document.referrer.startsWith(`${location.origin}/`);
    const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
    if (location.search && (!isInside || isReload)) return;
    const url = withLayout(new URL(location.href));
    if (url.href !== location.href) history.replaceState(history.state, "", url.href);
  }

  /* To the grid ------------------------------------------------------------------------------------------------ */

  function choose(next) {
    const known = new Map(options().map((row) => [row.dataset.value, row.dataset.definition]));
    if (!known.size) {
      waiting = next; // the list is on its way
      return;
    }
    const before = layout().columns;
    const columns = next.columns.filter((key) => known.has(key) || before.includes(key));
    if (!columns.length) return;
    const added = columns.filter((key) => !before.includes(key));
    note({ ...next, columns });
    withGrid((api) => {
      const sorted = api.getColumnState().find((column) => column.sort);
      applied += 1;
      const found = (key) => (known.has(key) ? JSON.parse(known.get(key)) : api.getColumnDef(key));
      const definitions = layout().columns.map((key) => definitionOf(found(key), layout(), sorted));
      window.dash_clientside.set_props(GRID, { columnDefs: [api.getColumnDef(SELECTION), ...definitions] });
      if (!added.length) return;
      api.purgeInfiniteCache();
      setTimeout(() => api.getColumn(added.at(-1)) && api.ensureColumnVisible(added.at(-1)));
    });
  }

  /* Every time another one, so that the grid takes it, whatever was pulled there meanwhile. */
  function definitionOf(definition, { widths, pins }, sorted) {
    const width = widths.get(definition.field);
    return {
      ...definition,
      context: { applied },
      width: width || definition.initialWidth,
      flex: width ? null : definition.flex || null,
      pinned: pins.includes(definition.field) ? "left" : null,
      sort: sorted?.colId === definition.field ? sorted.sort : null,
    };
  }

  /* From the grid ---------------------------------------------------------------------------------------------- */

  const isByHand = (event) => event.source.startsWith("ui") || event.source === "autosizeColumns";
  const keysOf = (columns) => columns.map((column) => column.getColId()).filter((key) => key !== SELECTION);

  function attach(api) {
    api.addEventListener("columnMoved", (event) => event.finished && isByHand(event) && keepPlaces(api));
    api.addEventListener("columnPinned", (event) => isByHand(event) && keepPlaces(api));
    api.addEventListener("columnResized", (event) => event.finished && isByHand(event) && keepWidths(event));
  }

  function keepPlaces(api) {
    note({ ...layout(), columns: keysOf(api.getAllDisplayedColumns()), pins: keysOf(api.getDisplayedLeftColumns()) });
  }

  function keepWidths(event) {
    const { widths, ...rest } = layout();
    const pulled = event.columns.filter((column) => !column.getFlex()); // the others take the room that is left
    for (const column of pulled) widths.set(column.getColId(), Math.round(column.getActualWidth()));
    note({ ...rest, widths });
  }

  /* The chooser ------------------------------------------------------------------------------------------------ */

  function show() {
    if (!chooser()) return;
    const { columns } = layout();
    options().forEach((row) => row.setAttribute("aria-selected", String(columns.includes(row.dataset.value))));
    showChosen();
    showLayouts();
    find();
    if (waiting && options().length) {
      const next = waiting;
      waiting = null;
      choose(next);
    }
  }

  function find() {
    const words = element(SEARCH).value.trim().toLowerCase();
    options().forEach((row) => (row.hidden = !row.textContent.toLowerCase().includes(words)));
    chooser().querySelectorAll('[role="group"]').forEach((group) => {
      group.hidden = !group.querySelector(".choice:not([hidden])");
    });
    element("vm-explorer-columns-shown").hidden = Boolean(words) || !options().length;
  }

  function made(tag, properties, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  function iconButton(icon, label, act, properties = {}) {
    const button = made("button", { type: "button", className: "icon-button is-plain", title: label, ...properties });
    button.append(made("i", { className: `bi bi-${icon}`, ariaHidden: "true" }));
    button.setAttribute("aria-label", label);
    button.dataset.act = act;
    return button;
  }

  /* The columns that are shown, in their order. One of them is in the order of tabs, arrows lead to the others. */
  function showChosen() {
    const list = element("vm-explorer-columns-chosen");
    const { columns, pins } = layout();
    const titles = new Map(options().map((row) => [row.dataset.value, row.textContent]));
    const state = JSON.stringify([columns.map((key) => [key, titles.get(key)]), pins]);
    if (list.dataset.state === state) return;
    list.dataset.state = state;
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const [key, act] = focused ? [focused.closest("li").dataset.column, focused.dataset.act] : [];
    const current = columns.includes(key) ? key : columns[0];
    list.replaceChildren(...columns.map((column, at) => {
      const title = titles.get(column) || column.replace(/^attr:/, "");
      const isPinned = pins.includes(column);
      const isBeside = (other) => columns.includes(other) && pins.includes(other) === isPinned;
      const place = `${at + 1} of ${columns.length}${isPinned ? ", stays at the left" : ""}`;
      const name = made("button", { type: "button", className: "column-name", tabIndex: column === current ? 0 : -1 }, title);
      name.setAttribute("aria-label", `${title}, ${place}`);
      name.setAttribute("aria-keyshortcuts", "Alt+ArrowUp Alt+ArrowDown P Delete");
      name.dataset.act = "name";
      const row = made("li", { className: "column-row" }, name,
        iconButton("arrow-up", `Move ${title} up`, "up", { tabIndex: -1, disabled: !isBeside(columns[at - 1]) }),
        iconButton("arrow-down", `Move ${title} down`, "down", { tabIndex: -1, disabled: !isBeside(columns[at + 1]) }),
        iconButton(isPinned ? "pin-angle-fill" : "pin-angle", isPinned ? `Let ${title} scroll` : `Keep ${title} at the left`, "pin", { tabIndex: -1 }),
        iconButton("x-lg", `Hide ${title}`, "hide", { tabIndex: -1, disabled: columns.length === 1 }));
      row.dataset.column = column;
      return row;
    }));
    if (!focused) return;
    const row = [...list.children].find((one) => one.dataset.column === current);
    const button = row.querySelector(`[data-act="${act}"]`);
    (button.disabled ? row.firstChild : button).focus();
  }

  function act(key, what) {
    const { columns, widths, pins } = layout();
    const at = columns.indexOf(key);
    const isPinned = (one) => pins.includes(one);
    const to = { up: at - 1, down: at + 1 }[what];
    if (what === "hide" && columns.length > 1) {
      focusRow(columns[at + 1] || columns[at - 1]);
      choose({ columns: columns.filter((one) => one !== key), widths, pins });
    } else if (what === "pin") choose({ columns, widths, pins: isPinned(key) ? pins.filter((one) => one !== key) : [...pins, key] });
    else if (to >= 0 && to < columns.length && isPinned(columns[to]) === isPinned(key)) {
      const next = columns.filter((one) => one !== key);
      next.splice(to, 0, key);
      choose({ columns: next, widths, pins });
    }
  }

  const focusRow = (key) => document.querySelector(`.column-row[data-column="${CSS.escape(key)}"] > .column-name`)?.focus();

  function onChosenKey(event) {
    const row = event.target.closest(".column-row");
    const rows = [...row.parentElement.children];
    const at = rows.indexOf(row);
    const buttons = [...row.querySelectorAll("button:not(:disabled)")];
    const beside = buttons.indexOf(event.target) + { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) act(row.dataset.column, event.key === "ArrowUp" ? "up" : "down");
    else if (event.key === "Delete" || event.key === "Backspace") act(row.dataset.column, "hide");
    else if (event.key.toLowerCase() === "p" && !event.ctrlKey && !event.metaKey) act(row.dataset.column, "pin");
    else if (beside >= 0) buttons[Math.min(beside, buttons.length - 1)].focus();
    else if (next !== undefined && next < rows.length) (next < 0 ? element(SEARCH) : rows[next].firstChild).focus();
    else return false;
    return true;
  }

  function showLayouts() {
    const saved = Object.keys(person().explorer_layouts || {}).sort((one, other) => one.localeCompare(other));
    const list = element("vm-explorer-layouts");
    if (isSame(saved, [...list.children].map((row) => row.dataset.layout))) return; // the focus may be in it
    list.replaceChildren(...saved.map((name) => {
      const use = made("button", { type: "button", className: "layout-name" }, name);
      use.dataset.act = "use";
      const row = made("li", { className: "layout-row" }, use, iconButton("trash", `Delete the layout “${name}”`, "delete"));
      row.dataset.layout = name;
      return row;
    }));
  }

  function save() {
    const name = element(LAYOUT_NAME).value.trim();
    const saved = person().explorer_layouts || {};
    if (!name) element(LAYOUT_NAME).focus();
    else if (name in saved || Object.keys(saved).length < MOST_LAYOUTS) {
      keepLayouts({ ...saved, [name]: textOf(view()) });
      window.dash_clientside.set_props(LAYOUT_NAME, { value: "" });
    }
  }

  function keepLayouts(saved) {
    keep({ explorer_layouts: saved });
    setTimeout(showLayouts);
  }

  function actOnLayout(name, what) {
    const saved = person().explorer_layouts || {};
    if (what === "use") choose(read(new URLSearchParams(saved[name])));
    else {
      const { [name]: _gone, ...rest } = saved;
      keepLayouts(rest);
      element(LAYOUT_NAME).focus();
    }
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
    const { columns, ...rest } = layout();
    const after = columns.includes(key) ? columns.filter((one) => one !== key) : [...columns, key];
    if (after.length) choose({ columns: after, ...rest });
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.(".columns-default, .layout-save, .column-row button, .layout-row button");
    if (!target) return;
    if (target.matches(".columns-default")) choose(read(new URLSearchParams()));
    else if (target.matches(".layout-save")) save();
    else if (target.closest(".layout-row")) actOnLayout(target.closest("li").dataset.layout, target.dataset.act);
    else if (target.dataset.act !== "name") act(target.closest("li").dataset.column, target.dataset.act);
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.id === LAYOUT_NAME && event.key === "Enter") save();
    else if (!event.target.closest?.(".column-row") || !onChosenKey(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === SEARCH) find();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    columns: {
      attach,
      begin,
      show,
      withLayout,
      /* The first column of machines, where the focus goes in a row. */
      first: (api) => api.getAllDisplayedColumns().find((column) => column.getColId() !== SELECTION),
    },
  });
})();
