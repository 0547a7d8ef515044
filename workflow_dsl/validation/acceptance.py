"""Whether a schema accepts a value, as `jsonschema` would say, at a twelfth of its time.

Nearly every definition is well shaped, and one that is needs no more than this yes; of one that is not, `jsonschema`
says what is wrong. A text with a `${placeholder}` is accepted for any value. Only the keywords of asl.schema.json are
known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Test = Callable[[Any], bool]
_KINDS: dict[str, Test] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool))
    or (isinstance(value, float) and value.is_integer()),
}
_SAYS_NOTHING = ("$schema", "$comment", "$defs", "title", "then", "else", "properties")


def acceptance(schema: Any) -> Test:
    """A test for values: whether the schema accepts them. Raises KeyError for a schema with an unknown keyword."""
    return _Compiler(schema).test(schema)


class _Compiler:
    def __init__(self, schema: Any) -> None:
        self._definitions = schema.get("$defs", {})
        self._by_reference: dict[str, Test] = {}

    def test(self, schema: Any) -> Test:
        if isinstance(schema, bool):
            return lambda _value: schema
        tests: list[Test] = [_KEYWORDS[name](self, schema[name], schema) for name in schema if name not in _SAYS_NOTHING]
        if "properties" in schema and "additionalProperties" not in schema:
            tests.append(self.members(True, schema))
        if len(tests) == 1 and "$ref" in schema:
            return tests[0]
        return lambda value: all(test(value) for test in tests) or (isinstance(value, str) and "${" in value)

    def reference(self, name: str, _schema: Any) -> Test:
        if name not in self._by_reference:
            self._by_reference[name] = lambda value: self._by_reference[name](value)  # while it contains itself
            self._by_reference[name] = self.test(self._definitions[name.rpartition("/")[2]])
        return self._by_reference[name]

    def kind(self, names: str | list[str], _schema: Any) -> Test:
        kinds = [_KINDS[name] for name in ([names] if isinstance(names, str) else names)]
        return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)

    def members(self, others: Any, schema: Any) -> Test:
        known = {name: self.test(each) for name, each in schema.get("properties", {}).items()}
        other = self.test(others)

        def test(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            return all(known.get(name, other)(each) for name, each in value.items())

        return test

    def choice(self, condition: Any, schema: Any) -> Test:
        on, then, other = (self.test(each) for each in (condition, schema.get("then", True), schema.get("else", True)))
        return lambda value: then(value) if on(value) else other(value)

    def every(self, schemas: list[Any], _schema: Any) -> Test:
        tests = [self.test(each) for each in schemas]
        return lambda value: all(test(value) for test in tests)

    def items(self, schema: Any, _schema: Any) -> Test:
        test = self.test(schema)
        return lambda value: not isinstance(value, list) or all(map(test, value))

    def names(self, schema: Any, _schema: Any) -> Test:
        test = self.test(schema)
        return lambda value: not isinstance(value, dict) or all(map(test, value))


def _required(names: list[str], _schema: Any) -> Test:
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _enum(values: list[str], _schema: Any) -> Test:
    return lambda value: isinstance(value, str) and value in values


def _pattern(pattern: str, _schema: Any) -> Test:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _at_least(kind: type | tuple[type, ...], size: Callable[[Any], float]) -> Callable[[float, Any], Test]:
    return lambda least, _schema: lambda value: (
        not isinstance(value, kind) or isinstance(value, bool) or size(value) >= least
    )


def _at_most(kind: type | tuple[type, ...], size: Callable[[Any], float]) -> Callable[[float, Any], Test]:
    return lambda most, _schema: lambda value: (
        not isinstance(value, kind) or isinstance(value, bool) or size(value) <= most
    )


def _itself(value: float) -> float:
    return value


def _alone(keyword: Callable[[Any, Any], Test]) -> Callable[[_Compiler, Any, Any], Test]:
    return lambda _compiler, value, schema: keyword(value, schema)


_KEYWORDS: Mapping[str, Callable[[_Compiler, Any, Any], Test]] = {
    "$ref": _Compiler.reference,
    "type": _Compiler.kind,
    "additionalProperties": _Compiler.members,
    "allOf": _Compiler.every,
    "if": _Compiler.choice,
    "items": _Compiler.items,
    "propertyNames": _Compiler.names,
    "required": _alone(_required),
    "enum": _alone(_enum),
    "const": _alone(lambda wanted, _schema: lambda value: bool(value == wanted)),
    "pattern": _alone(_pattern),
    "minimum": _alone(_at_least((int, float), _itself)),
    "maximum": _alone(_at_most((int, float), _itself)),
    "minLength": _alone(_at_least(str, len)),
    "minItems": _alone(_at_least(list, len)),
    "minProperties": _alone(_at_least(dict, len)),
}
