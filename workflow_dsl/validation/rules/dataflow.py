"""Advice about the data: what is lost, never read, never set, too large, or no path although it looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.asl import Json, State, short
from workflow_dsl.expressions.intrinsics import ALGORITHMS, Call, Literal, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import functions
from workflow_dsl.expressions.placeholders import is_known
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import Key, closest, some_of
from workflow_dsl.integrations import integration_of
from workflow_dsl.validation.rules.expressions import dynamic_fields, entries, lookups, paths_in, reads
from workflow_dsl.validation.rules.fields import comparisons, inside
from workflow_dsl.validation.rules.jsonata import evaluated, expressions
from workflow_dsl.validation.rules.table import Definition, Problem, guide, warning
from workflow_dsl.validation.rules.variables import assigned, is_allowed, is_distributed

_Keys = tuple[Key, ...]
_API = (
    "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html"
)
_LOOKS_LIKE_A_PATH = re.compile(r"\$(\$|[A-Za-z_]\w*)?(\.[A-Za-z_]|\[)\S*")
_LOOKS_LIKE_A_CALL = re.compile(r"States\.[A-Z]\w+\(.*\)", re.DOTALL)


def _is_dynamic(text: Json) -> bool:
    if not is_known(text) or not text.startswith(("$", "States.")):
        return False
    return bool(_LOOKS_LIKE_A_PATH.fullmatch(text) or _LOOKS_LIKE_A_CALL.fullmatch(text))


def _scalars(value: Json, keys: _Keys = ()) -> Iterator[tuple[_Keys, Json]]:
    waiting = [(keys, value)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*keys, name), each) for name, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*keys, index), each) for index, each in enumerate(value)]
        else:
            yield keys, value


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
        for keys, text in _scalars(state.fields.get("Result"), ("Result",)):
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
            for inner, text in _scalars(value, keys):
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
            for inner, text in _scalars(value, keys):
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


@warning("CATCH_LOSES_INPUT", guide("concepts-error-handling"), about="Catch")
def catch_loses_the_input(definition: Definition) -> Iterator[Problem]:
    """A catcher without ResultPath, in JSONata without Output, replaces the state's input by the error."""
    for state in definition.states:
        is_jsonata = definition.language_of(state) == "JSONata"
        keeping = {"Output", "Assign"} if is_jsonata else {"ResultPath"}
        for index, item in state.items_of("Catch"):
            then = state.scope.states.get(item["Next"]) if isinstance(item.get("Next"), str) else None
            if then is not None and not keeping & item.keys() and _wants_more_than_the_error(then):
                kept = 'add "Output": "{% $merge([$states.input, {\'error\': $states.errorOutput}]) %}"'
                remedy = kept if is_jsonata else 'add "ResultPath": "$.error"'
                yield Problem(
                    state.at("Catch", index), "the error replaces the state's input", f"{remedy} to keep both"
                )


def _wants_more_than_the_error(state: State) -> bool:
    """Whether a state reads a field of its input that is not one of the error's."""
    if state.type in ("Fail", "Succeed"):
        return False
    read = {text.removeprefix("$.").removeprefix("$states.input.").partition(".")[0] for text in _input_read(state)}
    return any(each.partition("[")[0] not in ("Error", "Cause") for each in read)


def _input_read(state: State) -> Iterator[str]:
    yield from _fields_read(state)
    for _, value in evaluated(state):
        for _, text in _scalars(value):
            if isinstance(text, str) and text.startswith("{%"):
                yield from _OF_INPUT.findall(text)


_OF_INPUT = re.compile(r"\$states\.input\.\w+")


@warning("RESULT_REPLACES_INPUT", guide("input-output-resultpath"))
def result_replaces_the_input(definition: Definition) -> Iterator[Problem]:
    """A Map's or Parallel's list of results replaces its input, and the next state then reads a field that is gone."""
    for type_ in ("Map", "Parallel"):
        for state in definition.of(type_):
            then = state.scope.states.get(str(state.fields.get("Next")))
            if then is not None and _gives_on_a_list(state, definition):
                text = next(_fields_read(then), None) if definition.language_of(then) == "JSONPath" else None
                if text:
                    message = f'its list of results replaces the input, and "{then.name}" reads {text}'
                    yield Problem(state.at(), message, 'add "ResultPath": "$.results" to keep both')


def _gives_on_a_list(state: State, definition: Definition) -> bool:
    changed = ("ResultSelector", "OutputPath", "ResultWriter")
    plain = definition.language_of(state) == "JSONPath" and not any(field in state.fields for field in changed)
    return plain and state.fields.get("ResultPath", "$") == "$"


def _fields_read(state: State) -> Iterator[str]:
    """The paths by which a state reads a field of its input by name."""
    if state.fields.get("InputPath", "$") != "$":
        texts: list[Json] = [state.fields["InputPath"]]
    else:
        texts = [text for _, text in dynamic_fields(state.fields.get("Parameters"))]
        texts += [state.fields.get(field) for field in ("ItemsPath", "SecondsPath", "TimestampPath")]
        texts += [rule.get("Variable") for _, rule in comparisons(state)]
    for text in texts:
        for path in paths_in(text):
            if path.root == "$" and path.steps and isinstance(path.steps[0], str):
                yield path.text


_REFERENCE = re.compile(r"\$([^\W\d]\w*)")


def _names_with_a_dollar(definition: Definition) -> set[str]:
    """Every name that stands after a $ anywhere in the text: what is not among them is no variable that is read."""
    text = definition.machine.to_text() if "\\" in definition.text else definition.text  # without escapes
    return set(_REFERENCE.findall(text)) - {"states"}


