// An execution on the diagram: a slider over its events, a list that filters, and the data of the event.
import { button, code, fill, find, make, pretty } from "./dom.js";
import { detailsOf, differences } from "./execution.js";

const ROW = 22, HEIGHT = 150; // pixels, as in the style
const MARKS = ["idle", "busy", "succeeded", "caught", "failed"];
const WORDS = { idle: "not entered", busy: "running", succeeded: "succeeded", caught: "caught", failed: "failed here" };
const wrong = /Failed$|TimedOut$|Aborted$/;

export class Player {
  constructor(app) {
    this.app = app;
    this.element = find("player");
  }

  play(execution) {
    this.execution = execution;
    this.index = execution.events.length - 1;
    this.rows = execution.events.map((_, index) => index);
    this.build();
    this.app.diagram.canvas.begin();
    this.draw();
  }

  close() {
    this.stop();
    this.execution = null;
    this.element.hidden = true;
    this.unmark();
    this.app.markTests();
    this.app.diagram.canvas.begin();
    this.app.details();
  }

  unmark() {
    const { canvas } = this.app.diagram;
    canvas.svg?.classList.remove("played");
    for (const mark of MARKS) canvas.mark(mark, new Set());
    for (const name of canvas.states?.keys() ?? []) canvas.label(name, "");
    for (const group of canvas.states?.values() ?? []) delete group.dataset.status;
    this.app.markStates(() => "");
  }

  build() {
    const { events } = this.execution, most = events.length - 1;
    this.slider = make("input", { type: "range", min: 0, max: most, value: most, "aria-label": "Event", oninput: () => { this.stop(); this.go(Number(this.slider.value)); } });
    this.clock = make("output", { class: "meta", "aria-live": "off" });
    this.toggle = button("Play", () => (this.timer ? this.stop() : this.begin()));
    this.filter = make("input", { type: "search", placeholder: "Filter events", "aria-label": "Filter the events by state, type or data", oninput: () => this.select() });
    this.list = make("ol");
    this.scroll = make("div", { class: "rows", tabindex: 0, role: "region", "aria-label": "Events", onscroll: () => { this.top = this.scroll.scrollTop; this.drawRows(); } }, make("div"), this.list);
    fill(this.element,
      make("div", { class: "controls" }, this.toggle, button("Previous", () => this.step(-1)), button("Next", () => this.step(1)),
        this.slider, this.clock, this.filter, button("Close", () => this.close())),
      this.scroll);
    this.element.hidden = false;
    this.scroll.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (!steps[event.key]) return;
      event.preventDefault();
      this.step(steps[event.key]);
    });
    this.texts = null;
    this.select();
  }

  select() { // the rows that the filter lets through
    const word = this.filter.value.trim().toLowerCase();
    if (word && !this.texts) this.texts = this.execution.events.map((event, index) => `${this.execution.owners[index]} ${JSON.stringify(event)}`.toLowerCase());
    this.rows = this.execution.events.map((_, index) => index).filter((index) => !word || this.texts[index].includes(word));
    this.top = this.scroll.scrollTop = 0;
    this.scroll.firstChild.style.height = `${this.rows.length * ROW}px`;
    this.drawRows();
  }

  drawRows() { // those in sight, whatever their number
    const first = Math.max(0, Math.floor(this.top / ROW) - 4);
    const rows = this.rows.slice(first, first + Math.ceil(HEIGHT / ROW) + 8);
    this.list.style.transform = `translateY(${first * ROW}px)`;
    fill(this.list, ...rows.map((index) => {
      const event = this.execution.events[index];
      const classes = [index === this.index && "now", wrong.test(event.type) && "fails"].filter(Boolean).join(" ");
      const parts = [`${this.execution.seconds(index).toFixed(3)} s`, event.type, this.execution.owners[index]].map((text) => make("span", {}, `${text} `));
      return make("li", { class: classes || null, onclick: () => { this.stop(); this.go(index); } }, ...parts);
    }));
  }

  rowOf(index) { // the rows are in order; -1 if the filter hides the event
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle] < index) low = middle + 1; else high = middle;
    }
    return this.rows[low] === index ? low : -1;
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

  step(steps) {
    this.stop();
    const at = this.rowOf(this.index);
    const next = at < 0 ? this.index + steps : this.rows[at + steps];
    if (next !== undefined && next >= 0 && next < this.execution.events.length) this.go(next);
  }

  go(index) {
    this.index = index;
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }

  draw() {
    if (!this.execution) return;
    const { execution, index } = this, { events } = execution;
    const row = this.rowOf(index); // scrolling first: after a change it would compute the layout once more
    if (row >= 0 && (row * ROW < this.top || (row + 1) * ROW > this.top + HEIGHT)) this.scroll.scrollTop = this.top = Math.max(0, (row - 2) * ROW);
    this.slider.value = index;
    this.slider.setAttribute("aria-valuetext", `event ${index + 1} of ${events.length}, ${events[index].type} ${execution.owners[index]}`);
    this.clock.textContent = `${index + 1} of ${events.length}, ${execution.seconds(index).toFixed(2)} s`;
    this.drawRows();
    if (execution.owners[index]) this.app.diagram.canvas.reveal(this.app.inSight(execution.owners[index]));
    this.markStates((name) => this.app.diagram.canvas.isInSight(name));
    clearTimeout(this.later); // the data, and what is out of sight, take longer to draw than a frame
    this.later = setTimeout(() => { if (this.execution) this.mark(); this.app.details(); }, 60);
  }

  mark() {
    const { execution, index } = this;
    this.markStates(() => true);
    this.app.markStates((name) => WORDS[execution.statusAt(name, index)]);
  }

  markStates(isWanted) {
    const { canvas } = this.app.diagram, { execution, index } = this;
    if (!canvas.svg) return;
    canvas.svg.classList.add("played");
    for (const [name, group] of canvas.states) {
      if (!isWanted(name)) continue;
      const status = execution.statusAt(name, index), state = execution.at(name, index);
      if (group.dataset.status !== status) {
        for (const mark of MARKS) group.classList.toggle(mark, mark === status);
        group.dataset.status = status;
      }
      const text = state && (state.entered > 1 || state.retried) ? `${state.entered}×${state.retried ? ` ↻${state.retried}` : ""}` : "";
      canvas.label(name, text);
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
      this.app.testButton(execution),
      execution.owners[index] ? button(`Show ${execution.owners[index]}`, () => this.app.choose(execution.owners[index])) : null,
      error ? make("p", { class: "finding error" }, make("b", {}, error), make("br"), make("span", {}, cause || "")) : null,
      input === undefined ? null : make("h3", {}, inputTitle),
      input === undefined ? null : code(pretty(input), inputTitle),
      output === undefined ? null : make("h3", {}, "Output"),
      output === undefined ? null : code(pretty(output), "Output"),
      changes.length ? make("h3", {}, "From the input to this output") : null,
      changes.length ? make("ul", {}, ...changes.slice(0, 60).map(([path, kind, text]) => make("li", { class: kind }, `${{ added: "+", removed: "-", altered: "~" }[kind]} ${path}: ${text}`))) : null,
      make("h3", {}, "The event"),
      code(pretty(event), "The event"),
    ];
  }
}
