"""Values that a module writes once, as constants: what is repeated, and what would be too wide in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from workflow_dsl.definition.placeholders import is_placeholder
from workflow_dsl.importer.code import WIDTH, Atom, Call, Fields, Items, Node, Text, within
from workflow_dsl.importer.inlining import Body, Statement
from workflow_dsl.importer.names import Names, python_name
from workflow_dsl.importer.plan import FunctionPlan
from workflow_dsl.records import replace

_SHORTEST_PAYLOAD = 60  # characters; a shorter one is easier to read where it is
_SHORTEST_NAME = 30  # of an ARN or a name that is repeated
_LONGEST_NAME = 76  # of one that is not; a longer one is too wide in its place
_WORDS_OF_ARN = 3  # in the name of a constant
_FEWEST_ERRORS = 3  # in a list with a name
_EMPTY = (Items(()), Fields(()))  # a type checker asks for the type of a constant with one


def with_constants(functions: list[FunctionPlan], names: Names) -> tuple[list[Statement], list[FunctionPlan]]:
    """Return the constants of a module, and its functions with their names in them."""
    chosen: list[Node] = []
    found = [value for function in functions for node in function.body.nodes() for value in within(node)]
    counts = Counter(node for _, node in found)
    hints = {node: name for name, node in reversed(found)}
    positional = _positional(node for _, node in found)
    for node in sorted(counts, key=lambda node: -len(node.flat())):
        if node in positional or not _is_liftable(node, hints[node], counts[node]):
            continue
        is_alone = isinstance(node, Text) or hints[node] == "error_equals"
        if is_alone or not _is_covered(node, chosen, counts):
            chosen.append(node)
    first = {node: at for at, (_, node) in reversed([*enumerate(found)])}
    in_order = sorted(chosen, key=lambda node: first[node])
    constants = {node: names.new_constant(*_name(node, hints[node])) for node in in_order}
    return _ordered(constants), [_changed(function, constants) for function in functions]


def _positional(nodes: Iterable[Node]) -> Collection[Node]:
    """The texts that say what a call is about, such as a path or the name of a state."""
    calls = (node for node in nodes if isinstance(node, Call))
    return {value for call in calls for name, value in call.arguments if not name and isinstance(value, Text)}


def _is_liftable(node: Node, name: str, count: int) -> bool:
    """True for what is easier to read as a constant: repeated policies, calls and payloads, long names and lists."""
    if isinstance(node, Text):
        length = len(node.value)
        is_name = name not in ("", "comment", "error_equals") and " " not in node.value and node.value.isprintable()
        is_name = is_name and not is_placeholder(node.value)  # it has a name already
        return is_name and length >= (_SHORTEST_NAME if count > 1 else _LONGEST_NAME) and length < WIDTH
    if isinstance(node, Items) and name == "error_equals":
        return len(node.items) >= _FEWEST_ERRORS and len(node.flat()) >= _SHORTEST_PAYLOAD
    if count == 1:
        return False
    if isinstance(node, Call):
        return node.function == "Retry" or (node.function == "call" and _is_payload(node))
    if isinstance(node, Items):
        return bool(node.items) and (name == "retry" or _is_payload(node))
    return isinstance(node, Fields) and _is_payload(node)


def _is_payload(node: Node) -> bool:
    """True for a long list, dict or call without states."""
    kinds = (Atom, Text, Fields, Items, Call)
    is_data = all(isinstance(inner, kinds) and inner not in _EMPTY for _, inner in within(node))
    return is_data and len(node.flat()) >= _SHORTEST_PAYLOAD and not any(_is_name(inner) for _, inner in within(node))


def _is_name(node: Node) -> bool:
    """True for an atom that is a variable, and for a call that creates a state or a block of one."""
    if isinstance(node, Atom):
        return node.text.isidentifier() and node.text not in ("None", "True", "False")
    return isinstance(node, Call) and node.function[:1].isupper() and node.function != "Jsonata"


def _is_covered(node: Node, chosen: Iterable[Node], counts: Counter[Node]) -> bool:
    """True if a repeated value stands only inside a constant."""
    return any(counts[outer] >= counts[node] and any(inner == node for _, inner in within(outer)) for outer in chosen)


def _name(node: Node, hint: str) -> tuple[list[str], str]:
    """The words of a constant's name, and what to call it without them."""
    if isinstance(node, Items) and hint == "retry":
        return ["retries"], "retries"
    if isinstance(node, Items) and hint == "error_equals":
        services = {name.partition(".")[0] for name in _texts(node)}
        return [*(services if len(services) == 1 else ()), "errors"], "errors"
    if isinstance(node, Call) and node.function == "call":
        return [_action(node)], "call"
    if isinstance(node, Call):
        return _name_of_retrier(node), "retry"
    if isinstance(node, Text) and node.value.startswith("arn:"):
        resource = node.value.partition(":function:")[2].partition(":")[0] or node.value.rpartition(":")[2]
        words = python_name(resource).split("_")
        return [*words[:_WORDS_OF_ARN], "arn"], "arn"
    return [hint], "payload"


def _action(node: Call) -> str:
    """The action of a call: `getItem`."""
    service = node.arguments[0][1]
    name = service.value if isinstance(service, Text) else ""
    return name.removeprefix("aws-sdk:").partition(":")[2].partition(".")[0]


def _name_of_retrier(node: Call) -> list[str]:
    errors = _texts(dict(node.arguments).get("error_equals", node))
    words = [name.rpartition(".")[2] for name in errors]
    if len(words) > 1 and all(name.startswith("Lambda.") for name in errors):
        return ["retry", "lambda"]
    if len(words) == 1:
        return ["retry", "always" if words == ["ALL"] else f"on {words[0]}"]
    return ["retry"]


def _texts(node: Node) -> list[str]:
    return [inner.value for _, inner in within(node) if isinstance(inner, Text)]


def _changed(function: FunctionPlan, constants: Mapping[Node, str]) -> FunctionPlan:
    def changed(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(replace(statement, value=_with_constant(statement.value, constants)) for statement in statements)

    body = function.body
    return replace(
        function, body=Body(changed(body.created), changed(body.links), _with_constant(body.value, constants))
    )


def _with_constant(node: Node, constants: Mapping[Node, str]) -> Node:
    if isinstance(node, (Call, Items, Fields, Text)) and node in constants:
        return Atom(constants[node])
    return node.mapped(lambda inner: _with_constant(inner, constants))


def _ordered(constants: Mapping[Node, str]) -> list[Statement]:
    """The statements of constants, each after those that it uses."""
    statements: dict[str, Statement] = {}

    def add(node: Node) -> None:
        for _, inner in within(node):
            if inner is not node and inner in constants and constants[inner] not in statements:
                add(inner)
        value = node.mapped(lambda each: _with_constant(each, constants))
        statements.setdefault(constants[node], Statement(value, constants[node]))

    for node in constants:
        add(node)
    return list(statements.values())
