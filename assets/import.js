// Data Import in the browser: choosing and dropping files, uploading them one after another, and what is shown meanwhile.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.data_import = (() => {
  "use strict";

  const ID = "data-import-";
  const MIB = 1024 * 1024;
  const MAX_QUERY = 7500; // characters; the server takes 8190 for the whole request line
  const SUFFIXES = [".xlsx", ".xlsm", ".xls", ".csv", ".zip", ".db", ".sqlite", ".sqlite3"];
  const waiting = []; // uploads that come next: { files, name, size, database }
  let upload = null; // the request under way
  let stage = ""; // of the newest job: "", "running" or "preview"
  let view = ""; // the jobs of this visit as query text
  let phase = null; // that the page was last drawn in
  let missed = ""; // jobs that began while another page was open

  const element = name => document.getElementById(ID + name);
  const isHere = () => element("drop") !== null;
  const set = (name, props) => isHere() && window.dash_clientside.set_props(ID + name, props);
  const say = problem => set("problem", { children: problem });
  const joined = (...parts) => parts.filter(Boolean).join("&");
  const database = scope => new URLSearchParams(scope || "").get("db") || "";
  const inMib = bytes => (bytes / MIB).toLocaleString("en", { maximumFractionDigits: 1 });

  // Choosing -----------------------------------------------------------------------------------------------------

  // Dash has no file input. A label around it opens it; the keyboard reaches it itself.
  function prepare() {
    const box = element("drop").querySelector(".drop-input");
    if (box.firstChild) return;
    const input = document.createElement("input");
    Object.assign(input, {
      type: "file", id: ID + "files", multiple: true, accept: SUFFIXES.join(), className: "visually-hidden",
    });
    input.addEventListener("change", () => {
      take([...input.files]);
      input.value = "";
    });
    box.append(input);
  }

  const carriesFiles = event => [...(event.dataTransfer?.types || [])].includes("Files");
  const zone = () => (isHere() && !element("drop").hidden ? element("drop") : null);

  // A file that is dropped beside the zone would replace the page.
  function over(event) {
    if (!isHere() || !carriesFiles(event)) return;
    event.preventDefault();
    const target = zone();
    event.dataTransfer.dropEffect = target ? "copy" : "none";
    if (target) target.classList.toggle("is-over", event.type !== "dragleave" || event.relatedTarget !== null);
  }

  async function drop(event) {
    if (!isHere() || !carriesFiles(event)) return;
    event.preventDefault();
    const target = zone();
    if (!target) return;
    target.classList.remove("is-over");
    // What was dropped can be asked for only until this function waits.
    const dropped = [...event.dataTransfer.items].map(item => [item.webkitGetAsEntry?.(), item.getAsFile()]);
    try {
      const files = await Promise.all(dropped.map(([entry, file]) => (entry?.isDirectory ? filesIn(entry) : [file])));
      take(files.flat().filter(Boolean));
    } catch {
      say("What was dropped cannot be read. Choose the files instead.");
    }
  }

  // The exports in a folder that was dropped; the browser hands its entries out in portions.
  async function filesIn(folder) {
    const reader = folder.createReader();
    const found = [];
    for (let part = null; part === null || part.length; ) {
      part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      found.push(...part);
    }
    const files = await Promise.all(found.map(entry => (entry.isDirectory ? filesIn(entry) : fileOf(entry))));
    const exports = files.flat().filter(file => SUFFIXES.some(suffix => file.name.toLowerCase().endsWith(suffix)));
    exports.forEach(file => (file.folder ??= folder.name));
    return exports;
  }

  const fileOf = entry => new Promise((resolve, reject) => entry.file(resolve, reject));

  function take(files) {
    if (!files.length) return say("There is no export in it.");
    say("");
    view = "";
    waiting.push(...uploads(files).map(one => ({ ...one, database: database(location.search) })));
    next();
  }

  // Several CSV files of one folder are the tabs of one export, every other file is one by itself.
  function uploads(files) {
    const isCsv = file => file.name.toLowerCase().endsWith(".csv");
    const one = (all, name) => ({ files: all, name, size: all.reduce((sum, file) => sum + file.size, 0) });
    const folders = new Map();
    for (const file of files.filter(isCsv)) folders.set(file.folder, [...(folders.get(file.folder) ?? []), file]);
    const sets = [...folders].filter(([, tabs]) => tabs.length > 1);
    const alone = files.filter(file => !sets.some(([, tabs]) => tabs.includes(file)));
    return [
      ...sets.map(([folder, tabs]) => ({ ...one(tabs, folder ?? `${tabs.length} CSV files`), folder })),
      ...alone.map(file => one([file], file.name)),
    ];
  }

  // Uploading ----------------------------------------------------------------------------------------------------

  // Why an upload cannot be taken; empty if it can.
  function refusal(one) {
    const limit = Number(document.querySelector("[data-max-mib]")?.dataset.maxMib || Infinity);
    const isSet = one.files.length > 1;
    if (!one.size) return `${one.name} ${isSet ? "are" : "is"} empty.`;
    if (one.size > limit * MIB) {
      return `${one.name} ${isSet ? "have" : "has"} ${inMib(one.size)} MiB; at most ${limit} MiB are allowed.`;
    }
    return queryOf(one).length > MAX_QUERY ? `${one.name} are too many at once. Pack them into a zip file.` : "";
  }

  function queryOf(one) {
    const query = new URLSearchParams(one.files.flatMap(file => [["file", file.name], ["size", file.size]]));
    if (one.folder) query.set("folder", one.folder);
    if (one.database) query.set("db", one.database);
    return String(query);
  }

  function next() {
    if (upload || stage || !waiting.length || !isHere()) return;
    const one = waiting.shift();
    const problem = refusal(one);
    if (problem) {
      say(problem);
      next();
      return;
    }
    send(one);
  }

  function send(one) {
    const request = (upload = new XMLHttpRequest());
    request.open("POST", `${element("drop").dataset.upload}?${queryOf(one)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = event => showUpload(one, event.loaded);
    request.onload = () => {
      upload = null;
      if (request.status === 200) begun(JSON.parse(request.responseText).job);
      else failed(`${one.name}: not uploaded. ${request.responseText}`);
    };
    request.onerror = () => {
      upload = null;
      failed(`The upload of ${one.name} was interrupted. Check the connection and try again.`);
    };
    request.onabort = () => {
      upload = null;
      failed("");
    };
    showUpload(one, 0);
    show();
    request.send(one.files.length > 1 ? new Blob(one.files) : one.files[0]);
  }

  function begun(job) {
    view = joined(view, `job=${job}`);
    stage = "running";
    if (isHere()) set("view", { data: view });
    else missed = view;
  }

  function failed(problem) {
    if (problem) say(problem);
    show();
    next();
  }

  function showUpload(one, sent) {
    if (!isHere()) return;
    const share = Number(element("drop").dataset.uploadPct);
    set("step", { children: `Uploading ${one.name}` });
    set("message", { children: sent < one.size ? "On its way to the server." : "Arrived." });
    set("amount", { children: `${inMib(Math.min(sent, one.size))} of ${inMib(one.size)} MiB` });
    set("bar", { value: String(Math.floor((share * Math.min(sent, one.size)) / one.size)) });
  }

  function waitingText() {
    if (!waiting.length) return "";
    const names = waiting.map(({ name }) => name);
    return `${names.length === 1 ? "Next" : `${names.length} more files wait`}: ${names.join(", ")}`;
  }

  const isBusy = () => Boolean(upload) || stage === "running";

  function show() {
    set("drop", { hidden: isBusy() || stage === "preview" });
    set("progress", { hidden: !isBusy() });
    showButtons();
  }

  function showButtons() {
    set("cancel", { hidden: !upload });
    set("stop", { hidden: Boolean(upload) || stage !== "running" });
    set("waiting", { children: waitingText() });
  }

  function cancel() {
    waiting.length = 0;
    if (upload) upload.abort();
    return window.dash_clientside.no_update;
  }

  // Following ----------------------------------------------------------------------------------------------------

  // When the page opens: the jobs of the URL, else those that were open when it was left.
  function begin(scope, given, visit) {
    prepare();
    stage = "";
    phase = null;
    const [left, jobs] = split((visit || {}).import_job || "");
    const resumed = left === database(scope) ? jobs : "";
    view = given || missed || resumed;
    missed = "";
    show();
    return view;
  }

  function split(text) {
    const query = new URLSearchParams(text);
    return [query.get("db") || "", joined(...query.getAll("job").map(job => `job=${job}`))];
  }

  function follow(reached, scope, jobs, visit) {
    const before = visit || {};
    const open = reached ? joined(database(scope) && new URLSearchParams({ db: database(scope) }).toString(), jobs) : "";
    stage = reached || "";
    view = jobs;
    if (!stage) queueMicrotask(next);
    showButtons();
    keepFocus();
    return [
      isBusy() || stage === "preview",
      !isBusy(),
      stage === "preview",
      stage !== "running",
      before.import_job === open ? window.dash_clientside.no_update : { ...before, import_job: open },
    ];
  }

  // Answers overlap when the server is busy: a preview that is being filled in must not be drawn again.
  function turn(reached) {
    if (reached === phase) return window.dash_clientside.no_update;
    phase = reached;
    return reached;
  }

  // The button that was pressed is gone with what it stood in: the keyboard goes on from the page's content.
  function keepFocus() {
    setTimeout(() => {
      if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
    });
  }

  // Questions ----------------------------------------------------------------------------------------------------

  const close = () => false;

  // The columns of a tab that nothing reads, and what they may hold.
  function offer(tab, choices) {
    const { headers, fields } = (choices || {})[tab] || { headers: [], fields: [] };
    return [headers, null, fields, fields.length === 1 ? fields[0].value : null];
  }

  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", over);
  document.addEventListener("drop", drop);
  window.addEventListener("beforeunload", event => {
    if (upload) event.preventDefault();
  });

  return { begin, follow, turn, cancel, close, offer };
})();
