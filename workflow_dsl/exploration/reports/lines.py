"""The lines of an exploration: its execution paths, the elements that it did not reach and why, and differences."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.exploration.cover import shrunk, smallest_cover
from workflow_dsl.exploration.execution_paths import Endless, ExecutionPath, run_path
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.path_groups import PathGroup, paths_to_show
from workflow_dsl.exploration.proofs import proofs_of
from workflow_dsl.exploration.pytest_files.naming import sentence_of, sentences_of
from workflow_dsl.exploration.reports.half_done import half_done_lines
from workflow_dsl.exploration.reports.unreached import unreached
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.console import format_duration
from workflow_dsl.local.prices import billed_line, source_line
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.local.stand_ins.mocks import Response, Return, Throw
from workflow_dsl.records import replace


def exploration_lines(exploration: Exploration) -> Iterator[str]:
    """Yield the lines of a report."""
    paths = paths_to_show(exploration)
    sentences = sentences_of(exploration, [group.nameless for group in paths])
    for number, (group, sentence) in enumerate(zip(paths, sentences, strict=True), 1):
        yield f"{number}. {sentence}"
        yield from (f"   {line}" for line in _path_lines(group))
    proofs = proofs_of(exploration)
    dead = f"; {len(proofs)} can never be reached" if proofs else ""
    cover = "1 path covers" if len(paths) == 1 else f"{len(paths)} paths cover"
    yield f"{cover} {exploration.percent:.0f}% of {len(exploration.elements)} elements{dead}"
    yield from (each.line for each in unreached(exploration))
    yield from half_done_lines(exploration)
    yield source_line()


def _path_lines(group: PathGroup) -> Iterator[str]:
    path = group.nameless
    error = f"each of {', '.join(group.errors)}" if group.errors else ""
    yield " > ".join(path.run.trail)
    yield from given_lines(path, error)
    is_own = group.errors[:1] == (path.run.error,)
    yield f"{end_of(path, 'this error' if is_own else '')}; {billed_line(path.run)}"


def real_lines(exploration: Exploration, runner: ProjectRunner, name: str) -> Iterator[str]:
    """Yield how each path ends with real handlers and moto; of its scenario, the input and the faults stay."""
    for number, path in enumerate((group.first for group in paths_to_show(exploration)), 1):
        faults = {
            state: [response for response in responses if isinstance(response, Throw)]
            for state, responses in path.scenario.responses.items()
        }
        try:
            run = runner.run(name, path.scenario.input, mocks={state: each for state, each in faults.items() if each})
        except FindingsError as problem:
            yield f"{number}. with real handlers: {problem}"
        else:
            yield f"{number}. with real handlers: {' > '.join(run.trail)}: {end_of(ExecutionPath(path.scenario, run))}"


def given_lines(path: ExecutionPath, nameless: str = "") -> Iterator[str]:
    """Yield the input of a path and the responses of its tasks; `nameless` stands for an error without a name."""
    if path.scenario.input != {}:
        yield f"input {short_json(path.scenario.input)}"
    for name, responses in path.scenario.responses.items():
        if name in path.run.trail:
            yield f"{name}: {', then '.join(_runs_of(responses, nameless))}"


def _runs_of(responses: tuple[Response, ...], nameless: str) -> Iterator[str]:
    texts = [
        short_json(response.value) if isinstance(response, Return) else response.error or nameless
        for response in responses
    ]
    number = 0
    while number < len(texts):
        count = 1
        while number + count < len(texts) and texts[number + count] == texts[number]:
            count += 1
        yield texts[number] if count == 1 else f"{texts[number]} ({count} times)"
        number += count


def end_of(path: ExecutionPath, error: str = "") -> str:
    """Return how a path ends: `SUCCEEDED after 3.5 s`, or its error, or the words for it, and where it comes from."""
    run = path.run
    after = f" after {format_duration(run.duration)}" if run.duration else ""
    if run.status == "SUCCEEDED":
        return f"SUCCEEDED{after}"
    return f'{run.status}{after}: {error or run.error or "no error"} in "{run.failed_in}"'


def difference_lines(one: Exploration, other: Exploration, name: str, other_name: str) -> list[str]:
    """Return where two machines differ over the paths of either: `for stock_price 50, OLD sells and NEW buys`."""
    lines: dict[tuple[str, str], str] = {}
    results = results_of(one) | results_of(other)
    for exploration in (one, other):
        for found in smallest_cover(exploration):
            path = shrunk(exploration, found)
            first, second = _run_in(one, path, results), _run_in(other, path, results)
            if first is not None and second is not None and _outcome(first) != _outcome(second):
                what = "; ".join(given_lines(path)) or "an empty input"
                sides = _sides((one, first), (other, second))
                lines.setdefault(_parting(first, second), f"for {what}: {name} {sides[0]}, and {other_name} {sides[1]}")
    return list(lines.values())


def results_of(exploration: Exploration) -> dict[str, Json]:
    """Return a result of each task in the ways of an exploration."""
    results = [item for path in exploration.paths for item in path.scenario.responses.items()]
    return {
        name: response.value for name, responses in results for response in responses if isinstance(response, Return)
    }


def _parting(one: ExecutionPath, other: ExecutionPath) -> tuple[str, str]:
    """The states where two paths part: lines that tell of the same ones are one."""
    trails = zip([*one.run.trail, "end"], [*other.run.trail, "end"], strict=False)
    return next(((first, second) for first, second in trails if first != second), (end_of(one), end_of(other)))


def _run_in(exploration: Exploration, path: ExecutionPath, results: dict[str, Json]) -> ExecutionPath | None:
    """Run a machine in the scenario of another machine's path; its other tasks return what they do elsewhere."""
    states = {state.name: state for state in exploration.machine.states()}
    defaults: dict[str, Json] = {name: results.get(name, {}) for name, state in states.items() if state.type == "Task"}
    responses = {name: each for name, each in path.scenario.responses.items() if name in states}
    try:
        return run_path(exploration.subject, replace(path.scenario, responses=responses), defaults)
    except (FindingsError, Endless):
        return None


def _outcome(path: ExecutionPath) -> str:
    run = path.run
    return json.dumps([run.trail, run.status, run.error, run.output, run.duration], default=str)


def _sides(*paths: tuple[Exploration, ExecutionPath]) -> list[str]:
    """The difference between two paths, in as few words as possible."""
    for tell in (sentence_of, _end, _trail):
        words = [tell(exploration, path) for exploration, path in paths]
        if words[0] != words[1]:
            return words
    return [f"gives {short_json(path.run.output)}" for _, path in paths]


def _end(_: Exploration, path: ExecutionPath) -> str:
    return f"ends {end_of(path)}"


def _trail(_: Exploration, path: ExecutionPath) -> str:
    return f"goes {' > '.join(path.run.trail)}"
