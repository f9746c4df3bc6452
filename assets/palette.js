/* The palette: a dialog with one field that finds machines, places and pages. Ctrl K, / and the top bar open it.
   What is typed is asked one question at a time: the next one goes out when the last is answered, with the text
   of that moment. Pages and the machines opened last are known here and need no question. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.palette = (() => {
  "use strict";

  const CARRIED = ["db", "as_of"];
  const MAX_RECENT = 8;
  const PATIENCE_MS = 20000;

  const state = {
    groups: [], // of the last answer
    answered: "", // the text that it answers
    failure: "",
    isAsking: false,
    opensFirst: false, // Enter was pressed before the answer came
    hasMoved: false, // a line was chosen by arrow since the last letter
    inNewTab: false,
  };

  const byId = (id) => document.getElementById(id);
  const dialog = () => byId("palette");
  const field = () => byId("palette-text");
  const list = () => byId("palette-list");
  const rows = () => [...list().querySelectorAll('[role="option"]')];
  const active = () => list().querySelector('[aria-selected="true"]');
  const text = () => field().value.trim();
  const isCurrent = () => state.answered === text();

  /* The database and the day of the page, and what else a link is to say. */
  function query(more = {}) {
    const here = new URLSearchParams(location.search);
    const carried = CARRIED.filter((name) => here.get(name)).map((name) => [name, here.get(name)]);
    const asked = new URLSearchParams([...carried, ...Object.entries(more)]).toString();
    return asked && `?${asked}`;
  }

  // Asking -------------------------------------------------------------------------------------------------------

  async function ask() {
    if (state.isAsking) return;
    const asked = text();
    state.isAsking = true;
    list().setAttribute("aria-busy", "true");
    let groups = [];
    let failure = "";
    try {
      const answer = await fetch(dialog().dataset.find + query({ q: asked }), { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.ok) groups = await answer.json();
      else failure = await answer.text();
    } catch {
      failure = "The server does not answer.";
    }
    state.isAsking = false;
    list().removeAttribute("aria-busy");
    if (!dialog().open) return;
    if (asked !== text()) {
      if (text()) ask();
      return;
    }
    Object.assign(state, { groups, failure, answered: asked });
    draw();
    if (state.opensFirst) openRow(rows()[0], state.inNewTab);
  }

  function typed() {
    Object.assign(state, { opensFirst: false, hasMoved: false });
    if (text()) ask();
    else Object.assign(state, { groups: [], answered: "", failure: "" });
    draw();
  }

  // Drawing ------------------------------------------------------------------------------------------------------

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  const icon = (name) => element("i", { class: `bi bi-${name}`, "aria-hidden": "true" });
  const marked = ([before, match, after]) => [before, ...(match ? [element("mark", {}, match)] : []), after];

  function split(name, wanted) {
    const at = wanted ? name.toLowerCase().indexOf(wanted.toLowerCase()) : -1;
    return at < 0 ? [name, "", ""] : [name.slice(0, at), name.slice(at, at + wanted.length), name.slice(at + wanted.length)];
  }

  function drawRow({ href, icon: symbol, name, found, where, kind }, number) {
    const details = element("span", { class: "palette-where" });
    if (found) details.append(element("span", { class: "palette-found" }, ...marked(found)), where ? " · " : "");
    details.append(where);
    const words = element("span", { class: "palette-words" }, element("span", { class: "palette-name" }, ...marked(name)), details);
    const attributes = { href, role: "option", id: `palette-row-${number}`, tabindex: "-1", "aria-selected": "false", class: "palette-row" };
    return element("a", attributes, icon(symbol), words, element("span", { class: "palette-kind" }, kind));
  }

  function drawGroup({ title, rows: content }, groupNumber, first) {
    const heading = element("div", { class: "palette-heading", id: `palette-group-${groupNumber}`, role: "presentation" }, title);
    const drawn = content.map((row, place) => drawRow(row, first + place));
    return element("div", { role: "group", "aria-labelledby": heading.id }, heading, ...drawn);
  }

  function pages(wanted) {
    const fits = (link) => link.textContent.toLowerCase().includes(wanted.toLowerCase());
    return [...document.querySelectorAll("a.menu-link")].filter(fits).map((link) => ({
      href: link.getAttribute("href"),
      icon: link.querySelector(".bi").className.replace("bi bi-", ""),
      name: split(link.textContent, wanted),
      where: "",
      kind: "Page",
    }));
  }

  function recent() {
    const database = new URLSearchParams(location.search).get("db") || "";
    return (window.dash_clientside.shell.person().recent_machines || []).filter(([of]) => of === database).map(([, id, name]) => ({
      href: `${dialog().dataset.explorer}/${id}${query()}`,
      icon: "clock-history",
      name: [name, "", ""],
      where: "",
      kind: "Machine",
    }));
  }

  function searches(wanted) {
    const row = (symbol, before, after, more) => ({
      href: dialog().dataset.explorer + query({ q: wanted, ...more }),
      icon: symbol,
      name: [`${before}“`, wanted, `”${after}`],
      where: "",
      kind: "",
    });
    return [row("search", "Search VM Explorer for ", ""), row("regex", "", " as a pattern", { pattern: "1" })];
  }

  /* All groups, the best first: a page that begins so comes before machines that merely contain the text. */
  function shownGroups() {
    const wanted = text();
    const found = pages(wanted);
    const pageGroup = { title: "Pages", rows: found };
    if (!wanted) return [{ title: "Opened last", rows: recent() }, pageGroup];
    const isBeginning = found.some((page) => !page.name[0]);
    const before = state.groups.filter((group) => group.fit <= (isBeginning ? 1 : 6));
    const after = state.groups.filter((group) => !before.includes(group));
    return [...before, pageGroup, ...after, { title: "VM Explorer", rows: searches(wanted) }];
  }

  function draw() {
    const shown = shownGroups().filter((group) => group.rows.length);
    let count = 0;
    const drawn = shown.map((group, number) => {
      const made = drawGroup(group, number, count);
      count += group.rows.length;
      return made;
    });
    const kept = state.hasMoved && active()?.href;
    list().replaceChildren(...drawn);
    list().scrollTop = 0;
    choose(rows().find((row) => row.href === kept) || rows()[0]);
    say(shown);
  }

  function say(shown) {
    const status = byId("palette-status");
    const day = new URLSearchParams(location.search).get("as_of");
    const past = day ? `As of ${window.dash_clientside.shell.day(day)}` : "";
    const number = shown.filter((group) => group.title !== "VM Explorer").reduce((sum, group) => sum + group.rows.length, 0);
    let words = past;
    if (text() && state.failure) words = state.failure;
    else if (text() && !isCurrent()) words = status.textContent;
    else if (text()) words = [number ? `${number} ${number === 1 ? "suggestion" : "suggestions"}` : "Nothing found", past].filter(Boolean).join(" · ");
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle("is-failure", Boolean(text() && state.failure));
  }

  // Choosing and opening -----------------------------------------------------------------------------------------

  function choose(row, isByPointer = false) {
    rows().forEach((one) => one.setAttribute("aria-selected", String(one === row)));
    if (row) field().setAttribute("aria-activedescendant", row.id);
    else field().removeAttribute("aria-activedescendant");
    if (row && !isByPointer) (row.matches("#palette-row-0") ? list().firstChild : row).scrollIntoView({ block: "nearest" });
  }

  function move(key) {
    const all = rows();
    const at = all.indexOf(active());
    const next = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 };
    state.hasMoved = true;
    choose(all[next[key]]);
  }

  function openRow(row, inNewTab) {
    state.opensFirst = false;
    if (!row) return;
    if (inNewTab) window.open(row.href, "_blank", "noopener");
    else row.click();
  }

  /* The first row may answer the text before this one: wait for that of this one, unless a row was chosen. */
  function enter(inNewTab) {
    if (text() && !isCurrent() && !state.hasMoved) Object.assign(state, { opensFirst: true, inNewTab });
    else openRow(active(), inNewTab);
  }

  function open() {
    if (dialog().open) {
      field().select();
      return;
    }
    if (document.querySelector(".modal.show")) return; // it keeps the focus for itself
    window.dash_clientside.shell.closeMenu();
    const roles = { role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-haspopup": "listbox" };
    Object.entries(roles).forEach(([name, value]) => field().setAttribute(name, value));
    Object.assign(state, { groups: [], answered: "", failure: "", opensFirst: false, hasMoved: false });
    dialog().showModal();
    field().focus();
    draw();
    ask();
  }

  /* A dialog gives the focus back by itself. */
  function close() {
    if (!dialog().open) return;
    dialog().close();
    window.dash_clientside.set_props("palette-text", { value: "" });
  }

  // Listeners ----------------------------------------------------------------------------------------------------

  const isWriting = (target) => target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

  function pressed(event) {
    const isShortcut = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target);
    if (isShortcut || (isSlash && !dialog()?.open)) {
      event.preventDefault();
      if (dialog()) open();
    } else if (dialog()?.open) pressedInside(event);
  }

  function pressedInside(event) {
    const isChoosing = event.target === field() && !event.isComposing;
    const keys = ["ArrowDown", "ArrowUp", "Home", "End"];
    event.stopPropagation(); // the page below has keys of its own
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (isChoosing && keys.includes(event.key) && !event.shiftKey) {
      event.preventDefault();
      move(event.key);
    } else if (isChoosing && event.key === "Enter") {
      event.preventDefault();
      enter(event.ctrlKey || event.metaKey);
    }
  }

  window.addEventListener("keydown", pressed, true);

  document.addEventListener("input", (event) => {
    if (event.target.id === "palette-text") typed();
  });

  document.addEventListener("pointermove", (event) => {
    const row = event.target.closest?.(".palette-row");
    if (row && row !== active()) choose(row, true);
  });

  document.addEventListener("mousedown", (event) => {
    if (event.target.closest?.(".palette-list")) event.preventDefault(); // the focus stays in the field
  });

  document.addEventListener(
    "click",
    (event) => {
      const target = event.target;
      if (target.closest?.("#shell-search")) open();
      else if (target === dialog() || target.closest?.(".palette-close")) close();
      else if (target.closest?.(".palette-row") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        close();
        byId("main").focus({ preventScroll: true });
      }
    },
    true,
  );

  // The machines opened last -------------------------------------------------------------------------------------

  /* A machine that is there comes first; one that is gone is forgotten. */
  function noteMachine(title, proof, machine, scope, stored) {
    const { no_update: keep } = window.dash_clientside;
    const asked = new URLSearchParams(scope || "");
    const database = asked.get("db") || "";
    const id = Number(machine?.id ?? machine);
    const isThere = Array.isArray(proof) ? proof.length > 0 : Boolean(proof);
    const before = stored?.recent_machines || [];
    const others = before.filter(([of, one]) => of !== database || one !== id);
    if (!id || (isThere && typeof title !== "string") || (!isThere && asked.get("as_of"))) return keep;
    const after = isThere ? [[database, id, title], ...others].slice(0, MAX_RECENT) : others;
    return JSON.stringify(after) === JSON.stringify(before) ? keep : { ...stored, recent_machines: after };
  }

  return { noteMachine };
})();
