"""Advice about what is looked up: what only looks like a path or an expression, and what leads to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.definition.json import Json, leaves, short
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.intrinsics import ALGORITHMS, IntrinsicCall, Literal, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import functions
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import Key, Keys, closest, some_of
from workflow_dsl.validation.rules.expressions import dynamic_fields, entries, lookups, reads
from workflow_dsl.validation.rules.fields import comparisons
from workflow_dsl.validation.rules.jsonata import evaluated, expressions
from workflow_dsl.validation.rules.rule import Definition, Problem, guide, warning

_Keys = Keys


_API = (
    "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html"
)
_LOOKS_LIKE_A_PATH = re.compile(r"\$(\$|[A-Za-z_]\w*)?(\.[A-Za-z_]|\[)\S*")
_LOOKS_LIKE_A_CALL = re.compile(r"States\.[A-Z]\w+\(.*\)", re.DOTALL)


def _is_dynamic(text: Json) -> bool:
    if not is_known(text) or not text.startswith(("$", "States.")):
        return False
    return bool(_LOOKS_LIKE_A_PATH.fullmatch(text) or _LOOKS_LIKE_A_CALL.fullmatch(text))


@warning("NO_DOLLAR", _API, about="JSONPath")
def path_without_dollar(definition: Definition) -> Iterator[Problem]:
    """In a payload template a text that looks like a path or a call is one only under a name that ends in .$."""
    for entry in definition.once(entries):
        if _is_dynamic(entry.value) and not entry.is_looked_up:
            message = f"{short(entry.value)} is taken as the text it is"
            remedy = f'call the field "{entry.keys[-1]}.$" if it is to be looked up'
            if isinstance(entry.keys[-1], int):
                remedy = "look a list up as a whole: States.Array($.one, $.other)"
            yield Problem(entry.state.at(*entry.keys), message, remedy)


@warning("NO_PATH", _API)
def path_in_a_plain_field(definition: Definition) -> Iterator[Problem]:
    """A field that has a twin whose name ends in Path takes a path only there: Cause and CausePath."""
    plain: list[tuple[State, _Keys, Json]] = [
        (state, (field,), state.fields.get(field)) for state in definition.of("Fail") for field in ("Error", "Cause")
    ]
    for state in definition.of("Choice"):
        for keys, rule in comparisons(state):
            plain += [(state, (*keys, name), rule[name]) for name in rule if name.startswith(_HAVE_A_PATH)]
    for state, at, text in plain:
        if _is_dynamic(text) and not str(at[-1]).endswith("Path") and definition.language_of(state) == "JSONPath":
            message = f"{short(text)} is taken as the text it is"
            yield Problem(state.at(*at), message, f"write it in {at[-1]}Path")


_HAVE_A_PATH = tuple(
    f"{kind}{operator}"
    for kind in ("String", "Numeric", "Timestamp")
    for operator in ("Equals", "LessThan", "GreaterThan")
)


@warning("PASS_RESULT_IS_STATIC", _API, about="Pass")
def static_result(definition: Definition) -> Iterator[Problem]:
    """A Pass state's Result is given on as it stands: paths and names that end in .$ mean nothing in it."""
    for state in definition.of("Pass"):
        for keys, text in leaves(state.fields.get("Result"), ("Result",)):
            if definition.language_of(state) == "JSONPath" and (str(keys[-1]).endswith(".$") or _is_dynamic(text)):
                yield Problem(state.at(*keys), "Result is given on as it stands", "use Parameters instead of Result")


@warning("JSONPATH_IN_JSONATA", guide("transforming-data"), about="JSONata")
def jsonpath_in_jsonata(definition: Definition) -> Iterator[Problem]:
    """In JSONata nothing is looked up by a name that ends in .$, nor by a text that looks like a path."""
    for state in definition.jsonata:
        for keys, value in evaluated(state):
            for inner, _ in dynamic_fields(value):
                remedy = f'call it "{str(inner[-1])[:-2]}", and write the value as "{{% $states.input... %}}"'
                message = "JSONata does not look up a field whose name ends in .$"
                yield Problem(state.at(*keys, *inner), message, remedy)
            for inner, text in leaves(value, keys):
                if _is_dynamic(text) and not str(inner[-1]).endswith(".$"):
                    remedy = f'write "{{% {_in_jsonata(text)} %}}" if it is to be looked up'
                    yield Problem(state.at(*inner), f"{short(text)} is taken as the text it is", remedy)


def _in_jsonata(text: str) -> str:
    """A path as an expression, as far as that can be said in short."""
    plain = text.replace("$$.", "$states.context.") if text.startswith("$$.") else text
    return plain.replace("$.", "$states.input.", 1) if plain.startswith("$.") else plain


