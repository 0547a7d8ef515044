"""The graph of an author's states -> the states of a Machine.

The graph is walked with work lists, so that a chain may be as long as it likes; the SDK's own Graph recurses. Each
state is read once. What the SDK would let pass in silence (two states of one name, a state in two scopes or machines, a
state that nothing leads to) is an error at the author's line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any, NamedTuple

from workflow_dsl.authoring import Workflow, sdk
from workflow_dsl.authoring.blocks import Checked, Part
from workflow_dsl.authoring.integrations import ServiceResource
from workflow_dsl.compiler.values import ValueCompiler, ordered
from workflow_dsl.definition.json import DEEPEST, Json, is_json_text
from workflow_dsl.definition.machine import Machine, ReferenceTarget
from workflow_dsl.findings import FindingsError, Keys, Place, authoring_error

_NULL_IN_SDK = ("input_path", "output_path", "result_path")  # elsewhere it is a field that is not given
_NULL_IN_OURS = (*_NULL_IN_SDK, "result", "output")


class _Scope(NamedTuple):
    """A machine to be filled in: its first state, its document, its keys from the top, and who asked for it."""

    start: Any
    document: dict[str, Json]
    keys: Keys
    place: Place | None

    def __str__(self) -> str:
        owners = [name for before, name in zip(self.keys, self.keys[1:], strict=False) if before == "States"]
        return f'inside "{owners[-1]}"' if owners else "the top of the workflow"


def compile_workflow(workflow: Workflow, made: Iterable[sdk.State] = ()) -> Machine:
    """The machine of a Workflow, with the author's places.

    `made` are the states that were made for it: one that the workflow does not reach is an error. Raises FindingsError.
    """
    compilation = _Compilation(workflow)
    own = {
        "Comment": workflow.comment,
        "QueryLanguage": workflow.query_language,
        "Version": workflow.version,
        "TimeoutSeconds": workflow.timeout_seconds,
    }
    given = {name: value for name, value in own.items() if value is not None}
    document = compilation.values(workflow.start, None, compilation.language).fields(given)
    compilation.fill(_Scope(workflow.start, document, (), workflow.place))
    unreached = [state for state in made if id(state) not in compilation.scope_of]
    problems = [*_unreached(unreached, sdk.first(workflow.start))]
    problems += compilation.misplaced_outputs()
    if problems:
        raise FindingsError(finding for problem in problems for finding in problem.findings)
    return Machine(document, compilation.places, compilation.reference_targets)


def _unreached(states: list[Any], start: Any) -> Iterator[FindingsError]:
    """What nothing leads to; of states that lead to each other the first, which the others wait for."""
    led_to = {id(first) for state in states for first in _led_to(state) if first is not state}
    for state in [state for state in states if id(state) not in led_to] or states[:1]:
        remedy = "link it with .next(), a Chain, a Choice or a Catch, or delete it"
        if _leads_to(state, start):
            remedy = f'start with it, not with "{start.state_id}": next() gives back the state that follows'
        yield authoring_error(sdk.place_of(state), "is made, but nothing leads to it", remedy, state.state_id)


def _leads_to(state: Any, start: Any) -> bool:
    """Whether following transitions from a state comes to another one."""
    seen, waiting = {id(state)}, [state]
    while waiting:
        for each in _targets(waiting.pop()):
            if each is start:
                return True
            if id(each) not in seen:
                seen.add(id(each))
                waiting.append(each)
    return False


def _led_to(state: Any) -> Iterator[Any]:
    """The states that a state leads to, and those that the machines inside it start with."""
    yield from _targets(state)
    yield from (sdk.first(start) for _, start, _ in _nested(state))


class _Compilation:
    """One pass over one graph."""

    def __init__(self, workflow: Workflow) -> None:
        self.language: str = workflow.query_language or "JSONPath"
        self.partition = workflow.partition
        self.start, self.first = workflow.start, sdk.first(workflow.start)
        self.reference_targets: dict[str, ReferenceTarget] = {}
        self.places: dict[Keys, Place] = {}
        self.scope_of: dict[int, _Scope] = {}
        self.named: dict[str, Any] = {}
        self.outputs_used: list[tuple[Any, sdk.StepInput]] = []
        self.before: dict[int, list[Any]] = {}  # the states before each, by its id()
        self.waiting: deque[_Scope] = deque()

    def fill(self, top: _Scope) -> None:
        """Fills in a machine and all that are nested in it, the outer ones first."""
        self.waiting.append(top)
        while self.waiting:
            self.walk(self.waiting.popleft())

    def walk(self, scope: _Scope) -> None:
        """Fills in one scope's states, breadth first."""
        start = _head(scope.start, scope.place, f"the first state {_within(scope)}")
        if len(scope.keys) > DEEPEST:
            raise authoring_error(
                scope.place, "is nested too deeply", "put the inner states into a workflow of their own"
            )
        states: dict[str, Json] = {}
        scope.document.update({"StartAt": start.state_id, "States": states})
        waiting = deque([start])
        while waiting:
            state = waiting.popleft()
            if self.is_new(state, scope):
                states[state.state_id] = self.state(state, (*scope.keys, "States", state.state_id))
                waiting.extend(_targets(state))
                if state.next_step is not None:
                    self.before.setdefault(id(sdk.first(state.next_step)), []).append(state)

    def is_new(self, state: Any, scope: _Scope) -> bool:
        """Whether this scope sees the state first; an error when another scope has it, or another state its name."""
        name, place = state.state_id, sdk.place_of(state)
        if not isinstance(name, str) or not is_json_text(name):
            remedy = "name it with a string" if not isinstance(name, str) else "take out the half of a surrogate pair"
            raise authoring_error(place, f"a state's name is {name!a}", remedy)
        owner = self.scope_of.get(id(state))
        if owner is None:
            self.scope_of[id(state)] = scope
            self.check_name(name, state)
            self.check_workflow(state)
        elif owner is not scope:
            raise authoring_error(
                place,
                f"is reached from two scopes, {owner} and {scope}",
                "a branch or an iteration ends inside itself: link after the Parallel or Map, or make a second state",
                name,
            )
        return owner is None

    def check_workflow(self, state: Any) -> None:
        first = sdk.note_compiled(state, self.first)
        if first is not self.first:
            message = f'is in another state machine already, the one that starts with "{first.state_id}"'
            remedy = "make it anew in each, by a function that returns it"
            raise authoring_error(sdk.place_of(self.start) or sdk.place_of(state), message, remedy, state.state_id)

    def check_name(self, name: str, state: Any) -> None:
        other = self.named.setdefault(name, state)
        if other is state:
            return
        first, here = sdk.place_of(other), sdk.place_of(state)
        again = sdk.used_again(state, other)
        if again and here:
            remedy = 'give each use names of its own: with prefix("First: "):'
            by = f"line {here.line}" if here.file == again.file else f"line {here.line} of {PurePath(here.file).name}"
            raise authoring_error(again, f"is made twice by {by}", remedy, name)
        at = f"in line {first.line}" if first and here and first.file == here.file else f"at {first}"
        raise authoring_error(
            here,
            f"is the name of another state too{f', made {at}' if first else ''}",
            "give each state its own name; a workflow's names are one set, branches included",
            name,
        )

    def state(self, state: Any, keys: Keys) -> dict[str, Json]:
        """One state's fields in order. Machines nested in it are left empty, and put on the waiting list."""
        given = state.fields.get("query_language")
        language = self.language if given is None else given
        document = self.block(state, keys, language)
        for name, blocks in (("Retry", state.retries), ("Catch", state.catches)):
            each = list(sdk.flat(blocks))
            _refuse_others(state, name, each)
            listed = [self.block(block, (*keys, name, at), language, state.state_id) for at, block in enumerate(each)]
            document |= {name: listed} if listed else {}
        document |= self.wiring(state, keys, language)
        for inner_keys, start, settings in _nested(state):
            inner = self.values(state, state.state_id, language).fields(settings)
            if len(inner_keys) == 1:
                document[inner_keys[0]] = inner
            else:
                document.setdefault(inner_keys[0], []).append(inner)
            self.waiting.append(_Scope(start, inner, (*keys, *inner_keys), sdk.place_of(state)))
        return ordered(document)

    def block(self, block: Any, keys: Keys, language: str, state: str | None = None) -> dict[str, Json]:
        """The plain fields of a state, retrier, catcher or a part of a Map, and its place noted."""
        state = getattr(block, "state_id", None) if isinstance(block, sdk.State) else state
        place = sdk.place_of(block)
        if place:
            self.places[keys] = place
        called = block.fields.get("resource")
        is_changed = isinstance(called, ServiceResource) and called.given != called.parameters
        changed = sdk.changed_since(block) or ("what call() is given" if is_changed else None)
        if changed:
            message = f"{changed} was changed after it was given, which changes nothing here"
            raise authoring_error(place, message, "give each a value of its own, whole", state)
        values, parts, given = self.values(block, state, language), {}, self.given(block, keys, language)
        for name, value in list(given.items()):
            if isinstance(value, Part):
                parts[name] = self.block(given.pop(name), (*keys, name), language, state)
        document = values.fields(given) | parts
        if isinstance(block, sdk.Catch):
            document["Next"] = _head(block.next_step, place, "what a Catch goes to").state_id
        return ordered(document)

    def given(self, block: Any, keys: Keys, language: str) -> dict[str, Any]:
        """A block's fields by their names in ASL, a call's resource and parameters among them."""
        null_says_something = _NULL_IN_OURS if isinstance(block, Checked) else _NULL_IN_SDK
        given = {
            _pascal(name): value
            for name, value in block.fields.items()
            if name not in _NESTED and (value is not None or name in null_says_something)
        }
        called = given.get("Resource")
        if isinstance(called, ServiceResource):
            field = "Arguments" if language == "JSONata" else "Parameters"
            if not {"Arguments", "Parameters"}.isdisjoint(given):
                message = f"has parameters of its own, and {called!r} has them too"
                raise authoring_error(sdk.place_of(block), message, "give all of them to call()", block.state_id)
            partition = self.values(block, None, language).data(self.partition, ("Resource",))
            given |= {"Resource": called.arn(partition), field: called.parameters}
            if called.place:
                self.places[*keys, field] = called.place
        return given

    def values(self, block: Any, state: str | None, language: str) -> ValueCompiler:
        def used(output: sdk.StepInput) -> None:
            self.outputs_used.append((block, output))

        return ValueCompiler(sdk.place_of(block), state, language, self.reference_targets, used)

    def wiring(self, state: Any, keys: Keys, language: str) -> dict[str, Json]:
        """Where a state goes."""
        place = sdk.place_of(state)
        if isinstance(state, sdk.Choice):
            choices = [self.rule(state, index, keys, language) for index in range(len(state.choices))]
            default = {} if state.default is None else {"Default": _head(state.default, place, "the default").state_id}
            return {"Choices": choices, **default}
        if state.next_step is not None:
            return {"Next": _head(state.next_step, place, "next").state_id}
        return {} if state.state_type in ("Succeed", "Fail") else {"End": True}

    def rule(self, choice: Any, index: int, keys: Keys, language: str) -> dict[str, Json]:
        """A Choice rule with where it leads; its place is the line that added it."""
        rule, to = choice.choices[index]
        places = choice.__dict__.get("_rule_places", [])
        place = places[index] if index < len(places) else sdk.place_of(choice)
        if place:
            self.places[*keys, "Choices", index] = place
        values = replace(self.values(choice, choice.state_id, language), place=place)
        fields = rule.to_dict()
        if language == "JSONata" and "Condition" not in fields:
            remedy = 'write jsonata("..."), or give the state query_language="JSONPath"'
            raise values.wrong("a rule compares by a path, and the state is JSONata", remedy)
        if language != "JSONata" and "Condition" in fields:
            remedy = 'write var("$.price") <= 50, or give the state query_language="JSONata"'
            raise values.wrong("a rule is JSONata, and the state is not", remedy)
        document: dict[str, Json] = values.rule(fields)
        return document | {"Next": _head(to, place, "what a rule goes to").state_id}

    def misplaced_outputs(self) -> Iterator[FindingsError]:
        """Uses of a state's output() after another state, whose output its path would read.

        The SDK's Graph refuses them, but not where what is between hands on what it is given.
        """
        of = {id(state.step_output): state for state in self.named.values()}
        for block, output in self.outputs_used:
            source = of.get(id(_collection(output)))
            between = self.between(block, source) if source is not None else None
            if source is not None and between is not None:
                message = f'uses the output of "{source.state_id}", and comes after "{between.state_id}"'
                remedy = 'read it where it stands in the input, path("$.x"), or assign a variable'
                yield authoring_error(sdk.place_of(block), message, remedy, block.state_id)

    def between(self, block: Any, source: Any) -> Any:
        """A state before another that puts out something else than a third one did; None where there is none."""
        waiting, seen = [*self.before.get(id(block), ())], set()
        while waiting:
            state = waiting.pop()
            if state is source or id(state) in seen:
                continue
            seen.add(id(state))
            if not _hands_on(state):
                return state
            waiting += self.before.get(id(state), ())
        return None


