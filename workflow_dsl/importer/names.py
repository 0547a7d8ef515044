"""Python names for states, functions and files."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

from workflow_dsl import authoring
from workflow_dsl.compiler.links import asl_name
from workflow_dsl.regexes import lazy_regex

_WORDS = lazy_regex(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+[a-z]*")
_MOST_CHARACTERS = 32
_TAKEN = frozenset((*authoring.__all__, *dir(builtins), *keyword.kwlist, *keyword.softkwlist, "build"))
_SMALL_WORDS = frozenset("a an and as at by for from if in into is of on or than that the to when with".split())
_AMBIGUOUS = frozenset("lOI")


def python_name(text: str, fallback: str = "state") -> str:
    """Return a string as a name in snake_case, such as `buy_or_sell`; `fallback` if it has no letter or digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = [word.lower() for word in _WORDS.findall(plain.replace("'", ""))]
    name = "_".join(_shortened(words)) or fallback
    return f"{fallback}_{name}" if name[0].isdigit() or name in _AMBIGUOUS else name


def _shortened(words: list[str]) -> list[str]:
    """The words that fit into a name, without one at the end that points to a word that does not."""
    kept: list[str] = []
    for word in words:
        if kept and len("_".join([*kept, word])) > _MOST_CHARACTERS:
            while len(kept) > 1 and kept[-1] in _SMALL_WORDS:
                kept.pop()
            break
        kept.append(word[:_MOST_CHARACTERS])
    return kept


class Names:
    """The names of one module, each used once."""

    def __init__(self) -> None:
        self._taken = set(_TAKEN)

    def new(self, text: str, fallback: str = "state") -> str:
        """Return a new name for a string."""
        return self._unique(python_name(text, fallback), fallback)

    def new_constant(self, words: Iterable[str], fallback: str) -> str:
        """Return a new name in capitals."""
        return self._unique(python_name(" ".join(words), fallback).upper(), fallback.upper())

    def _unique(self, name: str, fallback: str) -> str:
        first = f"{name}_{fallback}" if name in _TAKEN else name
        candidate, number = first, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{first}_{number}"
        self._taken.add(candidate)
        return candidate


def field_name(name: str) -> str | None:
    """Return the name in Python of a field of ASL: max_concurrency; None if no field of a state has this name."""
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name.replace("CSV", "Csv")).lower()
    return snake if snake.isidentifier() and asl_name(snake) == name else None


def module_name(text: str) -> str:
    """Return the name of a workflow's module for a file or a state machine."""
    name = python_name(text, "workflow")
    return f"{name}_workflow" if keyword.iskeyword(name) else name
