"""Misspellings of every field that a definition reads, one at a time, and how many of them check() finds."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Keys
from workflow_dsl.shapes import Declared
from workflow_dsl.validation import check, rules

OF_VALUES = {rule.code for rule in rules() if rule.of_values} - {"UNUSED_VARIABLE"}
_PATH_FIELDS = re.compile(r"\.\$$|^(InputPath|OutputPath|ItemsPath|Variable|SecondsPath|ErrorPath|CausePath)$")
_IN_PATH = re.compile(r"(?<![\w$])\$(?!\$)(?:\.\w+|\[[^\]]*\])+")
_IN_QUERY = re.compile(r"\$(?:states\.(?:input|result|errorOutput)|[a-zA-Z]+)(?:\.\w+)+")
_NAME = re.compile(r"\.([a-zA-Z_]\w*)")


class Misspelling(NamedTuple):
    """A definition with one name misspelt: the place, the text as it was, and the name."""

    keys: Keys
    text: str
    name: str
    definition: dict[str, Any]


def misspellings(definition: dict[str, Any]) -> Iterator[Misspelling]:
    """Yield the definition once for each name that it reads, with this name misspelt."""
    for keys, text in _texts(definition, ()):
        pattern = _IN_QUERY if text.startswith("{%") else _IN_PATH
        for path in pattern.finditer(text):
            of_aws = len("$states.") if path.group().startswith("$states.") else 0  # the name after it is one of AWS
            start = path.group().find(".", of_aws)
            if start < 0 or path.group().startswith("$states.context."):
                continue
            for name in _NAME.finditer(path.group(), start):
                begin, end = path.start() + name.start(1), path.start() + name.end(1)
                wrong = f"{text[:begin]}{_misspelt(name[1])}{text[end:]}"
                yield Misspelling(keys, text, name[1], _with(definition, keys, wrong))


def misspelt_code(source: str) -> Iterator[tuple[str, str]]:
    """Yield the code of a function once for each name that it reads or gives in quotes, misspelt: the name, the code."""
    lines = source.splitlines()
    tree = ast.parse(source)
    reads = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    keys = [key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    for node in (*reads, *keys):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            line, begin, end = node.lineno - 1, node.col_offset, node.end_col_offset
            wrong = f"{lines[line][:begin]}{_misspelt(node.value)!r}{lines[line][end:]}"
            yield f"{node.lineno}: {node.value}", "\n".join([*lines[:line], wrong, *lines[line + 1 :]])


def _misspelt(name: str) -> str:
    return name[:-1] if len(name) > 2 else f"{name}x"


def _texts(value: Any, keys: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*keys, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*keys, index))
    elif isinstance(value, str) and (value.startswith("{%") or _PATH_FIELDS.search(str(keys[-1]))):
        yield keys, value


def _with(definition: dict[str, Any], keys: Keys, text: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(definition))
    holder: Any = copy
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = text
    return copy


def is_found(misspelling: Misspelling, declared: Declared, substitutions: dict[str, Any] | None = None) -> bool:
    """True if check() finds the misspelling, and no traceback."""
    findings = check(Machine(misspelling.definition), declared=declared, substitutions=substitutions)
    return any(finding.code in OF_VALUES for finding in findings)
