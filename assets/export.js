/* The export menu of a page (.export-menu): all machines that match come from a link, selected ones from a form that
   names them, a workbook from a job. */
(() => {
  "use strict";

  const REQUEST = "export-request";
  const JOB = "xlsx";
  let asked = { scope: "", view: "", selected: [] };

  const isExport = (element) => element.matches?.(".export-menu, .export-menu *");
  const counted = (count, noun) => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

  /* What is to be exported, in words. */
  function what(box) {
    if (asked.selected.length) return counted(asked.selected.length, "selected machine");
    const grid = window.dash_ag_grid.getApi(box.dataset.grid);
    return grid?.isLastRowIndexKnown() ? counted(grid.getDisplayedRowCount(), "machine") : "All machines that match";
  }

  function address(path, format) {
    const query = [asked.scope, asked.view].filter(Boolean).join("&");
    return `${path}.${format}${query ? `?${query}` : ""}`;
  }

  function download(href) {
    const link = document.createElement("a");
    link.href = href;
    link.download = "";
    link.click();
  }

  /* Into a tab of its own, which closes itself when the file begins, and shows why if there is none. */
  function post(href) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = href;
    form.target = "_blank";
    const ids = document.createElement("input");
    ids.type = "hidden";
    ids.name = "ids";
    ids.value = asked.selected.join(",");
    form.append(ids);
    document.body.append(form);
    form.submit();
    form.remove();
  }

  document.addEventListener("panelopen", (event) => {
    const box = event.target;
    if (isExport(box)) box.querySelector(".export-what").textContent = what(box);
  });

  document.addEventListener("choose", (event) => {
    const row = event.target;
    if (!isExport(row)) return;
    const box = row.closest(".export-menu");
    const format = row.dataset.value;
    box.querySelector(".panel-opener").click();
    if (format === JOB) window.dash_clientside.set_props(REQUEST, { data: { machines: asked.selected, at: Date.now() } });
    else if (asked.selected.length) post(address(box.dataset.path, format));
    else download(address(box.dataset.path, format));
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    exports: {
      note: (scope, query, selection) => {
        const view = new URLSearchParams(query || "");
        ["machine", "tab", "noise", "width", "pin"].forEach((name) => view.delete(name));
        asked = { scope: scope || "", view: view.toString(), selected: selection?.ids || [] };
        return window.dash_clientside.no_update;
      },
    },
  });
})();