def _hands_on(state: Any) -> bool:
    """Whether what a state is given is in what it puts out, at the same place."""
    given = {name for name, value in state.fields.items() if value is not None or name == "result_path"}
    if not given.isdisjoint(("input_path", "output_path")):
        return False
    if "result_path" in given and state.fields["result_path"] != "$":
        return True
    return state.state_type == "Wait" or (state.state_type == "Pass" and given.isdisjoint(("parameters", "result")))


def _collection(placeholder: sdk.StepInput) -> sdk.StepInput:
    """The output that a placeholder is a part of."""
    while placeholder.parent is not None:
        placeholder = placeholder.parent
    return placeholder


def _within(scope: _Scope) -> str:
    return str(scope) if scope.keys else "of the workflow"


def _refuse_others(state: Any, name: str, blocks: list[Any]) -> None:
    """A list that was changed by hand may hold anything."""
    for index, block in enumerate(blocks):
        if not isinstance(block, sdk.Retry if name == "Retry" else sdk.Catch):
            message = f"{name}[{index}] is {sdk.shown(block)}"
            raise authoring_error(sdk.place_of(state), message, f"give it a {name}", state.state_id)


_NESTED = ("iterator", "item_processor")


def _nested(state: Any) -> Iterator[tuple[tuple[Any, ...], Any, dict[str, Json]]]:
    """The keys, the start and the fields beside its states of each machine inside a state."""
    if isinstance(state, sdk.Parallel):
        yield from ((("Branches", index), *_start(branch)) for index, branch in enumerate(state.branches))
    if isinstance(state, sdk.Map):
        processor = state.fields.get("item_processor")
        if processor is not None:
            yield ("ItemProcessor",), *_start(processor)
        if processor is None or state.iterator is not None:
            yield ("Iterator",), *_start(state.iterator)


