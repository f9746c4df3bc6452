/* The field of the text search: words go into the scope as they are typed, a pattern once the server has read it. */
(() => {
  "use strict";

  const problems = new Map(); // pattern that the server has read -> sentence; empty: it can be used
  const shown = new WeakMap(); // bar -> what the scope last said of its text

  const filters = () => window.dash_clientside.filters;
  const barOf = (element) => element.closest(".chips[data-scope]");
  const partOf = (bar, selector) => bar.querySelector(`.search-field ${selector}`);
  const fieldOf = (bar) => partOf(bar, "input");
  const isPattern = (bar) => partOf(bar, ".search-switch").getAttribute("aria-pressed") === "true";
  const signature = (scope) => `${scope.get("pattern") || ""} ${scope.get("q") || ""}`;

  function turn(bar, isOn) {
    partOf(bar, ".search-switch").setAttribute("aria-pressed", String(isOn));
    partOf(bar, ".search-help-box").hidden = !isOn;
  }

  function mark(bar, sentence) {
    const field = fieldOf(bar);
    const id = `${field.id}-problem`;
    window.dash_clientside.set_props(id, { children: sentence });
    field.setAttribute("aria-invalid", String(Boolean(sentence)));
    if (sentence) field.setAttribute("aria-describedby", id);
    else field.removeAttribute("aria-describedby");
  }

  /* Put what is typed into the scope, if it can be used. */
  function commit(bar, text = fieldOf(bar).value.trim()) {
    if (!text || !isPattern(bar)) write(bar, text, false);
    else if (!problems.has(text)) ask(bar, text);
    else if (problems.get(text)) mark(bar, problems.get(text));
    else write(bar, text, true);
  }

  function write(bar, text, withPattern) {
    mark(bar, "");
    const scope = filters().scope(bar.id);
    const wanted = new URLSearchParams([["q", text], ["pattern", withPattern ? "1" : ""]]);
    if (signature(scope) === signature(wanted)) return;
    filters().change(bar.id, { q: text ? [text] : [], pattern: withPattern ? ["1"] : [] });
  }

  function ask(bar, pattern) {
    window.dash_clientside.set_props(`${fieldOf(bar).id}-question`, { data: { pattern, at: Date.now() } });
  }

  /* The server has read a pattern; meanwhile another may be typed. */
  function learn(answer, barId) {
    problems.set(answer.pattern, answer.problem);
    const bar = document.getElementById(barId);
    if (bar && isPattern(bar) && fieldOf(bar).value.trim() === answer.pattern) commit(bar);
    return window.dash_clientside.no_update;
  }

  /* The scope has changed, here or elsewhere; a pattern of a link is read, too. */
  function show(bar, scope) {
    if (!partOf(bar, "input") || shown.get(bar) === signature(scope)) return;
    shown.set(bar, signature(scope));
    const text = scope.get("q") || "";
    if (text) turn(bar, scope.get("pattern") === "1");
    if (scope.get("pattern") === "1" && text && !problems.has(text)) ask(bar, text);
    else mark(bar, (isPattern(bar) && problems.get(text)) || "");
  }

  document.addEventListener("input", (event) => {
    const field = event.target.closest?.(".search-field input");
    const bar = field && barOf(field);
    if (bar) filters().afterPause(field.id, () => commit(bar));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".search-field button");
    const bar = button && barOf(button);
    if (!bar) return;
    if (button.matches(".search-switch")) {
      turn(bar, !isPattern(bar));
      commit(bar);
      fieldOf(bar).focus();
    } else if (button.getAttribute("aria-expanded") === "true") filters().close(true);
    else filters().open(button.closest(".chip-box"));
  });

  document.addEventListener("choose", (event) => {
    const bar = event.target.closest(".search-help-box") && barOf(event.target);
    if (!bar) return;
    const field = fieldOf(bar);
    window.dash_clientside.set_props(field.id, { value: event.target.dataset.value });
    filters().close(false);
    field.focus();
    commit(bar, event.target.dataset.value);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { search: { learn, show } });
})();