@warning("NO_EXPRESSION", guide("transforming-data"), about="Expression")
def expression_that_is_none(definition: Definition) -> Iterator[Problem]:
    """A text in {% %} is an expression in a JSONata state, and only when nothing stands before or after it."""
    for entry in definition.once(entries):
        if isinstance(entry.value, str) and "{%" in entry.value and "%}" in entry.value:
            remedy = 'give the state "QueryLanguage": "JSONata", or use a path'
            yield Problem(entry.state.at(*entry.keys), "is no expression in a JSONPath state", remedy)
    for state in definition.jsonata:
        for keys, value in evaluated(state):
            for inner, text in leaves(value, keys):
                if isinstance(text, str) and "{%" in text and "%}" in text and not text.startswith("{%"):
                    remedy = "begin the text with {%, and join what stands before it inside: {% 'price ' & $price %}"
                    yield Problem(state.at(*inner), "is no expression: something stands before {%", remedy)


@warning("UNKNOWN_STATES_FIELD", guide("transforming-data"), about="JSONata")
def fields_of_states(definition: Definition) -> Iterator[Problem]:
    """$states has the fields input, result, errorOutput and context."""
    fields = ("input", "result", "errorOutput", "context")
    for state, keys, used in definition.once(expressions):
        for name in sorted(used.of_states - {*fields}):
            remedy = closest(name, fields) or f"it has {', '.join(fields)}"
            yield Problem(state.at(*keys), f"$states has no field {name}", remedy)


@warning("UNKNOWN_FUNCTION", guide("transforming-data"), about="JSONata")
def unknown_function(definition: Definition) -> Iterator[Problem]:
    """A function that an expression calls is one of JSONata, of Step Functions, or of the expression itself."""
    for state, keys, used in definition.once(expressions):
        for name in sorted(used.called - functions()):
            remedy = "$parse reads JSON" if name == "eval" else closest(name, functions()) or "see the developer guide"
            yield Problem(state.at(*keys), f"there is no function ${name}", remedy)


_NOTHING: Mapping[str, Any] = {}
_CONTEXT: Mapping[str, Any] = {  # None is for what may be anything
    "Execution": {
        **dict.fromkeys(("Id", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"), _NOTHING),
        "Input": None,
    },
    "State": dict.fromkeys(("EnteredTime", "Name", "RetryCount"), _NOTHING),
    "StateMachine": dict.fromkeys(("Id", "Name"), _NOTHING),
    "Task": {"Token": _NOTHING},
    "Map": {"Item": {**dict.fromkeys(("Index", "Key", "Source"), _NOTHING), "Value": None}},
}


@warning("UNKNOWN_CONTEXT_FIELD", guide("input-output-contextobject"), about="ContextObject")
def context_fields(definition: Definition) -> Iterator[Problem]:
    """What is read of the context object, by $$ or $states.context, is in it."""
    for state, keys, path in definition.once(reads):
        if path.root == "$$" and path.steps:
            yield from _not_in_context(state, keys, "$$", path.steps)
    for state, keys, used in definition.once(expressions):
        for names in sorted(used.of_context):
            yield from _not_in_context(state, keys, "$states.context", names)


def _not_in_context(state: State, keys: _Keys, root: str, steps: Sequence[Key]) -> Iterator[Problem]:
    known: Any = _CONTEXT
    for depth, step in enumerate(steps):
        if known is None:
            return
        if step not in known:
            said = ".".join((root, *map(str, steps[: depth + 1])))
            remedy = closest(str(step), known) or (
                f"there is {some_of(known)}" if known else "there is nothing below it"
            )
            yield Problem(state.at(*keys), f"the context object has no {said}", remedy)
            return
        known = known[step]


@warning("INTRINSIC_FAILS", guide("intrinsic-functions"), about="JSONPath")
def intrinsic_that_fails(definition: Definition) -> Iterator[Problem]:
    """A call whose arguments can be seen to be wrong fails whenever it is made."""
    for state, keys, text, _ in definition.once(lookups):
        if is_known(text) and is_intrinsic(text):
            try:
                waiting: list[Any] = [parse_call(text)]
            except SyntaxProblem:
                continue
            while waiting:
                call = waiting.pop()
                waiting += [argument for argument in call.arguments if isinstance(argument, IntrinsicCall)]
                said = _failing(call)
                if said:
                    yield Problem(state.at(*keys), f"{call.name} fails: {said[0]}", said[1])


def _failing(call: IntrinsicCall) -> tuple[str, str] | None:
    first, *rest = call.arguments or (None,)
    last = rest[-1] if rest else None
    if call.name == "States.Format" and isinstance(first, Literal) and len(first.parts) - 1 != len(rest):
        return f"places to fill: {len(first.parts) - 1}, values: {len(rest)}", "give each {} one value"
    if call.name == "States.Hash" and isinstance(last, Literal) and last.text not in ALGORITHMS:
        return f"no algorithm {last.text!r}", closest(last.text, ALGORITHMS) or f"write one of {', '.join(ALGORITHMS)}"
    if call.name == "States.JsonMerge" and last is True:
        return "only shallow merging is there", "write false"
    if call.name in ("States.ArrayRange", "States.ArrayPartition") and last == 0 and last is not False:
        return "the last argument is 0", "write another number"
    return None


RULES = (
    path_without_dollar,
    path_in_a_plain_field,
    static_result,
    jsonpath_in_jsonata,
    expression_that_is_none,
    fields_of_states,
    unknown_function,
    context_fields,
    intrinsic_that_fails,
)
