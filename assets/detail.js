/* A machine in detail, beside the grid and on its own page: opening, closing, tabs, switches and links to copy. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const DETAIL = "vm-explorer-detail";
  const FIRST_TAB = "general";
  const NARROW = window.matchMedia("(max-width: 1199.98px)");
  const COPIED_MS = 2000;
  const LONGEST_WAIT_FRAMES = 60;

  const element = (id) => document.getElementById(id);
  const change = (store, changes) => window.dash_clientside.view.change(store, changes);
  const openMachine = () => window.dash_clientside.view.of(VIEW).get("machine");

  const withGrid = (act) => window.dash_clientside.explorer.withGrid(act);

  function open(machine, takesFocus) {
    wanted = null;
    opened += 1;
    change(VIEW, { machine: [machine] });
    withGrid((api) => {
      watch(api);
      locate(api);
    });
    const panel = element(DETAIL);
    panel.scrollTop = 0;
    if (takesFocus || NARROW.matches) focusWhenShown(panel);
  }

  function focusWhenShown(panel, frames = LONGEST_WAIT_FRAMES) {
    requestAnimationFrame(() => (panel.checkVisibility() ? panel.focus() : frames && focusWhenShown(panel, frames - 1)));
  }

  function close() {
    const machine = openMachine();
    if (!machine) return;
    wanted = null;
    change(VIEW, { machine: [] });
    cover();
    withGrid((api) => {
      const node = api.getRowNode(machine);
      if (node?.rowIndex != null) requestAnimationFrame(() => api.setFocusedCell(node.rowIndex, window.dash_clientside.columns.first(api)));
      else document.querySelector(".search-field input").focus();
    });
  }

  /* Over the page the panel has it alone. */
  function cover() {
    const panel = element(DETAIL);
    if (panel && openMachine() && NARROW.matches) window.dash_clientside.focus.cover(panel, close);
    else window.dash_clientside.focus.uncover();
  }

  NARROW.addEventListener("change", cover);

  /* From machine to machine -------------------------------------------------------------------------------------- */

  const NOT_THE_ORDER = ["machine", "tab", "noise", "col", "width", "pin"];
  const watched = new WeakSet();
  let place = {}; // the row of the open machine: the grid forgets rows that are far away
  let finding = null; // that it is being asked for
  let opened = 0; // raised when a machine is opened otherwise than by a step
  let wanted = null; // the row to open as soon as it is there and the panel has drawn the one before

  function order() {
    const query = new URLSearchParams(location.search);
    NOT_THE_ORDER.forEach((name) => query.delete(name));
    return query.toString();
  }

  /* The row of the open machine; null: it is not among the rows of the grid; undefined: not known yet. */
  function locate(api) {
    const machine = openMachine();
    const row = machine && api.getRowNode(machine)?.rowIndex;
    if (row != null) place = { machine, row, order: order() };
    return place.machine === machine && place.order === order() ? place.row : undefined;
  }

  /* A link may open a machine far from the rows that are loaded. */
  async function find() {
    const asked = { machine: openMachine(), order: order() };
    const ids = await window.dash_clientside.selection.ids().catch(() => []);
    const row = ids.indexOf(asked.machine);
    if (asked.machine === openMachine() && asked.order === order()) place = { ...asked, row: row < 0 ? null : row };
  }

  function step(by) {
    withGrid(async (api) => {
      watch(api);
      const before = opened;
      if (locate(api) === undefined) await (finding ??= find().finally(() => (finding = null)));
      if (opened !== before || !openMachine() || locate(api) === undefined) return; // another one was opened meanwhile
      const from = wanted?.order === order() ? wanted.row : place.row;
      const to = from === null ? api.getFirstDisplayedRowIndex() : from + by;
      if (to < 0 || to >= api.getDisplayedRowCount()) return say(by < 0 ? "This is the first machine" : "This is the last machine");
      wanted = { row: to, order: order() };
      api.ensureIndexVisible(to);
      const cell = element(GRID).contains(document.activeElement) && api.getFocusedCell();
      if (cell) api.setFocusedCell(to, cell.column);
      arrive(api);
    });
  }

  function arrive(api) {
    const panel = element(DETAIL);
    if (!wanted || !panel || panel.ariaBusy === "true") return;
    const node = wanted.order === order() && api.getDisplayedRowAtIndex(wanted.row);
    if (!node?.data) return;
    place = { ...wanted, machine: String(node.data.machine_id) };
    wanted = null;
    change(VIEW, { machine: [place.machine] });
  }

  function watch(api) {
    if (watched.has(api)) return;
    watched.add(api);
    api.addEventListener("modelUpdated", () => locate(api));
    api.addEventListener("modelUpdated", () => arrive(api));
    new MutationObserver(() => arrive(api)).observe(element(DETAIL), { attributeFilter: ["aria-busy"] });
  }

  const say = (words) => window.dash_clientside.set_props("vm-explorer-announcement", { children: words });

  document.addEventListener("keydown", (event) => {
    const by = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !element(DETAIL) || !openMachine()) return;
    if (event.target.closest?.(".ag-header, input, textarea, select, .panel, [role='dialog']")) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  }, true);

  /* All fields: folds and the search in them ---------------------------------------------------------------------- */

  const FIELD_SEARCH = "machine-field-search";
  const unfolded = new Set();
  let words = "";

  /* What was unfolded and what is looked for stays so for the next machine. */
  function keepFolds(panel) {
    if (watched.has(panel)) return;
    watched.add(panel);
    const restore = () => {
      if (element(FIELD_SEARCH) && element(FIELD_SEARCH).value !== words) window.dash_clientside.set_props(FIELD_SEARCH, { value: words });
      fold(panel);
    };
    new MutationObserver(restore).observe(panel, { childList: true, characterData: true, subtree: true, attributeFilter: ["data-fold"] });
  }

  function fold(panel) {
    const folds = [...panel.querySelectorAll("[data-fold]")];
    for (const one of folds) {
      one.hidden = [...one.querySelectorAll(".definition")].filter(narrow).length === 0;
      one.open = words ? !one.hidden : unfolded.has(one.dataset.fold);
    }
    const none = panel.querySelector(".fold-none");
    if (none) none.hidden = !folds.length || folds.some((one) => !one.hidden);
  }

  /* Hide the pairs of a list that do not have the words, and its heading if none has them. */
  function narrow(list) {
    const pairs = [...list.children];
    pairs.forEach((pair) => (pair.hidden = !pair.textContent.toLowerCase().includes(words)));
    const isFound = pairs.some((pair) => !pair.hidden);
    const heading = list.previousElementSibling;
    if (heading) heading.hidden = !isFound;
    return isFound;
  }

  document.addEventListener("toggle", (event) => {
    const name = event.target.dataset?.fold;
    if (!name || words) return;
    unfolded[event.target.open ? "add" : "delete"](name);
    keepFolds(event.target.closest(".tab-panel"));
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id !== FIELD_SEARCH) return;
    words = event.target.value.trim().toLowerCase();
    const panel = event.target.closest(".tab-panel");
    keepFolds(panel);
    fold(panel);
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

  /* On a phone the row of tabs is longer than the screen. */
  function showTab() {
    document.querySelector('.tab[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  async function copy(button) {
    const isCopied = await toClipboard(new URL(button.dataset.copy || location.href, location.href).href);
    button.textContent = isCopied ? "Link copied" : "Copying is not allowed";
    setTimeout(() => (button.textContent = "Copy link"), COPIED_MS);
  }

  /* Takes a text, or the promise of one: the clipboard is asked at once, while the press still counts. */
  async function toClipboard(text) {
    try {
      const content = Promise.resolve(text).then((all) => new Blob([all], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": content })]);
      return true;
    } catch {
      return copyBySelection(await text);
    }
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
    const target = event.target.closest?.("[data-tab], [data-copy], [data-step], .detail-close, .tab-panel [data-noise]");
    if (!target) return;
    if (target.dataset.tab) selectTab(target);
    else if (target.dataset.step) step(Number(target.dataset.step));
    else if ("copy" in target.dataset) copy(target);
    else if ("noise" in target.dataset) toggleNoise(target);
    else close();
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
    detail: {
      open,
      cover,
      toClipboard,
      showTab,
      noteView: (query, store) => {
        window.dash_clientside.view.note(store, query);
        showTab();
        return window.dash_clientside.no_update;
      },
    },
  });
})();
