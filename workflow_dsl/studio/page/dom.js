// Elements made of data: text is always text, never markup.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function draw(tag, attributes, ...children) { // in a picture
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const button = (label, onclick, attributes = {}) => make("button", { type: "button", onclick, ...attributes }, label);

export const find = (id) => document.getElementById(id);

export function fill(element, ...children) { // the focus stays on what has the same name, with what is typed
  const before = document.activeElement, hasFocus = before !== element && element.contains(before);
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
  if (!hasFocus) return element;
  const after = [...element.querySelectorAll(before.localName)].find((each) => labelOf(each) === labelOf(before));
  (after ?? element.closest("[tabindex]"))?.focus({ preventScroll: true });
  if (after?.matches("textarea, input:not([type=range], [type=file])")) {
    after.value = before.value;
    after.setSelectionRange(before.selectionStart, before.selectionEnd);
  }
  return element;
}

const labelOf = (element) => element.dataset.name ?? element.getAttribute("aria-label") ?? element.firstChild?.textContent;

export const breakable = (text) => text.split(/(?<=[/_])|(?<=[a-z])(?=[A-Z])/).flatMap((part) => (part ? [part, make("wbr")] : [])); // a long name or path

export const pretty = (value) => JSON.stringify(value, null, 2);

const LONGEST = 100_000; // characters of a text that is shown

export const code = (text, label) => make("pre", { tabindex: 0, role: "region", "aria-label": label },
  text.length > LONGEST ? `${text.slice(0, LONGEST)}\n... and ${(text.length - LONGEST).toLocaleString("en")} more characters` : text);

export function svgFrom(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return document.importNode(parsed, true);
}

export const nameOf = (element) => decodeURIComponent(element.dataset.state);

const SLICE = 8; // milliseconds of work between two pauses, half a frame
let resumed = 0;

export const isPauseDue = () => performance.now() - resumed > SLICE;

export async function pause() { // lets the page draw, and hear its user
  await (window.scheduler?.yield ? scheduler.yield() : new Promise((resume) => setTimeout(resume)));
  resumed = performance.now();
}
