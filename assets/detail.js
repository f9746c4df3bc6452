/* A machine in detail, beside the grid and on its own page: opening, closing, tabs, switches and links to copy. */
(() => {
  "use strict";

  const GRID = "vm-explorer-grid";
  const VIEW = "vm-explorer-view";
  const DETAIL = "vm-explorer-detail";
  const FIRST_TAB = "general";
  const NARROW = window.matchMedia("(max-width: 1199.98px)");
  const COPIED_MS = 2000;

  const element = (id) => document.getElementById(id);
  const change = (store, changes) => window.dash_clientside.view.change(store, changes);
  const openMachine = () => window.dash_clientside.view.of(VIEW).get("machine");

  async function withGrid(act) {
    const api = await window.dash_ag_grid.getApiAsync(GRID);
    if (!api.isDestroyed()) act(api);
  }

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
      if (node?.rowIndex != null) requestAnimationFrame(() => api.setFocusedCell(node.rowIndex, api.getAllDisplayedColumns()[0]));
      else document.querySelector(".search-field input").focus();
    });
  }

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
    const target = event.target.closest?.("[data-tab], [data-copy], .detail-close, .tab-panel [data-noise]");
    if (!target) return;
    if (target.dataset.tab) selectTab(target);
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
      close,
      noteView: (query, store) => {
        window.dash_clientside.view.note(store, query);
        document.querySelector('.tab[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
