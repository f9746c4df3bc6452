// Chooses light or dark before the first paint, so it is a blocking script in <head> (Dash would load it at the end of the body).
// The choice lives in the local store "person", key "theme": "system" (the default), "light" or "dark".
// inventoryTheme.apply(choice) switches at once (without an argument it reads the store) and returns the theme in force.
// <html> then carries data-bs-theme and data-ag-theme-mode, and fires "themechange" with the theme as its detail.
(function () {
  var root = document.documentElement;
  var prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      return (JSON.parse(localStorage.getItem("person")) || {}).theme;
    } catch (unreadable) {
      return undefined;
    }
  }

  function apply(choice) {
    choice = choice || stored();
    var theme = choice === "light" || choice === "dark" ? choice : prefersDark.matches ? "dark" : "light";
    if (root.dataset.bsTheme !== theme) {
      root.dataset.bsTheme = theme;
      root.dataset.agThemeMode = theme;
      root.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
    }
    return theme;
  }

  window.inventoryTheme = { apply: apply };
  apply();
  prefersDark.addEventListener("change", function () { apply(); });
  window.addEventListener("storage", function (event) { if (event.key === "person") apply(); });
})();
