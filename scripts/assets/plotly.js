// The chart library, cut down to the traces the product draws. A new kind of trace is one more line in the call of register
// (`scatter` is part of the core) and one more word in the banner in build.mjs.
// A colour in a figure may be a token of 10-app.css, "var(--app-accent)": it is looked up when the figure is drawn, and again
// when the theme changes or the page is printed, so the server draws each figure once for both themes.
const Plotly = require("plotly.js/lib/core");

Plotly.register([require("plotly.js/lib/bar"), require("plotly.js/lib/pie")]);

const figures = new WeakMap();

function resolved(value, style) {
  if (typeof value === "string") return value.startsWith("var(--") ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
  if (Array.isArray(value)) return value.map((item) => resolved(item, style));
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, style)]));
}

const linked = new WeakSet();

function openMark({ points, event }) {
  const href = [points[0].customdata].flat()[0];
  if (typeof href !== "string" || !href.startsWith("/")) return;
  if (event.ctrlKey || event.metaKey) window.open(href);
  else window.dash_clientside.shell.navigate(href);
}

function linkMarks(graph) {
  if (!linked.has(graph)) graph.on("plotly_click", openMark);
  linked.add(graph);
  return graph;
}

for (const name of ["newPlot", "react"]) {
  const draw = Plotly[name];
  Plotly[name] = (element, data, layout, config) => {
    const figure = Array.isArray(data) ? { data, layout, config } : data;
    const graph = typeof element === "string" ? document.getElementById(element) : element;
    figures.set(graph, figure);
    return draw(graph, resolved(figure, getComputedStyle(document.documentElement))).then(linkMarks);
  };
}

function redraw() {
  for (const graph of document.querySelectorAll(".js-plotly-plot")) {
    if (figures.has(graph)) Plotly.react(graph, figures.get(graph));
  }
}

document.documentElement.addEventListener("themechange", redraw);
window.matchMedia("print").addEventListener("change", redraw);

module.exports = Plotly;
