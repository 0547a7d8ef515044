// The pages that are no diagram: the map of calls, and the findings.
import { breakable, button, make } from "./dom.js";
import { alike, finding } from "./details.js";

export function mapPage(app) {
  const titles = ["State machine", "State", "Calls", "Function or resource", "Code"];
  const rows = app.content.uses.map((use) => make("tr", { role: "row" }, ...[
    use.stateMachine, button(use.state, () => app.open(use.stateMachine, use.state)), [use.service, use.action].filter(Boolean).join(" "),
    use.target || use.through.join(", "), use.file ? `${use.file}${use.line ? `:${use.line}` : ""}` : "",
  ].map((cell, index) => make("td", { role: "cell", "data-label": titles[index] }, ...(typeof cell === "string" ? breakable(cell) : [cell])))));
  const others = app.content.notCalled ?? [];
  return [
    make("h2", {}, "State machines, functions and resources"),
    // The roles stay where a narrow page shows the table as a list.
    rows.length ? make("table", { role: "table" }, make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...titles.map((name) => make("th", { scope: "col", role: "columnheader" }, name)))),
      make("tbody", { role: "rowgroup" }, ...rows)) : make("p", {}, "No state calls a function or a service."),
    others.length ? make("p", {}, `Not called by a state: ${others.join(", ")}`) : null,
  ];
}

export function findingsPage(app) {
  const { findings } = app.content;
  const empty = app.content.machines.length ? null : make("p", {}, "There is no state machine to show: neither in the template, nor in the folder of workflows.");
  if (!findings.length) return [make("h2", {}, "Findings"), empty, make("p", {}, "No findings.")];
  const place = (each) => (each.machine ? button([each.machine, each.state].filter(Boolean).join(": "), () => app.open(each.machine, each.state)) : null);
  return [make("h2", {}, "Findings"), empty, ...alike(findings).map((group) => finding(group, group.map(place)))];
}
