// The layer over a diagram that shows what happened to each state: an outline, a sign and a count.
// The diagram below stays as it is, so that a change redraws a few shapes and no text is laid out again.
import { draw, make } from "./dom.js";

const SIGNS = {
  busy: "M-3 -3.5L3.5 0L-3 3.5Z",
  succeeded: "M-3.5 0.3L-1 2.8L3.5 -2.6",
  caught: "M-2.8 -3.2V0.4H3M0.6 -2L3 0.4L0.6 2.8",
  failed: "M-2.8 -2.8L2.8 2.8M2.8 -2.8L-2.8 2.8",
  untested: "M-2.8 -2.8L2.8 2.8M2.8 -2.8L-2.8 2.8",
  partly: "M-3.4 0H3.4",
};

export class Marks {
  constructor() {
    this.element = make("div", { class: "marks", "aria-hidden": "true" });
    this.marks = new Map();
  }

  cover({ svg, states, boxes }) { // another diagram
    const { width, height } = svg.viewBox.baseVal;
    const entries = [...states].map(([name, group]) => [name, markOver(group, boxes.get(name))]);
    this.marks = new Map(entries);
    const layer = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}` }, ...entries.map(([, mark]) => mark.element));
    this.element.replaceChildren(layer);
  }

  set(name, status, text = "") { // nothing is read and only changes are written: it runs for each state of each frame
    const mark = this.marks.get(name);
    if (!mark) return;
    if (mark.status !== status) {
      mark.status = status;
      mark.element.dataset.status = status;
      mark.sign.setAttribute("d", SIGNS[status] ?? "");
    }
    if (mark.text !== text) mark.count.firstChild.data = mark.text = text;
  }

  clear() {
    for (const name of this.marks.keys()) this.set(name, "");
  }
}

function markOver(group, { x, y, width }) {
  const shape = group.querySelector(":scope > rect, :scope > polygon").cloneNode();
  shape.setAttribute("class", "outline");
  const sign = draw("path", { d: "" }), count = draw("text", { class: "count", x: x + width - 18, y: y + 4, "text-anchor": "end" }, "");
  const badge = draw("g", { class: "badge", transform: `translate(${x + width - 8} ${y})` }, draw("circle", { r: 8 }), sign);
  const kind = group.classList.contains("group") ? "of-group" : "of-state";
  return { status: "", text: "", sign, count, element: draw("g", { class: `mark ${kind}`, "data-mark": group.dataset.state, "data-status": "" }, shape, badge, count) };
}
