// A diagram that moves and scales: by wheel, pinch, drag and keys.
import { draw, make, nameOf } from "./dom.js";
import { Marks } from "./marks.js";
import { Minimap } from "./minimap.js";

const STEP = 1.25, MOST = 4, LEAST = 0.05;
const MARGIN = 24; // pixels around a part that fills the view
const CLICK = 6; // pixels that a pointer moves in a click

export class Canvas {
  constructor(actions) { // choose, open and fold take the name of a state
    this.actions = actions;
    this.frame = make("div", { class: "canvas", tabindex: 0, role: "group", "aria-label": "Diagram: arrow keys move it, plus and minus scale it, 0 fits it" });
    this.sheet = make("div", { class: "sheet" }); // moves as a whole: to transform the picture itself would lay out all its text anew
    this.marks = new Marks();
    this.minimap = new Minimap((x, y) => this.center(x, y));
    this.frame.append(this.sheet);
    this.element = make("div", { class: "fill" }, this.frame, this.minimap.element);
    this.x = 0; this.y = 0; this.scale = 1;
    this.pointers = new Map();
    this.listen();
  }

  show(svg, { keep = false, anchor } = {}) { // an anchor is a state that stays where it is
    const before = this.boxes?.get(anchor);
    this.svg = svg;
    this.size = svg.viewBox.baseVal;
    this.states = new Map();
    for (const group of svg.querySelectorAll("[data-state]")) {
      if (!this.states.has(nameOf(group))) this.states.set(nameOf(group), group);
    }
    this.sheet.replaceChildren(svg, this.marks.element);
    this.measure();
    this.boxes = new Map([...this.states].map(([name, group]) => [name, group.getBBox()]));
    this.marks.cover(this);
    this.recolor();
    const after = this.boxes.get(anchor);
    if (before && after) { this.x += (before.x - after.x) * this.scale; this.y += (before.y - after.y) * this.scale; }
    if (keep) this.move(); else this.begin();
  }

  measure() { // when something changes, not for every frame
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
  }

  recolor() { // the minimap has no style
    if (this.svg) this.minimap.cover(this);
  }

  begin() { // the whole picture, or as much of it from the start as can be read
    this.fit();
    const start = this.svg.querySelector(".start")?.getBBox(), readable = this.width > 2000 ? 1.25 : 0.8;
    if (this.scale >= readable || !start) return;
    this.scale = readable;
    const spare = this.width - this.size.width * readable;
    this.x = spare > 0 ? spare / 2 : Math.max(spare, Math.min(0, this.width / 2 - (start.x + start.width / 2) * readable));
    this.y = 0;
  }

  fit(name) { // the whole, or a container
    this.measure();
    if (!this.width || !this.svg) return;
    const part = this.states.get(name)?.classList.contains("group") && this.boxes.get(name);
    const { x, y, width, height } = part || { x: 0, y: 0, width: this.size.width, height: this.size.height }, margin = part ? MARGIN : 0;
    const most = this.width > 2000 ? 2.4 : 1.4;
    this.scale = Math.max(LEAST, Math.min(most, (this.width - 2 * margin) / width, (this.height - 2 * margin) / height));
    this.center(x + width / 2, y + height / 2);
  }

  center(x, y) { // of the picture
    this.x = this.width / 2 - x * this.scale;
    this.y = this.height / 2 - y * this.scale;
    this.move();
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    this.x = x - (x - this.x) * (scale / this.scale);
    this.y = y - (y - this.y) * (scale / this.scale);
    this.scale = scale;
    this.move();
  }

