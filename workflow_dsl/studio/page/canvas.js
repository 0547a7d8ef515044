// A picture that moves and scales: wheel and pinch, drag, keys, and a minimap.
import { draw, make, nameOf, svgFrom } from "./dom.js";
import { Marks } from "./marks.js";

const STEP = 1.25, MOST = 4, LEAST = 0.05, READABLE = 0.8;

export class Canvas {
  constructor(onchoose, onopen, onfold) {
    this.onchoose = onchoose;
    this.onopen = onopen;
    this.onfold = onfold;
    this.frame = make("div", { class: "canvas", tabindex: 0, role: "group", "aria-label": "Diagram: arrow keys move it, plus and minus scale it, 0 fits it" });
    this.sheet = make("div", { class: "sheet" }); // moves as a whole: to transform the picture itself would lay out all its text anew
    this.marks = new Marks();
    this.frame.append(this.sheet);
    this.map = make("div", { class: "minimap", "aria-hidden": "true" }, make("canvas", { width: 300, height: 220 }));
    this.element = make("div", {}, this.frame, this.map);
    this.x = 0; this.y = 0; this.scale = 1;
    this.pointers = new Map();
    this.listen();
  }

  show(text, { keep = false, anchor } = {}) { // an anchor is a state that stays where it is
    const before = this.boxes?.get(anchor);
    this.svg = svgFrom(text);
    this.size = this.svg.viewBox.baseVal;
    this.states = new Map();
    for (const group of this.svg.querySelectorAll("[data-state]")) {
      if (!this.states.has(nameOf(group))) this.states.set(nameOf(group), group);
    }
    this.sheet.replaceChildren(this.svg, this.marks.element);
    this.width = this.frame.clientWidth; // measured when something changes, not for every frame
    this.height = this.frame.clientHeight;
    this.boxes = new Map([...this.states].map(([name, group]) => [name, group.getBBox()]));
    this.marks.cover(this);
    const after = this.boxes.get(anchor);
    if (before && after) { this.x += (before.x - after.x) * this.scale; this.y += (before.y - after.y) * this.scale; }
    if (keep) this.move(); else this.begin();
  }

  begin() { // the whole picture, or as much of it from the start as can be read
    this.fit();
    const start = this.svg.querySelector(".start")?.getBBox();
    if (this.scale >= READABLE || !start) return;
    this.scale = READABLE;
    const spare = this.width - this.size.width * READABLE;
    this.x = spare > 0 ? spare / 2 : Math.max(spare, Math.min(0, this.width / 2 - (start.x + start.width / 2) * READABLE));
    this.y = 0;
  }

  fit() {
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
    const { width, height } = this;
    if (!width || !this.size) return;
    this.scale = Math.max(LEAST, Math.min(width > 2000 ? 2.4 : 1.4, width / this.size.width, height / this.size.height));
    this.x = Math.max(0, (width - this.size.width * this.scale) / 2);
    this.y = Math.max(0, (height - this.size.height * this.scale) / 2);
    this.move();
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    this.x = x - (x - this.x) * (scale / this.scale);
    this.y = y - (y - this.y) * (scale / this.scale);
    this.scale = scale;
    this.move();
  }

