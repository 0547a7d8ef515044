// The page: what is chosen, what the address says, and which parts show it.
import { Canvas } from "./canvas.js";
import { findingsOf, machineDetails, stateDetails } from "./details.js";
import { button, fill, find, make, pause } from "./dom.js";
import { readExecution } from "./execution.js";
import { findingsPage, mapPage } from "./pages.js";
import { Player } from "./player.js";
import { ask, follow, isLive } from "./server.js";

const PAGES = { map: ["Map of calls", mapPage], findings: ["Findings", findingsPage] };

class App {
  constructor(content) {
    this.content = content;
    this.picture = ""; // the container that is shown alone
    this.folded = new Set(); // the containers that are closed in the whole picture
    this.options = {}; // of the next run, by state
    this.input = "{}";
    this.diagram = { canvas: new Canvas((name) => this.choose(name), (name) => this.openPart(name), (name) => this.toggle(name)) };
    this.player = new Player(this);
    this.theme();
    this.listen();
    this.route();
    if (isLive) follow(content.version, (changed) => this.replace(changed), (isLost) => this.say(isLost ? "The studio has stopped. This page updates when it answers again" : "Live", isLost));
    this.say(isLive ? "Live" : "A saved page", false);
  }

  get machine() { return this.content.machines.find((machine) => machine.id === this.machineId); }

  say(text, isBroken) {
    find("status").textContent = text;
    find("status").classList.toggle("broken", isBroken);
  }

