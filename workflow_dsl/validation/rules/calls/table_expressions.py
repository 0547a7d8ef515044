"""The expressions of DynamoDB calls: the names and values in them, and reserved words.

DynamoDB developer guide, "Using expressions in DynamoDB", "Expression attribute names" and "Reserved words in
DynamoDB", whose list is reserved_words.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from workflow_dsl.definition.integrations import Integration
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import did_you_mean
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation.rules.calls.mistakes import Mistake

_EXPRESSIONS = tuple(f"{kind}Expression" for kind in ("Condition", "Filter", "KeyCondition", "Projection", "Update"))
_TABLES = (("#", "ExpressionAttributeNames"), (":", "ExpressionAttributeValues"))
_WORD = lazy_regex(r"(?:[#:]\w+|[A-Za-z_]\w*)(?P<call>\s*\()?")
_OPERATORS = frozenset("ADD AND BETWEEN DELETE IN NOT OR REMOVE SET".split())


_SEPARATED = lazy_regex(r",\s*(SET|ADD|REMOVE|DELETE)\b(?=\s+[\w#])", re.IGNORECASE)
_ENDS_EARLY = lazy_regex(r"(?:^|\s)(SET|ADD|REMOVE|DELETE|AND|OR|NOT|BETWEEN|IN|[=<>+-]|<>|<=|>=)\s*$", re.IGNORECASE)


@cache
def _reserved() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("reserved_words.txt").read_text("ascii").split())


def refused_expressions(call: Integration, holder: str, arguments: Mapping[str, Json]) -> Iterator[Mistake]:
    """Yield the mistakes in the expressions of a call: names and values, reserved words, functions and clauses."""
    texts = {name: arguments[name] for name in _EXPRESSIONS if name in arguments}
    is_whole = len(texts) == sum(name.removesuffix(".$") in _EXPRESSIONS for name in arguments)
    are_known = all(is_known(text) and not text.startswith("{%") for text in texts.values())
    if call.service == "dynamodb" and texts and is_whole and are_known:
        yield from _of_call(holder, arguments, texts)
    returned = arguments.get("ReturnValues")
    if call.service == "dynamodb" and call.action in ("putItem", "deleteItem") and returned in _ONLY_OF_UPDATES:
        message = f"ReturnValues is {returned}, which {call.action} does not have"
        yield Mistake((holder, "ReturnValues"), message, "write ALL_OLD or NONE")


# API reference of DynamoDB, "PutItem" and "DeleteItem", `ReturnValues`.
_ONLY_OF_UPDATES = ("ALL_NEW", "UPDATED_NEW", "UPDATED_OLD")


def _of_call(holder: str, arguments: Mapping[str, Json], expressions: Mapping[str, str]) -> Iterator[Mistake]:
    words = {word[0].strip(" (") for text in expressions.values() for word in _WORD.finditer(text)}
    for sign, field in _TABLES:
        yield from _definitions(holder, arguments, {word for word in words if word.startswith(sign)}, field)
    separated = _SEPARATED.search(expressions.get("UpdateExpression", ""))
    if separated is not None:
        message = f"UpdateExpression has a comma before {separated[1]}, which begins a clause of its own"
        yield Mistake((holder, "UpdateExpression"), message, "remove the comma")
    for message, remedy in _clauses(expressions.get("UpdateExpression", "")):
        yield Mistake((holder, "UpdateExpression"), message, remedy)
    for name, text in expressions.items():
        if (end := _ENDS_EARLY.search(text)) is not None:
            remedy = "write what follows; in YAML, put the text in quotes, because a # after a space begins a comment"
            yield Mistake((holder, name), f"{name} ends after {end[1]}", remedy)
        for function in _unknown_functions(text):
            remedy = did_you_mean(function, _FUNCTIONS) or f"DynamoDB has {', '.join(sorted(_FUNCTIONS))}"
            yield Mistake((holder, name), f"{name} calls {function}, which DynamoDB does not have", remedy)
        reserved = next((each for each in _plain_words(text) if each.upper() in _reserved()), None)
        if reserved:
            message = f"{name} has {reserved}, which is a reserved word of DynamoDB"
            remedy = f'write #{reserved}, and ExpressionAttributeNames: {{"#{reserved}": {reserved}}}'
            yield Mistake((holder, name), message, remedy)


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


def _definitions(holder: str, arguments: Mapping[str, Json], used: set[str], field: str) -> Iterator[Mistake]:
    """Names or values of expressions that have no definition, and definitions that no expression uses."""
    given = arguments.get(field, {})
    if not isinstance(given, dict) or f"{field}.$" in arguments:
        return
    defined = {name.removesuffix(".$") for name in given}
    where = (holder, field) if field in arguments else (holder,)
    for word in sorted(used - defined):
        remedy = did_you_mean(word, defined - used) or f"add {word} to {field}"
        yield Mistake(where, f"{field} has no {word}", remedy)
    for word in sorted(defined - used) if not used - defined else ():
        key = word if word in given else f"{word}.$"
        yield Mistake((holder, field, key), f"{field} has {word}, which no expression uses", f"remove {word}")


def _plain_words(text: str) -> Iterator[str]:
    """The attribute names in an expression that are neither placeholders nor part of its syntax."""
    for word in _WORD.finditer(text):
        if not word["call"] and not word[0].startswith(("#", ":")) and word[0].upper() not in _OPERATORS:
            yield word[0]
