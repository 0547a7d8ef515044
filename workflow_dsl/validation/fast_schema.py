"""Whether a schema accepts a value, as `jsonschema` would say, at a twentieth of its time.

Nearly every definition is well shaped, and one that is needs no more than this yes; of one that is not, `jsonschema`
says what is wrong. A text with a `${placeholder}` is accepted for any value. Only the keywords of asl.schema.json are
known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Test = Callable[[Any], bool]
_KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int,),
}
_SAYS_NOTHING = ("$schema", "$comment", "$defs", "title", "then", "else", "properties")


def acceptance(schema: Any) -> Test:
    """A test for values: whether the schema accepts them. Raises KeyError for a schema with an unknown keyword."""
    return _Compiler(schema).test(schema)


def _anything(_value: Any) -> bool:
    return True


def _nothing(_value: Any) -> bool:
    return False


class _Compiler:
    def __init__(self, schema: Any) -> None:
        self._definitions = schema.get("$defs", {})
        self._by_reference: dict[str, Test] = {}

    def test(self, schema: Any) -> Test:
        if isinstance(schema, bool):
            return _anything if schema else _nothing
        keywords = [name for name in schema if name not in _SAYS_NOTHING]
        tests: list[Test] = [_KEYWORDS[name](self, schema[name], schema) for name in keywords]
        if "properties" in schema and "additionalProperties" not in schema:
            tests.append(self.members(True, schema))
        if not tests:
            return _anything
        if keywords == ["$ref"] or (schema.get("type") == "string" and len(tests) == 1):
            return tests[0]

        def test(value: Any) -> bool:
            for each in tests:
                if not each(value):
                    return isinstance(value, str) and "${" in value
            return True

        return test

    def reference(self, name: str, _schema: Any) -> Test:
        known = self._by_reference
        if name not in known:

            def while_it_contains_itself(value: Any) -> bool:
                return known[name](value)

            known[name] = while_it_contains_itself
            known[name] = self.test(self._definitions[name.rpartition("/")[2]])
        return known[name]

    def members(self, others: Any, schema: Any) -> Test:
        known = {name: self.test(each) for name, each in schema.get("properties", {}).items()}
        other = self.test(others)

        def test(value: Any) -> bool:
            if isinstance(value, dict):
                for name, each in value.items():
                    accepts = known.get(name, other)
                    if accepts is not _anything and not accepts(each):
                        return False
            return True

        return test

    def choice(self, condition: Any, schema: Any) -> Test:
        on, then, other = (self.test(each) for each in (condition, schema.get("then", True), schema.get("else", True)))
        return lambda value: then(value) if on(value) else other(value)

    def cases(self, schemas: list[Any], _schema: Any) -> Test:
        """All of schemas that are cases: if Type is one thing, then the value is what the schema for it says."""
        by_type = {each["if"]["properties"]["Type"]["const"]: self.test(each["then"]) for each in schemas}

        def test(value: Any) -> bool:
            type_ = value.get("Type") if isinstance(value, dict) else None
            case = by_type.get(type_) if isinstance(type_, str) else None
            return case is None or case(value)

        return test

    def items(self, schema: Any, _schema: Any) -> Test:
        test = self.test(schema)
        return lambda value: not isinstance(value, list) or all(map(test, value))

    def names(self, schema: Any, _schema: Any) -> Test:
        test = self.test(schema)
        return lambda value: not isinstance(value, dict) or all(map(test, value))


def _kind(names: str | list[str], _schema: Any) -> Test:
    listed = [names] if isinstance(names, str) else names
    kinds = tuple(kind for name in listed for kind in _KINDS[name])
    if bool in kinds or not {int, float} & set(kinds):
        return lambda value: isinstance(value, kinds)
    whole = "integer" in listed

    def test(value: Any) -> bool:
        if isinstance(value, bool):
            return False
        return isinstance(value, kinds) or (whole and isinstance(value, float) and value.is_integer())

    return test


def _required(names: list[str], _schema: Any) -> Test:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


def _enum(values: list[str], _schema: Any) -> Test:
    return lambda value: isinstance(value, str) and value in values


def _pattern(pattern: str, _schema: Any) -> Test:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _at_least(kind: type | tuple[type, ...], size: Callable[[Any], float]) -> Callable[[float, Any], Test]:
    return lambda least, _schema: (
        lambda value: not isinstance(value, kind) or isinstance(value, bool) or size(value) >= least
    )


def _at_most(kind: type | tuple[type, ...], size: Callable[[Any], float]) -> Callable[[float, Any], Test]:
    return lambda most, _schema: (
        lambda value: not isinstance(value, kind) or isinstance(value, bool) or size(value) <= most
    )


def _itself(value: float) -> float:
    return value


def _alone(keyword: Callable[[Any, Any], Test]) -> Callable[[_Compiler, Any, Any], Test]:
    return lambda _compiler, value, schema: keyword(value, schema)


_KEYWORDS: Mapping[str, Callable[[_Compiler, Any, Any], Test]] = {
    "$ref": _Compiler.reference,
    "additionalProperties": _Compiler.members,
    "allOf": _Compiler.cases,
    "if": _Compiler.choice,
    "items": _Compiler.items,
    "propertyNames": _Compiler.names,
    "type": _alone(_kind),
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
