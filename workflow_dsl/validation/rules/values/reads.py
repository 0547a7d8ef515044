"""Reads of fields that no value has, by the shapes of what passes each state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from workflow_dsl.definition.json import value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.findings import Keys, closest, short_list
from workflow_dsl.shapes.conformity import words_of
from workflow_dsl.shapes.flow import Flow, flow_of
from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.scene import Read
from workflow_dsl.shapes.shape import UNKNOWN, ListOf, Part, Record, Scalar, Shape
from workflow_dsl.validation.rules.dataflow import catch_loses_the_input, result_replaces_the_input
from workflow_dsl.validation.rules.rule import Definition, Problem, Rule, error, guide_url, warning


def flows(definition: Definition) -> Iterator[Flow]:
    """Yield the one flow of a definition, for Definition.memo."""
    yield flow_of(definition.machine, definition.declared)


def passing_states(definition: Definition, type_: str = "") -> Sequence[StateFlow]:
    """Return the states that an execution may reach, with the shapes of what passes them; only those of a type."""
    [reached] = definition.memo(_reached_by_type)
    return reached.get(type_, ())


def _reached_by_type(definition: Definition) -> Iterator[Mapping[str, list[StateFlow]]]:
    """Yield one table: the reached states of each type, and at "" all of them, in document order."""
    [flow] = definition.memo(flows)
    reached: dict[str, list[StateFlow]] = {"": []}
    for state in definition.states:
        passing = flow.at(state)
        if passing.is_reached:
            reached[""].append(passing)
            reached.setdefault(str(state.type), []).append(passing)
    yield reached


_DATA_FLOW = guide_url("concepts-input-output-filtering")


@error(_DATA_FLOW, "UNDECLARED_FIELD", of_values=True)
def reads_an_undeclared_field(definition: Definition) -> Iterator[Problem]:
    """A state reads only fields that its input declares: in annotations of handlers or the type of the input."""
    for passing, each in definition.memo(_misses):
        if each.miss.is_sure and each.fails and is_declared(each.miss.lacking):
            yield _problem(definition, passing.state, each)


@warning("MISSING_FIELD", _DATA_FLOW, of_values=True)
def reads_a_missing_field(definition: Definition) -> Iterator[Problem]:
    """A state reads only fields that an earlier state, an API or the definition itself sets."""
    for passing, each in definition.memo(_misses):
        if each.miss.is_sure and not (each.fails and is_declared(each.miss.lacking)):
            yield _problem(definition, passing.state, each)


@warning("POSSIBLY_MISSING_FIELD", _DATA_FLOW, of_values=True)
def reads_a_field_that_may_be_missing(definition: Definition) -> Iterator[Problem]:
    """A field that a state reads is there whichever transitions lead to the state, and its declaration requires it."""
    for passing, each in definition.memo(_misses):
        # A variable has all values that it may ever have, so that one without the field may be of another moment.
        if not each.miss.is_sure and each.fails and each.root in ("$", "$states"):
            yield _possible_problem(passing.state, each)


def _misses(definition: Definition) -> Iterator[tuple[StateFlow, Read]]:
    [flow] = definition.memo(flows)
    if not any(passing.reads for passing in flow.states.values()):
        return
    lost: dict[Keys, list[Part]] = {}
    for rule in (catch_loses_the_input, result_replaces_the_input):
        for keys, target in _targets(rule, definition):
            replacing = [part for part in flow.at(target).input.parts or () if _is_replacement(part)]
            lost.setdefault(keys, []).extend(replacing)
    is_slip = cache(_is_slip)  # of many states that test one field
    for passing in passing_states(definition):
        seen: set[tuple[Keys, str]] = set()
        for each in passing.reads:
            miss = each.miss
            replacements = lost.get(passing.state.keys[:-1], ())
            is_lost = miss.depth == 0 and all(part in replacements for part in miss.lacking)
            is_below = miss.depth < len(each.steps) - 1
            is_meant = not each.is_test or is_slip(str(miss.step), miss.lacking, is_below)
            if (each.keys, each.text) not in seen and not is_lost and is_meant:
                seen.add((each.keys, each.text))
                yield passing, each


def _is_slip(step: str, lacking: Sequence[Part], is_below: bool) -> bool:
    """True for a test of a field that never is there, where one with a similar name is.

    So for one that is a level below: in the Payload of a function's answer. A definition may well ask for a field that
    its own literals lack, but not for one below such a field, which `is_below` says.
    """
    records = [part for part in lacking if isinstance(part, Record) and (part.origins or is_below)]
    names = [name for part in records for name in part.fields]
    return closest(step, names) is not None or any(_holder(part, step) for part in records if part.origins)


def _targets(rule: Rule, definition: Definition) -> Iterator[tuple[Keys, State]]:
    """Yield the states after those of which a rule says that they lose the input, with the keys of their States."""
    by_keys = {state.keys: state for state in definition.states}
    for problem in definition.memo(rule.problems):
        keys = problem.where.keys
        target = value_at(definition.machine.fields, (*keys, "Next"))
        depth = max(index for index, key in enumerate(keys[:-1]) if key == "States")
        state = by_keys.get((*keys[: depth + 1], str(target)))
        if state is not None:
            yield state.keys[:-1], state


def _is_replacement(part: Part) -> bool:
    """True for what takes the place of a lost input: an error, or a list of results."""
    return isinstance(part, ListOf) or (isinstance(part, Record) and {*part.fields} == {"Error", "Cause"})


def is_declared(parts: Sequence[Part]) -> bool:
    """True if a person declares the values without a field, or the definition itself gives them."""
    origins = [part.origins if isinstance(part, Record) else () for part in parts]
    every = [origin for of_part in origins for origin in of_part]
    return bool(every) and all(origin.is_declared for origin in every)


def _problem(definition: Definition, state: State, each: Read) -> Problem:
    where = state.at(*each.keys) if value_at(state.fields, each.keys) is not None else state.at()
    parent = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in each.steps[: each.miss.depth])
    return Problem(where, f"reads {each.text}, but {_contents(parent, each)}", _remedy(definition, state, each))


def _contents(parent: str, each: Read) -> str:
    """The words for what is there in place of the field."""
    subject = f"{each.root}{parent}"
    records = [part for part in each.miss.lacking if isinstance(part, Record)]
    if not records:
        lengths = [len(part.items) for part in each.miss.lacking if isinstance(part, ListOf) and part.items is not None]
        if isinstance(each.miss.step, int) and len(lengths) == 1:
            return f"{subject} has {lengths[0]} item{'' if lengths == [1] else 's'}"
        return f"{subject} is {words_of(Shape(each.miss.lacking))}"
    spellings: dict[str, str] = {}
    for part in records:
        for name in part.fields:  # of an API, in both spellings
            spellings.setdefault(name.lower(), name)
    names = list(spellings.values())
    only = "only " if all(part.rest is None for part in records) else ""
    return f"{subject} has {f'{only}{short_list(names, most=8)}' if names else 'no fields'}{given_by(records)}"


def given_by(parts: Sequence[Part]) -> str:
    """The sources of some values, in brackets: ` (StockPrice, functions/stock_checker/app.py:35)`."""
    items = [each for part in parts if isinstance(part, ListOf) for each in part.item.records]
    records = [part for part in (*parts, *items) if isinstance(part, Record)]
    origins = list(dict.fromkeys(origin for part in records for origin in part.origins))
    listed = [", ".join(filter(None, (origin.name, origin.text))) for origin in origins]
    return f" ({'; '.join(listed)})" if listed else ""


def _remedy(definition: Definition, state: State, each: Read) -> str:
    """The field that is meant: at another level, of a similar name, or in an input that a result replaced."""
    before = "" if each.keys[0] == "ResultSelector" else _replacing(definition, state, each)
    path = _path_at_another_level(each)
    if path:
        is_result = before and path == ".".join([each.root, *map(str, each.steps[1:])])
        return f"write {path}" + (f', or add "ResultPath": "$.{each.miss.step}" to "{before}"' if is_result else "")
    if any(_has(part.item, str(each.miss.step)) for part in each.miss.lacking if isinstance(part, ListOf)):
        return _remedy_of_item(each)
    near = closest(str(each.miss.step), _names(each))
    if near is not None:
        return f'did you mean "{near}"?'
    other = _remedy_of_call(each)
    if other:
        return other
    return _remedy_by_result(each, before)


def _remedy_by_result(each: Read, before: str) -> str:
    if each.keys[0] == "ResultSelector":
        keep = '"ResultPath": "$.result" keeps the input'
        return f"read it in the next state: ResultSelector has only the result, and {keep}"
    if before:
        return f'keep the input of "{before}": add "ResultPath": null to it, or "$.result" for its result'
    return "read a field that it has, or declare this one"


def _path_at_another_level(each: Read) -> str:
    """The path to the field in the context object, one level below or one level above; "" if it is at none of them."""
    records = [part for part in each.miss.lacking if isinstance(part, Record)]
    step, following = str(each.miss.step), [*map(str, each.steps[each.miss.depth + 1 :])]
    if each.root == "$" and each.miss.depth == 0 and step in _CONTEXT:
        return f"$${each.text.removeprefix('$')} for the context object"
    inside = next((name for part in records if (name := _holder(part, step))), "")
    if not inside and following and following[0] in _names(each):
        return ".".join([_before(each), *following])
    if not inside:  # what a function or a nested state machine gives is in one field of the service's answer
        unknown = (name for name in ("Payload", "Output") for part in records if _is_unknown(part, name))
        inside = next(unknown, "")
    return ".".join([_before(each), inside, step, *following]) if inside else ""


def _names(each: Read) -> list[str]:
    return list(dict.fromkeys(name for part in each.miss.lacking if isinstance(part, Record) for name in part.fields))


def _replacing(definition: Definition, state: State, each: Read) -> str:
    """The state before whose result replaced a field with the rest of its input; "" if there is none."""
    [flow], [replacing] = definition.memo(flows), definition.memo(_states_that_replace)
    for before in replacing.get(state.keys, ()) if (each.root, each.miss.depth) == ("$", 0) else ():
        replaced = flow.at(before).input
        if replaced is UNKNOWN or _has(replaced, str(each.miss.step)):
            return before.name
    return ""


def _states_that_replace(definition: Definition) -> Iterator[Mapping[Keys, list[State]]]:
    """Yield one table: by the keys of a state, those before it whose result replaces their input."""
    table: dict[Keys, list[State]] = {}
    for type_ in _WITH_RESULT:
        for state in definition.states_of_type(type_):
            if "Next" in state.fields and {"ResultPath", "OutputPath"}.isdisjoint(state.fields):
                table.setdefault((*state.keys[:-1], state.fields["Next"]), []).append(state)
    yield table


_WITH_RESULT = ("Task", "Map", "Parallel")


def _remedy_of_call(each: Read) -> str:
    """The call or function that gives the field: of a nested execution that is not awaited, or of JSON in a text."""
    before = _before(each)
    origins = [origin.text for part in each.miss.lacking if isinstance(part, Record) for origin in part.origins]
    if "the result of states:startExecution" in origins:
        return "call states:startExecution.sync:2, which waits for the result"
    kinds = {part.kind for part in each.miss.lacking}
    if kinds != {"string"} or before.rpartition(".")[2] not in _JSON_TEXTS:
        return ""
    parse = "States.StringToJson" if each.root in ("$", "$$") else "$parse"
    is_output = before.endswith(".Output")
    return f"parse it with {parse}({before})" + (", or call states:startExecution.sync:2" if is_output else "")


_JSON_TEXTS = ("Body", "Cause", "Input", "Output", "Payload", "body", "input", "output")


_CONTEXT = ("Execution", "Map", "State", "StateMachine", "Task")


def _is_unknown(part: Record, name: str) -> bool:
    return name in part.fields and part.fields[name].shape is UNKNOWN and not part.is_declared and bool(part.origins)


def _holder(part: Record, name: str) -> str:
    """The field of a record in which there is a field of a name; "" if there is none."""
    return next((field for field, each in part.fields.items() if _has(each.shape, name)), "")


def _has(shape: Shape, name: str) -> bool:
    return any(name in part.fields for part in shape.records)


def _possible_problem(state: State, each: Read) -> Problem:
    miss = each.miss
    source = given_by(miss.lacking)
    if miss.is_optional:
        why = f"{miss.step} may be missing{source}"
    else:
        lacking = [part for part in miss.lacking if not isinstance(part, Scalar)]
        is_list = lacking and all(isinstance(part, ListOf) for part in lacking)
        missing = (
            f"{_before(each)} may also be a list" if is_list else f"after another transition, there is no {miss.step}"
        )
        why = f"{missing}{given_by(lacking)}"
    return Problem(state.at(*each.keys), f"reads {each.text}, but {why}", _remedy_of_possible(each))


def _remedy_of_item(each: Read) -> str:
    before, step = _before(each), each.miss.step
    return f"write {before}[0].{step} for one item, {before}[*].{step} for all, or read it in a Map"


def _before(each: Read) -> str:
    return ".".join([each.root, *map(str, each.steps[: each.miss.depth])])


def _remedy_of_possible(each: Read) -> str:
    if any(_has(part.item, str(each.miss.step)) for part in each.miss.lacking if isinstance(part, ListOf)):
        return _remedy_of_item(each)
    if each.root.startswith("$") and each.root not in ("$", "$$"):
        return "test it with $exists first, or set it on every transition"
    return "test it with IsPresent in a Choice before, or set it on every transition"


@warning("VALUE_KIND", guide_url("intrinsic-functions"), of_values=True)
def value_of_another_kind(definition: Definition) -> Iterator[Problem]:
    """A number field, an intrinsic function, and a function or operator of JSONata get values of their kinds."""
    yield from misused_values(definition, are_comparisons=False)


def misused_values(definition: Definition, *, are_comparisons: bool) -> Iterator[Problem]:
    """Yield the values that do not fit: those that are compared with what they never are, or the others."""
    for passing in passing_states(definition):
        for each in dict.fromkeys(passing.misuses) if passing.misuses else ():
            if each.is_comparison is are_comparisons:
                yield Problem(passing.state.at(*each.keys), each.message, each.remedy)