  move() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
      this.drawMap();
      if (this.scale !== this.sharpAt) { clearTimeout(this.later); this.later = setTimeout(() => this.sharpen(), 120); }
    });
  }

  sharpen() { // a layer of its own moves fast, but keeps the size of the letters that it was drawn with
    this.sharpAt = this.scale;
    this.sheet.classList.add("sharp");
    requestAnimationFrame(() => requestAnimationFrame(() => this.sheet.classList.remove("sharp")));
  }

  drawMap() {
    const canvas = this.map.firstChild, drawing = canvas.getContext("2d");
    const { width, height } = this;
    const isWhole = this.size.width * this.scale <= width + 1 && this.size.height * this.scale <= height + 1;
    this.map.hidden = isWhole || width < 400 || height < 300;
    if (this.map.hidden) return;
    const ratio = this.ratio = Math.min(canvas.width / this.size.width, canvas.height / this.size.height);
    const { theme } = document.documentElement.dataset;
    if (this.mapped?.svg !== this.svg || this.mapped.theme !== theme) this.mapped = { svg: this.svg, theme, ...this.miniature(canvas, ratio) };
    drawing.clearRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(this.mapped.image, 0, 0);
    drawing.strokeStyle = this.mapped.accent;
    drawing.lineWidth = 3;
    drawing.strokeRect((-this.x / this.scale) * ratio, (-this.y / this.scale) * ratio, (width / this.scale) * ratio, (height / this.scale) * ratio);
  }

  miniature({ width, height }, ratio) { // the boxes of the whole picture, drawn once
    const image = make("canvas", { width, height }), drawing = image.getContext("2d"), style = getComputedStyle(document.documentElement);
    drawing.fillStyle = style.getPropertyValue("--line");
    for (const [name, box] of this.boxes) {
      if (!this.states.get(name).classList.contains("group")) drawing.fillRect(box.x * ratio, box.y * ratio, Math.max(2, box.width * ratio), Math.max(2, box.height * ratio));
    }
    return { image, accent: style.getPropertyValue("--accent") };
  }

  reveal(name) {
    const box = this.boxes.get(name), { width, height } = this;
    if (!box) return;
    const [left, top] = [box.x * this.scale + this.x, box.y * this.scale + this.y];
    const isSeen = left >= 0 && top >= 0 && left + box.width * this.scale <= width && top + Math.min(60, box.height * this.scale) <= height;
    if (isSeen) return;
    this.x = width / 2 - (box.x + box.width / 2) * this.scale;
    this.y = height / 2 - (box.y + Math.min(box.height, height / this.scale) / 2) * this.scale;
    this.move();
  }

  isInSight(name) {
    const { x, y, width, height } = this.boxes.get(name), { scale } = this;
    const [left, top] = [x * scale + this.x, y * scale + this.y];
    return left < this.width && top < this.height && left + width * scale > 0 && top + height * scale > 0;
  }

  mark(class_, names) {
    for (const [name, group] of this.states) group.classList.toggle(class_, names.has(name));
  }

  showFolds(names, folded) { // a button at the left side of each container in sight
    this.svg.setAttribute("role", "group"); // an image has no buttons
    for (const name of names) {
      const group = this.states.get(name), box = this.boxes.get(name);
      if (!group) continue;
      const isFolded = folded.has(name), press = () => this.onfold(name);
      const toggle = draw("g", { class: "fold", role: "button", tabindex: 0, "aria-expanded": String(!isFolded), "aria-label": `States inside ${name}`, transform: `translate(${box.x} ${box.y + Math.min(22, box.height / 2)})` },
        draw("circle", { r: 14, class: "around" }), draw("circle", { r: 8 }), draw("path", { d: isFolded ? "M-4 0H4M0 -4V4" : "M-4 0H4" }));
      toggle.addEventListener("click", press);
      toggle.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); press(); } });
      group.insertBefore(toggle, group.querySelector(":scope > .scope")); // before those inside it, for the Tab key
    }
  }

  focusFold(name) { this.states.get(name)?.querySelector(":scope > .fold")?.focus({ preventScroll: true }); }

  listen() {
    const { frame } = this;
    frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { left, top } = frame.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(-event.deltaY / 200), event.clientX - left, event.clientY - top);
      else { this.x -= event.deltaX; this.y -= event.deltaY; this.move(); }
    }, { passive: false });
    frame.addEventListener("pointerdown", (event) => {
      this.pointers.set(event.pointerId, event);
      this.moved = 0;
    });
    frame.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) frame.addEventListener(end, (event) => {
      this.pointers.delete(event.pointerId);
      frame.classList.remove("moving");
    });
    frame.addEventListener("click", (event) => {
      if (this.moved > 6 || event.target.closest(".fold")) return;
      const group = event.target.closest("[data-state]");
      this.onchoose(group ? nameOf(group) : null);
    });
    frame.addEventListener("dblclick", (event) => {
      const group = event.target.closest(".fold") ? null : event.target.closest("[data-state]");
      if (group) this.onopen(nameOf(group));
    });
    frame.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
      if (moves[event.key]) { this.x += moves[event.key][0]; this.y += moves[event.key][1]; this.move(); }
      else if (event.key === "+" || event.key === "=") this.zoom(STEP);
      else if (event.key === "-") this.zoom(1 / STEP);
      else if (event.key === "0") this.fit();
      else return;
      event.preventDefault();
    });
    this.map.addEventListener("pointerdown", (event) => {
      const { left, top, width } = this.map.getBoundingClientRect(), ratio = this.ratio * (width / this.map.firstChild.width);
      this.x = this.width / 2 - ((event.clientX - left) / ratio) * this.scale;
      this.y = this.height / 2 - ((event.clientY - top) / ratio) * this.scale;
      this.move();
    });
    new ResizeObserver(() => {
      this.width = frame.clientWidth;
      this.height = frame.clientHeight;
      if (this.svg) this.move();
    }).observe(frame);
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const others = [...this.pointers.values()].filter((each) => each.pointerId !== event.pointerId);
    this.moved += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
    if (others.length) {
      const distance = (one, two) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
      const { left, top } = this.frame.getBoundingClientRect();
      this.zoom(distance(event, others[0]) / Math.max(1, distance(before, others[0])), others[0].clientX - left, others[0].clientY - top);
    } else {
      this.x += event.clientX - before.clientX;
      this.y += event.clientY - before.clientY;
      if (this.moved > 6) { this.frame.classList.add("moving"); this.frame.setPointerCapture(event.pointerId); }
      this.move();
    }
    this.pointers.set(event.pointerId, event);
  }
}
