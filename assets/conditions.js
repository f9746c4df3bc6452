/* Conditions on single columns: the field under each header of the grid, a chip for each condition, and the panel in
   which one is made. All three propose text; what the server can read is put into the scope, and what it cannot read
   stays where it was typed, marked, with the server's sentence. */
(() => {
  "use strict";

  const ATTRIBUTE = "attr:";
  const NONE = "(none)";
  const WITHOUT_COLUMN = "";
  const EDGE = 8;

  let barId = null;
  let shownBar = null; // every time that a page is put in place it is a new one
  let conditions = []; // of the scope, as they stand in it
  let opened = null; // the panel: {key, before, opener}
  let chosen = []; // its values
  let closing = null; // what the pointer went down on while its panel was open: that click closes, and opens nothing
  const drafts = new Map(); // key -> what is typed under the header and not in the scope
  const known = new Set(); // conditions that the server has judged
  const problems = new Map(); // condition -> sentence
  const proposals = new Map(); // condition -> {key, before}: put into the scope when it can be read
  const watchers = new Set();
  let version = 0;

  const filters = () => window.dash_clientside.filters;
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const bar = () => document.getElementById(barId);
  const box = () => bar()?.querySelector(".condition-box");
  const panel = () => box()?.querySelector(".condition-panel");
  const idOf = (part) => barId.replace(/filters$/, `condition-${part}`);
  const isOpen = () => Boolean(opened && panel() && !panel().hidden);

  /* A condition as it stands in the scope: the key of a column, a colon, what is typed. */
  function split(condition) {
    const start = condition.startsWith(ATTRIBUTE) ? ATTRIBUTE.length : 0;
    const end = condition.indexOf(":", start);
    const name = condition.slice(start, end);
    return { key: start ? ATTRIBUTE + unquoted(name) : name, text: condition.slice(end + 1).trim() };
  }

  function unquoted(name) {
    try {
      return decodeURIComponent(name);
    } catch {
      return name;
    }
  }

  function joined(key, text) {
    if (!key.startsWith(ATTRIBUTE)) return `${key}:${text}`;
    return `${ATTRIBUTE}${encodeURIComponent(key.slice(ATTRIBUTE.length)).replaceAll("%20", " ")}:${text}`;
  }

  const of = (key) => conditions.filter((one) => split(one).key === key);
  const textOf = (key) => (of(key).length ? split(of(key)[0]).text : "");

  function labelOf(key) {
    const labels = JSON.parse(bar().querySelector(".condition-chips").dataset.labels);
    return labels[key] || (key.startsWith(ATTRIBUTE) ? key.slice(ATTRIBUTE.length) : key);
  }

  function tell() {
    version += 1;
    watchers.forEach((watcher) => watcher());
    showPanelState();
    requestAnimationFrame(showProblem);
  }

  /* What is wrong with the field under a header in which somebody types stands below that field. */
  function showProblem() {
    const place = box()?.querySelector(".condition-bubble");
    if (!place) return;
    const field = document.activeElement?.closest?.('.condition-field > [aria-invalid="true"]');
    place.textContent = field ? field.title : "";
    if (field) moveBelow(place, field);
  }

  function moveBelow(element, opener) {
    const at = opener.getBoundingClientRect();
    element.style.setProperty("--left", `${EDGE}px`);
    const left = Math.max(EDGE, Math.min(at.left, window.innerWidth - element.offsetWidth - EDGE));
    element.style.setProperty("--left", `${left}px`);
    element.style.setProperty("--top", `${at.bottom + 4}px`);
    element.style.setProperty("--room", `${window.innerHeight - at.bottom - 4 - EDGE}px`);
  }

  /* Proposing --------------------------------------------------------------------------------------------------- */

  /* Let a column have a condition in place of `before`; empty text: none. */
  function propose(key, before, text) {
    proposals.forEach((proposal, condition) => proposal.key === key && proposals.delete(condition));
    const condition = joined(key, text.trim());
    if (!text.trim()) replace(before, null);
    else if (known.has(condition) && !problems.has(condition)) replace(before, condition);
    else if (problems.has(condition)) tell();
    else {
      proposals.set(condition, { key, before });
      ask();
    }
  }

  function replace(before, condition) {
    const rest = conditions.filter((one) => one !== before && one !== condition);
    const at = conditions.indexOf(before);
    if (condition) rest.splice(at < 0 ? rest.length : Math.min(at, rest.length), 0, condition);
    const isOpened = opened && opened.before === before && (!condition || split(condition).key === opened.key);
    if (isOpened) opened.before = condition;
    filters().change(barId, { where: rest });
    tell();
  }

  function ask() {
    const where = [...new Set([...conditions, ...proposals.keys()])].filter((one) => !known.has(one));
    if (where.length) set(idOf("question"), { data: { where, at: Date.now() } });
  }

  function learn(answer) {
    for (const condition of answer.asked) {
      known.add(condition);
      const sentence = answer.problems[condition];
      const proposal = proposals.get(condition);
      proposals.delete(condition);
      if (sentence) problems.set(condition, sentence);
      else if (proposal) {
        replace(proposal.before, condition);
        if (document.activeElement?.dataset.key !== proposal.key) drafts.delete(proposal.key);
      }
    }
    showChips();
    tell();
  }

  const problemOf = (key, text) => problems.get(joined(key, text.trim()));

  /* The field under a header ------------------------------------------------------------------------------------ */

  function watch(watcher) {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  function type(key, text) {
    drafts.set(key, text);
    tell();
    filters().afterPause(`condition-${key}`, () => commit(key));
  }

  /* What is typed stays as it is, blanks at its end included, until the field is left. */
  function commit(key) {
    if (drafts.has(key) && drafts.get(key).trim() !== textOf(key)) propose(key, of(key)[0] ?? null, drafts.get(key));
  }

  function leave(key) {
    commit(key);
    if (drafts.get(key)?.trim() === textOf(key)) drafts.delete(key);
    requestAnimationFrame(showProblem);
  }

  function drop(key) {
    drafts.delete(key);
    proposals.forEach((proposal, condition) => proposal.key === key && proposals.delete(condition));
    tell();
  }

  function ConditionField({ column }) {
    const { createElement, useSyncExternalStore } = window.React;
    useSyncExternalStore(watch, () => version);
    const key = column.getColId();
    const name = column.getColDef().headerName;
    const text = drafts.get(key) ?? textOf(key);
    const problem = drafts.has(key) ? problemOf(key, text) : problems.get(of(key)[0]);
    const field = createElement("input", {
      type: "text",
      value: text,
      "aria-label": `Filter ${name}`,
      "aria-invalid": problem ? "true" : "false",
      title: problem || (of(key).length > 1 ? of(key).map((one) => split(one).text).join(" and ") : text),
      "data-key": key,
      autoComplete: "off",
      spellCheck: false,
      onChange: (event) => type(key, event.target.value),
      onBlur: () => leave(key),
      onKeyDown: (event) => {
        if (event.key === "Enter") commit(key);
        else if (event.key === "Escape" && drafts.has(key)) {
          event.stopPropagation();
          drop(key);
        }
      },
    });
    const button = createElement(
      "button",
      {
        type: "button",
        className: "condition-open",
        tabIndex: -1,
        title: `Filter ${name}`,
        "aria-label": `Choose the filter of ${name}`,
        "aria-haspopup": "dialog",
        onClick: (event) => open(key, of(key)[0] ?? null, event.currentTarget),
      },
      createElement("i", { className: text ? "bi bi-funnel-fill" : "bi bi-funnel", "aria-hidden": true }),
    );
    return createElement("div", { className: text ? "condition-field is-active" : "condition-field" }, field, button);
  }

  /* The chips --------------------------------------------------------------------------------------------------- */

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    if (tag === "button") made.type = "button";
    return made;
  }

  const mark = (name) => {
    const made = element("i", `bi bi-${name}`);
    made.ariaHidden = "true";
    return made;
  };

  function showChips() {
    const place = bar()?.querySelector(".condition-chips");
    if (!place) return;
    const focused = document.activeElement?.closest?.("[data-condition]")?.dataset.condition;
    place.replaceChildren(...conditions.map(chip));
    if (focused !== undefined) (chipOf(focused) || place.nextElementSibling).querySelector("button").focus();
  }

  const chipOf = (condition) =>
    [...bar().querySelectorAll("[data-condition]")].find((one) => one.dataset.condition === condition);

  /* A list of values without its quotes, and of many values the first. */
  function shortened(text) {
    const [, sign, list] = text.match(/^(!?=)\s*(.*)$/s) || [];
    if (!sign) return text;
    const items = list.matchAll(/"((?:[^"]|"")*)"|(?:[^,"]|,(?=\S))+/g);
    const values = [...items].map((item) => item[1]?.replaceAll('""', '"') ?? item[0].trim()).filter(Boolean);
    return `${sign} ${values.length > 2 ? `${values[0]} and ${values.length - 1} more` : values.join(", ")}`;
  }

  function chip(condition) {
    const { key, text } = split(condition);
    const problem = problems.get(condition);
    const opener = element("button", "chip-label", element("span", "", labelOf(key)), element("span", "chip-value", `: ${shortened(text)}`));
    opener.ariaHasPopup = "dialog";
    const remove = element("button", "chip-remove", mark("x-lg"));
    remove.ariaLabel = `Remove the filter “${labelOf(key)}”`;
    if (problem) opener.prepend(mark("exclamation-triangle"));
    const inside = element("span", problem ? "chip is-active is-bad" : "chip is-active", opener, remove);
    inside.title = problem || text;
    const made = element("span", "chip-box", inside);
    made.dataset.condition = condition;
    return made;
  }

  /* The panel --------------------------------------------------------------------------------------------------- */

  function open(key, before, opener) {
    const isClosed = opener === closing;
    closing = null;
    if (isClosed) return;
    const text = before ? split(before).text : "";
    opened = { key, before, opener };
    chosen = [];
    const isColumn = key !== WITHOUT_COLUMN;
    const element = panel();
    element.setAttribute("aria-label", isColumn ? `Filter ${labelOf(key)}` : "Add filter");
    element.querySelector(".condition-title").textContent = isColumn ? labelOf(key) : "Filter by";
    element.querySelector(".condition-typed").hidden = !isColumn;
    element.querySelector(".panel-search").hidden = isColumn;
    element.classList.add("is-loading");
    set(idOf("text"), { value: text });
    set(idOf("search"), { value: "" });
    document.getElementById(idOf("search")).placeholder = isColumn ? "Find a value" : "Find a column";
    request({});
    filters().open(box(), opener);
    moveBelow(element, opener);
    document.getElementById(idOf(isColumn ? "text" : "search")).focus();
    showPanelState();
  }

  function request(more) {
    const asked = { key: opened.key, text: opened.before ? split(opened.before).text : "", search: "", at: Date.now() };
    set(idOf("request"), { data: { ...asked, ...more } });
  }

  /* The server has drawn the fields or the values; they stand in the page a few frames later. */
  function showPanel(frames = 30) {
    if (!isOpen()) return;
    const element = panel();
    const fields = element.querySelector(".condition-fields");
    if ((fields?.dataset.key || WITHOUT_COLUMN) !== opened.key) {
      if (frames) requestAnimationFrame(() => showPanel(frames - 1));
      return;
    }
    element.classList.remove("is-loading");
    element.querySelectorAll("input.day").forEach((field) => (field.type = "date"));
    if (fields && !opened.isDrawn) chosen = JSON.parse(fields.dataset.chosen);
    opened.isDrawn = true;
    element.querySelector(".panel-search").hidden = fields?.dataset.kind === "boolean";
    showPanelState();
  }

  function showPanelState() {
    if (!isOpen()) return;
    const element = panel();
    const field = document.getElementById(idOf("text"));
    const isAsItStands = opened.before && split(opened.before).text === field.value.trim();
    const problem = isAsItStands ? problems.get(opened.before) : opened.key && problemOf(opened.key, field.value);
    element.querySelector(".condition-problem").textContent = problem || "";
    field.setAttribute("aria-invalid", String(Boolean(problem)));
    element.querySelector(".condition-remove").hidden = !opened.before;
    for (const button of element.querySelectorAll(".condition-toggle")) {
      button.setAttribute("aria-pressed", String(button.dataset.form === field.value.trim()));
    }
    for (const row of element.querySelectorAll(".choice")) {
      row.setAttribute("aria-selected", String(opened.key !== WITHOUT_COLUMN && chosen.includes(row.dataset.value)));
    }
  }

  /* What the panel makes is typed into its field, too. */
  function make(text) {
    drafts.delete(opened.key);
    set(idOf("text"), { value: text });
    propose(opened.key, opened.before, text);
  }

  const quoted = (text) => (/[",()]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

  function choose(row) {
    const value = row.dataset.value;
    if (opened.key === WITHOUT_COLUMN) {
      begin(value);
      return;
    }
    chosen = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    const { kind } = panel().querySelector(".condition-fields").dataset;
    const words = chosen.map((one) => (one === "" ? NONE : kind === "text" ? quoted(one) : one)).join(", ");
    make(kind === "boolean" || ["", NONE].includes(words) ? words : `= ${words}`);
    showPanelState();
  }

  /* A column was chosen, or a filter that has a chip of its own. */
  function begin(value) {
    const own = bar().querySelector(`.chip-box[data-filter="${CSS.escape(value)}"]`);
    const opener = opened.opener;
    if (own) filters().open(own);
    else open(value, of(value)[0] ?? null, opener);
  }

  function composed() {
    const part = (name) => panel().querySelector(`.condition-${name}`)?.value.trim() || "";
    const unit = part("unit");
    const written = (value) => (unit ? `${value} ${unit}` : value);
    const [from, to, exact] = [part("from"), part("to"), part("exact")];
    if (exact) return `= ${written(exact)}`;
    if (from && to) return `${written(from)}..${written(to)}`;
    return from ? `>= ${written(from)}` : to ? `<= ${written(to)}` : "";
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.(".condition-box button, .condition-box .choice, [data-condition] button");
    if (!target || !barId) return;
    const condition = target.closest("[data-condition]")?.dataset.condition;
    if (condition !== undefined) {
      if (target.matches(".chip-remove")) replace(condition, null);
      else open(split(condition).key, condition, target);
    } else if (target.matches(".panel-opener")) {
      closing = null;
      if (isOpen() && opened.key === WITHOUT_COLUMN) filters().close(true);
      else open(WITHOUT_COLUMN, null, target);
    } else if (target.matches(".condition-remove")) {
      const before = opened.before;
      filters().close(true);
      replace(before, null);
    } else if (target.dataset.form) make(target.getAttribute("aria-pressed") === "true" ? "" : target.dataset.form);
  });

  document.addEventListener("pointerdown", ({ target }) => (closing = isOpen() && opened.opener.contains(target) ? opened.opener : null), true);

  document.addEventListener("choose", (event) => {
    if (event.target.closest(".condition-box")) choose(event.target);
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.closest?.(".condition-panel")) return;
    if (field.id === idOf("text")) {
      drafts.delete(opened.key);
      tell();
      filters().afterPause(field.id, () => opened && propose(opened.key, opened.before, field.value));
    } else if (field.id === idOf("search")) {
      filters().afterPause(field.id, () => opened && request({ search: field.value.trim(), is_search: true }));
    } else if (event.isTrusted && field.closest(".condition-range") && !field.validity.badInput) {
      if (field.matches(".condition-exact")) clearParts("from", "to");
      else if (field.matches(".condition-from, .condition-to")) clearParts("exact");
      filters().afterPause("condition-range", () => opened && make(composed()));
    }
  });

  function clearParts(...names) {
    for (const name of names) {
      const field = panel().querySelector(`.condition-${name}`);
      if (field?.value) setNative(field, "");
    }
  }

  /* React hears of a value that a script sets when it is told like this. */
  function setNative(field, value) {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (!event.altKey || event.key !== "ArrowDown") return;
      const head = event.target.closest?.(".ag-header-cell[col-id]");
      const key = head?.getAttribute("col-id") || "";
      if (!head || !barId || key.startsWith("ag-Grid")) return;
      event.preventDefault();
      event.stopPropagation();
      open(key, of(key)[0] ?? null, event.target);
    },
    true,
  );

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    conditionField: ConditionField,
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    conditions: {
      learn: (answer) => {
        if (answer) learn(answer);
        return window.dash_clientside.no_update;
      },
      showPanel: () => {
        requestAnimationFrame(() => showPanel());
        return window.dash_clientside.no_update;
      },
      /* The scope of a page's filter bar has changed. */
      show: (element, scope) => {
        if (!element.querySelector(".condition-chips")) return;
        const isOther = shownBar !== element;
        if (isOther) {
          barId = element.id;
          shownBar = element;
          drafts.clear();
          proposals.clear();
        }
        const before = conditions.join("\n");
        conditions = scope.getAll("where");
        if (isOther || before !== conditions.join("\n")) showChips();
        ask();
        tell();
      },
      /* What is typed and not in the scope. */
      forget: () => {
        drafts.clear();
        proposals.clear();
      },
    },
  });
})();
