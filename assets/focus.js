/* The focus is never lost. When what has it goes away (it is drawn anew, removed, hidden or disabled), the focus moves on
   to what took its place, or else to the nearest neighbour that is left. A panel that lies over the page has it alone. */
(() => {
  "use strict";

  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
  const DIALOG = "dialog, [role='dialog'], .modal";
  const SPEAKING = "[role='status'], [role='alert'], [aria-live], .toasts, script, style, dialog, .modal";
  const LONGEST_NAME = 80;

  /* Losing and finding --------------------------------------------------------------------------------------------- */

  let held = null; // what has the focus, and all that is needed to find the way when it is gone
  let found = null; // where the focus went instead; what took the place may still be on its way

  const isLost = () => !document.activeElement || document.activeElement === document.body;

  function isUsable(element) {
    return element.isConnected && !element.disabled && !element.closest("[inert]") && element.checkVisibility({ visibilityProperty: true });
  }

  /* The same element, drawn anew, has the same id, or else the same kind, words and data. */
  function signature(element) {
    if (element.id) return element.id;
    const data = [...element.attributes].filter(({ name }) => /^(data-(?!dash)|href$|name$|role$|aria-label$|col-id$)/.test(name));
    const words = element.matches("a, button, summary, [role]") ? element.textContent.trim().slice(0, LONGEST_NAME) : "";
    return [element.tagName, words, ...data.map(({ name, value }) => `${name}=${value}`).sort()].join("|");
  }

  function ancestors(element) {
    const all = [];
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) all.push(one);
    return all;
  }

  function hold(element) {
    const dialog = element.closest(DIALOG);
    const around = [...(dialog || document).querySelectorAll(FOCUSABLE)];
    const opener = dialog && (held?.dialog === dialog ? held.opener : held);
    held = { element, dialog, opener, around, at: around.indexOf(element), within: ancestors(element), sign: signature(element) };
  }

  function again({ element, sign, within }) {
    if (isUsable(element)) return element;
    const near = within.find((one) => one.isConnected) || document;
    const among = element.id ? [document.getElementById(element.id)] : near.querySelectorAll(FOCUSABLE);
    return [...among].find((one) => one && isUsable(one) && signature(one) === sign);
  }

  function neighbour({ within, around, at }) {
    const nearest = around
      .map((element, index) => ({ element, far: Math.abs(index - at) }))
      .filter(({ element, far }) => far && element.tabIndex >= 0 && isUsable(element))
      .sort((one, other) => one.far - other.far);
    for (const place of within) {
      if (!place.isConnected || !place.checkVisibility()) continue;
      const known = nearest.find(({ element }) => place.contains(element))?.element;
      const next = known || [...place.querySelectorAll(FOCUSABLE)].find((element) => element.tabIndex >= 0 && isUsable(element));
      if (next) return next;
      if (place.id === "main") return place;
    }
    return document.getElementById("main");
  }

  function find() {
    const lost = held;
    const isClosed = lost.dialog && !(lost.dialog.isConnected && lost.dialog.checkVisibility());
    const next = (isClosed && lost.opener && again(lost.opener)) || again(lost) || neighbour(lost);
    if (!next) return;
    next.focus({ preventScroll: true });
    found = next === document.activeElement && signature(next) !== lost.sign ? { next, lost } : null;
  }

  function look() {
    if (covered && !covered.panel.isConnected) uncover();
    if (held && isLost() && !isUsable(held.element)) find();
    else if (found && document.activeElement === found.next) arrive();
  }

  /* What took the place has come after the focus had to go elsewhere. */
  function arrive() {
    const { lost } = found;
    const late = again(lost);
    if (!late || late === found.next) return;
    found = null;
    late.focus({ preventScroll: true });
  }

  document.addEventListener("focusin", ({ target }) => {
    if (target !== document.body) hold(target);
  });
  document.addEventListener("focusout", ({ relatedTarget }) => {
    if (!relatedTarget) requestAnimationFrame(() => (isLost() && held && isUsable(held.element) ? (held = null) : look()));
  });
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => (found = null), true);
  new MutationObserver(look).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["hidden", "disabled"],
  });

  /* A panel over the page ---------------------------------------------------------------------------------------- */

  let covered = null;

  /* Nothing beside the panel can be reached until it is closed; a press beside it closes it. */
  function cover(panel, close) {
    if (covered?.panel === panel) return;
    uncover();
    const beside = [panel, ...ancestors(panel)].flatMap((one) => [...one.parentElement.children].filter((other) => other !== one));
    const still = beside.filter((one) => !one.matches(SPEAKING) && !one.inert);
    still.forEach((one) => (one.inert = true));
    covered = { panel, close, still };
  }

  function uncover() {
    covered?.still.forEach((one) => (one.inert = false));
    covered = null;
  }

  document.addEventListener("click", ({ target }) => {
    if (covered?.panel.isConnected && !covered.panel.contains(target) && !target.closest(SPEAKING)) covered.close();
  }, true);

  window.dash_clientside = Object.assign({}, window.dash_clientside, { focus: { cover, uncover } });
})();
