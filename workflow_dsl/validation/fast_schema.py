"""A fast yes/no check against asl.schema.json, about 20 times faster than `jsonschema`.

Nearly every definition has the right shape and needs no more than this; only for the others `jsonschema` finds the
errors. A string that contains a `${placeholder}` is accepted for any value. Only the keywords of asl.schema.json are
supported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Predicate = Callable[[Any], bool]
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int,),
}
_NOT_COMPILED = ("$schema", "$comment", "$defs", "title", "then", "else", "properties")


def compile_schema(schema: Any) -> Predicate:
    """Return a predicate that is true for the values that the schema accepts; KeyError for an unknown keyword."""
    return _Compiler(schema).predicate(schema)


def _always(_value: Any) -> bool:
    return True


def _never(_value: Any) -> bool:
    return False


class _Compiler:
    """Compiles a schema, keyword by keyword; each method but the first is the compiler of one keyword."""

    def __init__(self, schema: Any) -> None:
        self._definitions = schema.get("$defs", {})
        self._by_reference: dict[str, Predicate] = {}

    def predicate(self, schema: Any) -> Predicate:
        if isinstance(schema, bool):
            return _always if schema else _never
        keywords = [name for name in schema if name not in _NOT_COMPILED]
        predicates: list[Predicate] = [_KEYWORDS[name](self, schema[name], schema) for name in keywords]
        if "properties" in schema and "additionalProperties" not in schema:
            predicates.append(self.members(True, schema))
        if not predicates:
            return _always
        if keywords == ["$ref"] or (schema.get("type") == "string" and len(predicates) == 1):
            return predicates[0]

        def accepts(value: Any) -> bool:
            for predicate in predicates:
                if not predicate(value):
                    return isinstance(value, str) and "${" in value
            return True

        return accepts

    def reference(self, name: str, _schema: Any) -> Predicate:
        predicates = self._by_reference
        if name not in predicates:

            def recursive(value: Any) -> bool:
                return predicates[name](value)

            predicates[name] = recursive  # until the definition, which may refer to itself, is compiled
            predicates[name] = self.predicate(self._definitions[name.rpartition("/")[2]])
        return predicates[name]

    def members(self, others: Any, schema: Any) -> Predicate:
        properties = {name: self.predicate(member) for name, member in schema.get("properties", {}).items()}
        other = self.predicate(others)

        def accepts(value: Any) -> bool:
            if isinstance(value, dict):
                for name, member in value.items():
                    predicate = properties.get(name, other)
                    if predicate is not _always and not predicate(member):
                        return False
            return True

        return accepts

    def condition(self, if_: Any, schema: Any) -> Predicate:
        parts = (if_, schema.get("then", True), schema.get("else", True))
        condition, then, other = map(self.predicate, parts)
        return lambda value: then(value) if condition(value) else other(value)

    def cases(self, schemas: list[Any], _schema: Any) -> Predicate:
        """A list of cases under allOf, each `if` Type is a constant, `then` a schema for the value."""
        by_type = {case["if"]["properties"]["Type"]["const"]: self.predicate(case["then"]) for case in schemas}

        def accepts(value: Any) -> bool:
            type_ = value.get("Type") if isinstance(value, dict) else None
            predicate = by_type.get(type_) if isinstance(type_, str) else None
            return predicate is None or predicate(value)

        return accepts

    def items(self, schema: Any, _schema: Any) -> Predicate:
        predicate = self.predicate(schema)
        return lambda value: not isinstance(value, list) or all(map(predicate, value))

    def names(self, schema: Any, _schema: Any) -> Predicate:
        predicate = self.predicate(schema)
        return lambda value: not isinstance(value, dict) or all(map(predicate, value))


def _type(names: str | list[str], _schema: Any) -> Predicate:
    listed = [names] if isinstance(names, str) else names
    types = tuple(type_ for name in listed for type_ in _TYPES[name])
    if bool in types or not {int, float} & set(types):
        return lambda value: isinstance(value, types)
    takes_integers = "integer" in listed

    def accepts(value: Any) -> bool:
        if isinstance(value, bool):
            return False
        return isinstance(value, types) or (takes_integers and isinstance(value, float) and value.is_integer())

    return accepts


def _required(names: list[str], _schema: Any) -> Predicate:
    required = frozenset(names)
    return lambda value: not isinstance(value, dict) or required <= value.keys()


def _enum(values: list[str], _schema: Any) -> Predicate:
    return lambda value: isinstance(value, str) and value in values


def _const(constant: Any, _schema: Any) -> Predicate:
    return lambda value: bool(value == constant)


def _pattern(pattern: str, _schema: Any) -> Predicate:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _minimum(types: type | tuple[type, ...], size: Callable[[Any], float]) -> Callable[[float, Any], Predicate]:
    return lambda minimum, _schema: (
        lambda value: not isinstance(value, types) or isinstance(value, bool) or size(value) >= minimum
    )


def _maximum(types: type | tuple[type, ...], size: Callable[[Any], float]) -> Callable[[float, Any], Predicate]:
    return lambda maximum, _schema: (
        lambda value: not isinstance(value, types) or isinstance(value, bool) or size(value) <= maximum
    )


def _itself(value: float) -> float:
    return value


def _simple(keyword: Callable[[Any, Any], Predicate]) -> Callable[[_Compiler, Any, Any], Predicate]:
    """A keyword without subschemas, in the form of one that needs the compiler."""
    return lambda _compiler, value, schema: keyword(value, schema)


_KEYWORDS: Mapping[str, Callable[[_Compiler, Any, Any], Predicate]] = {
    "$ref": _Compiler.reference,
    "additionalProperties": _Compiler.members,
    "allOf": _Compiler.cases,
    "if": _Compiler.condition,
    "items": _Compiler.items,
    "propertyNames": _Compiler.names,
    "type": _simple(_type),
    "required": _simple(_required),
    "enum": _simple(_enum),
    "const": _simple(_const),
    "pattern": _simple(_pattern),
    "minimum": _simple(_minimum((int, float), _itself)),
    "maximum": _simple(_maximum((int, float), _itself)),
    "minLength": _simple(_minimum(str, len)),
    "minItems": _simple(_minimum(list, len)),
    "minProperties": _simple(_minimum(dict, len)),
}
