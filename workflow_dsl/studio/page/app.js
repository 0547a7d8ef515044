// The page: what is chosen, what the address says, and which parts show it.
import { findingsOf, machineDetails, stateDetails } from "./details.js";
import { Diagram } from "./diagram.js";
import { button, fill, find, make, pause } from "./dom.js";
import { readExecution } from "./execution.js";
import { findingsPage, mapPage } from "./pages.js";
import { Player } from "./player.js";
import { Runs } from "./runs.js";
import { listenToSearch } from "./search.js";
import { follow, isLive } from "./server.js";
import { followTheme } from "./theme.js";

const PAGES = { map: ["Map of calls", mapPage], findings: ["Findings", findingsPage] };

class App {
  constructor(content) {
    this.content = content;
    this.diagram = new Diagram(this);
    this.player = new Player(this);
    this.runs = new Runs(this);
    followTheme(() => { this.diagram.canvas.recolor(); this.diagram.canvas.move(); });
    listenToSearch(this);
    this.listen();
    this.route();
    if (isLive) follow(content.version, (changed) => this.replace(changed), (words) => (words ? this.say(words, true) : this.report()));
  }

  get machine() { return this.content.machines.find((machine) => machine.id === this.page); }

  listen() {
    addEventListener("hashchange", () => this.route());
    document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); find("stage").focus(); });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.load(event.dataTransfer.files[0]);
    });
  }

  say(text, isBroken) {
    find("status").textContent = text;
    find("status").classList.toggle("broken", isBroken);
  }

  report() { // in one word how things are
    const errors = this.content.findings.filter((each) => each.severity === "error").length, kind = isLive ? "Live" : "A saved page";
    this.say(errors ? `${kind}: ${errors} ${errors === 1 ? "error" : "errors"}` : kind, errors > 0);
  }

  explain(...parts) { fill(find("details"), ...parts); }

  complain(text) {
    this.explain(make("h2", {}, "Error"), make("div", { class: "finding error", role: "alert" }, make("p", {}, text)));
  }

  // What is shown.

  route() { // the address: #machine/state, #workflow/state, #map, #findings
    const [first, state] = location.hash.slice(1).split("/").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
    const { machines } = this.content, named = machines.find(({ id, workflow }) => first !== "" && [id, workflow].includes(first));
    if (named) this.show(named.id, state);
    else if (first === "") this.show(machines[0]?.id ?? "findings");
    else this.show(PAGES[first] ? first : "findings");
  }

  open(page, state) {
    const address = `#${[page, state].filter((part) => part !== undefined).map(encodeURIComponent).join("/")}`;
    if (location.hash === address) this.show(page, state);
    else location.hash = address;
  }

  choose(name) { // null for none
    const isKnown = name !== null && Object.hasOwn(this.machine.states, name);
    this.isStateShown = isKnown;
    this.open(this.page, isKnown ? name : undefined);
  }

  show(page, state) {
    if (page !== this.page) {
      this.page = page;
      this.player.close();
      this.diagram.forget();
      this.runs.forget();
      this.report();
    }
    const { machine } = this;
    this.state = state !== undefined && Object.hasOwn(machine?.states ?? {}, state) ? state : undefined;
    find("project").textContent = this.content.name;
    find("columns").classList.toggle("wide", !machine);
    this.drawPages();
    this.drawStates();
    if (machine) this.diagram.show();
    else { find("view").className = "text"; fill(find("view"), ...(PAGES[page] ?? PAGES.findings)[1](this)); }
    this.details();
    document.title = [this.state, machine?.id ?? PAGES[page]?.[0], "workflow_dsl studio"].filter(Boolean).join(" - ");
  }

  drawPages() {
    const entries = [...this.content.machines.map((machine) => [machine.id, machine.id, findingsOf(this.content, machine)]),
      ...Object.entries(PAGES).map(([id, [title]]) => [id, title, id === "findings" ? this.content.findings : []])];
    fill(find("pages"), ...entries.map(([id, title, findings]) => {
      const entry = button(title, () => this.open(id), { "aria-current": id === this.page ? "page" : null });
      const kind = ["error", "warning", "note"].find((severity) => findings.some((each) => each.severity === severity));
      if (findings.length) entry.append(make("span", { class: `badge ${kind}` }, ` ${findings.length} ${findings.length === 1 ? "finding" : "findings"}`));
      return make("li", {}, entry);
    }));
  }

  drawStates() {
    const names = Object.keys(this.machine?.states ?? {});
    fill(find("states"), ...names.map((name) => make("li", {},
      button(name, () => this.choose(name), { "data-depth": Math.min(3, this.around(name).length), "aria-current": name === this.state ? "true" : null, "data-name": name }))));
  }

  describeStates(words) { // what the marks of the diagram say
    for (const each of find("states").querySelectorAll("button")) {
      const text = words(each.dataset.name);
      if (text) each.setAttribute("aria-description", each.title = text);
      else { each.removeAttribute("aria-description"); each.removeAttribute("title"); }
    }
  }

  details() {
    const { machine, state, player } = this;
    if (!machine) this.explain();
    else if (player.execution && !this.isStateShown) this.explain(...player.details());
    else this.explain(...(state !== undefined ? stateDetails(this, machine, state) : machineDetails(this, machine)));
  }

  around(name) { // the containers of a state, the innermost first
    const inside = this.machine.states[name]?.inside;
    return inside ? [inside, ...this.around(inside)] : [];
  }

  replace(content) { // keeps the place
    this.content = content;
    this.route();
    this.report();
  }

  // Executions.

  async load(file) {
    try {
      const text = await file.text();
      await pause(); // parsing is a task by itself
      this.play(await readExecution(JSON.parse(text)));
    } catch (problem) { this.complain(problem instanceof SyntaxError ? `${file.name} is not JSON: ${problem.message}` : problem.message); }
  }

  play(execution) { // on the state machine that has its states
    const known = (machine) => [...execution.states.keys()].filter((name) => Object.hasOwn(machine?.states ?? {}, name)).length;
    if (!known(this.machine)) {
      const [best] = [...this.content.machines].sort((one, two) => known(two) - known(one));
      if (!best || (!known(best) && execution.states.size)) throw new Error("No state machine here has the states of this execution.");
      this.show(best.id); // before the address: showing another one closes an execution
      this.open(best.id);
    }
    if (this.diagram.comparison) this.diagram.compare(null);
    this.isStateShown = false;
    this.player.play(execution);
  }
}

window.studio = new App(JSON.parse(find("content").textContent)); // for tests and the curious