  move() { // once a frame
    if (this.waiting || !this.svg) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
      this.minimap.show(this);
    });
  }

  reveal(name) {
    const box = this.boxes.get(name);
    if (!box) return;
    const { x, y, width, height } = this.onScreen(box), head = Math.min(60, height);
    if (x >= 0 && y >= 0 && x + width <= this.width && y + head <= this.height) return;
    this.center(box.x + box.width / 2, box.y + Math.min(box.height, this.height / this.scale) / 2);
    this.x = within(this.x, this.width - this.size.width * this.scale);
    this.y = within(this.y, this.height - this.size.height * this.scale);
  }

  isInSight(name) {
    const { x, y, width, height } = this.onScreen(this.boxes.get(name));
    return x < this.width && y < this.height && x + width > 0 && y + height > 0;
  }

  onScreen({ x, y, width, height }) {
    return { x: x * this.scale + this.x, y: y * this.scale + this.y, width: width * this.scale, height: height * this.scale };
  }

  mark(class_, names) {
    for (const [name, group] of this.states) group.classList.toggle(class_, names.has(name));
  }

  showFolds(names, folded) { // a button at the left side of each container in sight
    this.svg.setAttribute("role", "group"); // an image has no buttons
    for (const name of names) {
      const group = this.states.get(name), box = this.boxes.get(name);
      if (!group) continue;
      const isFolded = folded.has(name), press = () => this.actions.fold(name);
      const toggle = draw("g", { class: "fold", role: "button", tabindex: 0, "aria-expanded": String(!isFolded), "aria-label": `States inside ${name}`,
        transform: `translate(${box.x} ${box.y + Math.min(22, box.height / 2)})` },
        draw("circle", { r: 14, class: "around" }), draw("circle", { r: 8 }), draw("path", { d: isFolded ? "M-4 0H4M0 -4V4" : "M-4 0H4" }));
      toggle.addEventListener("click", press);
      toggle.addEventListener("focus", () => this.reveal(name));
      toggle.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); press(); } });
      group.insertBefore(toggle, group.querySelector(":scope > .scope")); // before those inside it, for the Tab key
    }
  }

  focusFold(name) { this.states.get(name)?.querySelector(":scope > .fold")?.focus({ preventScroll: true }); }

  listen() {
    const { frame } = this;
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => { this.pointers.set(event.pointerId, event); this.moved = 0; });
    frame.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) frame.addEventListener(end, (event) => {
      this.pointers.delete(event.pointerId);
      frame.classList.remove("moving");
    });
    const stateAt = ({ target }) => (target.closest(".fold") ? null : target.closest("[data-state]"));
    frame.addEventListener("click", (event) => {
      const group = stateAt(event);
      if (this.moved <= CLICK && !event.target.closest(".fold")) this.actions.choose(group && nameOf(group));
    });
    frame.addEventListener("dblclick", (event) => { const group = stateAt(event); if (group) this.actions.open(nameOf(group)); });
    frame.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => { this.measure(); this.move(); }).observe(frame);
  }

  wheel(event) {
    event.preventDefault();
    const { left, top } = this.frame.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(-event.deltaY / 200), event.clientX - left, event.clientY - top);
    else this.shift(-event.deltaX, -event.deltaY);
  }

  key(event) {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
    if (moves[event.key]) this.shift(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.fit();
    else if (event.key === "Escape") this.actions.choose(null);
    else return;
    event.preventDefault();
  }

  shift(x, y) {
    this.x += x;
    this.y += y;
    this.move();
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const [other] = [...this.pointers.values()].filter((each) => each.pointerId !== event.pointerId);
    const x = event.clientX - before.clientX, y = event.clientY - before.clientY;
    this.moved += Math.abs(x) + Math.abs(y);
    if (other) {
      const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      const { left, top } = this.frame.getBoundingClientRect();
      this.zoom(distance(event) / Math.max(1, distance(before)), other.clientX - left, other.clientY - top);
    } else {
      this.shift(x, y);
      if (this.moved > CLICK) { this.frame.classList.add("moving"); this.frame.setPointerCapture(event.pointerId); }
    }
    this.pointers.set(event.pointerId, event);
  }
}

const within = (at, spare) => (spare > 0 ? spare / 2 : Math.min(0, Math.max(spare, at))); // no more empty space than there must be
