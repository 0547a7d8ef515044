"""The expressions of DynamoDB calls: the names and values in them, and reserved words.

DynamoDB developer guide, "Using expressions in DynamoDB", "Expression attribute names" and "Reserved words in
DynamoDB", whose list is reserved_words.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State
from workflow_dsl.findings import did_you_mean
from workflow_dsl.regexes import lazy_regex

_EXPRESSIONS = tuple(f"{kind}Expression" for kind in ("Condition", "Filter", "KeyCondition", "Projection", "Update"))
_TABLES = (("#", "ExpressionAttributeNames"), (":", "ExpressionAttributeValues"))
_WORD = lazy_regex(r"(?:[#:]\w+|[A-Za-z_]\w*)(?P<call>\s*\()?")
_OPERATORS = frozenset("ADD AND BETWEEN DELETE IN NOT OR REMOVE SET".split())


_SEPARATED = lazy_regex(r",\s*(SET|ADD|REMOVE|DELETE)\b(?=\s+[\w#])", re.IGNORECASE)


@cache
def _reserved() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("reserved_words.txt").read_text("ascii").split())


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The mistakes in the expressions of a call, with keys from the state on."""
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    parameters = dict_or_empty(state.fields.get(holder))
    expressions = {name: parameters[name] for name in _EXPRESSIONS if name in parameters}
    is_whole = len(expressions) == sum(name.removesuffix(".$") in _EXPRESSIONS for name in parameters)
    texts = [text for text in expressions.values() if isinstance(text, str) and not re.search(r"^\{%|\$\{", text)]
    if site.call.service != "dynamodb" or not texts or not is_whole or len(texts) < len(expressions):
        return
    words = {word[0].strip(" (") for text in texts for word in _WORD.finditer(text)}
    for sign, field in _TABLES:
        yield from _definitions(holder, parameters, {word for word in words if word.startswith(sign)}, field)
    update = expressions.get("UpdateExpression", "")
    if (separated := _SEPARATED.search(update)) is not None:
        message = f"UpdateExpression has a comma before {separated[1]}, which begins a clause of its own"
        yield Problem((holder, "UpdateExpression"), message, "remove the comma", "REFUSED_CALL")
    for message, remedy in _clauses(update):
        yield Problem((holder, "UpdateExpression"), message, remedy, "REFUSED_CALL")
    for name, text in expressions.items():
        for function in _unknown_functions(text):
            remedy = did_you_mean(function, _FUNCTIONS) or f"DynamoDB has {', '.join(sorted(_FUNCTIONS))}"
            message = f"{name} calls {function}, which DynamoDB does not have"
            yield Problem((holder, name), message, remedy, "REFUSED_CALL")
        reserved = next((each for each in _plain_words(text) if each.upper() in _reserved()), None)
        if reserved:
            message = f"{name} has {reserved}, which is a reserved word of DynamoDB"
            remedy = f'write #{reserved}, and ExpressionAttributeNames: {{"#{reserved}": {reserved}}}'
            yield Problem((holder, name), message, remedy, "REFUSED_CALL")


_CLAUSE = lazy_regex(r"(?<![\w#:.])(SET|ADD|REMOVE|DELETE)\s+", re.IGNORECASE)


def _clauses(update: str) -> Iterator[tuple[str, str]]:
    """Clauses with an = where they have none, and without one in SET (developer guide, "Using update expressions")."""
    _, *parts = _CLAUSE.split(update)
    for clause, text in zip(parts[::2], parts[1::2], strict=True):
        name = clause.upper()
        if name == "SET" and "=" not in text:
            yield f"UpdateExpression has {name} without =", "write SET NAME = :value"
        elif name in ("ADD", "DELETE") and "=" in text:
            yield f"UpdateExpression has = in {name}", f"write {name} NAME :value"


# DynamoDB developer guide, "Condition and filter expressions, operators, and functions" and "Using update expressions".
_FUNCTIONS = frozenset(
    "attribute_exists attribute_not_exists attribute_type begins_with contains if_not_exists list_append size".split()
)


def _unknown_functions(text: str) -> Iterator[str]:
    for word in _WORD.finditer(text):
        name = word[0].strip(" (")
        if word["call"] and name.isidentifier() and name.upper() not in _OPERATORS and name not in _FUNCTIONS:
            yield name


def _definitions(holder: str, parameters: dict[str, object], used: set[str], field: str) -> Iterator[Problem]:
    """Names or values of expressions that have no definition, and definitions that no expression uses."""
    given = parameters.get(field, {})
    if not isinstance(given, dict) or f"{field}.$" in parameters:
        return
    defined = {name.removesuffix(".$") for name in given}
    for word in sorted(used - defined):
        remedy = did_you_mean(word, defined - used) or f"add {word} to {field}"
        yield Problem((holder, field), f"{field} has no {word}", remedy, "REFUSED_CALL")
    for word in sorted(defined - used) if not used - defined else ():
        message = f"{field} has {word}, which no expression uses"
        yield Problem((holder, field, word), message, f"remove {word}", "REFUSED_CALL")


def _plain_words(text: str) -> Iterator[str]:
    """The attribute names in an expression that are neither placeholders nor part of its syntax."""
    for word in _WORD.finditer(text):
        if not word["call"] and not word[0].startswith(("#", ":")) and word[0].upper() not in _OPERATORS:
            yield word[0]
