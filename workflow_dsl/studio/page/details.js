// What the panel at the side says of a state, a function, or a state machine.
import { button, code, make, pretty } from "./dom.js";

const list = (title, items) => (items.length ? [make("h3", {}, title), make("ul", {}, ...items.map((item) => make("li", {}, item)))] : []);

export function findingsOf(content, machine, state) {
  return content.findings.filter((finding) => finding.machine === machine.id && (state === undefined || finding.state === state));
}

export function likeFindings(findings) { // those that differ in nothing but their place are shown once
  const groups = new Map();
  for (const each of findings) {
    const key = JSON.stringify([each.severity, each.code, each.message, each.remedy, each.file]);
    groups.has(key) ? groups.get(key).push(each) : groups.set(key, [each]);
  }
  return [...groups.values()];
}

export const finding = (each, extra) => make("p", { class: `finding ${each.severity}` },
  make("b", {}, `${each.severity} ${each.code}`), make("br"),
  make("span", {}, each.message, each.remedy ? make("br") : null, each.remedy ? `Remedy: ${each.remedy}` : null,
    each.file ? make("br") : null, each.file ? make("span", { class: "meta" }, `${each.file}${each.line ? `:${each.line}` : ""}`) : null),
  extra ? make("span", { class: "places" }, ...[extra].flat().filter(Boolean)) : null);

const source = (title, place) => (place ? [make("h3", {}, title), make("p", { class: "meta" }, `${place.file}:${place.line}`), code(place.text, title)] : []);

export function stateDetails(app, machine, name) {
  const state = machine.states[name];
  const calls = state.calls.map((call) => `${call.calls} ${call.target}`.trim());
  return [
    make("h2", {}, name),
    make("p", { class: "meta" }, `${state.type}${state.inside ? `, inside ${state.inside}` : ""}`),
    ...findingsOf(app.content, machine, name).map((each) => finding(each)),
    machine.containers.includes(name) ? button(app.diagram.folded.has(name) ? "Unfold in the diagram" : "Fold in the diagram", () => app.diagram.toggle(name)) : null,
    ...app.runs.options(name, state),
    ...(machine.tests?.missing[name] ? list("Not run by the last tests", machine.tests.missing[name]) : []),
    ...list("Calls", calls),
    ...list("Retries", state.retries),
    ...list("Catchers", state.catches),
    ...shape("Input", state.input),
    ...shape("Output", state.output),
    ...source("In Python", state.source),
    ...state.calls.flatMap((call) => source(`Function ${call.target}`, call.source)),
    ...(state.permissions.length ? [make("h3", {}, "Permissions"), make("ul", {}, ...state.permissions.map(([action, resource, level]) =>
      make("li", {}, `${action} on ${resource}${level === "required" ? "" : ` (${level.replace("_", " ")})`}`)))] : []),
    make("h3", {}, "Definition"),
    code(pretty(state.definition), "Definition"),
  ];
}

const shape = (title, text) => (text ? [make("h3", {}, title), code(text, title)] : []);

const tests = ({ tests }) => (tests ? [
  make("h3", {}, `Last tests: ${tests.percent} % run`),
  make("p", { class: "meta" }, `${new Date(tests.time).toLocaleString()}${tests.isOld ? ". The definition has changed since; run the tests again" : ""}`),
  ...list("Not run", Object.values(tests.missing).flat())] : []);

export function machineDetails(app, machine) {
  const functions = [...new Set(app.content.uses.filter((use) => use.stateMachine === machine.id && use.target).map((use) => use.target))];
  return [
    make("h2", {}, machine.id),
    make("p", {}, machine.comment),
    make("p", { class: "meta" }, `${machine.type}, ${Object.keys(machine.states).length} states${machine.isDeployed ? "" : ", not in the template"}`),
    ...app.runs.form(machine),
    ...app.runs.ways(machine),
    ...likeFindings(findingsOf(app.content, machine)).map((like) => finding(like[0], like.map((each) => (Object.hasOwn(machine.states, each.state ?? "") ? button(each.state, () => app.choose(each.state)) : null)))),
    ...tests(machine),
    ...list("Started by", machine.triggers),
    ...list("Calls", functions),
  ];
}
