// Running on this computer: an input, results of states, the execution paths of explore, and tests. The server does the work.
import { button, make } from "./dom.js";
import { readExecution } from "./execution.js";
import { ask, isLive } from "./server.js";

export class Runs {
  constructor(app) {
    this.app = app;
    this.input = "{}";
    this.forget();
  }

  forget() { // what was chosen for another state machine
    this.results = {}; // of the next run, by state: {error} or {result}
    this.found = null; // the execution paths of the state machine
  }

  async play(answer) {
    const execution = Object.assign(await readExecution(answer), { isLocal: true });
    this.app.play(execution);
  }

  async attempt(work) { // a button's work; the page says what goes wrong
    try { await work(); } catch (problem) { this.app.complain(problem.message); }
  }

  form(machine) {
    if (!isLive) return [];
    const input = make("textarea", { id: "input", "aria-label": "Input of the execution", spellcheck: "false", oninput: () => { this.input = input.value; check(); } });
    input.value = this.input;
    const problem = make("p", { class: "error", role: "status" }), start = button("Run", () => this.run(machine, start), { class: "primary" });
    const check = () => {
      try { JSON.parse(input.value); problem.textContent = ""; } catch (mistake) { problem.textContent = mistake.message; }
      start.disabled = problem.textContent !== "";
    };
    const chosen = Object.entries(this.results).map(([name, { error }]) => `${name}: ${error ? `fails with ${error}` : "returns your value"}`);
    return [make("form", { class: "run", onsubmit: (event) => event.preventDefault() }, make("h3", {}, "Run on this computer"), input, problem,
      chosen.length ? make("ul", { class: "meta" }, ...chosen.map((text) => make("li", {}, text))) : null, start)];
  }

  async run(machine, start) {
    start.disabled = true;
    start.textContent = "Running...";
    await this.attempt(async () => {
      const answer = await ask("run", { machine: machine.id, input: JSON.parse(this.input), states: this.results });
      await this.play(answer);
      this.app.say(`Run ${answer.status.toLowerCase()}`, answer.status !== "SUCCEEDED");
    });
    start.disabled = false;
    start.textContent = "Run";
  }

  paths(machine) { // found by the search, to be played
    if (!isLive) return [];
    const { found } = this, search = button("Find its execution paths", async () => {
      search.disabled = true;
      search.textContent = "Searching...";
      await this.attempt(async () => {
        const answer = await ask("explore", { machine: machine.id });
        if (this.app.machine === machine) { this.found = answer; this.app.details(); }
      });
    });
    if (!found) return [make("h3", {}, "Execution paths"), search];
    return [make("h3", {}, `Execution paths: ${found.percent}% covered`),
      make("ul", { class: "paths" }, ...found.paths.map((path) => make("li", {}, button(path.title, () => this.play(path)),
        make("span", { class: path.status === "SUCCEEDED" ? "good" : "error" }, ` ${path.status.toLowerCase()}`)))),
      found.missing.length ? make("p", { class: "meta" }, `Not reached: ${found.missing.join(", ")}`) : null];
  }

  testButton(execution) {
    if (!isLive || !execution.isLocal) return null;
    const write = button("Make this a test", () => {
      write.disabled = true;
      return this.attempt(async () => {
        const { file, name } = await ask("test", { machine: this.app.machine.id, events: execution.events });
        this.app.say(name ? `${file}: ${name}` : `${file} has a test of this execution already`, false);
      });
    });
    return write;
  }

  options(name, state) { // the result of a state in the next run
    if (!isLive || !["Task", "Map", "Parallel"].includes(state.type)) return [];
    const { error, result } = this.results[name] ?? {};
    const kinds = { "": "Real", error: "Fail with", result: "Return" };
    const kind = make("select", { "aria-label": `Result of ${name} in the next run` }, ...Object.entries(kinds).map(([value, label]) => make("option", { value }, label)));
    const value = make("input", { "aria-label": "Error, or result as JSON" });
    kind.value = error !== undefined ? "error" : result !== undefined ? "result" : "";
    value.value = error ?? (result !== undefined ? JSON.stringify(result) : "");
    const apply = () => {
      value.hidden = kind.value === "";
      value.setCustomValidity("");
      delete this.results[name];
      if (kind.value === "error" && value.value) this.results[name] = { error: value.value };
      if (kind.value === "result") { try { this.results[name] = { result: JSON.parse(value.value) }; } catch { value.setCustomValidity("write JSON"); } }
    };
    kind.addEventListener("change", apply);
    value.addEventListener("input", apply);
    apply();
    return [make("div", { class: "run" }, make("h3", {}, "In the next run"), kind, value)];
  }

  compareForm(machine) {
    const name = machine.workflow || machine.id;
    const before = make("input", { value: `git:HEAD:generated/${name}.asl.json`, "aria-label": "Old definition" }), after = make("input", { value: name, "aria-label": "New definition" });
    const compare = (event) => {
      event.preventDefault();
      return this.attempt(async () => this.app.diagram.compare(await ask("compare", { old: before.value, new: after.value })));
    };
    return [make("h2", {}, "Compare two definitions"),
      make("p", { class: "meta" }, "Each is a workflow, a logical ID, a file, git:REVISION:PATH, or deployed:NAME, a state machine of the stack."),
      make("form", { class: "run", onsubmit: compare }, before, after, make("button", { class: "primary" }, "Compare"))];
  }
}
