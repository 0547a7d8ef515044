"""Warnings about literals and lookups: strings that only look like paths or expressions, and unknown names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeGuard

from workflow_dsl.definition.json import Json, leaves, short_json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.intrinsics import ALGORITHMS, ARGUMENT_KINDS, LONGEST_RANGE, IntrinsicCall, Literal
from workflow_dsl.expressions.jsonata import expression_in, function_names
from workflow_dsl.findings import Key, Keys, did_you_mean, short_list
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.shapes.misuses import KIND_NOUNS
from workflow_dsl.validation.rules.expressions import dynamic_fields, intrinsic_calls, paths_read, template_entries
from workflow_dsl.validation.rules.jsonata import evaluated_values, expressions
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning
from workflow_dsl.validation.rules.variables import assigned_variables

_API = (
    "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html"
)
_LOOKS_LIKE_A_PATH = lazy_regex(r"\$(\$|[A-Za-z_]\w*)?(\.[A-Za-z_]|\[)\S*")
_LOOKS_LIKE_A_CALL = lazy_regex(r"States\.[A-Z]\w+\(.*\)", re.DOTALL)


def _is_dynamic(text: Json) -> bool:
    if not is_known(text) or not text.startswith(("$", "States.")):
        return False
    return bool(_LOOKS_LIKE_A_PATH.fullmatch(text) or _LOOKS_LIKE_A_CALL.fullmatch(text))


@warning("NO_DOLLAR", _API, applies_to="JSONPath")
def path_without_dollar(definition: Definition) -> Iterator[Problem]:
    """In a payload template, a path or an intrinsic function call is evaluated only if the field's name ends in .$."""
    for entry in definition.memo(template_entries):
        if _is_dynamic(entry.value) and not entry.is_dynamic:
            name = str(entry.keys[-1])
            meant = name.rstrip("\"' ")
            remedy = f'name the field "{meant if meant.endswith(".$") else f"{name}.$"}" to evaluate it'
            if isinstance(entry.keys[-1], int):
                remedy = "build the whole list with States.Array($.one, $.other)"
            yield Problem(entry.state.at(*entry.keys), _is_literal(entry.value), remedy)


def _is_literal(text: str) -> str:
    return f"{short_json(text)} is a literal string here, not {'a path' if text.startswith('$') else 'a call'}"


@warning("NO_PATH", _API)
def path_in_a_plain_field(definition: Definition) -> Iterator[Problem]:
    """A path in a field such as Cause is a literal string; the field with Path in its name, CausePath, evaluates it."""
    plain: list[tuple[State, Keys, Json]] = [
        (state, (field,), state.fields.get(field))
        for state in definition.states_of_type("Fail")
        for field in ("Error", "Cause")
    ]
    for state in definition.states_of_type("Choice"):
        for keys, rule in state.comparisons:
            plain += [(state, (*keys, name), rule[name]) for name in rule if name.startswith(_HAVE_A_PATH)]
    for state, at, text in plain:
        if _is_dynamic(text) and not str(at[-1]).endswith("Path") and definition.language_of(state) == "JSONPath":
            yield Problem(state.at(*at), _is_literal(text), f"write it in {at[-1]}Path")


_HAVE_A_PATH = tuple(
    f"{kind}{operator}"
    for kind in ("String", "Numeric", "Timestamp")
    for operator in ("Equals", "LessThan", "GreaterThan")
)


@warning("PASS_RESULT_IS_STATIC", _API, applies_to="Pass")
def static_result(definition: Definition) -> Iterator[Problem]:
    """A Pass state's Result is a literal value: paths and names that end in .$ have no effect in it."""
    for state in definition.states_of_type("Pass"):
        for keys, text in leaves(state.fields.get("Result"), ("Result",)):
            if definition.language_of(state) == "JSONPath" and (str(keys[-1]).endswith(".$") or _is_dynamic(text)):
                yield Problem(state.at(*keys), "Result is a literal value", "use Parameters instead of Result")


@warning("JSONPATH_IN_JSONATA", guide_url("transforming-data"), applies_to="JSONata")
def jsonpath_in_jsonata(definition: Definition) -> Iterator[Problem]:
    """A JSONata state evaluates neither fields whose names end in .$ nor strings that look like paths."""
    for state in definition.jsonata_states:
        for keys, value in evaluated_values(state):
            for inner, _ in dynamic_fields(value):
                remedy = f'name it "{str(inner[-1])[:-2]}", and write the value as "{{% $states.input... %}}"'
                message = "JSONata does not evaluate a field whose name ends in .$"
                yield Problem(state.at(*keys, *inner), message, remedy)
            for inner, text in leaves(value, keys):
                if _is_dynamic(text) and not str(inner[-1]).endswith(".$"):
                    remedy = f'write "{{% {_in_jsonata(text)} %}}" to evaluate it'
                    yield Problem(state.at(*inner), _is_literal(text), remedy)


