"""SDK graph -> Machine: the same text for the same workflow, wherever and whenever it is compiled.

The graph is walked with work lists, so that a chain may be as long as it likes; the SDK's own Graph recurses. Each
state is read once. What the SDK would let pass in silence (two states of one name, a state in two scopes, a state that
nothing leads to, a value that is not JSON) is an error at the author's line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from workflow_dsl import sdk
from workflow_dsl.asl import DEEPEST, Json, Machine, is_json_scalar, is_json_text
from workflow_dsl.authoring import Workflow
from workflow_dsl.authoring.values import Expression, as_array
from workflow_dsl.findings import FindingsError, Key, Place, authoring_error, to_field

# Fields in the order of the States Language's own examples: what a state is, what goes in, what it does, what comes
# out, where it goes. A field that is not here stands where the dash is.
_ORDER = {
    name: index
    for index, name in enumerate(
        """Type Comment QueryLanguage Version Resource Credentials TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds
        HeartbeatSecondsPath InputPath Parameters Arguments Result Seconds SecondsPath Timestamp TimestampPath Error
        ErrorPath Cause CausePath Label Items ItemsPath ItemReader ItemSelector ItemBatcher MaxConcurrency
        MaxConcurrencyPath ToleratedFailureCount ToleratedFailureCountPath ToleratedFailurePercentage
        ToleratedFailurePercentagePath Iterator ItemProcessor Branches ResultWriter ResultSelector ResultPath Output
        OutputPath Assign - Choices Default ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds
        JitterStrategy Retry Catch Next End""".split()
    )
}
_NULL_SAYS_SOMETHING = ("input_path", "output_path", "result_path")


class _Scope(NamedTuple):
    """A machine to be filled in: its first state, its document, its keys from the top, and who asked for it."""

    start: Any
    document: dict[str, Json]
    keys: tuple[Key, ...]
    place: Place | None

    def __str__(self) -> str:
        owners = [name for before, name in zip(self.keys, self.keys[1:], strict=False) if before == "States"]
        return f'inside "{owners[-1]}"' if owners else "the top of the workflow"


def compile_workflow(workflow: Workflow, made: Iterable[sdk.State] = ()) -> Machine:
    """The machine of a Workflow, with the author's places.

    `made` are the states that were made for it: one that the workflow does not reach is an error. Raises FindingsError.
    """
    compilation = _Compilation()
    own = {
        "Comment": workflow.comment,
        "QueryLanguage": workflow.query_language,
        "Version": workflow.version,
        "TimeoutSeconds": workflow.timeout_seconds,
    }
    given = {name: value for name, value in own.items() if value is not None}
    document: dict[str, Json] = _plain(given, (), None, None)
    compilation.fill(_Scope(workflow.start, document, (), None))
    unreached = [state for state in made if id(state) not in compilation.scope_of]
    if unreached:
        raise FindingsError(finding for state in unreached for finding in _unreached(state).findings)
    return Machine(document, compilation.places)


def _unreached(state: Any) -> FindingsError:
    remedy = "link it with .next(), a Chain, a Choice or a Catch, or delete it"
    return authoring_error(sdk.place_of(state), "is made, but nothing leads to it", remedy, state.state_id)


class _Compilation:
    """One pass over one graph."""

    def __init__(self) -> None:
        self.places: dict[tuple[Key, ...], Place] = {}
        self.scope_of: dict[int, _Scope] = {}
        self.named: dict[str, Any] = {}
        self.waiting: deque[_Scope] = deque()

    def fill(self, top: _Scope) -> None:
        """Fills in a machine and all that are nested in it, the outer ones first."""
        self.waiting.append(top)
        while self.waiting:
            self.walk(self.waiting.popleft())

    def walk(self, scope: _Scope) -> None:
        """Fills in one scope's states, breadth first."""
        start = _head(scope.start, scope.place, f"{scope} starts with")
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

    def is_new(self, state: Any, scope: _Scope) -> bool:
        """Whether this scope sees the state first; an error when another scope has it, or another state its name."""
        name, place = state.state_id, sdk.place_of(state)
        if not isinstance(name, str):
            raise authoring_error(place, f"a state's name is {name!r}", "name it with a string")
        owner = self.scope_of.get(id(state))
        if owner is None:
            self.scope_of[id(state)] = scope
            self.check_name(name, state)
        elif owner is not scope:
            raise authoring_error(
                place,
                f"is reached from two scopes, {owner} and {scope}",
                "a branch or an iteration ends inside itself: link after the Parallel or Map, or make a second state",
                name,
            )
        return owner is None

    def check_name(self, name: str, state: Any) -> None:
        other = self.named.setdefault(name, state)
        if other is not state:
            first = sdk.place_of(other)
            raise authoring_error(
                sdk.place_of(state),
                f"is the name of another state too{f', made at {first}' if first else ''}",
                "give each state its own name; a workflow's names are one set, branches included",
                name,
            )

    def state(self, state: Any, keys: tuple[Key, ...]) -> dict[str, Json]:
        """One state's fields in order. Machines nested in it are left empty, and put on the waiting list."""
        document = self.block(state, keys)
        for name, kind, blocks in (("Retry", sdk.Retry, state.retries), ("Catch", sdk.Catch, state.catches)):
            _refuse_others(state, name, kind, blocks)
            listed = [self.block(block, (*keys, name, index)) for index, block in enumerate(_flat(blocks))]
            document |= {name: listed} if listed else {}
        document |= _wiring(state)
        for inner_keys, start in _nested(state):
            inner: dict[str, Json] = {}
            if len(inner_keys) == 1:
                document[inner_keys[0]] = inner
            else:
                document.setdefault(inner_keys[0], []).append(inner)
            self.waiting.append(_Scope(start, inner, (*keys, *inner_keys), sdk.place_of(state)))
        return _ordered(document)

    def block(self, block: Any, keys: tuple[Key, ...]) -> dict[str, Json]:
        """The plain fields of a state, retrier or catcher, and its place noted."""
        place = sdk.place_of(block)
        if place:
            self.places[keys] = place
        given = {
            _pascal(name): value
            for name, value in block.fields.items()
            if name != "iterator" and (value is not None or name in _NULL_SAYS_SOMETHING)
        }
        document: dict[str, Json] = _plain(given, (), place, getattr(block, "state_id", None))
        if isinstance(block, sdk.Catch):
            document["Next"] = _head(block.next_step, place, "Catch goes to").state_id
        return _ordered(document)


