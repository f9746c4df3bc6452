// What the frame does in the browser: navigation, menu, theme, freshness.
// Links inside the dashboard are plain <a href>; a click on one changes the page without loading the app again.
// dash_clientside.shell.navigate(href) does the same from a script.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.shell = (function () {
  const LOCATION = "_pages_location";
  const MENU = "shell-menu";
  const TOGGLE = "shell-menu-toggle";
  const COLLAPSE = "shell-menu-collapse";
  const THEMES = {
    system: ["bi bi-circle-half", "Theme: as the system"],
    light: ["bi bi-sun", "Theme: light"],
    dark: ["bi bi-moon-stars", "Theme: dark"],
  };

  let routed = null; // the address that dcc.Location knows
  let shown = null; // the address in the bar; it leaves the routed one when filters change
  let isOpen = false;
  let isNarrow = false;

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const here = () => location.pathname + location.search;
  const keep = () => window.dash_clientside.no_update;
  const pageLinks = () => document.querySelectorAll("[data-page]");

  // Navigation ---------------------------------------------------------------------------------------------------

  function navigate(href) {
    const url = window.dash_clientside.columns.withLayout(new URL(href, location.href));
    if (url.origin !== location.origin) {
      location.assign(url.href);
    } else if (url.pathname + url.search !== here()) {
      history.pushState(null, "", url.pathname + url.search + url.hash);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    }
    return keep();
  }

  // dcc.Location compares with the address it knows, so it overlooks a way back to that one after filters changed the bar.
  function reroute() {
    if (here() === routed && here() !== shown) set(LOCATION, { pathname: location.pathname, search: location.search });
    shown = here();
  }

  function carry(query) {
    pageLinks().forEach(link => set(link.id, { href: link.dataset.page + (query ? "?" + query : "") }));
  }

  function mark() {
    const covers = link => (location.pathname + "/").startsWith(link.dataset.page.replace(/\/?$/, "/"));
    const links = [...pageLinks()].filter(link => link.classList.contains("menu-link"));
    const best = links.filter(covers).sort((a, b) => b.dataset.page.length - a.dataset.page.length)[0];
    const active = best && (best.dataset.page !== "/" || location.pathname === "/") ? best : null;
    links.forEach(link => set(link.id, {
      className: link === active ? "menu-link is-active" : "menu-link",
      "aria-current": link === active ? "page" : "false",
    }));
    return active;
  }

  const asOf = query => new URLSearchParams(query).get("as_of") || "";

  function place(pathname, search, options, database, visit, day) {
    const isNew = routed !== null && routed.split("?")[0] !== location.pathname;
    routed = shown = here();
    carry(location.search.slice(1));
    const active = mark();
    closeMenu();
    if (isNew) {
      window.scrollTo(0, 0);
      document.getElementById("main").focus({ preventScroll: true });
    }
    const name = new URLSearchParams(location.search).get("db") || "";
    const chosen = options.includes(name) ? name : options[0];
    const page = active ? active.id.replace("menu-", "") : "";
    const before = visit || {};
    return [
      chosen === database ? keep() : chosen,
      before.db_url === name && before.current_page === page ? keep() : { ...before, db_url: name, current_page: page },
      asOf(location.search) === (day || "") ? keep() : asOf(location.search),
    ];
  }

  function syncUrl(scope, ...views) {
    const query = [scope, ...views].filter(Boolean).join("&");
    if (asOf(scope || "") !== asOf(location.search)) set("shell-as-of", { data: asOf(scope || "") });
    const address = location.pathname + (query ? "?" + query : "");
    if (address !== here()) history.replaceState(history.state, "", address + location.hash);
    shown = here();
    carry(scope || "");
    return keep();
  }

  function switchDatabase(name, options) {
    const current = new URLSearchParams(location.search).get("db") || options[0];
    if (!name || name === current) return;
    const active = document.querySelector(".menu-link.is-active");
    const path = active ? active.dataset.page : "/";
    navigate(name === options[0] ? path : path + "?" + new URLSearchParams({ db: name }));
  }

  // Menu ---------------------------------------------------------------------------------------------------------

  function drawMenu() {
    const classes = ["menu", isNarrow && "is-narrow", isOpen && "is-open"].filter(Boolean).join(" ");
    const label = isNarrow ? "Widen the menu" : "Narrow the menu";
    set(MENU, { className: classes });
    set(TOGGLE, { "aria-expanded": String(isOpen) });
    set(COLLAPSE, { title: label, "aria-label": label, "aria-expanded": String(!isNarrow) });
    document.querySelector(".shell-main").inert = isOpen;
  }

  function openMenu() {
    isOpen = true;
    drawMenu();
    requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("shell-menu-close").focus()));
  }

  function closeMenu() {
    if (!isOpen) return;
    isOpen = false;
    drawMenu();
    document.getElementById(TOGGLE).focus();
  }

  function showMenu(person) {
    isNarrow = (person || {}).show_sidebar === false;
    drawMenu();
  }

  const collapse = (_, person) => ({ ...person, show_sidebar: (person || {}).show_sidebar === false });

  // What belongs to the person, as it is kept in the browser.
  function person() {
    try {
      return JSON.parse(localStorage.getItem("person")) || {};
    } catch {
      return {};
    }
  }

  // Theme, freshness, failures, refresh ------------------------------------------------------------------------------------

  function cycleTheme(_, person) {
    const names = Object.keys(THEMES);
    const theme = names[(names.indexOf((person || {}).theme) + 1 || 1) % names.length];
    window.inventoryTheme.apply(theme);
    return { ...person, theme };
  }

  function showTheme(person) {
    const [icon, label] = THEMES[(person || {}).theme] || THEMES.system;
    return [icon, label, label];
  }

  function since(moment) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(moment)) / 60000));
    if (minutes < 1) return "just now";
    if (minutes < 60) return minutes + " min ago";
    return minutes < 48 * 60 ? Math.floor(minutes / 60) + " h ago" : Math.floor(minutes / 1440) + " days ago";
  }

  // A day in place of a moment: older states are shown.
  function showFreshness(moment) {
    if (!moment) return [moment === "" ? "Not known" : "Nothing imported", "dot is-muted", "pill"];
    if (!moment.includes("T")) return ["As of " + day(moment), "dot is-warning", "pill is-past"];
    const isOld = Date.now() - Date.parse(moment) > 7 * 86400000;
    return ["Imported " + since(moment), isOld ? "dot is-warning" : "dot is-on", "pill"];
  }

  // "2026-09-01" as the server writes it: 1 Sep 2026.
  function day(text) {
    const date = new Date(`${text}T00:00:00Z`);
    const month = date.toLocaleDateString("en-US", { month: "short", timeZone: "UTC" });
    return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
  }

  // A body that never arrived becomes the error; one that was drawn stays, and a toast says what failed.
  function showFailure({ bodies, isOpening, state, message }) {
    const isWaiting = body => body && (body.querySelector(".skeleton") || (isOpening && !body.childNodes.length));
    const waiting = bodies.filter(id => isWaiting(document.getElementById(id)));
    waiting.forEach(id => set(id, { children: state }));
    if (!waiting.length) set("toasts", { children: message });
  }

  // What is pressed may be drawn anew: the focus goes on to what takes its place, until something else is done.
  function refocus(container, selector) {
    const observer = new MutationObserver(() => {
      const next = container.querySelector(selector);
      if (next && next !== document.activeElement) next.focus({ preventScroll: true });
    });
    observer.observe(container, { childList: true, subtree: true });
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => observer.disconnect(), { once: true });
  }

  const refresh = (_, count, visit) => [(count || 0) + 1, { ...visit, last_refresh: new Date().toISOString() }];

  // Listeners ----------------------------------------------------------------------------------------------------

  document.addEventListener("click", event => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.hasAttribute("download") || (link.target && link.target !== "_self") || link.origin !== location.origin) return;
    event.preventDefault();
    const isHere = link.pathname === location.pathname && (!link.search || link.search === location.search);
    if (link.hash && isHere) document.getElementById(link.hash.slice(1))?.focus();
    else navigate(link.href);
  });

  document.addEventListener("keydown", event => {
    if (event.key === "Escape") closeMenu();
  });

  window.addEventListener("_dashprivate_pushstate", reroute);
  window.addEventListener("popstate", reroute);
  window.matchMedia("(min-width: 992px)").addEventListener("change", closeMenu);
  setInterval(() => {
    const time = document.getElementById("shell-freshness-time");
    if (time && time.dateTime) set(time.id, { children: showFreshness(time.dateTime)[0] });
  }, 60000);

  return {
    navigate, place, syncUrl, switchDatabase, openMenu, closeMenu, showMenu, collapse,
    cycleTheme, showTheme, showFreshness, showFailure, refresh, day, refocus, person,
  };
})();
