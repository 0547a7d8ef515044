// What the events of an execution say of each state, at each event. The events are those of get-execution-history.

const FAILURES = /^(Task(Failed|TimedOut|StartFailed|SubmitFailed)|LambdaFunction(Failed|TimedOut|StartFailed|ScheduleFailed)|Activity(Failed|TimedOut|ScheduleFailed)|EvaluationFailed)$/;
const SCHEDULED = /^(TaskScheduled|LambdaFunctionScheduled|ActivityScheduled)$/;

export const detailsOf = (event) => {
  const key = Object.keys(event).find((name) => name.endsWith("EventDetails"));
  return (key && event[key]) || {};
};

export function readExecution(content) {
  const events = Array.isArray(content) ? content : content && (content.events || (content.history && content.history.events));
  const isEvent = (event) => event && typeof event.type === "string" && Number.isInteger(event.id);
  if (!Array.isArray(events) || !events.length || !events.every(isEvent)) {
    throw new Error("This is not an execution history. Drop a file that `aws stepfunctions get-execution-history` or `workflow-dsl history --save` wrote.");
  }
  return new Execution([...events].sort((one, two) => one.id - two.id));
}

const secondsOf = (timestamp) => {
  if (typeof timestamp === "number") return timestamp;
  const milliseconds = Date.parse(String(timestamp).replace(" ", "T"));
  return Number.isNaN(milliseconds) ? 0 : milliseconds / 1000;
};

export const parsed = (text) => {
  if (typeof text !== "string") return text;
  try { return JSON.parse(text); } catch { return text; }
};

export class Execution {
  constructor(events) {
    this.events = events;
    this.owners = []; // by index: the state that an event belongs to
    this.states = new Map(); // by name: [[index, {entered, exited, failed, retried, caught, isBroken}]]
    this.visits = []; // by index: the index of the event that entered the state
    this.start = secondsOf(events[0].timestamp);
    const owner = new Map(), visit = new Map(), now = new Map(), failing = new Map();
    const note = (index, name, change) => {
      const state = now.get(name) || { entered: 0, exited: 0, failed: 0, retried: 0, caught: 0, isBroken: false };
      const next = { ...state };
      change(next);
      now.set(name, next);
      if (!this.states.has(name)) this.states.set(name, []);
      this.states.get(name).push([index, next]);
    };
    events.forEach((event, index) => {
      const { type } = event, details = detailsOf(event), before = event.previousEventId;
      const isEntered = type.endsWith("StateEntered");
      const name = isEntered || type.endsWith("StateExited") || type.startsWith("MapIteration") ? details.name : owner.get(before);
      const isNamed = name !== undefined;
      if (isNamed) owner.set(event.id, name);
      visit.set(event.id, isEntered ? index : visit.get(before));
      this.owners.push(isNamed ? name : "");
      this.visits.push(visit.get(event.id) ?? -1);
      const entered = visit.get(event.id);
      if (isEntered) note(index, name, (state) => { state.entered += 1; });
      else if (type.endsWith("StateExited")) note(index, name, (state) => {
        state.exited += 1;
        if (failing.get(entered)) state.caught += 1;
      });
      else if (FAILURES.test(type) && isNamed) { failing.set(entered, true); note(index, name, (state) => { state.failed += 1; }); }
      else if (SCHEDULED.test(type) && isNamed && failing.get(entered)) { failing.delete(entered); note(index, name, (state) => { state.retried += 1; }); }
      else if (type === "TaskSucceeded" || type === "LambdaFunctionSucceeded") failing.delete(entered);
      else if (/^(Parallel|Map)StateFailed$/.test(type) && isNamed) { failing.set(entered, true); note(index, name, (state) => { state.failed += 1; }); }
      else if (/^Execution(Failed|TimedOut|Aborted)$/.test(type) && isNamed) { this.brokenIn = name; note(index, name, (state) => { state.isBroken = true; }); }
    });
    const last = events[events.length - 1];
    this.status = last.type.startsWith("Execution") ? last.type.slice(9).toLowerCase() : "running";
    if (this.status === "started") this.status = "running";
  }

  at(name, index) { // what a state was at an event; null before it was entered
    const changes = this.states.get(name);
    if (!changes || changes[0][0] > index) return null;
    let [low, high] = [0, changes.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (changes[middle][0] <= index) low = middle; else high = middle - 1;
    }
    return changes[low][1];
  }

  statusAt(name, index) {
    const state = this.at(name, index);
    if (!state) return "idle";
    if (state.isBroken) return "failed";
    if (state.entered > state.exited) return "busy";
    return state.caught ? "caught" : "succeeded";
  }

  seconds(index) { return secondsOf(this.events[index].timestamp) - this.start; }

  isOfState(index) { return this.owners[index] !== "" && !this.events[index].type.startsWith("Execution"); }

  inputAt(index) { // of the state that an event belongs to, or of the execution
    const entered = this.visits[index];
    if (entered < 0 || !this.isOfState(index)) return parsed(detailsOf(this.events[0]).input);
    return parsed(detailsOf(this.events[entered]).input);
  }

  outputAt(index) {
    const { output, result } = detailsOf(this.events[index]);
    return output !== undefined ? parsed(output) : result !== undefined ? parsed(result) : undefined;
  }
}

export function differences(before, after, path = "$") { // [[path, "added" | "removed" | "altered", text]]
  if (Object.is(before, after)) return [];
  const isObject = (value) => value !== null && typeof value === "object";
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [[path, "altered", `${short(before)} to ${short(after)}`]];
  }
  const found = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const here = Array.isArray(after) ? `${path}[${name}]` : `${path}.${name}`;
    if (!(name in before)) found.push([here, "added", short(after[name])]);
    else if (!(name in after)) found.push([here, "removed", short(before[name])]);
    else found.push(...differences(before[name], after[name], here));
    if (found.length > 200) break;
  }
  return found;
}

const short = (value) => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
