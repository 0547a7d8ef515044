// A diagram with some of its containers folded, made of the whole diagram: what is inside them goes, and the rows and
// columns that only they needed are taken out. So every combination can be shown without a layout for each.
import { nameOf } from "./dom.js";

const PADDING = 16; // of a container
const ROOM = 20; // around what stays, for the bends of lines
const PAIR = /(-?[\d.]+) (-?[\d.]+)/g;

export function fold(svg, names) { // changes the diagram
  const free = { x: [], y: [] }, groups = [...svg.querySelectorAll(".group")].filter((group) => names.has(nameOf(group)));
  for (const group of groups.filter((group) => !groups.some((other) => other !== group && other.contains(group)))) {
    const { x, y, width, height } = boxOf(shapeOf(group)), head = headOf(group);
    free.x.push([x + head.width, x + width]);
    free.y.push([y + head.height, y + height]);
    empty(group, head);
  }
  const kept = spansOf(svg), x = squeezing(free.x, kept.x), y = squeezing(free.y, kept.y);
  for (const element of svg.querySelectorAll("rect:not(.badge), polygon, path[data-from], text:not(.letters), [transform]")) move(element, x, y);
  svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`.replace(PAIR, (_, width, height) => `${x(width)} ${y(height)}`));
  svg.setAttribute("width", x(svg.getAttribute("width")));
  svg.setAttribute("height", y(svg.getAttribute("height")));
  return svg;
}

const shapeOf = (group) => group.querySelector(":scope > rect, :scope > polygon");

function boxOf(shape) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((side) => Number(shape.getAttribute(side)));
  if (shape.localName === "rect") return { x, y, width, height };
  const points = [...shape.getAttribute("points").matchAll(PAIR)], [xs, ys] = [1, 2].map((at) => points.map((point) => Number(point[at])));
  return { x: Math.min(...xs), y: Math.min(...ys), width: Math.max(...xs) - Math.min(...xs), height: Math.max(...ys) - Math.min(...ys) };
}

function headOf(group) { // the part of a container with its name
  const box = boxOf(shapeOf(group)), scope = boxOf(group.querySelector(":scope > .scope"));
  const ends = [...group.querySelectorAll(":scope > text")].map((text) => Number(text.getAttribute("x")) + Number(text.getAttribute("textLength")));
  return { width: Math.max(...ends) + PADDING - box.x, height: scope.y - PADDING - box.y };
}

function empty(group, { width, height }) {
  const scope = group.querySelector(":scope > .scope");
  while (scope.nextSibling) scope.nextSibling.remove();
  scope.remove();
  group.classList.replace("group", "state");
  Object.assign(group.dataset, { width, height }); // of what stays
}

function spansOf(svg) { // the rows and columns that are in use
  const x = [], y = [];
  const keep = (left, top, width, height, room) => { x.push([left - room, left + width + room]); y.push([top - room, top + height + room]); };
  const keepFrame = (box, head) => {
    keep(box.x, box.y, head.width, head.height, PADDING / 2);
    keep(box.x + box.width, box.y + box.height, 0, 0, PADDING);
  };
  for (const group of svg.querySelectorAll("[data-state]")) {
    const box = boxOf(shapeOf(group));
    if (group.dataset.width) keep(box.x, box.y, Number(group.dataset.width), Number(group.dataset.height), 0);
    else if (group.classList.contains("group")) keepFrame(box, headOf(group));
    else keep(box.x, box.y, box.width, box.height, ROOM);
  }
  for (const scope of svg.querySelectorAll(".scope")) keepFrame(boxOf(scope), { width: PADDING, height: PADDING });
  for (const shape of svg.querySelectorAll(".ground, .start > rect, .end > rect")) {
    const box = boxOf(shape);
    keep(box.x, box.y, box.width, box.height, 4);
  }
  for (const line of svg.querySelectorAll("path[data-from]")) {
    for (const [, at] of line.getAttribute("d").matchAll(PAIR)) x.push([at - ROOM / 2, Number(at) + ROOM / 2]);
  }
  return { x, y };
}

function squeezing(free, kept) { // moves a coordinate by the length of what is free and not kept before it
  const edges = [...new Set([...free, ...kept].flat())].sort((one, two) => one - two);
  const isIn = (spans, at) => spans.some(([from, to]) => from < at && at < to);
  const gaps = edges.slice(1).map((to, index) => [edges[index], to])
    .filter(([from, to]) => isIn(free, (from + to) / 2) && !isIn(kept, (from + to) / 2));
  return (value) => gaps.reduce((moved, [from, to]) => moved - Math.max(0, Math.min(value, to) - from), Number(value));
}

function move(element, x, y) {
  const set = (name, value) => element.setAttribute(name, value);
  for (const name of ["points", "d", "transform"]) {
    if (element.hasAttribute(name)) set(name, element.getAttribute(name).replace(PAIR, (_, left, top) => `${x(left)} ${y(top)}`));
  }
  if (element.localName === "rect") {
    const box = boxOf(element);
    set("width", x(box.x + box.width) - x(box.x));
    set("height", y(box.y + box.height) - y(box.y));
  }
  if (element.hasAttribute("y")) { set("x", x(element.getAttribute("x"))); set("y", y(element.getAttribute("y"))); }
}
