// The list of an execution's events: a filter, and the rows in sight, whatever the number of events.
import { isPauseDue, make, pause } from "./dom.js";
import { isFailure } from "./execution.js";

const ROW = 22, HEIGHT = 154; // pixels, as in the style
const SPARE = 3; // rows above and below those in sight

export class EventList {
  constructor(execution, onchoose) {
    this.execution = execution;
    this.top = 0;
    this.index = -1;
    this.filter = make("input", { type: "search", placeholder: "Filter events", "aria-label": "Filter the events by state, type or data", oninput: () => this.select() });
    this.rows = Array.from({ length: Math.ceil(HEIGHT / ROW) + 2 * SPARE }, () => {
      const texts = ["", "", ""].map((text) => document.createTextNode(text));
      return { texts, element: make("li", {}, ...texts.map((text) => make("span", {}, text))) };
    });
    this.list = make("ol", { onclick: (event) => {
      const row = this.rows.find(({ element }) => element.contains(event.target));
      if (row) onchoose(row.index);
    } }, ...this.rows.map(({ element }) => element));
    this.size = make("div");
    this.nothing = make("p", { class: "meta" }, "No event has this text.");
    this.element = make("div", { class: "rows", tabindex: 0, role: "region", "aria-label": "Events", onscroll: () => { this.top = this.element.scrollTop; this.draw(); } },
      this.size, this.nothing, this.list);
    this.indexes = execution.events.map((_, index) => index);
    this.resize();
  }

  async select() { // the events that the filter lets through; the last word counts
    const word = this.filter.value.trim().toLowerCase(), { events, owners } = this.execution, found = [];
    const selection = this.selection = {};
    for (const index of events.keys()) {
      if (isPauseDue()) await pause();
      if (this.selection !== selection) return;
      if (!word || `${owners[index]} ${JSON.stringify(events[index])}`.toLowerCase().includes(word)) found.push(index);
    }
    this.indexes = found;
    this.resize();
  }

  resize() {
    this.nothing.hidden = this.indexes.length > 0;
    this.size.style.height = `${this.indexes.length * ROW}px`;
    this.top = this.element.scrollTop = 0;
    this.draw();
  }

  show(index) { // in sight
    this.index = index;
    const row = this.rowOf(index);
    if (this.indexes[row] === index && (row * ROW < this.top || (row + 1) * ROW > this.top + HEIGHT)) this.element.scrollTop = this.top = Math.max(0, (row - 2) * ROW);
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.min(Math.floor(this.top / ROW) - SPARE, this.indexes.length - this.rows.length));
    this.list.style.transform = `translateY(${first * ROW}px)`;
    this.rows.forEach((row, at) => this.fillRow(row, this.indexes[first + at]));
  }

  fillRow(row, index) {
    const { events, owners } = this.execution, isShown = index !== undefined;
    row.element.hidden = !isShown;
    if (!isShown) return;
    row.element.className = `${index === this.index ? "now" : ""} ${isFailure(events[index]) ? "fails" : ""}`;
    if (row.index === index) return;
    row.index = index;
    [`${this.execution.seconds(index).toFixed(3)} s `, `${events[index].type} `, owners[index]].forEach((text, cell) => { row.texts[cell].data = text; });
  }

  rowOf(index) { // of an event, or of the first after it; the rows are in order
    let [low, high] = [0, this.indexes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.indexes[middle] < index) low = middle + 1; else high = middle;
    }
    return low;
  }

  beside(index, step) { // the next event (1) or the one before (-1) that the filter shows; undefined at the ends
    const row = this.rowOf(index);
    return this.indexes[step < 0 || this.indexes[row] === index ? row + step : row];
  }
}
