/* The selected rows of VM Explorer. The set of ids here is the truth: the grid's checkboxes show it, the bar in the foot
   acts on it, and the store tells it to the server as {"ids": [...]} or {"all": true}. The grid's own selection is not
   used: it cannot hold rows that are not loaded. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const STORE = "vm-explorer-selection";
  const COLUMN = "selection";
  const STOPS = "a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex]";
  const COPIED_MS = 2000;

  const none = () => ({ ids: new Set(), isAll: false });
  let chosen = none();
  let anchor = null; // the row that a range begins at, and what was chosen before
  let scope = "";
  let amount = 0; // how many are chosen
  let asked = 0; // raised whenever an answer that is on its way has become useless
  const watchers = new Set();

  const element = (id) => document.getElementById(id);
  const withGrid = (act) => window.dash_clientside.explorer.withGrid(act);
  const counted = (number) => `${number.toLocaleString("en-US")} ${number === 1 ? "machine" : "machines"}`;
  const has = (id) => chosen.isAll || chosen.ids.has(String(id));
  const isEmpty = () => !chosen.isAll && !chosen.ids.size;

  /* What is chosen --------------------------------------------------------------------------------------------- */

  function choose(next, said) {
    const most = Number(element("selection-bar")?.dataset.most);
    if (next.ids.size > most) {
      say(`At most ${counted(most)} can be selected one by one`);
      return;
    }
    chosen = next;
    asked += 1;
    const data = chosen.isAll ? { all: true } : chosen.ids.size ? { ids: [...chosen.ids].map(Number) } : null;
    window.dash_clientside.set_props(STORE, { data });
    show(said);
  }

  function show(said) {
    watchers.forEach((watch) => watch());
    element(GRID)?.querySelectorAll(".ag-row[row-id]").forEach((row) => {
      row.classList.toggle("is-selected", has(row.getAttribute("row-id")));
    });
    withGrid((api) => {
      const total = api.isLastRowIndexKnown() ? api.getDisplayedRowCount() : 0;
      amount = chosen.isAll ? total : chosen.ids.size;
      const bar = element("selection-bar");
      if (!bar) return;
      const hadFocus = bar.contains(document.activeElement);
      bar.hidden = isEmpty();
      element("selection-count").textContent = `${amount.toLocaleString("en-US")} selected`;
      const all = element("selection-all");
      all.hidden = chosen.isAll || amount >= total;
      all.querySelector("span").textContent = `Select all ${total.toLocaleString("en-US")} that match`;
      if (hadFocus && bar.hidden) focusGrid(api);
      else if (hadFocus && !document.activeElement?.offsetParent) element("selection-copy").focus();
      if (said !== undefined) say(said ?? (amount ? `${counted(amount)} selected` : "Nothing is selected"));
    });
  }

  function focusGrid(api) {
    const cell = api.getFocusedCell();
    const row = cell ? cell.rowIndex : api.getFirstDisplayedRowIndex();
    if (row >= 0) api.setFocusedCell(row, cell?.column || COLUMN);
  }

  function say(text) {
    const region = element("selection-announcement");
    if (region) region.textContent = text;
  }

  const clear = () => isEmpty() || choose(none(), null);
  const selectAllOrNone = () => (isEmpty() ? selectAll() : clear());
  const selectAll = () => choose({ ids: new Set(), isAll: true }, null);

  /* Ids of rows, in the order of the grid; those that are not loaded come from the server. */
  async function idsOf(api, first, last) {
    const nodes = [];
    for (let at = first; at <= last; at += 1) nodes.push(api.getDisplayedRowAtIndex(at));
    if (nodes.every((node) => node?.data)) return nodes.map((node) => String(node.data.machine_id));
    return fetchIds({ start: first, stop: last + 1 });
  }

  async function fetchIds(rows) {
    const query = new URLSearchParams(scope);
    const view = window.dash_clientside.view.of(VIEW);
    if (view.has("sort")) query.set("sort", view.get("sort"));
    for (const [name, value] of Object.entries(rows)) query.set(name, value);
    const answer = await fetch(`${element("selection-bar").dataset.idsPath}?${query}`);
    if (!answer.ok) throw new Error(`ids: ${answer.status}`);
    return (await answer.json()).map(String);
  }

  /* After an answer of the server, unless the selection was changed meanwhile. */
  async function after(answer, act) {
    const mine = (asked += 1);
    let ids;
    try {
      ids = await answer;
    } catch {
      say("The rows cannot be selected now");
      return;
    }
    if (mine === asked) act(ids);
  }

  async function toggle(row) {
    const id = String(row.data.machine_id);
    if (!chosen.isAll) {
      const ids = new Set(chosen.ids);
      if (!ids.delete(id)) ids.add(id);
      choose({ ids, isAll: false }, null);
      anchor = { index: row.rowIndex, before: new Set(ids) };
    } else {
      await after(fetchIds({}), (all) => {
        const ids = new Set(all);
        ids.delete(id);
        choose({ ids, isAll: false }, null);
        anchor = { index: row.rowIndex, before: ids };
      });
    }
  }

  /* From the row where the range began to this one; what was chosen before stays. */
  async function extend(api, index) {
    if (chosen.isAll) return;
    const from = anchor || { index, before: new Set(chosen.ids) };
    const [first, last] = [Math.min(from.index, index), Math.max(from.index, index)];
    await after(idsOf(api, first, last), (ids) => {
      choose({ ids: new Set([...from.before, ...ids]), isAll: false }, null);
      anchor = from;
    });
  }

  /* Copying ---------------------------------------------------------------------------------------------------- */

  async function copy() {
    const button = element("selection-copy").querySelector("span");
    const words = counted(amount);
    let text;
    button.textContent = "Copying …";
    try {
      text = (await window.dash_clientside.detail.toClipboard(fetchText())) ? `Copied ${words}` : "Copying is not allowed";
    } catch {
      text = "Copying did not work";
    }
    button.textContent = text;
    say(text);
    setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
  }

  /* The selected rows with the columns of the view, as the export writes them. */
  async function fetchText() {
    const query = new URLSearchParams([...new URLSearchParams(scope), ...window.dash_clientside.view.of(VIEW)]);
    const body = chosen.isAll ? undefined : new URLSearchParams({ ids: [...chosen.ids].join(",") });
    const answer = await fetch(`${element("selection-bar").dataset.textPath}?${query}`, { method: body ? "POST" : "GET", body });
    if (!answer.ok) throw new Error(`copy: ${answer.status}`);
    return answer.text();
  }

  /* The grid --------------------------------------------------------------------------------------------------- */

  const rowOf = (api, target) => {
    const index = target.closest(".ag-row")?.getAttribute("row-index");
    return index === null || index === undefined ? null : api.getDisplayedRowAtIndex(Number(index));
  };

  function onClick(api, event) {
    const cell = event.target.closest(`[col-id="${COLUMN}"]`);
    if (!cell) return;
    event.stopPropagation();
    event.preventDefault();
    const row = rowOf(api, cell);
    const isRange = event.shiftKey && anchor;
    setTimeout(() => { // the browser has put the box back by then, so that it shows what is chosen
      if (cell.closest(".ag-header")) selectAllOrNone();
      else if (row?.data) {
        api.setFocusedCell(row.rowIndex, COLUMN);
        if (isRange) extend(api, row.rowIndex);
        else toggle(row);
      }
    });
  }

  function onKey(api, event) {
    const isInHeader = event.target.closest(".ag-header");
    const isHandled = isInHeader ? onHeaderKey(event) : onRowKey(api, event);
    if (!isHandled) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onHeaderKey(event) {
    if (![" ", "Enter"].includes(event.key) || !event.target.closest(`[col-id="${COLUMN}"]`)) return false;
    selectAllOrNone();
    return true;
  }

  function onRowKey(api, event) {
    const row = rowOf(api, event.target);
    if (event.target.matches("input:not(.select-box)")) return false;
    const isHeld = event.ctrlKey || event.metaKey;
    if (isHeld && event.key.toLowerCase() === "a") selectAll();
    else if (isHeld && event.key.toLowerCase() === "c" && !isEmpty() && getSelection().isCollapsed) copy();
    else if (event.key === "Escape" && !isEmpty()) clear();
    else if (event.key === "Tab") return leave(api, event.shiftKey);
    else if (event.key === " " && row?.data) event.shiftKey && anchor ? extend(api, row.rowIndex) : toggle(row);
    else if (event.shiftKey && ["ArrowDown", "ArrowUp"].includes(event.key) && row) return step(api, row, event.key);
    else return false;
    return true;
  }

  /* Arrows lead through the cells, Tab leads out of thousands of them: to the headings, or to what follows the grid. */
  function leave(api, isBackward) {
    if (isBackward) {
      api.setFocusedHeader(api.getFocusedCell()?.column || COLUMN);
      return true;
    }
    const grid = element(GRID);
    const follows = (one) => grid.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && !grid.contains(one);
    const isReached = (one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]");
    const next = [...document.querySelectorAll(STOPS)].find((one) => follows(one) && isReached(one));
    next?.focus();
    return Boolean(next);
  }

  function step(api, row, key) {
    const next = row.rowIndex + (key === "ArrowDown" ? 1 : -1);
    if (next < 0 || next >= api.getDisplayedRowCount()) return true;
    if (!anchor || isEmpty()) anchor = { index: row.rowIndex, before: new Set(chosen.ids) };
    api.ensureIndexVisible(next);
    api.setFocusedCell(next, api.getFocusedCell()?.column || COLUMN);
    extend(api, next);
    return true;
  }

  function attach(api) {
    chosen = none(); // another grid, another store
    anchor = null;
    const grid = element(GRID);
    grid.addEventListener("click", (event) => onClick(api, event), true);
    grid.addEventListener("keydown", (event) => onKey(api, event), true);
    grid.querySelector('[role="grid"], [role="treegrid"]')?.setAttribute("aria-multiselectable", "true");
    api.addEventListener("modelUpdated", () => isEmpty() || show());
    api.addEventListener("sortChanged", () => (anchor = null));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#selection-bar button");
    if (!button) return;
    ({ "selection-all": selectAll, "selection-copy": copy, "selection-clear": clear })[button.id]();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.("#selection-bar")) clear();
  });

  /* What the grid draws ---------------------------------------------------------------------------------------- */

  function useSelection() {
    const [, draw] = window.React.useState(0);
    window.React.useEffect(() => {
      const watch = () => draw((number) => number + 1);
      watchers.add(watch);
      return () => watchers.delete(watch);
    }, []);
  }

  function box(isChecked, label, isMixed = false) {
    const ref = (input) => input && (input.indeterminate = isMixed);
    return window.React.createElement("input", {
      type: "checkbox", className: "form-check-input select-box", tabIndex: -1, checked: isChecked, readOnly: true, "aria-label": label, ref,
    });
  }

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.SelectRow = ({ data }) => {
    useSelection();
    return data ? box(has(data.machine_id), data.name ? `Select ${data.name}` : "Select this machine") : null;
  };
  components.SelectAll = () => {
    useSelection();
    return box(chosen.isAll, "Select all that match", !chosen.isAll && !isEmpty());
  };

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.isSelected = ({ data }) => Boolean(data) && has(data.machine_id);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    selection: {
      attach,
      /* Of all machines that match, in the order of the grid. */
      ids: () => fetchIds({}),
      /* The scope decides which rows there are: another one, another selection. */
      follow: (query) => {
        const isOther = (query || "") !== scope;
        if (!isOther) return;
        scope = query || "";
        anchor = null;
        if (!isEmpty()) choose(none(), ""); // what matches now is said instead
      },
    },
  });
})();