def _in_jsonata(text: str) -> str:
    """Return a path as a JSONata expression, unchanged if the root has no short form."""
    plain = text.replace("$$.", "$states.context.") if text.startswith("$$.") else text
    return plain.replace("$.", "$states.input.", 1) if plain.startswith("$.") else plain


@warning("NO_EXPRESSION", guide_url("transforming-data"), applies_to="Expression")
def expression_that_is_none(definition: Definition) -> Iterator[Problem]:
    """A string with {% %} is an expression only in a JSONata state, and only with no text before or after.

    Braces without % are reported around a variable of the definition and a call of a function: other text may have
    such braces.
    """
    assigned = (name for _, name, _ in definition.memo(assigned_variables))
    known = {"states", *assigned, *(f"{name}(" for name in function_names())}
    for entry in definition.memo(template_entries):
        if isinstance(entry.value, str) and "{%" in entry.value and "%}" in entry.value:
            remedy = 'give the state "QueryLanguage": "JSONata", or use a path'
            yield Problem(entry.state.at(*entry.keys), "is not evaluated in a JSONPath state", remedy)
    for state in definition.jsonata_states:
        for keys, value in evaluated_values(state):
            for inner, text in leaves(value, keys) if keys[-1] != "Condition" else ():  # without braces, it is an error
                if isinstance(text, str) and "{%" in text and "%}" in text and not text.startswith("{%"):
                    remedy = "begin the string with {%, and concatenate inside: {% 'price ' & $price %}"
                    yield Problem(state.at(*inner), "is not an expression: it has text before {%", remedy)
                elif isinstance(text, str) and (bare := _LACKS_PERCENT.fullmatch(text)) and bare[1] in known:
                    remedy = f"write {{% {text.strip('{ }')} %}}"
                    yield Problem(state.at(*inner), "is not an expression: its braces lack %", remedy)
                elif isinstance(text, str) and _is_without_braces(text):
                    yield Problem(state.at(*inner), "is not an expression: it lacks {% %}", f"write {{% {text} %}}")


def _is_without_braces(text: str) -> bool:
    """True for a call of a function of JSONata, and for what begins with a field of $states but is no plain path."""
    begin = _BEGINS_AS_JSONATA.match(text)
    return begin is not None and (begin[1] is None or begin[1] in function_names()) and not _is_dynamic(text)


_BEGINS_AS_JSONATA = lazy_regex(
    r"\$(?:([a-zA-Z]+)\((?=.*\))|states\.(?:input|result|context|errorOutput)\b)", re.DOTALL
)
_LACKS_PERCENT = lazy_regex(r"\{\{? *\$([A-Za-z]\w*\b\(?)[^{}%]*\}\}?")


@warning("UNKNOWN_STATES_FIELD", guide_url("transforming-data"), applies_to="JSONata")
def fields_of_states(definition: Definition) -> Iterator[Problem]:
    """$states has only the fields input, result, errorOutput and context."""
    fields = ("input", "result", "errorOutput", "context")
    for state, keys, references in definition.memo(expressions):
        for name in sorted(references.states_fields - {*fields}):
            remedy = did_you_mean(name, fields) or f"it has {', '.join(fields)}"
            yield Problem(state.at(*keys), f"$states has no field {name}", remedy)


@warning("UNKNOWN_FUNCTION", guide_url("transforming-data"), applies_to="JSONata")
def unknown_function(definition: Definition) -> Iterator[Problem]:
    """An expression calls only functions of JSONata, of Step Functions, or of its own, and with parentheses."""
    assigned = {name for _, name, _ in definition.memo(assigned_variables)}
    for state, keys, references in definition.memo(expressions):
        whole = (expression_in(value_at(state.fields, keys)) or "").strip().removeprefix("$")
        if whole in function_names() - assigned:
            yield Problem(state.at(*keys), f"${whole} is a function that is not called", f"write ${whole}()")
        for name in sorted(references.called - function_names()):
            suggestion = did_you_mean(name, function_names()) or "see the developer guide"
            remedy = "use $parse to read JSON" if name == "eval" else suggestion
            yield Problem(state.at(*keys), f"there is no function ${name}", remedy)