def _start(given: Any) -> tuple[Any, dict[str, Json]]:
    """Where a machine begins, and its fields beside its states."""
    if isinstance(given, sdk.NestedMachine):
        return given.start, {_pascal(name): value for name, value in given.settings.items()}
    return given, {}


def _targets(state: Any) -> Iterator[Any]:
    """The states a state goes to: the default before the rules, and the catchers last."""
    place = sdk.place_of(state)
    following = [to for to in (state.default, state.next_step) if to is not None]
    ruled = [to for _, to in state.choices or ()]
    caught = [catch.next_step for catch in sdk.flat(state.catches)]
    return (_head(to, place, "a link") for to in (*following, *ruled, *caught))


def _head(start: Any, place: Place | None, what: str) -> Any:
    """The first state of a state or Chain."""
    given, start = start, sdk.first(start)
    if isinstance(start, sdk.Chain):
        says = "contains itself" if start.steps else "is an empty Chain"
        raise authoring_error(sdk.place_of(given) or place, says, "give it its states")
    if not isinstance(start, sdk.State):
        remedy = "give a state or a Chain" if start is not None else "give a state or a Chain: a Map its item_processor"
        raise authoring_error(place, f"{what} is {sdk.shown(start)}, which is no state", remedy)
    return start


def _pascal(name: str) -> str:
    return "".join("CSV" if part == "csv" else part.title() for part in name.split("_"))
