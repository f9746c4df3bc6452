// Data Import in the browser: choosing and dropping files, uploading them one after another, and what is shown meanwhile.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.data_import = (() => {
  "use strict";

  const ID = "data-import-";
  const MIB = 1024 * 1024;
  const waiting = []; // files that come next
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
    Object.assign(input, { type: "file", id: ID + "files", multiple: true, accept: ".xlsx", className: "visually-hidden" });
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

  function drop(event) {
    if (!isHere() || !carriesFiles(event)) return;
    event.preventDefault();
    const target = zone();
    if (!target) return;
    target.classList.remove("is-over");
    take([...event.dataTransfer.files]);
  }

  function take(files) {
    if (!files.length) return;
    say("");
    view = "";
    waiting.push(...files.map(file => ({ file, database: database(location.search) })));
    next();
  }

  // Uploading ----------------------------------------------------------------------------------------------------

  function next() {
    if (upload || stage || !waiting.length || !isHere()) return;
    const { file, database } = waiting.shift();
    const limit = Number(document.querySelector("[data-max-mib]")?.dataset.maxMib || Infinity);
    if (!file.size || file.size > limit * MIB) {
      const why = file.size ? `has ${inMib(file.size)} MiB; at most ${limit} MiB are allowed` : "is empty";
      say(`${file.name} ${why}.`);
      next();
      return;
    }
    send(file, database);
  }

  function send(file, database) {
    const query = new URLSearchParams({ name: file.name });
    if (database) query.set("db", database);
    const request = (upload = new XMLHttpRequest());
    request.open("POST", `${element("drop").dataset.upload}?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = event => showUpload(file, event.loaded);
    request.onload = () => {
      upload = null;
      if (request.status === 200) begun(JSON.parse(request.responseText).job);
      else failed(`${file.name} was not uploaded. ${request.responseText}`);
    };
    request.onerror = () => {
      upload = null;
      failed(`The upload of ${file.name} was interrupted. Check the connection and try again.`);
    };
    request.onabort = () => {
      upload = null;
      failed("");
    };
    showUpload(file, 0);
    show();
    request.send(file);
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

  function showUpload(file, sent) {
    const arrived = sent >= file.size;
    set("message", { children: arrived ? `${file.name} has arrived.` : `Uploading ${file.name}` });
    set("amount", { children: `${inMib(sent)} of ${inMib(file.size)} MiB` });
    set("bar", { value: String(Math.floor((100 * sent) / file.size)) });
  }

  function waitingText() {
    if (!waiting.length) return "";
    const names = waiting.map(({ file }) => file.name);
    return `${names.length === 1 ? "Next" : `${names.length} more files wait`}: ${names.join(", ")}`;
  }

  const isBusy = () => Boolean(upload) || stage === "running";

  function show() {
    set("drop", { hidden: isBusy() || stage === "preview" });
    set("progress", { hidden: !isBusy() });
    set("cancel", { hidden: !upload });
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
    set("cancel", { hidden: !upload });
    set("waiting", { children: waitingText() });
    keepFocus();
    return [
      isBusy() || stage === "preview",
      !isBusy(),
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

  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", over);
  document.addEventListener("drop", drop);
  window.addEventListener("beforeunload", event => {
    if (upload) event.preventDefault();
  });

  return { begin, follow, turn, cancel };
})();
