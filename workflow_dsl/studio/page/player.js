// An execution on the diagram: a slider over its events, a list that filters, and the data of the event.
import { button, code, fill, find, make, pretty } from "./dom.js";
import { differences } from "./differences.js";
import { EventList } from "./events.js";
import { detailsOf } from "./execution.js";

const WORDS = { idle: "not entered", busy: "running", succeeded: "succeeded", caught: "caught", failed: "failed here" };

export class Player {
  constructor(app) {
    this.app = app;
    this.element = find("player");
  }

  play(execution) {
    this.execution = execution;
    this.index = execution.events.length - 1;
    this.build();
    this.app.diagram.canvas.begin();
    this.draw();
  }

  close() {
    if (!this.execution) return;
    this.stop();
    this.execution = null;
    this.element.hidden = true;
  }

  leave() {
    this.close();
    this.app.diagram.mark();
    this.app.diagram.canvas.begin();
    this.app.details();
  }

  build() {
    const most = this.execution.events.length - 1;
    this.slider = make("input", { type: "range", min: 0, max: most, value: most, "aria-label": "Event", oninput: () => this.jump(Number(this.slider.value)) });
    this.clock = make("output", { class: "meta", "aria-live": "off" }, "");
    this.toggle = button("Play", () => (this.timer ? this.stop() : this.begin()));
    this.list = new EventList(this.execution, (index) => this.jump(index));
    fill(this.element,
      make("div", { class: "controls" }, this.toggle, button("‹", () => this.step(-1), { "aria-label": "Previous event" }), button("›", () => this.step(1), { "aria-label": "Next event" }),
        this.slider, this.clock, this.list.filter, button("Close", () => this.leave())),
      this.list.element);
    this.element.hidden = false;
    this.list.element.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (!steps[event.key]) return;
      event.preventDefault();
      this.step(steps[event.key]);
    });
  }

  begin() {
    if (this.index >= this.execution.events.length - 1) this.go(0);
    this.toggle.textContent = "Pause";
    const steps = Math.max(1, Math.round(this.execution.events.length / 400));
    this.timer = setInterval(() => {
      this.go(Math.min(this.index + steps, this.execution.events.length - 1));
      if (this.index >= this.execution.events.length - 1) this.stop();
    }, 120);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    if (this.toggle) this.toggle.textContent = "Play";
  }

  step(step) {
    const next = this.list.beside(this.index, step);
    if (next !== undefined) this.jump(next);
  }

  jump(index) {
    this.stop();
    this.app.isStateShown = false;
    this.go(index);
  }

  go(index) { // once a frame
    this.index = index;
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }

  draw() {
    if (!this.execution) return;
    const { execution, index } = this, { events } = execution, { canvas } = this.app.diagram, owner = execution.owners[index];
    this.list.show(index); // first, as it scrolls: after a change that would compute the layout once more
    this.slider.value = index;
    this.slider.setAttribute("aria-valuetext", `event ${index + 1} of ${events.length}, ${events[index].type} ${owner}`);
    this.clock.firstChild.data = `${index + 1} of ${events.length}, ${execution.seconds(index).toFixed(2)} s`;
    if (owner) canvas.reveal(this.app.diagram.visible(owner));
    this.markStates((name) => canvas.isInSight(name));
    clearTimeout(this.later); // the data, and what is out of sight, take longer to draw than a frame
    this.later = setTimeout(() => { if (this.execution) this.mark(); this.app.details(); }, 60);
  }

  mark() {
    this.markStates(() => true);
    this.app.describeStates((name) => WORDS[this.execution.at(name, this.index).status]);
  }

  markStates(isWanted) {
    const { canvas } = this.app.diagram;
    for (const name of canvas.states.keys()) {
      if (!isWanted(name)) continue;
      const { status, entered, retried } = this.execution.at(name, this.index);
      const count = entered > 1 || retried ? `${entered}×${retried ? ` ↻${retried}` : ""}` : "";
      canvas.marks.set(name, status, count);
    }
  }

  details() { // of the event, for the panel at the side
    const { execution, index } = this, event = execution.events[index], data = detailsOf(event);
    const isOfState = execution.isOfState(index), inputTitle = isOfState ? "Input of the state" : "Input of the execution";
    const { error, cause } = data, input = execution.inputAt(index), output = execution.outputAt(index);
    const changes = output === undefined ? [] : differences(input, output);
    return [
      make("h2", {}, `Event ${event.id}: ${event.type}`),
      make("p", { class: "meta" }, `${isOfState ? execution.owners[index] : "The execution"}, ${execution.seconds(index).toFixed(3)} s after the start`),
      make("div", { class: "actions" }, this.app.runs.testButton(execution),
        execution.owners[index] ? button(`Show ${execution.owners[index]}`, () => this.app.choose(execution.owners[index])) : null),
      error ? make("div", { class: "finding error" }, make("b", {}, error), make("p", {}, cause ?? "")) : null,
      input === undefined ? null : make("h3", {}, inputTitle),
      input === undefined ? null : code(pretty(input), inputTitle),
      output === undefined ? null : make("h3", {}, "Output"),
      output === undefined ? null : code(pretty(output), "Output"),
      changes.length ? make("h3", {}, "From the input to this output") : null,
      changes.length ? make("ul", { class: "words" }, ...changes.slice(0, 60).map(([path, kind, text]) => make("li", { class: kind }, `${{ added: "+", removed: "-", altered: "~" }[kind]} ${path}: ${text}`))) : null,
      make("h3", {}, "The event"),
      code(pretty(event), "The event"),
    ];
  }
}