  theme() {
    const chosen = find("theme"), dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      document.documentElement.dataset.theme = chosen.value || (dark.matches ? "dark" : "light");
      if (this.diagram.canvas.svg) this.diagram.canvas.move();
    };
    try { chosen.value = localStorage.getItem("studio-theme") ?? ""; } catch { /* a page from disk may have no storage */ }
    chosen.addEventListener("change", () => { apply(); try { localStorage.setItem("studio-theme", chosen.value); } catch { /* as above */ } });
    dark.addEventListener("change", apply);
    apply();
  }

  listen() {
    addEventListener("hashchange", () => this.route());
    addEventListener("keydown", (event) => {
      const isTyping = event.target.matches("input, textarea, select");
      if (event.key === "/" && !isTyping) { event.preventDefault(); find("search").focus(); }
      if (event.key === "Escape") { find("found").hidden = true; if (event.target === find("search")) find("search").value = ""; }
    });
    find("search").addEventListener("input", () => this.search());
    find("search").addEventListener("keydown", (event) => { if (event.key === "Enter") find("found").querySelector("button")?.click(); });
    document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); find("stage").focus(); });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.load(event.dataTransfer.files[0]);
    });
  }

  async load(file) {
    try {
      const text = await file.text();
      await pause(); // parsing is a task by itself
      this.play(await readExecution(JSON.parse(text)));
    }
    catch (problem) { this.complain(problem instanceof SyntaxError ? `${file.name} is not JSON: ${problem.message}` : problem.message); }
  }

  complain(text) {
    fill(find("details"), make("h2", {}, "Error"), make("p", { class: "finding error", role: "alert" }, make("span", {}, text)));
  }

  play(execution) { // on the state machine that has its states
    const known = (machine) => [...execution.states.keys()].filter((name) => Object.hasOwn(machine?.states ?? {}, name)).length;
    if (!known(this.machine)) {
      const best = [...this.content.machines].sort((one, two) => known(two) - known(one))[0];
      if (!best || (!known(best) && execution.states.size)) throw new Error("No state machine here has the states of this execution.");
      this.show(best.id); // before the address: showing another one closes an execution
      this.open(best.id);
    }
    this.player.play(execution);
  }

  route() { // the address: #machine/state, #map, #findings
    const [first = "", second] = location.hash.slice(1).split("/").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
    const isKnown = PAGES[first] || this.content.machines.some((machine) => machine.id === first || machine.workflow === first);
    if (!isKnown) first === "" ? this.show(this.content.machines[0]?.id ?? "findings") : this.show("findings");
    else this.show(this.content.machines.find((machine) => machine.workflow === first)?.id ?? first, second);
  }

  open(machine, state) {
    const address = `#${encodeURIComponent(machine)}${state ? `/${encodeURIComponent(state)}` : ""}`;
    if (location.hash === address) this.show(machine, state);
    else location.hash = address;
  }

  choose(name) {
    if (!this.machine) return;
    const known = name !== null && Object.hasOwn(this.machine.states, name);
    if (this.player.execution) this.isStateShown = known;
    this.open(this.machine.id, known ? name : undefined);
  }

  show(page, state) {
    const isOther = page !== this.machineId;
    this.machineId = page;
    this.state = this.machine && state !== undefined && Object.hasOwn(this.machine.states, state) ? state : undefined;
    if (isOther) { this.unfold(); this.picture = ""; this.options = {}; if (this.player.execution) this.player.close(); }
    this.drawPages();
    find("columns").classList.toggle("wide", !this.machine);
    if (this.machine) this.drawMachine(!isOther);
    else { fill(find("toolbar")); find("view").className = "text"; fill(find("view"), ...(PAGES[page] ?? PAGES.findings)[1](this)); fill(find("details")); fill(find("states")); }
    this.details();
    document.title = [this.state, this.machine?.id ?? PAGES[page]?.[0], "workflow_dsl studio"].filter(Boolean).join(" - ");
  }

  drawPages() {
    find("project").textContent = this.content.name;
    const entries = [...this.content.machines.map((machine) => [machine.id, machine.id, findingsOf(this.content, machine)]),
      ...Object.entries(PAGES).map(([id, [title]]) => [id, title, id === "findings" ? this.content.findings : []])];
    fill(find("pages"), ...entries.map(([id, title, findings]) => {
      const isError = findings.some((each) => each.severity === "error"), count = `${findings.length} ${findings.length === 1 ? "finding" : "findings"}`;
      const entry = button(title, () => this.open(id), { "aria-current": id === this.machineId ? "page" : null });
      if (findings.length) entry.append(make("span", { class: `badge ${isError ? "error" : "warning"}` }, ` ${count}`));
      return make("li", {}, entry);
    }));
  }

  drawMachine(keep, anchor) {
    const { machine } = this, { canvas } = this.diagram, view = find("view");
    if (!(this.picture in machine.pictures)) this.picture = "";
    const text = this.compared ?? this.foldedPicture ?? machine.pictures[this.picture];
    this.drawToolbar();
    this.drawStates();
    if (view.firstChild !== canvas.element) { view.className = ""; canvas.element.style.height = "100%"; fill(view, canvas.element); keep = false; }
    if (this.drawn !== text || !keep) {
      this.drawn = text;
      canvas.show(text, { keep, anchor });
      if (!this.compared && !this.picture && machine.containers.length) canvas.showFolds(machine.containers, this.folded);
    }
    canvas.mark("chosen", new Set([this.state]));
    canvas.mark("wrong", new Set(findingsOf(this.content, machine).filter((each) => each.severity === "error").map((each) => each.state)));
    if (this.state !== undefined) {
      if (!canvas.states.has(this.state) && this.picture !== "") { this.picture = ""; this.drawMachine(false); return; }
      const hiding = this.around(this.state).filter((name) => this.folded.has(name));
      if (hiding.length && !this.compared) { this.fold(new Set([...this.folded].filter((name) => !hiding.includes(name))), hiding.at(-1)); return; }
      canvas.reveal(this.state);
    }
    if (this.player.execution) this.player.mark(); else this.markTests();
  }

  markTests() { // the coverage of the last tests, in words too
    const { machine } = this, { canvas } = this.diagram, tests = this.showsTests ? machine?.tests : null;
    if (!canvas.svg || this.compared) return;
    const missing = tests?.missing ?? {}, notEntered = new Set(tests?.notEntered);
    const words = (name) => (!tests ? "" : notEntered.has(name) ? "not run" : missing[name] ? `${missing[name].length} ${missing[name].length === 1 ? "part" : "parts"} not run` : "run");
    const status = (name) => (!tests ? "" : notEntered.has(name) ? "untested" : missing[name] ? "partly" : "succeeded");
    for (const name of canvas.states.keys()) canvas.marks.set(name, status(name), words(name));
    this.markStates(words);
  }

  drawToolbar() {
    const { machine } = this, { canvas } = this.diagram;
    const [everything, folded, some] = ["Everything", "All folded", "Some folded"].map((label, index) => make("option", { value: index }, label));
    const only = machine.containers.map((name, index) => make("option", { value: index + 3 }, `Only ${name}`));
    const chooses = (chosen) => {
      this.compared = null;
      this.picture = machine.containers[chosen - 3] ?? "";
      this.fold(new Set(chosen === 1 ? machine.containers : []));
    };
    const part = make("select", { "aria-label": "Part of the diagram", onchange: (event) => chooses(Number(event.target.value)) },
      everything, folded, this.folded.size && this.folded.size < machine.containers.length ? some : null, ...only);
    part.value = this.picture ? 3 + machine.containers.indexOf(this.picture) : !this.folded.size ? 0 : this.folded.size < machine.containers.length ? 2 : 1;
    const file = make("input", { type: "file", accept: ".json", hidden: true, onchange: (event) => event.target.files[0] && this.load(event.target.files[0]) });
    fill(find("toolbar"),
      button("+", () => canvas.zoom(1.25), { "aria-label": "Larger" }), button("−", () => canvas.zoom(0.8), { "aria-label": "Smaller" }),
      button("Fit", () => canvas.fit()), machine.containers.length ? part : null,
      button("Open an execution...", () => file.click()), file,
      machine.tests ? button("Test coverage", () => { this.showsTests = !this.showsTests; this.drawMachine(true); }, { "aria-pressed": String(Boolean(this.showsTests)) }) : null,
      isLive ? button("Compare...", () => this.compareForm()) : null,
      this.content.comparisons?.[machine.id] ? button(`Compare with ${this.content.against}`, () => this.compare(this.content.comparisons[machine.id])) : null,
      this.compared ? button("Close the comparison", () => { this.compared = null; this.drawMachine(false); this.details(); }) : null);
  }

  drawStates() {
    const { machine } = this;
    fill(find("states"), ...Object.keys(machine.states).map((name) => make("li", {},
      button(name, () => this.choose(name), { "data-depth": Math.min(3, this.around(name).length), "aria-current": name === this.state ? "true" : null, "data-name": name }))));
  }

  markStates(words) {
    for (const each of find("states").querySelectorAll("button")) {
      if (words(each.dataset.name)) each.title = words(each.dataset.name);
      else each.removeAttribute("title");
    }
  }

  details() {
    const { machine } = this;
    if (!machine) return;
    const parts = this.player.execution && !this.isStateShown ? this.player.details()
      : this.state !== undefined ? stateDetails(this, machine, this.state) : machineDetails(this, machine);
    fill(find("details"), ...parts);
  }

  around(name) { // the containers of a state, the innermost first
    const inside = this.machine.states[name]?.inside;
    return inside ? [inside, ...this.around(inside)] : [];
  }

  inSight(name) { // a state, or the container that hides it
    return [name, ...this.around(name)].find((each) => this.diagram.canvas.states.has(each)) ?? name;
  }

  unfold() { this.folded = new Set(); this.foldedPicture = null; this.folding = null; }

  toggle(name) {
    const folded = new Set(this.folded);
    if (!folded.delete(name)) folded.add(name);
    this.fold(folded, name);
  }

  async fold(names, anchor) { // closes these containers and opens all others; the last call counts
    const { machine } = this, hadFocus = document.activeElement?.closest?.(".fold") !== null;
    const folding = this.folding = {}, wanted = machine.containers.filter((name) => names.has(name));
    let picture = null;
    if (wanted.length && isLive) {
      try { ({ picture } = await ask("draw", { machine: machine.id, folded: wanted })); } catch (problem) { this.complain(problem.message); return; }
    } else if (wanted.length) {
      const drawn = (list) => machine.folded.find((each) => each.names.length === list.length && list.every((name) => each.names.includes(name)));
      const nearest = names.has(anchor) ? [anchor] : machine.containers.filter((name) => name !== anchor); // a saved page has not every combination
      const found = drawn(wanted) ?? drawn(nearest);
      picture = found.picture;
      wanted.splice(0, wanted.length, ...found.names);
    }
    if (this.folding !== folding || this.machine !== machine) return;
    this.folded = new Set(wanted);
    this.foldedPicture = picture;
    this.drawMachine(anchor !== undefined, anchor);
    if (anchor !== undefined && hadFocus) this.diagram.canvas.focusFold(anchor);
    if (this.state === anchor) this.details();
  }

  openPart(name) {
    if (!this.machine.containers.includes(name)) return;
    this.unfold();
    this.picture = this.picture === name ? "" : name;
    this.drawMachine(false);
  }

  search() {
    const word = find("search").value.trim().toLowerCase(), found = [];
    if (word) for (const machine of this.content.machines) for (const [name, state] of Object.entries(machine.states)) {
      const text = `${machine.id} ${name} ${JSON.stringify(state.definition)} ${state.calls.map((call) => call.target).join(" ")}`;
      const rank = name.toLowerCase().includes(word) ? 0 : text.toLowerCase().includes(word) ? 1 : 2;
      if (rank < 2) found.push([rank, machine.id, name]);
    }
    found.sort((one, two) => one[0] - two[0]);
    fill(find("found"), ...found.slice(0, 30).map(([, machine, name]) => make("li", {}, button(`${name} (${machine})`, () => { find("found").hidden = true; this.open(machine, name); }))),
      word && !found.length ? make("li", {}, make("p", { class: "meta" }, "Nothing found")) : null);
    find("found").hidden = !word;
  }

  replace(content) { // keeps the place
    const before = this.machine?.pictures[""];
    this.content = content;
    this.route();
    if (this.folded.size && this.machine.pictures[""] !== before) this.fold(this.folded, [...this.folded][0]);
    const errors = content.findings.filter((each) => each.severity === "error").length;
    this.say(errors ? `Live: ${errors} ${errors === 1 ? "error" : "errors"}` : "Live", errors > 0);
  }

  // Running and comparing ask the server.

  runForm(machine) {
    if (!isLive) return [];
    const input = make("textarea", { id: "input", "aria-label": "Input of the execution", spellcheck: "false", oninput: () => { this.input = input.value; check(); } });
    input.value = this.input;
    const problem = make("p", { class: "error", role: "status" }), start = button("Run", () => this.run(machine, start));
    const check = () => { try { JSON.parse(input.value); problem.textContent = ""; start.disabled = false; } catch (mistake) { problem.textContent = mistake.message; start.disabled = true; } };
    const chosen = Object.entries(this.options).map(([name, option]) => `${name}: ${option.error ? `fails with ${option.error}` : "returns your value"}`);
    return [make("form", { class: "run", onsubmit: (event) => event.preventDefault() }, make("h3", {}, "Run on this computer"), input, problem,
      chosen.length ? make("ul", { class: "meta" }, ...chosen.map((text) => make("li", {}, text))) : null, start)];
  }

  ways(machine) { // found by the search, to be played
    if (!isLive) return [];
    const { found } = this, search = button("Find its ways", async () => {
      search.disabled = true;
      search.textContent = "Searching...";
      try { this.found = { machine: machine.id, ...(await ask("explore", { machine: machine.id })) }; this.details(); } catch (problem) { this.complain(problem.message); }
    });
    if (found?.machine !== machine.id) return [make("h3", {}, "Ways"), search];
    return [make("h3", {}, `Ways: ${found.percent} % covered`),
      make("ul", {}, ...found.ways.map((way) => make("li", {}, button(way.title, () => this.watch(way)), make("span", { class: way.status === "SUCCEEDED" ? "good" : "error" }, ` ${way.status}`)))),
      found.missing.length ? make("p", { class: "meta" }, `Not reached: ${found.missing.join(", ")}`) : null];
  }

  async watch(answer) {
    this.isStateShown = false;
    this.player.play(Object.assign(await readExecution(answer), { isLocal: true }));
  }

  testButton(execution) {
    if (!isLive || !execution.isLocal) return null;
    const write = button("Make this a test", async () => {
      write.disabled = true;
      try {
        const { file, name } = await ask("test", { machine: this.machine.id, events: execution.events });
        this.say(name ? `${file}: ${name}` : `${file} has a test of this way already`, false);
      } catch (problem) { this.complain(problem.message); }
    });
    return write;
  }

  runOptions(name, state) {
    if (!isLive || !["Task", "Map", "Parallel"].includes(state.type)) return [];
    const option = this.options[name] ?? {};
    const kind = make("select", { "aria-label": `Result of ${name} in the next run` }, make("option", { value: "" }, "Real"), make("option", { value: "error" }, "Fail with"), make("option", { value: "result" }, "Return"));
    const value = make("input", { "aria-label": "Error, or result as JSON" });
    kind.value = option.error !== undefined ? "error" : option.result !== undefined ? "result" : "";
    value.value = option.error ?? (option.result !== undefined ? JSON.stringify(option.result) : "");
    const apply = () => {
      value.hidden = kind.value === "";
      delete this.options[name];
      if (kind.value === "error" && value.value) this.options[name] = { error: value.value };
      if (kind.value === "result") { try { this.options[name] = { result: JSON.parse(value.value) }; value.setCustomValidity(""); } catch { value.setCustomValidity("write JSON"); } }
    };
    kind.addEventListener("change", apply);
    value.addEventListener("input", apply);
    apply();
    return [make("div", { class: "run" }, make("h3", {}, "In the next run"), kind, value)];
  }

  async run(machine, start) {
    start.disabled = true;
    start.textContent = "Running...";
    try {
      const answer = await ask("run", { machine: machine.id, input: JSON.parse(this.input), states: this.options });
      this.watch(answer);
      this.say(`Run ${answer.status.toLowerCase()}`, answer.status !== "SUCCEEDED");
    } catch (problem) { this.complain(problem.message); }
    start.disabled = false;
    start.textContent = "Run";
  }

  compareForm() {
    const name = this.machine.workflow || this.machine.id;
    const before = make("input", { value: `git:HEAD:generated/${name}.asl.json`, "aria-label": "Old definition" }), after = make("input", { value: name, "aria-label": "New definition" });
    fill(find("details"), make("h2", {}, "Compare two definitions"), make("p", { class: "meta" }, "Each is a workflow, a logical ID, a file, git:REVISION:PATH, or deployed:NAME, a state machine of the stack."),
      make("form", { class: "run", onsubmit: async (event) => {
        event.preventDefault();
        try { this.compare(await ask("compare", { old: before.value, new: after.value })); } catch (problem) { this.complain(problem.message); }
      } }, before, after, make("button", {}, "Compare")));
  }

  compare({ picture, words, title }) {
    this.compared = picture;
    this.drawMachine(false);
    fill(find("details"), make("h2", {}, title), words.length ? make("ul", { class: "words" }, ...words.map((line) => make("li", {}, line))) : null);
  }
}

const content = JSON.parse(find("content").textContent);
window.studio = new App(content); // for tests and the curious