_NO_FIELDS: Mapping[str, Any] = {}
_CONTEXT_FIELDS: Mapping[str, Any] = {  # None for fields with any content
    "Execution": {
        **dict.fromkeys(("Id", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"), _NO_FIELDS),
        "Input": None,
    },
    "State": dict.fromkeys(("EnteredTime", "Name", "RetryCount"), _NO_FIELDS),
    "StateMachine": dict.fromkeys(("Id", "Name"), _NO_FIELDS),
    "Task": {"Token": _NO_FIELDS},
    "Map": {"Item": {**dict.fromkeys(("Index", "Key", "Source"), _NO_FIELDS), "Value": None}},
}


@warning("STRING_OPERAND", guide_url("transforming-data"), applies_to="Expression")
def arithmetic_on_a_string(definition: Definition) -> Iterator[Problem]:
    """The operators + - * / % take numbers: with a string they fail, and & concatenates."""
    for state, keys, references in definition.memo(expressions):
        for operator in dict.fromkeys(references.on_strings):
            remedy = "write & to concatenate" if operator == "+" else "convert it with $number()"
            yield Problem(state.at(*keys), f"{operator} takes numbers, and one of its operands is a string", remedy)


@warning("UNKNOWN_CONTEXT_FIELD", guide_url("input-output-contextobject"))
def context_fields(definition: Definition) -> Iterator[Problem]:
    """A path into the context object, $$ or $states.context, names a field that it has."""
    for state, keys, path in definition.memo(paths_read):
        if _ONLY_IN_CONTEXT.match(path.text) and not _KEEPS_CONTEXT.search(definition.text):
            message = f"reads {path.text} in the input, not in the context object"
            yield Problem(state.at(*keys), message, f"write ${path.text}")
        if path.root == "$$" and path.steps:
            yield from _not_in_context(state, keys, "$$", path.steps)
            yield from _no_token(state, keys, "$$", path.steps)
            yield from _no_item(state, keys, "$$", path.steps)
    for state, keys, references in definition.memo(expressions):
        for names in sorted(references.context_paths):
            yield from _not_in_context(state, keys, "$states.context", names)
            yield from _no_token(state, keys, "$states.context", names)
            yield from _no_item(state, keys, "$states.context", names)


_ONLY_IN_CONTEXT = lazy_regex(r"\$\.(Map\.Item\.(Value|Index)|Task\.Token)(?![\w$@-])")
_KEEPS_CONTEXT = lazy_regex(r"\$\$(\.(Map|Task)(\.Item)?)?[\"'},\s]|[\"'](Map|Task)(\.\$)?[\"'] *:|\$\.(Map|Task)[\"']")


def _no_token(state: State, keys: Keys, root: str, steps: Sequence[Key]) -> Iterator[Problem]:
    """A task token where a service is called without waiting for it: the context object has none there."""
    resource = state.fields.get("Resource")
    is_call = state.type == "Task" and isinstance(resource, str) and re.match(r"arn:[^:$]+:(states|lambda):", resource)
    if is_call and tuple(steps[:2]) == ("Task", "Token") and not _MAY_WAIT.search(str(resource)):
        remedy = "add .waitForTaskToken to Resource, or remove the token"
        yield Problem(state.at(*keys), f"{root}.Task.Token is there only if the task waits for it", remedy)


_MAY_WAIT = lazy_regex(r"\.waitForTaskToken|:activity:|\$\{")


def _no_item(state: State, keys: Keys, root: str, steps: Sequence[Key]) -> Iterator[Problem]:
    """An item of a Map outside of one: the context object has it for each iteration (developer guide, "Map state")."""
    is_inside = any(pair[0] in _PROCESSORS and pair[1] == "States" for pair in pairwise(state.keys))
    is_selected = state.type == "Map" and keys[0] in (*_PROCESSORS, "ItemBatcher", "ItemSelector", "Parameters")
    if steps[0] == "Map" and not is_inside and not is_selected:
        where = "in ItemSelector" if state.type == "Map" else "inside a Map"
        remedy = "read it in ItemSelector" if state.type == "Map" else "read the input, or move the state into the Map"
        yield Problem(state.at(*keys), f"{root}.Map is there only {where}", remedy)


_PROCESSORS = ("ItemProcessor", "Iterator")


def _not_in_context(state: State, keys: Keys, root: str, steps: Sequence[Key]) -> Iterator[Problem]:
    fields: Any = _CONTEXT_FIELDS
    for depth, step in enumerate(steps):
        if fields is None:
            return
        if step not in fields:
            path = ".".join((root, *map(str, steps[: depth + 1])))
            choice = f"it has {short_list(fields)}" if fields else f"remove .{step}"
            remedy = did_you_mean(str(step), fields) or choice
            yield Problem(state.at(*keys), f"the context object has no {path}", remedy)
            return
        fields = fields[step]


@warning("FUNCTION_IN_PATH", guide_url("amazon-states-language-paths"), applies_to="JSONPath")
def function_in_path(definition: Definition) -> Iterator[Problem]:
    """A path calls no function: Step Functions takes `length()` for the name of a field, which data rarely has."""
    for state, keys, path in definition.memo(paths_read):
        if path.function is not None:
            whole = path.text.removesuffix(".length()")
            array = f'"States.ArrayLength({whole})" in Parameters' if whole != path.text else "an intrinsic function"
            message = f"{path.text} cannot be found in the input: paths have no function {path.function}"
            yield Problem(state.at(*keys), message, f"use {array}, or JSONata")


@warning("INTRINSIC_FAILS", guide_url("intrinsic-functions"), applies_to="JSONPath")
def intrinsic_that_fails(definition: Definition) -> Iterator[Problem]:
    """An intrinsic function call with wrong literal arguments always fails."""
    for state, keys, call in intrinsic_calls(definition):
        failure = _failure(call)
        if failure:
            yield Problem(state.at(*keys), f"{call.name} fails: {failure[0]}", failure[1])


_Failure = tuple[str, str] | None  # what is wrong, and the remedy


def _failure(call: IntrinsicCall) -> _Failure:
    own = _FAILURES.get(call.name)
    return (own(*call.arguments) if own and call.arguments else None) or _failure_of_kind(call)


def _of_format(template: object, *values: object) -> _Failure:
    if isinstance(template, Literal) and len(template.parts) - 1 != len(values):
        return f"the template has {len(template.parts) - 1} {{}} for {len(values)} values", "pass one value for each {}"
    return None


def _of_hash(value: object, algorithm: object) -> _Failure:
    if isinstance(value, Literal) and value.text in ALGORITHMS and not isinstance(algorithm, Literal):
        return f"the first argument is the algorithm {value.text}", "swap the arguments"
    if not isinstance(algorithm, Literal) or algorithm.text in ALGORITHMS:
        return None
    remedy = did_you_mean(algorithm.text, ALGORITHMS) or f"write one of {', '.join(ALGORITHMS)}"
    return f"unknown algorithm {algorithm.text!r}", remedy


def _of_merge(one: object, other: object, is_deep: object) -> _Failure:
    return ("it has no deep merge", "write false") if is_deep is True else None


def _of_partition(items: object, size: object) -> _Failure:
    return (f"the size of a part is {size}", "write a number above 0") if _is_number(size) and size <= 0 else None


def _of_range(first: object, last: object, step: object) -> _Failure:
    if _is_number(step) and step == 0:
        return "the last argument is 0", "write another number"
    if _is_number(first) and _is_number(last) and _is_number(step) and (last - first) / step >= LONGEST_RANGE:
        return f"the range has more than {LONGEST_RANGE} numbers", "write a smaller range, or a larger step"
    return None


_FAILURES: Mapping[str, Callable[..., _Failure]] = {
    "States.ArrayPartition": _of_partition,
    "States.ArrayRange": _of_range,
    "States.Format": _of_format,
    "States.Hash": _of_hash,
    "States.JsonMerge": _of_merge,
}


def _failure_of_kind(call: IntrinsicCall) -> _Failure:
    for index, (argument, kind) in enumerate(zip(call.arguments, ARGUMENT_KINDS.get(call.name, ()), strict=False)):
        if kind != "string" and isinstance(argument, Literal):
            is_quoted = kind in _QUOTED and _QUOTED[kind].fullmatch(argument.text) is not None
            remedy = f"write {argument.text}, without quotes" if is_quoted else f"write {KIND_NOUNS[kind]}"
            return f"argument {index + 1} is the string '{argument.text}', but it takes {KIND_NOUNS[kind]}", remedy
        if kind != "number" and _is_number(argument):
            return f"argument {index + 1} is {argument}, but it takes {KIND_NOUNS[kind]}", f"write {KIND_NOUNS[kind]}"
    return None


_QUOTED = {"number": lazy_regex(r"-?\d+"), "boolean": lazy_regex(r"true|false")}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
