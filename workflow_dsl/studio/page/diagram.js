// The diagram of the state machine that is shown: whole, with folded containers, or of a comparison.
import { Canvas } from "./canvas.js";
import { findingsOf } from "./details.js";
import { breakable, button, fill, find, make, svgFrom } from "./dom.js";
import { fold } from "./folding.js";
import { isLive } from "./server.js";

const SIGNS_OF_CHANGES = { "+": "added", "-": "removed", "~": "altered" };

export class Diagram {
  constructor(app) {
    this.app = app;
    this.canvas = new Canvas({ choose: (name) => app.choose(name), open: (name) => this.canvas.fit(name), fold: (name) => this.toggle(name) });
    this.forget();
  }

  forget() { // what was chosen for another state machine
    this.folded = new Set();
    this.comparison = null;
    this.drawn = null; // what the canvas shows: a picture and its folded containers
  }

  show() {
    const { app: { machine, state }, canvas } = this, view = find("view");
    this.folded = new Set(machine.containers.filter((name) => this.folded.has(name)));
    if (state !== undefined && !this.comparison) for (const name of this.app.around(state)) this.folded.delete(name);
    if (view.firstChild !== canvas.element) { view.className = ""; fill(view, canvas.element); }
    this.drawToolbar(); // first: it takes height of the diagram
    this.draw();
    canvas.mark("chosen", new Set([state]));
    canvas.mark("wrong", new Set(findingsOf(this.app.content, machine).filter((each) => each.severity === "error").map((each) => each.state)));
    if (state !== undefined) canvas.reveal(state);
    this.mark();
  }

  draw() { // anew only if it differs, and then at the same place, if it is of the same state machine
    const { canvas, folded } = this, { machine } = this.app, picture = this.comparison?.picture ?? machine.picture;
    const drawn = JSON.stringify([picture, ...(this.comparison ? [] : folded)]);
    if (drawn === this.drawn) return;
    const svg = svgFrom(picture);
    canvas.show(folded.size && !this.comparison ? fold(svg, folded) : svg, { keep: this.drawn !== null, anchor: this.anchor });
    if (!this.comparison) canvas.showFolds(machine.containers, folded);
    if (this.focused !== undefined) canvas.focusFold(this.focused);
    this.drawn = drawn;
    this.anchor = this.focused = undefined;
  }

  drawToolbar() {
    const { canvas, comparison, app } = this, { machine } = app, { comparisons, against } = app.content;
    const file = make("input", { type: "file", accept: ".json", hidden: true, onchange: () => file.files[0] && app.load(file.files[0]) });
    const hasFolds = machine.containers.length && !comparison;
    fill(find("toolbar"),
      button("+", () => canvas.zoom(1.25), { "aria-label": "Larger" }), button("−", () => canvas.zoom(0.8), { "aria-label": "Smaller" }), button("Fit", () => canvas.fit()),
      hasFolds ? button("Fold all", () => this.fold(machine.containers), { disabled: this.folded.size === machine.containers.length }) : null,
      hasFolds ? button("Unfold all", () => this.fold([]), { disabled: !this.folded.size }) : null,
      button("Open an execution...", () => file.click()), file,
      machine.tests ? button("Test coverage", () => { this.showsTests = !this.showsTests; this.show(); }, { "aria-pressed": String(Boolean(this.showsTests)) }) : null,
      isLive ? button("Compare...", () => app.explain(...app.runs.compareForm(machine))) : null,
      comparisons?.[machine.id] ? button(`Compare with ${against}`, () => this.compare(comparisons[machine.id])) : null,
      comparison ? button("Close the comparison", () => this.compare(null)) : null);
  }

  compare(comparison) { // null closes it
    if (comparison) this.app.player.close(); // it has the states of one definition
    this.comparison = comparison;
    this.drawn = null;
    this.show();
    if (!comparison) { this.app.details(); return; }
    const { title, words } = comparison;
    this.app.explain(make("h2", {}, ...breakable(title)), words.length ? make("ul", { class: "words" }, ...words.map((line) => make("li", { class: SIGNS_OF_CHANGES[line[0]] }, line))) : null);
  }

  fold(names) { // these and no others
    const { app } = this, hiding = app.around(app.state).filter((name) => names.includes(name)).at(-1);
    this.folded = new Set(names);
    if (hiding === undefined) this.show(); else app.choose(hiding);
  }

  toggle(name) { // folds or unfolds a container, which stays where it is
    this.anchor = name;
    if (document.activeElement?.closest(".fold")) this.focused = name;
    this.fold(this.folded.has(name) ? [...this.folded].filter((each) => each !== name) : [...this.folded, name]);
    if (this.app.state === name) this.app.details();
  }

  visible(name) { // a state, or the container that hides it
    return [name, ...this.app.around(name)].find((each) => this.canvas.states.has(each)) ?? name;
  }

  mark() { // with the execution that is played, the coverage of the last tests, or nothing
    const { player, machine } = this.app;
    if (this.comparison) return;
    if (player.execution) player.mark();
    else this.markTests(this.showsTests ? machine.tests : null);
  }

  markTests(tests) {
    const { canvas } = this, notEntered = new Set(tests?.notEntered);
    const parts = (name) => tests.missing[name]?.length;
    const words = (name) => (!tests ? "" : notEntered.has(name) ? "not run" : parts(name) ? `${parts(name)} ${parts(name) === 1 ? "part" : "parts"} not run` : "run");
    const status = (name) => (!tests ? "" : notEntered.has(name) ? "untested" : parts(name) ? "partly" : "succeeded");
    for (const name of canvas.states.keys()) canvas.marks.set(name, status(name), words(name));
    this.app.describeStates(words);
  }
}
