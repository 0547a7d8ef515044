"""JSON of a definition -> Python expressions, each equal to what it stands for when it is compiled.

A value that has no shorter form in Python is written as it is in the definition, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflow_dsl import authoring
from workflow_dsl.authoring.values import Argument, Expression
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.definition.placeholders import is_placeholder
from workflow_dsl.expressions.intrinsics import IntrinsicCall, Literal, is_intrinsic, parse_call
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import FindingsError
from workflow_dsl.importer.code import Atom, Call, Fields, Items, Node, Text
from workflow_dsl.records import Record, field

_WORDS = {None: "None", True: "True", False: "False"}
_FUNCTIONS: Mapping[str, Callable[..., Expression]] = {
    "States.Array": authoring.array,
    "States.ArrayContains": authoring.array_contains,
    "States.ArrayGetItem": authoring.array_get_item,
    "States.ArrayLength": authoring.array_length,
    "States.ArrayPartition": authoring.array_partition,
    "States.ArrayRange": authoring.array_range,
    "States.ArrayUnique": authoring.array_unique,
    "States.Base64Decode": authoring.base64_decode,
    "States.Base64Encode": authoring.base64_encode,
    "States.Format": authoring.format_,
    "States.Hash": authoring.hash_,
    "States.JsonMerge": authoring.json_merge,
    "States.JsonToString": authoring.json_to_string,
    "States.MathAdd": authoring.math_add,
    "States.MathRandom": authoring.math_random,
    "States.StringSplit": authoring.string_split,
    "States.StringToJson": authoring.string_to_json,
    "States.UUID": authoring.uuid,
}


class Values(Record):
    """The expressions of values: those of one query language, with references for the placeholders of the template."""

    is_jsonata: bool
    references: Mapping[str, ReferenceTarget] = field(default_factory=dict)

    def data(self, value: Json) -> Node:
        """Return a value without paths."""
        if isinstance(value, dict):
            return Fields(tuple((name, self.data(member)) for name, member in value.items()))
        if isinstance(value, list):
            return Items(tuple(map(self.data, value)))
        return self.scalar(value)

    def template(self, value: Json) -> Node:
        """Return a payload template: a field whose name ends in `.$` becomes path(...) or a function."""
        if isinstance(value, list):
            return Items(tuple(map(self.template, value)))
        if not isinstance(value, dict):
            return self.scalar(value)
        return Fields(tuple(self.member(name, member, value) for name, member in value.items()))

    def member(self, name: str, value: Json, others: Mapping[str, Json]) -> tuple[str, Node]:
        """Return a field of a template: its name in Python, and its value."""
        if not self.is_jsonata and name.endswith(".$") and name.removesuffix(".$") not in others:
            expression = expression_of(value)
            if expression is not None:
                return name.removesuffix(".$"), expression
        return name, self.template(value)

    def scalar(self, value: Json) -> Node:
        """Return a string, number, boolean or null."""
        if not isinstance(value, str):
            return Atom(_WORDS[value] if value is None or isinstance(value, bool) else repr(value))
        if is_placeholder(value) and value[2:-1] in self.references:
            return reference(value[2:-1], self.references[value[2:-1]])
        if self.is_jsonata and value.startswith("{%") and value.endswith("%}"):
            return jsonata(value)
        return Text(str(value))


def reference(placeholder: str, target: ReferenceTarget) -> Node:
    """Return the reference of a placeholder: `function("Checker")`, with the placeholder's name where it differs."""
    create: Callable[..., str] = getattr(authoring, target.kind)
    arguments: list[tuple[str, Node]] = [("", Text(target.logical_id))]
    names = [target.logical_id]
    if target.kind == "resource" and target.attribute != "Ref":
        arguments.append(("", Text(target.attribute)))
        names.append(target.attribute)
    if create(*names) != f"${{{placeholder}}}":
        arguments.append(("placeholder", Text(placeholder)))
    return Call(target.kind, tuple(arguments))


def jsonata(text: str) -> Node:
    """Return a JSONata expression; one with other spaces around it than ours keeps them."""
    plain = text[2:-2].strip()
    try:
        is_same = str.__str__(authoring.jsonata(plain)) == text
    except FindingsError:
        is_same = False
    return Call("jsonata", (("", Text(plain)),)) if is_same else Call("Jsonata", (("", Text(text)),))


def expression_of(text: Json) -> Node | None:
    """Return a path or a call of an intrinsic function; None for text that Python would write in another way."""
    if not isinstance(text, str):
        return None
    try:
        if not is_intrinsic(text):
            is_same = authoring.path(text).to_jsonpath() == text
            return Call("path", (("", Text(text)),)) if is_same else None
        node, value = _call(text, parse_call(text))
    except (SyntaxProblem, FindingsError, KeyError, _Irregular):
        return None
    return node if value.to_jsonpath() == text else None


class _Irregular(Exception):
    """An argument that our functions would write in another way."""


def _call(text: str, call: IntrinsicCall) -> tuple[Node, Expression]:
    nodes: list[tuple[str, Node]] = []
    values: list[Argument] = []
    arguments = call.arguments
    if call.name == "States.JsonMerge":  # its third argument, for a deep merge, is always false
        arguments = arguments[:2]
    for index, argument in enumerate(arguments):
        is_format = index == 0 and call.name == "States.Format"
        node, value = _format(argument) if is_format else _argument(argument)
        nodes.append(("", node))
        values.append(value)
    function = _FUNCTIONS[call.name]
    return Call(function.__name__, tuple(nodes)), function(*values)


def _format(argument: object) -> tuple[Node, str]:
    if not isinstance(argument, Literal):
        raise _Irregular
    text = "{}".join(part.replace("{", "{{").replace("}", "}}") for part in argument.parts)
    return Text(text), text


def _argument(argument: object) -> tuple[Node, Argument]:
    if isinstance(argument, IntrinsicCall):
        return _call(argument.text, argument)
    if isinstance(argument, Literal):
        return Text(argument.text), argument.text
    if argument is None or isinstance(argument, (bool, int, float)):
        return Atom(repr(argument)), argument
    text = str(getattr(argument, "text", ""))
    return Call("path", (("", Text(text)),)), authoring.path(text)
