"""The data of a state: its input, the variables and the context object, and what paths and payload templates make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.hints import samples_for
from workflow_dsl.exploration.search.symbols import (
    INPUT,
    Computed,
    Fields,
    Items,
    Known,
    Leaf,
    Missing,
    Symbol,
    constants_of,
    embedded,
    follow,
    holder,
    is_known,
    leaves_of,
    reads_of,
)
from workflow_dsl.exploration.search.worlds import Need, World
from workflow_dsl.expressions.intrinsic_functions import CallInputs, evaluate_call
from workflow_dsl.expressions.intrinsics import IntrinsicCall, Literal, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonpath import Path, parse_path
from workflow_dsl.expressions.jsonpath.nodes import (
    Comparison,
    Exists,
    Filter,
    Name,
    Operand,
    Scan,
    comparisons_in,
    keys_of,
)
from workflow_dsl.expressions.jsonpath.nodes import Literal as FilterLiteral
from workflow_dsl.expressions.jsonpath.parser import read_steps
from workflow_dsl.records import Record, field, replace

NOTHING = Known(None)


class _Least(Random):
    """Chance that always gives the least number, so that no value depends on the order of its calls."""

    def random(self) -> float:
        return 0.0

    def getrandbits(self, k: int, /) -> int:
        return 0


CHANCE = _Least()
START = datetime(2026, 1, 31, 12, tzinfo=UTC)  # of the clock of every explored run
_STARTED = "2026-01-31T12:00:00.000Z"
_ARN = f"arn:aws:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}"


class Flow(Record):
    """The data that a state sees, with the item of the Map around it and the input of the execution."""

    data: Symbol
    variables: Mapping[str, Symbol] = field(default_factory=dict)
    item: Symbol | None = None
    has_token: bool = False
    counts_retries: bool = False
    execution_input: Symbol = Leaf(INPUT)

    def child(self, execution_input: Symbol) -> Flow:
        """Return the flow of a child execution of a distributed Map, which sees nothing but its input."""
        return Flow(execution_input, execution_input=execution_input)

    def with_data(self, data: Symbol) -> Flow:
        """Return the flow with other data."""
        return replace(self, data=data)

    def with_variables(self, variables: Mapping[str, Symbol]) -> Flow:
        """Return the flow with more variables."""
        return replace(self, variables={**self.variables, **variables})


def context_of(flow: Flow, state: str) -> Symbol:
    """Return the context object of a state."""
    execution: dict[str, Symbol] = {
        "Id": Known(f"{_ARN}:execution:local:local"),
        "Input": flow.execution_input,
        "StartTime": Known(_STARTED),
        "Name": Known("local"),
        "RoleArn": Known(f"arn:aws:iam::{LOCAL_ACCOUNT}:role/local"),
        "RedriveCount": Known(0),
    }
    own: dict[str, Json] = {"Name": state, "EnteredTime": _STARTED}
    fields: dict[str, Symbol] = {
        "Execution": Fields(execution),
        "StateMachine": Known({"Id": f"{_ARN}:stateMachine:local", "Name": "local"}),
        "State": Known({**own, "RetryCount": 0} if flow.counts_retries else own),
    }
    if flow.has_token:
        fields["Task"] = Known({"Token": "token"})
    if flow.item is not None:
        fields["Map"] = Fields({"Item": flow.item})
    return Fields(fields)


def read(text: str, flow: Flow, state: str) -> Symbol:
    """Return the symbol at a path. Raises Missing."""
    path = parse_path(text)
    return _below(path, _root(path, flow, state))


def _root(path: Path, flow: Flow, state: str) -> Symbol:
    if path.root == "$":
        return flow.data
    if path.root == "$$":
        return context_of(flow, state)
    if path.root not in flow.variables:
        raise Missing
    return flow.variables[path.root]


def _below(path: Path, root: Symbol) -> Symbol:
    if path.steps is not None and all(isinstance(step, str) or step >= 0 for step in path.steps):
        return follow(root, path.steps)
    return computed(path.follow, (root,), *_parts_of_query(path, root))


def _parts_of_query(path: Path, root: Symbol) -> tuple[tuple[Leaf, ...], tuple[Json, ...], Leaf | None]:
    """The leaves that an indefinite path may read, by the names in its text; its constants; and its first item."""
    start = len("$") if path.root == "$" else len("$$") if path.root == "$$" else len(path.root) + 1
    leaves: list[Leaf] = []
    constants: list[Json] = []
    symbol = root
    try:
        for step in read_steps(path.text.rstrip(" "), start):
            leaves += leaves_of(symbol)
            if isinstance(step, Scan):
                continue
            symbol = follow(symbol, (step.name if isinstance(step, Name) else 0,))
            for comparison in comparisons_in(step.expression) if isinstance(step, Filter) else ():
                fields, values = _compared(comparison, symbol)
                leaves, constants = [*leaves, *fields], [*constants, *values]
        leaves += leaves_of(symbol)
    except Missing:
        symbol = NOTHING
    return tuple(reversed(leaves)), tuple(constants), symbol if isinstance(symbol, Leaf) else None


def _compared(comparison: Comparison | Exists, item: Symbol) -> tuple[list[Leaf], list[Json]]:
    """The fields of an item that a filter reads, and the values that it compares them with."""
    operands = (comparison.operand,) if isinstance(comparison, Exists) else (comparison.left, comparison.right)
    leaves: list[Leaf] = []
    for operand in operands:
        keys = keys_of(operand.steps) if isinstance(operand, Operand) and operand.is_relative else None
        leaves += leaves_of(follow(item, keys)) if keys is not None else ()
    return leaves, [each.value for each in operands if isinstance(each, FilterLiteral)]


def computed(
    compute: Callable[..., Json],
    operands: tuple[Symbol, ...],
    leaves: tuple[Leaf, ...],
    constants: tuple[Json, ...] = (),
    first: Leaf | None = None,
    *,
    is_keyed: bool = False,
) -> Symbol:
    """Return a computed symbol, or its value if it is known. Raises Missing if it cannot be computed."""
    if all(map(is_known, operands)):
        try:
            return Known(compute(*(World().value(operand) for operand in operands)))
        except Exception:  # of any expression
            raise Missing from None
    reads = reads_of(*operands)
    return Computed(compute, operands, reads, tuple(dict.fromkeys(leaves)), constants, first, is_keyed=is_keyed)


def exists(symbol: Symbol) -> Need:
    """The condition that a symbol has a value."""

    root = Leaf(symbol.source) if isinstance(symbol, Leaf) and holder(symbol.source) else None

    def test(world: World) -> bool:
        world.value(symbol)
        return root is None or root in world.chosen or symbol in world.chosen

    constants = constants_of(symbol) if isinstance(symbol, Computed) else ()
    return Need(test, reads_of(symbol), tuple(leaves_of(symbol)), constants)


NEVER = Need(lambda _: False, frozenset(), (), is_exact=True)


def template(value: Json, flow: Flow, state: str) -> tuple[Symbol, tuple[Need, ...]]:
    """Return the symbol of a payload template, and the conditions under which it has a value. Raises Missing."""
    if isinstance(value, dict):
        fields: dict[str, Symbol] = {}
        needs: tuple[Need, ...] = ()
        for name, each in value.items():
            if name.endswith(".$") and isinstance(each, str):
                fields[name[:-2]] = dynamic(each, flow, state)
                needs = (*needs, exists(fields[name[:-2]]))
            else:
                fields[name], more = template(each, flow, state)
                needs = (*needs, *more)
        return _constant(Fields(fields)), needs
    if isinstance(value, list):
        each_of = [template(member, flow, state) for member in value]
        return _constant(Items(tuple(symbol for symbol, _ in each_of))), tuple(
            need for _, more in each_of for need in more
        )
    return Known(value), ()


def _constant(symbol: Symbol) -> Symbol:
    return Known(World().value(symbol)) if is_known(symbol) else symbol


def dynamic(text: str, flow: Flow, state: str) -> Symbol:
    """Return the symbol of a path or of a call of an intrinsic function. Raises Missing."""
    if not is_intrinsic(text):
        return read(text, flow, state)
    call = parse_call(text)
    if call.name == "States.StringToJson" and isinstance(call.arguments[0], Path):
        inner = _below(call.arguments[0], _root(call.arguments[0], flow, state))
        if isinstance(inner, Leaf):
            return embedded(inner)
    paths = [*_paths_in(call)]
    parts = [_below(path, _root(path, flow, state)) for path in paths]
    leaves = tuple(leaf for part in parts for leaf in leaves_of(part))
    nested = tuple(constant for part in parts if isinstance(part, Computed) for constant in part.constants)
    if call.name == "States.ArrayGetItem":
        leaves = (*leaves, *(Leaf(leaf.source, (*leaf.path, index)) for leaf in leaves[:1] for index in (0, 1)))
    names = {path.text: f"value{number}" for number, path in enumerate(paths)}
    of_values = _with_variables(call, names)

    def compute(*values: Json) -> Json:
        variables = dict(zip(names.values(), values, strict=True))
        return evaluate_call(of_values, CallInputs(None, dict, variables, CHANCE))

    return computed(compute, tuple(parts), leaves, (*nested, *_constants_in(call)))


def _paths_in(call: IntrinsicCall) -> dict[Path, None]:
    """The paths of a call, each of them once."""
    paths: dict[Path, None] = {}
    for argument in call.arguments:
        paths |= _paths_in(argument) if isinstance(argument, IntrinsicCall) else {}
        paths |= {argument: None} if isinstance(argument, Path) else {}
    return paths


def _with_variables(call: IntrinsicCall, names: Mapping[str, str]) -> IntrinsicCall:
    """The call with a variable for each path, so that it reads nothing but the values there."""
    arguments = (
        _with_variables(argument, names)
        if isinstance(argument, IntrinsicCall)
        else parse_path(f"${names[argument.text]}")
        if isinstance(argument, Path)
        else argument
        for argument in call.arguments
    )
    return replace(call, arguments=tuple(arguments))


def _constants_in(call: IntrinsicCall) -> list[Any]:
    samples: list[Any] = [*samples_for([call.name.removeprefix("States.")])]
    for argument in call.arguments:
        if isinstance(argument, IntrinsicCall):
            samples += _constants_in(argument)
        elif not isinstance(argument, Path):
            samples.append(argument.text if isinstance(argument, Literal) else argument)
    return samples