@warning("UNUSED_VARIABLE", guide("workflow-variables"), about="Assign")
def variable_never_read(definition: Definition) -> Iterator[Problem]:
    """A variable that is assigned is read somewhere."""
    given = definition.once(assigned)
    if given:
        read = definition.once(_names_with_a_dollar)
        for state, name, keys in given:
            if name not in read and is_allowed(name):
                yield Problem(state.at(*keys), f"${name} is never read", "use it, or leave it out")


@warning("UNDEFINED_VARIABLE", guide("workflow-variables"))
def variable_never_assigned(definition: Definition) -> Iterator[Problem]:
    """A variable that is read is assigned somewhere; a distributed Map's states see none of the states around it."""
    if not definition.once(_names_with_a_dollar):
        return
    known: dict[_Keys, set[str]] = {}
    for state, name, _ in definition.once(assigned):
        if is_allowed(name):
            known.setdefault(_sees(state), set()).add(name)
    everywhere = {name for names in known.values() for name in names}
    for state, keys, name in _variables_read(definition):
        seen = known.get(_sees(state), set())
        if name not in seen:
            message = f"${name} is assigned nowhere"
            if name in everywhere:
                message = f"${name} is not seen here: a distributed Map's states have variables of their own"
            is_jsonata = definition.language_of(state) == "JSONata"
            remedy = _meant(name, seen, "$states.input" if is_jsonata else "$")
            outside = "give it to the states with the items, in ItemSelector"
            yield Problem(state.at(*keys), message, outside if name in everywhere else remedy)


def _sees(state: State) -> _Keys:
    """The keys of the scope that a state shares its variables with: the machine's, or that of a distributed Map."""
    scope = state.scope
    while scope.owner is not None and not is_distributed(scope):
        scope = scope.owner.scope
    return scope.keys


def _meant(name: str, known: set[str], top: str) -> str:
    if name == "states":
        return 'that is JSONata: give the state "QueryLanguage": "JSONata", or read the input by "$."'
    if name in ("input", "state") and top != "$":
        return "write $states.input" if name == "input" else "write $states"
    return closest(name, known) or f'assign it, or write "{top}.{name}" for a field of the input'


def _variables_read(definition: Definition) -> Iterator[tuple[State, _Keys, str]]:
    for state, keys, used in definition.once(expressions):
        yield from ((state, keys, name) for name in sorted(used.variables - used.called - functions() - {"states"}))
    for state, keys, path in definition.once(reads):
        if path.root not in ("$", "$$"):
            yield state, keys, path.root


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
                waiting += [argument for argument in call.arguments if isinstance(argument, Call)]
                said = _failing(call)
                if said:
                    yield Problem(state.at(*keys), f"{call.name} fails: {said[0]}", said[1])


def _failing(call: Call) -> tuple[str, str] | None:
    first, *rest = call.arguments or (None,)
    last = rest[-1] if rest else None
    if call.name == "States.Format" and isinstance(first, Literal) and len(first.parts) - 1 != len(rest):
        return f"{len(first.parts) - 1} places to fill, and {len(rest)} values", "give each {} one value"
    if call.name == "States.Hash" and isinstance(last, Literal) and last.text not in ALGORITHMS:
        return f"no algorithm {last.text!r}", closest(last.text, ALGORITHMS) or f"write one of {', '.join(ALGORITHMS)}"
    if call.name == "States.JsonMerge" and last is True:
        return "only shallow merging is there", "write false"
    if call.name in ("States.ArrayRange", "States.ArrayPartition") and last == 0 and last is not False:
        return "the last argument is 0", "write another number"
    return None


# What answers with as much as there is, by service and action, and the parameter that limits it.
_UNLIMITED = {
    ("dynamodb", "scan"): "Limit",
    ("dynamodb", "query"): "Limit",
    ("athena", "getQueryResults"): "MaxResults",
    ("cloudwatchlogs", "filterLogEvents"): "Limit",
}


@warning("DATA_LIMIT", guide("sfn-best-practices"))
def data_limit(definition: Definition) -> Iterator[Problem]:
    """A state that may give on more than 256 KiB fails with States.DataLimitExceeded once there is that much."""
    for state in definition.of("Map"):
        mode = inside(state.fields, ("ItemProcessor", "ProcessorConfig", "Mode"))
        kept = state.fields.get("ResultPath", "$") is not None and "Output" not in state.fields
        if mode == "DISTRIBUTED" and kept and not {"ResultWriter", "ResultSelector"} & state.fields.keys():
            message = "its results come to more than 256 KiB once there are many items"
            yield Problem(state.at(), message, "give it a ResultWriter")
    for state in definition.of("Task"):
        called = integration_of(str(state.fields.get("Resource")))
        limit = _UNLIMITED.get((called.service, called.action)) if called else None
        given = state.fields.get("Arguments", state.fields.get("Parameters"))
        if limit and isinstance(given, Mapping) and not {limit, f"{limit}.$"} & given.keys():
            message = "fails with States.DataLimitExceeded when the answer is larger than 256 KiB"
            yield Problem(state.at("Resource"), message, f"give it {limit}, or read it in a function")


RULES = (
    path_without_dollar,
    path_in_a_plain_field,
    static_result,
    jsonpath_in_jsonata,
    expression_that_is_none,
    fields_of_states,
    catch_loses_the_input,
    result_replaces_the_input,
    variable_never_read,
    variable_never_assigned,
    unknown_function,
    context_fields,
    intrinsic_that_fails,
    data_limit,
)
