// The history of imports in the browser: buttons become actions, a deletion asks first, and the comparison's controls
// change its store, from which everything else follows.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.history = (() => {
  "use strict";

  const ID = "data-import-history-";
  const COMPARISON = "data-import-comparison";
  const TYPING_PAUSE_MS = 300;
  const OPPOSITES = { pin: "unpin", unpin: "pin", hide: "show", show: "hide" };

  let view = ""; // what is compared, as query text
  let asked = null; // the button whose question is open
  let pause = 0;
  let next = ""; // where the focus goes on when the lists are drawn anew
  const whole = new Set(); // vCenters whose states are all listed
  const folds = new Map(); // vCenter -> whether its list is open

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const element = name => document.getElementById(`${COMPARISON}${name}`);

  function refocus(selector) {
    next = selector;
    window.dash_clientside.shell.refocus(document.querySelector(".history"), selector);
  }

  function act(button) {
    const { action, key } = button.dataset;
    if (OPPOSITES[action]) refocus(`[data-action="${OPPOSITES[action]}"][data-key="${key}"]`);
    set(`${ID}action`, { data: { do: button.dataset.action, key: button.dataset.key, at: Date.now() } });
  }

  function ask(button) {
    asked = button;
    set(`${ID}dialog-title`, { children: button.dataset.title });
    set(`${ID}dialog-text`, { children: button.dataset.text });
    set(`${ID}dialog`, { is_open: true });
  }

  function answer(isYes) {
    set(`${ID}dialog`, { is_open: false });
    const group = asked.closest("[data-vcenter]");
    if (isYes) {
      asked.disabled = true;
      act(asked);
      group.querySelector("summary").focus();
      refocus(`[data-vcenter="${group.dataset.vcenter}"] > summary`);
    } else asked.focus();
    asked = null;
  }

  // Put values of some parameters into the view: {parameter: [value, …]}. Another list begins at its start.
  function change(changes) {
    const query = new URLSearchParams(view);
    for (const [name, values] of Object.entries({ from: [], ...changes })) {
      query.delete(name);
      values.forEach(value => query.append(name, value));
    }
    if (query.toString() === view) return;
    view = query.toString();
    set(`${ID}view`, { data: view });
  }

  function toggle(kind) {
    refocus(`[data-kind="${kind}"]`);
    const kinds = new URLSearchParams(view).getAll("change");
    change({ change: kinds.includes(kind) ? kinds.filter(one => one !== kind) : [...kinds, kind] });
  }

  function toggleNoise(button) {
    const isOn = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-checked", String(isOn));
    change({ noise: isOn ? ["1"] : [] });
  }

  document.addEventListener("click", event => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.whole) {
      whole.add(button.dataset.whole);
      refocus(`[data-vcenter="${button.dataset.whole}"] > .table-box`);
      set(`${ID}whole`, { data: [...whole] });
    } else if (button.closest(".history-vcenter") && button.dataset.action) {
      button.dataset.text ? ask(button) : act(button);
    } else if (button.id === `${ID}dialog-cancel`) answer(false);
    else if (button.id === `${ID}dialog-confirm`) answer(true);
    else if (button.closest(`#${COMPARISON}`)) {
      const { dataset } = button;
      if ("compare" in dataset) change({ of: [], before: [element("-before").value], after: [element("-after").value] });
      else if (dataset.kind) toggle(dataset.kind);
      else if (dataset.start) {
        refocus(".comparison-range");
        change({ from: dataset.start === "0" ? [] : [dataset.start] });
      }
      else if ("noise" in dataset) toggleNoise(button);
    }
  });

  // Lists that were opened or closed stay so when they are drawn anew.
  document.addEventListener(
    "toggle",
    event => {
      const { vcenter } = event.target.dataset || {};
      if (vcenter) folds.set(vcenter, event.target.open);
    },
    true,
  );

  function unfold() {
    for (const list of document.querySelectorAll("details[data-vcenter]")) {
      if (folds.has(list.dataset.vcenter)) list.open = folds.get(list.dataset.vcenter);
    }
    if (next && document.activeElement === document.body) document.querySelector(next)?.focus({ preventScroll: true });
    next = "";
  }

  document.addEventListener("change", event => {
    if (event.target.id === `${COMPARISON}-vcenter`) change({ of: [event.target.value], before: [], after: [], change: [] });
  });

  document.addEventListener("input", event => {
    if (event.target.id !== `${COMPARISON}-find`) return;
    clearTimeout(pause);
    pause = setTimeout(() => change({ find: [event.target.value.trim()].filter(Boolean) }), TYPING_PAUSE_MS);
  });

  // What the view's store holds is what the controls show; a field in use is left alone.
  function show(query) {
    view = query || "";
    const given = new URLSearchParams(view);
    element("").querySelector("[data-noise]").setAttribute("aria-checked", String(given.get("noise") === "1"));
    return element("-find") === document.activeElement ? window.dash_clientside.no_update : given.get("find") || "";
  }

  const redrawn = () => {
    requestAnimationFrame(unfold);
    return window.dash_clientside.no_update;
  };

  return { show, redrawn };
})();
