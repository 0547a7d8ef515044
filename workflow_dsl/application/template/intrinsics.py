"""Read a template's intrinsic functions without resolving them: their kind, their operands, their references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_placeholder
from workflow_dsl.regexes import lazy_regex

_IN_SUB = lazy_regex(r"\$\{([^}]+)\}")


def dict_or_empty(value: Json) -> dict[str, Json]:
    """The value if it is an object, else an empty one: CloudFormation will refuse it."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value if it is a list, else a list of it; an empty one for null."""
    return value if isinstance(value, list) else [] if value is None else [value]


def as_string(value: Json) -> str:
    """A value as CloudFormation writes it into a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def merged(defaults: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return the values with the defaults that they lack, at any depth of objects."""
    own = {
        name: merged(defaults[name], value)
        if isinstance(value, dict) and isinstance(defaults.get(name), dict)
        else value
        for name, value in values.items()
    }
    return {**defaults, **own}


def attribute_of(operand: Json) -> tuple[str, str] | None:
    """The resource and attribute of a GetAtt, from `Name.Attribute` or a list; None for anything else."""
    parts = operand.split(".", 1) if isinstance(operand, str) else operand
    is_pair = isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts)
    return (parts[0], parts[1]) if is_pair else None


def placeholder_name(operand: Json) -> str:
    """A placeholder's name for an intrinsic function with this operand."""
    return re.sub(r"[^\w.:]+", "", operand if isinstance(operand, str) else str(operand)) or "value"


def text_here(value: Json) -> str | None:
    """A string; None for another value, and where a placeholder or a dynamic reference stands for all of it."""
    if not isinstance(value, str) or is_placeholder(value) or value.startswith("{{resolve:"):
        return None
    return value


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


def loop_outputs(fields: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the outputs of the Fn::ForEach in an object, each by its key, which has the loop's `${Name}` or `&{Name}`.

    CloudFormation user guide, "Fn::ForEach": a name, the values for it, and an object that is repeated with each.
    """
    waiting = [loop for name, loop in fields.items() if name.startswith("Fn::ForEach")]
    while waiting:
        loop = waiting.pop()
        output = dict_or_empty(loop[2]) if isinstance(loop, list) and len(loop) == 3 else {}
        waiting += [inner for name, inner in output.items() if name.startswith("Fn::ForEach")]
        yield from ((name, value) for name, value in output.items() if not name.startswith("Fn::"))


def may_be_output(key: str, name: str) -> bool:
    """True if a loop may give the output with this key a name."""
    before, _, rest = key.replace("&{", "${").partition("${")
    after = rest.rpartition("}")[2]
    is_longer = bool(rest) and len(name) > len(before) + len(after)
    return name == key or (is_longer and name.startswith(before) and name.endswith(after))


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
                    yield from (name.partition(".")[0] for name in names_in_sub(str(text)) if name not in own_values)
                    waiting.extend(own_values.values())
                else:
                    waiting.append(operand)


def names_in_sub(text: str) -> Iterator[str]:
    """Yield the names in Sub's string, without the spaces around them: `Resource`, or `Resource.Attribute`."""
    return (name.strip() for name in _IN_SUB.findall(_closed(text)) if not name.startswith("!"))


LONGEST = 51_200  # characters: a template in a request has no more (CloudFormation guide, "Quotas")


def limited(text: str) -> str:
    """A string with an end: names that repeat others would double with each of them."""
    return text[:LONGEST]


def joined(separator: str, parts: Iterable[str]) -> str:
    """The parts in one string, which ends as limited() ends it: a long separator would be repeated for each part."""
    text = next(iterator := iter(parts), "")
    for part in iterator:
        if len(text) > LONGEST:
            break
        text += separator + part
    return limited(text)


def substitute_names(text: str, value: Callable[[str], str]) -> str:
    """Return Sub's string with the value of each name in it; `${!Literal}` becomes `${Literal}`.

    The values have LONGEST characters in all at most, and are cut after them: a long one could be repeated often.
    """
    left = LONGEST

    def replaced(match: re.Match[str]) -> str:
        nonlocal left
        name = match[1]
        result = f"${{{name[1:]}}}" if name.startswith("!") else value(name.strip())[:left]
        left = max(0, left - len(result))
        return result

    closed = _closed(text)
    return _IN_SUB.sub(replaced, closed) + text[len(closed) :]


def _closed(text: str) -> str:
    """The string up to its last brace: to search for the end of each ${ after it would take quadratic time."""
    return text[: text.rfind("}") + 1]
