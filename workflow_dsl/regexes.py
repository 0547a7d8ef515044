"""Regular expressions at the top of modules, compiled when they are used: most commands need few of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


def lazy_regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that is compiled when it is used for the first time."""
    return cast("re.Pattern[str]", _Pattern(text, flags))


@contextmanager
def left_uncompiled(text: str) -> Iterator[None]:
    """Let a module that is imported in the block have a regular expression that is compiled when it is used.

    It stands in for the compiled one where `re` keeps those, so that nothing changes if `re` keeps them elsewhere.
    """
    caches: list[dict[Any, Any]] = [getattr(re, name, {}) for name in ("_cache", "_cache2")]
    key = str, text, 0
    caches[0][key] = _Pattern(text, 0)
    try:
        yield
    finally:
        for cache in caches:
            cache.pop(key, None)


class _Pattern:
    """Has the methods of a compiled pattern; each is looked up once."""

    def __init__(self, text: str, flags: int) -> None:
        self._arguments = text, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(*self._arguments), name)  # re keeps what it compiled
        setattr(self, name, value)
        return value
