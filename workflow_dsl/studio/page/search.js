// The search for a state, by its name or by anything in its definition.
import { button, fill, find, make } from "./dom.js";

const MOST_RESULTS = 30; // results that are shown

export function listenToSearch(app) {
  const field = find("search"), results = find("found");
  const close = () => { results.hidden = true; };
  const draw = () => {
    const word = field.value.trim().toLowerCase(), found = word ? statesWith(word, app.content.machines) : [];
    fill(results, ...found.slice(0, MOST_RESULTS).map(([machine, name]) => make("li", {}, button(`${name} (${machine})`, () => { close(); app.open(machine, name); }))),
      word && !found.length ? make("li", {}, make("p", { class: "meta" }, "Nothing found")) : null,
      found.length > MOST_RESULTS ? make("li", {}, make("p", { class: "meta" }, `${found.length - MOST_RESULTS} more`)) : null);
    results.hidden = !word;
  };
  field.addEventListener("input", draw);
  addEventListener("hashchange", close);
  for (const leaving of ["pointerdown", "focusin"]) addEventListener(leaving, (event) => { if (!field.parentElement.contains(event.target)) close(); });
  addEventListener("keydown", (event) => {
    const isSearch = field.parentElement.contains(event.target);
    if (event.key === "/" && !event.target.matches("input, textarea, select")) { event.preventDefault(); field.focus(); }
    else if (event.key === "Escape" && !results.hidden) { close(); if (isSearch) { field.value = ""; field.focus(); } }
    else if (event.key === "Enter" && event.target === field) results.querySelector("button")?.click();
    else if (isSearch && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); moveFocus(field, results, event.key === "ArrowDown" ? 1 : -1); }
  });
}

function moveFocus(field, results, step) {
  const stops = [field, ...results.querySelectorAll("button")];
  stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
}

function statesWith(word, machines) { // [[machine, name]], those with the word in their name first
  const named = [], others = [];
  for (const machine of machines) for (const [name, state] of Object.entries(machine.states)) {
    const text = () => `${machine.id} ${JSON.stringify(state.definition)} ${state.calls.map((call) => call.target).join(" ")}`;
    if (name.toLowerCase().includes(word)) named.push([machine.id, name]);
    else if (text().toLowerCase().includes(word)) others.push([machine.id, name]);
  }
  return [...named, ...others];
}
