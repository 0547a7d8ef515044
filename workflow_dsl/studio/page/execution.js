// What the events of an execution say of each state, at each event. The events are those of get-execution-history.
import { isPauseDue, pause } from "./dom.js";

const FAILURES = /^(Task(Failed|TimedOut|StartFailed|SubmitFailed)|LambdaFunction(Failed|TimedOut|StartFailed|ScheduleFailed)|Activity(Failed|TimedOut|ScheduleFailed)|EvaluationFailed|(Parallel|Map)StateFailed)$/;
const SCHEDULED = /^(TaskScheduled|LambdaFunctionScheduled|ActivityScheduled)$/;
const SUCCEEDED = /^(TaskSucceeded|LambdaFunctionSucceeded)$/;
const BROKEN = /^Execution(Failed|TimedOut|Aborted)$/;

export const isFailure = (event) => /(Failed|TimedOut|Aborted)$/.test(event.type);

export const detailsOf = (event) => {
  const key = Object.keys(event).find((name) => name.endsWith("EventDetails"));
  return (key && event[key]) || {};
};

const secondsOf = (timestamp) => {
  if (typeof timestamp === "number") return timestamp;
  const milliseconds = Date.parse(String(timestamp).replace(" ", "T"));
  return Number.isNaN(milliseconds) ? 0 : milliseconds / 1000;
};

const parsed = (text) => {
  if (typeof text !== "string") return text;
  try { return JSON.parse(text); } catch { return text; }
};

const COUNTS = ["entered", "exited", "retried", "caught", "broken"];

const isEvent = (event) => typeof event?.type === "string" && Number.isInteger(event.id);

export async function readExecution(content) { // with pauses: 25,000 events take longer than a frame
  await pause();
  const events = Array.isArray(content) ? content : content?.events ?? content?.history?.events;
  if (!Array.isArray(events) || !events.length || !events.every(isEvent)) {
    throw new Error("This is not an execution history. Drop a file that `aws stepfunctions get-execution-history` or `workflow-dsl history --save` wrote.");
  }
  const execution = new Execution(events.sort((one, two) => one.id - two.id));
  for (const index of events.keys()) {
    if (isPauseDue()) await pause();
    execution.read(index);
  }
  return execution;
}

class Changes { // the counts of a state, a row for each event that changes one of them
  constructor() {
    this.indexes = [];
    for (const count of COUNTS) this[count] = [];
  }

  add(at, name) {
    for (const count of COUNTS) this[count].push((this[count].at(-1) ?? 0) + (count === name ? 1 : 0));
    this.indexes.push(at);
  }

  at(index) { // null before the first
    const { indexes } = this;
    if (indexes[0] > index) return null;
    let [low, high] = [0, indexes.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (indexes[middle] <= index) low = middle; else high = middle - 1;
    }
    return Object.fromEntries(COUNTS.map((count) => [count, this[count][low]]));
  }
}

class Execution {
  constructor(events) {
    this.events = events;
    this.owners = []; // by index: the state that an event belongs to, "" without one
    this.visits = []; // by index: the index of the event that entered the state, -1 without one
    this.states = new Map(); // by name: Changes
    this.start = secondsOf(events[0].timestamp);
    this.indexes = new Map(); // by ID
    this.failing = new Set(); // visits whose last try failed
  }

  read(index) { // events are read in order
    const event = this.events[index], { type } = event, before = this.indexes.get(event.previousEventId);
    const isEntered = type.endsWith("StateEntered"), isExited = type.endsWith("StateExited");
    const isNaming = isEntered || isExited || type.startsWith("MapIteration");
    const name = (isNaming ? detailsOf(event).name : this.owners[before]) ?? "", visit = isEntered ? index : this.visits[before] ?? -1;
    this.indexes.set(event.id, index);
    this.owners.push(name);
    this.visits.push(visit);
    if (!name) return;
    if (isEntered) this.note(index, "entered");
    else if (isExited) this.note(index, "exited", this.failing.delete(visit) && "caught");
    else if (FAILURES.test(type)) this.failing.add(visit);
    else if (SCHEDULED.test(type) && this.failing.delete(visit)) this.note(index, "retried");
    else if (SUCCEEDED.test(type)) this.failing.delete(visit);
    else if (BROKEN.test(type)) this.note(index, "broken");
  }

  note(index, ...counts) {
    const name = this.owners[index];
    if (!this.states.has(name)) this.states.set(name, new Changes());
    for (const count of counts.filter(Boolean)) this.states.get(name).add(index, count);
  }

  at(name, index) { // the counts and the status of a state at an event
    const counts = this.states.get(name)?.at(index);
    if (!counts) return { entered: 0, retried: 0, status: "idle" };
    const status = counts.broken ? "failed" : counts.entered > counts.exited ? "busy" : counts.caught ? "caught" : "succeeded";
    return { ...counts, status };
  }

  seconds(index) { return secondsOf(this.events[index].timestamp) - this.start; }

  isOfState(index) { return this.owners[index] !== "" && !this.events[index].type.startsWith("Execution"); }

  inputAt(index) { // of the state that an event belongs to, or of the execution
    const entered = this.visits[index];
    return parsed(detailsOf(this.events[entered < 0 || !this.isOfState(index) ? 0 : entered]).input);
  }

  outputAt(index) {
    const { output, result } = detailsOf(this.events[index]);
    return parsed(output ?? result);
  }
}