def _refuse_others(state: Any, name: str, kind: Any, blocks: Iterable[Any]) -> None:
    for index, block in enumerate(_flat(blocks)):
        if not isinstance(block, kind):
            message = f"{name}[{index}] is {_shown(block)}"
            raise authoring_error(sdk.place_of(state), message, f"give it a {kind.__name__}", state.state_id)


def _shown(value: Any) -> str:
    """A value in a message; one that cannot show itself is named by its type."""
    try:
        return value.state_id if isinstance(value, (sdk.State, sdk.Chain)) else repr(value)
    except Exception:  # whatever an author's __repr__ raises
        return type(value).__name__


def _wiring(state: Any) -> dict[str, Json]:
    place = sdk.place_of(state)
    if isinstance(state, sdk.Choice):
        choices = [
            _rule(rule, place, state) | {"Next": _head(to, place, "a rule goes to").state_id}
            for rule, to in state.choices
        ]
        default = {} if state.default is None else {"Default": _head(state.default, place, "the default").state_id}
        return {"Choices": choices, **default}
    if state.next_step is not None:
        return {"Next": _head(state.next_step, place, "next").state_id}
    return {} if state.state_type in ("Succeed", "Fail") else {"End": True}


def _nested(state: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The keys and the start of each machine inside a state."""
    if isinstance(state, sdk.Parallel):
        yield from ((("Branches", index), branch) for index, branch in enumerate(state.branches))
    if isinstance(state, sdk.Map):
        yield ("Iterator",), state.iterator


def _targets(state: Any) -> Iterator[Any]:
    """The states a state goes to: the default before the rules, and the catchers last."""
    place = sdk.place_of(state)
    following = [to for to in (state.default, state.next_step) if to is not None]
    ruled = [to for _, to in state.choices or ()]
    caught = [catch.next_step for catch in _flat(state.catches)]
    return (_head(to, place, "a link") for to in (*following, *ruled, *caught))


def _head(start: Any, place: Place | None, what: str) -> Any:
    """The first state of a state or Chain."""
    given, start = start, sdk.first(start)
    if isinstance(start, sdk.Chain):
        says = "contains itself" if start.steps else "is an empty Chain"
        raise authoring_error(sdk.place_of(given) or place, says, "give it its states")
    if not isinstance(start, sdk.State):
        raise authoring_error(place, f"{what} is {_shown(start)}, which is no state", "give a state or a Chain")
    return start


def _flat(blocks: Iterable[Any]) -> Iterator[Any]:
    """The retriers or catchers; the SDK keeps a tuple it was given as if it were one of them."""
    for block in blocks:
        if isinstance(block, (list, tuple)):
            yield from block
        else:
            yield block


def _rule(rule: Any, place: Place | None, state: Any) -> dict[str, Json]:
    if not isinstance(rule, sdk.BaseRule):
        raise authoring_error(place, f"a rule is {_shown(rule)}", "give add_choice() a ChoiceRule", state.state_id)
    document: dict[str, Json] = _plain(_paths(rule.to_dict()), ("Choices",), place, state.state_id)
    return document


def _paths(rule: Json) -> Json:
    """A rule with its placeholders as paths; unlike in Parameters, the field's name says already that it is one."""
    if isinstance(rule, _PATHS):
        return rule.to_jsonpath()
    if isinstance(rule, dict):
        return {name: _paths(value) for name, value in rule.items()}
    return [_paths(each) for each in rule] if isinstance(rule, list) else rule


def _plain(value: Any, keys: tuple[Key, ...], place: Place | None, state: str | None) -> Any:
    """A value as JSON: the SDK's placeholders as `.$` fields, tuples as lists, anything else refused."""
    if is_json_scalar(value):
        return value
    if isinstance(value, dict) and all(isinstance(key, str) and is_json_text(key) for key in value):
        return _plain_fields(value, keys, place, state)
    if isinstance(value, (list, tuple)):
        return [_plain(each, (*keys, index), place, state) for index, each in enumerate(value)]
    raise authoring_error(place, *_no_json(value, keys), state)


def _plain_fields(value: dict[str, Any], keys: tuple[Key, ...], place: Place | None, state: str | None) -> Any:
    found: dict[str, Json] = {}
    for key, each in value.items():
        path = _path_of(each)
        is_path = path is not None
        name = f"{key}.$" if is_path else key
        if name in found or (is_path and name in value):
            message = f"{to_field((*keys, key))} is given twice, as a value and as a path"
            raise authoring_error(place, message, "keep one of the two", state)
        found[name] = path if is_path else _plain(each, (*keys, key), place, state)
    return found


def _path_of(value: Any) -> str | None:
    """The text that a value is in a field whose name ends in `.$`: of a path, or of a list with paths in it."""
    if isinstance(value, _PATHS):
        text: str = value.to_jsonpath()
        return text
    has_paths = isinstance(value, (list, tuple)) and any(isinstance(each, _PATHS) for each in value)
    return as_array(list(value)) if has_paths else None


_PATHS = (sdk.Placeholder, Expression)


def _no_json(value: Any, keys: tuple[Key, ...]) -> tuple[str, str]:
    where = to_field(keys)
    if isinstance(value, _PATHS):
        return (
            f"{where} is a path in a list with objects, where ASL takes no path",
            "put the path into an object, or make a list of paths and plain values alone",
        )
    if isinstance(value, dict):
        return f"{where} has a key that is no string", "write the key as a string"
    return f"{where} is {_brief(value)}, which JSON cannot hold", "write a string, number, boolean, None, list or dict"


def _brief(value: Any) -> str:
    if isinstance(value, int):
        return "a number of hundreds of digits"
    text = ascii(value) if isinstance(value, str) else _shown(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _ordered(document: dict[str, Json]) -> dict[str, Json]:
    return dict(sorted(document.items(), key=lambda item: _ORDER.get(item[0], _ORDER["-"])))


def _pascal(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
