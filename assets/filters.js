/* Panels that a chip or a button opens (.chip-box), and the filter chips of a page: they show the scope store and
   change it; everything else follows from the store. A panel outside of the chips tells by "panelopen" that it was
   opened, and a row of it by "choose" that it was chosen. */
(() => {
  "use strict";

  const NONE = "(none)";
  const KEPT = ["db", "as_of"];
  const SINGLE = ["templates", "as_of"];
  const DAYS = { from: "created_from", to: "created_to", day: "as_of" };
  const TYPING_PAUSE_MS = 300;
  const LONGEST_WAIT_MS = 5000;
  const scopes = new Map();
  const openers = new WeakMap();

  const bar = (element) => element.closest(".chips[data-scope]");
  const panelOf = (box) => box.querySelector(":scope > .panel");
  const labelOf = (box) => box.querySelector(".panel-opener");
  const day = (text) => window.dash_clientside.shell.day(text);
  const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

  function scopeOf(bar) {
    return new URLSearchParams(scopes.get(bar.id) || "");
  }

  /* Put values of some parameters into the scope: {parameter: [value, …]}. */
  function change(bar, changes) {
    const scope = scopeOf(bar);
    for (const [name, values] of Object.entries(changes)) {
      scope.delete(name);
      values.forEach((value) => scope.append(name, value));
    }
    write(bar, scope.toString());
  }

  /* Clearing the filters leaves the database and the day: they say what is looked at, not which part of it. */
  function clear(bar) {
    const kept = [...scopeOf(bar)].filter(([name]) => KEPT.includes(name));
    window.dash_clientside.conditions.forget();
    write(bar, new URLSearchParams(kept).toString());
  }

  function write(bar, query) {
    if (query === scopes.get(bar.id)) return;
    scopes.set(bar.id, query);
    dash_clientside.set_props(bar.dataset.scope, { data: query });
  }

  /* What a filter is set to; empty: nothing. */
  function valuesOf(filter, scope) {
    if (filter === "created") return [scope.get("created_from"), scope.get("created_to")].filter(Boolean);
    if (filter === "templates") return [scope.get("templates") || "exclude"];
    if (filter === "as_of") return [scope.get("as_of") || ""];
    if (filter === "q") return scope.getAll(filter).filter(Boolean);
    return scope.getAll(filter);
  }

  function wordsOf(box, values) {
    const words = JSON.parse(box.dataset.words || "{}");
    const names = new Map(
      [...box.querySelectorAll(".choice")].map((row) => [row.dataset.value, row.firstChild.textContent]),
    );
    const isNamed = "named" in box.dataset;
    return values.map((value) => words[value] || names.get(value) || (isNamed && !names.size ? "…" : value) || NONE);
  }

  function textOf(box, scope, values) {
    const filter = box.dataset.filter;
    const from = scope.get("created_from");
    const to = scope.get("created_to");
    if (filter === "created") {
      if (from && to) return `: ${day(from)} to ${day(to)}`;
      return from ? ` from ${day(from)}` : to ? ` until ${day(to)}` : "";
    }
    if (!values.length) return "";
    if (filter === "as_of") return values[0] ? ` ${day(values[0])}` : "";
    if (filter === "q" && scope.get("pattern") === "1") return ` pattern: ${values[0]}`;
    if (filter === "exclude") return ` ${wordsOf(box, [...new Set(values.map((value) => value.split(":")[0]))]).join(", other ")}`;
    const words = wordsOf(box, values);
    const shown = words.length > 2 ? `${words[0]} and ${words.length - 1} more` : words.join(filter === "attention" ? " and " : ", ");
    return filter === "templates" ? ` ${shown}` : `: ${shown}`;
  }

  function showBox(bar, box, scope) {
    const filter = box.dataset.filter;
    const values = valuesOf(filter, scope);
    const isActive = { templates: values[0] !== "include", as_of: Boolean(values[0]) }[filter] ?? values.length > 0;
    const text = textOf(box, scope, values);
    const chip = box.querySelector(".chip");
    const remove = box.querySelector(".chip-remove");
    chip.classList.toggle("is-active", isActive);
    chip.querySelector(".chip-value").textContent = text;
    chip.title = values.length > 1 && filter !== "exclude" && filter !== "created" ? wordsOf(box, values).join(", ") : "";
    if (remove) remove.hidden = !isActive;
    if ("optional" in box.dataset) box.hidden = !isActive && panelOf(box)?.hidden !== false;
    for (const row of box.querySelectorAll(".choice")) {
      row.setAttribute("aria-selected", String(values.includes(row.dataset.value)));
    }
    if (text.includes("…") && "named" in box.dataset && !box.dataset.asked) {
      box.dataset.asked = "1";
      ask(bar, box);
    }
  }

  function showFields(bar, scope) {
    const prefix = bar.id.replace(/s$/, "");
    const fields = { text: scope.get("q") };
    for (const [name, parameter] of Object.entries(DAYS)) fields[name] = scope.get(parameter);
    for (const [name, value] of Object.entries(fields)) {
      const field = document.getElementById(`${prefix}-${name}`);
      if (field?.classList.contains("day")) field.type = "date";
      if (field && field !== document.activeElement && field.value !== (value || "")) {
        dash_clientside.set_props(field.id, { value: value || "" });
      }
    }
  }

  function show(barId) {
    const element = document.getElementById(barId);
    if (!element) return;
    const scope = scopeOf(element);
    element.querySelectorAll(".chip-box[data-filter]").forEach((box) => showBox(element, box, scope));
    showFields(element, scope);
    window.dash_clientside.search.show(element, scope);
    window.dash_clientside.conditions.show(element, scope);
    const clearing = element.querySelector(":scope > .chip-clear");
    if (clearing) clearing.hidden = [...scope.keys()].every((name) => KEPT.includes(name));
  }

  /* Ask for the values of a panel. */
  function ask(bar, box, search = "") {
    const id = { type: bar.id.replace(/s$/, "-request"), filter: box.dataset.filter };
    dash_clientside.set_props(id, { data: { search, at: Date.now() } });
  }

  /* The focus goes back to `opener`, where the panel does not stand beside its own button. */
  function open(box, opener = labelOf(box)) {
    closeAll(false);
    openers.set(box, opener);
    box.hidden = false;
    const panel = panelOf(box);
    const search = panel.querySelector(".panel-search input");
    panel.hidden = false;
    panel.classList.remove("is-right");
    labelOf(box).setAttribute("aria-expanded", "true");
    if (panel.getBoundingClientRect().right > window.innerWidth - 8) panel.classList.add("is-right");
    if (!bar(box) || !box.dataset.filter) box.dispatchEvent(new CustomEvent("panelopen", { bubbles: true }));
    else if (box.querySelector("[id*='filter-choices']")) {
      if (search?.value) dash_clientside.set_props(JSON.parse(search.id), { value: "" });
      ask(bar(box), box);
    }
    (search || panel.querySelector('.choice[aria-selected="true"]') || panel.querySelector(".choice, input")).focus();
  }

  function closeAll(returnsFocus) {
    for (const panel of document.querySelectorAll(".chip-box > .panel:not([hidden])")) {
      panel.hidden = true;
      const box = panel.parentElement;
      const label = labelOf(box);
      const opener = openers.get(box);
      label.setAttribute("aria-expanded", "false");
      if (returnsFocus) (opener?.isConnected ? opener : label).focus();
      if ("optional" in box.dataset) box.hidden = !box.querySelector(".chip.is-active");
    }
  }

  function choose(row) {
    const box = row.closest(".chip-box");
    const filter = box.dataset.filter;
    const element = bar(box);
    if (!element || !filter) {
      row.dispatchEvent(new CustomEvent("choose", { bubbles: true }));
      return;
    }
    if (SINGLE.includes(filter)) {
      change(element, { [filter]: ["", "exclude"].includes(row.dataset.value) ? [] : [row.dataset.value] });
      closeAll(true);
      return;
    }
    const values = valuesOf(filter, scopeOf(element));
    const value = row.dataset.value;
    const isChosen = values.includes(value);
    change(element, { [filter]: isChosen ? values.filter((one) => one !== value) : [...values, value] });
  }

  function removeFilter(box) {
    const filter = box.dataset.filter;
    const element = bar(box);
    closeAll(false);
    const parameters = { created: ["created_from", "created_to"], q: ["q", "pattern"] }[filter] || [filter];
    change(element, Object.fromEntries(parameters.map((parameter) => [parameter, []])));
    const next = "optional" in box.dataset ? element.querySelector(".panel-opener") : labelOf(box);
    next.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.(".chip-box :is(button, .choice), .chip-clear, [data-clears]");
    if (!target) return;
    const box = target.closest(".chip-box");
    if (target.dataset.clears) clear(document.getElementById(target.dataset.clears));
    else if (bar(box || target) && box && !box.dataset.filter && !target.matches(".choice")) return; // conditions.js
    else if (target.matches(".chips[data-scope] > .chip-clear")) {
      clear(bar(target));
      bar(target).querySelector(".panel-opener").focus();
    } else if (target.matches(".chip-remove")) removeFilter(box);
    else if (target.matches(".choice")) choose(target);
    else if (target.matches(".panel-opener")) panelOf(box).hidden ? open(box) : closeAll(true);
  });

  for (const kind of ["pointerdown", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const box = event.target.closest?.(".chip-box");
      if (!box || panelOf(box)?.hidden !== false) closeAll(false);
    });
  }

  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".chip-box");
    if (!box || !panelOf(box)) return;
    if (panelOf(box).hidden) {
      if (event.key === "ArrowDown" && event.target.matches(".panel-opener")) {
        event.preventDefault();
        open(box);
      }
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      closeAll(true);
    } else if (event.target.matches(".choice") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      choose(event.target);
    } else moveFocus(event, box);
  });

  function moveFocus(event, box) {
    const rows = [...box.querySelectorAll(".choice")].filter((row) => row.offsetParent);
    const at = rows.indexOf(event.target);
    const isTyping = event.target.matches("input");
    const next = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: isTyping ? undefined : 0,
      End: isTyping ? undefined : rows.length - 1,
    }[event.key];
    if (next === undefined || !rows.length || event.target.matches("input.day")) return;
    event.preventDefault();
    if (next < 0) (box.querySelector(".panel-search input") || rows[0]).focus();
    else rows[Math.min(next, rows.length - 1)].focus();
  }

  /* Typing: wait for a pause, and for the answer to the text before. */
  const pauses = new Map();
  function afterPause(key, action, deadline = Date.now() + LONGEST_WAIT_MS) {
    clearTimeout(pauses.get(key));
    pauses.set(
      key,
      setTimeout(() => {
        const isBusy = document.querySelector('main [aria-busy="true"]');
        if (isBusy && Date.now() < deadline) afterPause(key, action, deadline);
        else action();
      }, TYPING_PAUSE_MS),
    );
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    const element = field.closest?.(".chips[data-scope]");
    if (!element) return;
    const box = field.closest(".chip-box");
    if (!box?.dataset.filter) return; // search.js, conditions.js
    if (field.closest(".panel-search")) afterPause(field.id, () => ask(element, box, field.value.trim()));
    else if (field.matches(".day") && (!field.value || isDay(field.value))) {
      const parameter = DAYS[field.id.split("-").pop()];
      afterPause(field.id, () => change(element, { [parameter]: [field.value].filter(Boolean) }));
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    filters: {
      show: (query, _choices, barId) => {
        scopes.set(barId, query || "");
        requestAnimationFrame(() => show(barId));
        return query || "";
      },
      /* For other scripts: the scope of a bar, and putting {parameter: [value, …]} into it. */
      scope: (barId) => new URLSearchParams(scopes.get(barId) || ""),
      change: (barId, changes) => change(document.getElementById(barId), changes),
      open,
      close: closeAll,
      afterPause,
    },
  });
})();
