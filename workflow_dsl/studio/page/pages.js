// The pages that are no diagram: the map of calls, and the findings.
import { button, make } from "./dom.js";
import { finding } from "./details.js";

export function mapPage(app) {
  const rows = app.content.uses.map((use) => make("tr", {},
    make("td", {}, use.stateMachine), make("td", {}, button(use.state, () => app.open(use.stateMachine, use.state))),
    make("td", {}, [use.service, use.action].filter(Boolean).join(" ")), make("td", {}, use.target || use.through.join(", ")),
    make("td", { class: "meta" }, use.file ? `${use.file}${use.line ? `:${use.line}` : ""}` : "")));
  const others = app.content.notCalled ?? [];
  return [
    make("h2", {}, "State machines, functions and resources"),
    make("table", {}, make("thead", {}, make("tr", {}, ...["State machine", "State", "Calls", "Function or resource", "Code"].map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...rows)),
    others.length ? make("p", {}, `Not called by a state: ${others.join(", ")}`) : null,
  ];
}

export function findingsPage(app) {
  const { findings } = app.content;
  if (!findings.length) return [make("h2", {}, "Findings"), make("p", {}, "No findings.")];
  return [make("h2", {}, "Findings"), ...findings.map((each) => finding(each, each.machine ? button([each.machine, each.state].filter(Boolean).join(": "), () => app.open(each.machine, each.state)) : null))];
}
