"""Read a template's intrinsic functions without resolving them: their kind, their operands, their references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from workflow_dsl.definition.json import Json

_IN_SUB = re.compile(r"\$\{([^}]+)\}")


def dict_or_empty(value: Json) -> dict[str, Json]:
    """The value if it is an object, else an empty one: CloudFormation will refuse it."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value if it is a list, else a list of it; an empty one for null."""
    return value if isinstance(value, list) else [] if value is None else [value]


def attribute_of(operand: Json) -> tuple[str, str] | None:
    """The resource and attribute of a GetAtt, from `Name.Attribute` or a list; None for anything else."""
    parts = operand.split(".", 1) if isinstance(operand, str) else operand
    is_pair = isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts)
    return (parts[0], parts[1]) if is_pair else None


def placeholder_name(operand: Json) -> str:
    """A placeholder's name for an intrinsic function with this operand."""
    return re.sub(r"[^\w.:]+", "", operand if isinstance(operand, str) else str(operand)) or "value"


def is_intrinsic(value: Mapping[str, Json]) -> bool:
    """True if an object is a call of an intrinsic function."""
    name = next(iter(value), "")
    return len(value) == 1 and (name == "Ref" or name.startswith("Fn::"))


def contains_macro(value: Json) -> bool:
    """True if a value is the result of an intrinsic function, or contains a macro or a loop at any depth."""
    if isinstance(value, dict) and is_intrinsic(value):
        return True
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if any(name.startswith(("Fn::ForEach", "Fn::Transform")) for name in item):
                return True
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def references(value: Json) -> Iterator[str]:
    """Yield the names in the Ref, GetAtt and Sub of a value, at any depth: resources, parameters, pseudo parameters."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            for name, operand in item.items():
                if name == "Ref" and isinstance(operand, str):
                    yield operand.partition(".")[0]
                elif name == "Fn::GetAtt" and as_list(operand) and isinstance(as_list(operand)[0], str):
                    yield operand[0] if isinstance(operand, list) else operand.partition(".")[0]
                elif name == "Fn::Sub":
                    text, *own = as_list(operand) or [""]
                    own_values = dict_or_empty(own[0]) if own else {}
                    yield from (name for name in _names_in_sub(str(text)) if name not in own_values)
                    waiting.extend(own_values.values())
                else:
                    waiting.append(operand)


def _names_in_sub(text: str) -> Iterator[str]:
    return (name.partition(".")[0] for name in _IN_SUB.findall(_closed(text)) if not name.startswith("!"))


def substitute_names(text: str, value: Callable[[str], str]) -> str:
    """Return Sub's string with the value of each name in it; `${!Literal}` becomes `${Literal}`."""

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        return f"${{{name[1:]}}}" if name.startswith("!") else value(name)

    closed = _closed(text)
    return _IN_SUB.sub(replaced, closed) + text[len(closed) :]


def _closed(text: str) -> str:
    """The string up to its last brace: to search for the end of each ${ after it would take quadratic time."""
    return text[: text.rfind("}") + 1]
