// What the panel at the side says of a state, a function, or a state machine.
import { button, code, make, pretty } from "./dom.js";

const list = (title, items) => (items.length ? [make("h3", {}, title), make("ul", {}, ...items.map((item) => make("li", {}, item)))] : []);

export function findingsOf(content, machine, state) {
  return content.findings.filter((finding) => finding.machine === machine.id && (state === undefined || finding.state === state));
}

export function alike(findings) { // those that differ in nothing but their state are shown once
  const groups = new Map();
  for (const each of findings) {
    const key = JSON.stringify([each.severity, each.code, each.field, each.message, each.remedy, each.file]);
    groups.has(key) ? groups.get(key).push(each) : groups.set(key, [each]);
  }
  return [...groups.values()];
}

export function finding(group, buttons = []) { // the subject of its sentence is the place in the definition
  const [first] = group, isAlone = group.length === 1, line = first.line && isAlone ? `:${first.line}` : "";
  const subject = [isAlone && first.state ? `"${first.state}"` : "", first.field].filter(Boolean).join(" ");
  return make("div", { class: `finding ${first.severity}` },
    make("b", {}, `${first.severity} ${first.code}`),
    make("p", {}, subject ? make("b", {}, `${subject}: `) : null, first.message),
    first.remedy ? make("p", {}, `Remedy: ${first.remedy}`) : null,
    first.file ? make("p", { class: "meta" }, `${first.file}${line}`) : null,
    make("div", { class: "places" }, ...buttons.filter(Boolean)));
}

const source = (title, place) => (place ? [make("h3", {}, title), make("p", { class: "meta" }, `${place.file}:${place.line}`), code(place.text, title)] : []);

export function stateDetails(app, machine, name) {
  const state = machine.states[name];
  const calls = state.calls.map((call) => `${call.calls} ${call.target}`.trim());
  return [
    make("h2", {}, name),
    make("p", { class: "meta" }, `${state.type}${state.inside ? `, inside ${state.inside}` : ""}`),
    ...findingsOf(app.content, machine, name).map((each) => finding([each])),
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
  make("h3", {}, `Last tests: ${tests.percent}% run`),
  make("p", { class: "meta" }, `${new Date(tests.time).toLocaleString()}${tests.isOld ? ". The definition has changed since; run the tests again" : ""}`),
  ...list("Not run", Object.values(tests.missing).flat())] : []);

export function machineDetails(app, machine) {
  const functions = [...new Set(app.content.uses.filter((use) => use.stateMachine === machine.id && use.target).map((use) => use.target))];
  return [
    make("h2", {}, machine.id),
    make("p", {}, machine.comment),
    make("p", { class: "meta" }, `${machine.type}, ${Object.keys(machine.states).length} states${machine.isDeployed ? "" : ", not in the template"}`),
    ...alike(findingsOf(app.content, machine)).map((group) => finding(group, group.map(({ state }) => (Object.hasOwn(machine.states, state ?? "") ? button(state, () => app.choose(state)) : null)))),
    ...app.runs.form(machine),
    ...app.runs.paths(machine),
    ...tests(machine),
    ...list("Started by", machine.triggers),
    ...list("Calls", functions),
    make("p", { class: "meta hint" }, "Choose a state in the diagram or the list for its definition, its calls and its code."),
  ];
}
