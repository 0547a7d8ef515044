"""Regular expressions at the top of modules, compiled when they are used: most commands need few of them."""

from __future__ import annotations

import re
from re import compile as compile_now  # also while light_imports() has another in its place
from typing import Any, cast


def lazy_regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that is compiled when it is used for the first time."""
    return cast("re.Pattern[str]", _Pattern(text, flags))


class _Pattern:
    """Has the methods of a compiled pattern; each is looked up once."""

    def __init__(self, text: str, flags: int) -> None:
        self._arguments = text, flags

    @property  # type: ignore[misc]  # it is never set
    def __class__(self) -> Any:
        """The class of compiled patterns: `re.sub(pattern, ...)` takes no other object."""
        return re.Pattern

    def __getattr__(self, name: str) -> Any:
        value = getattr(compile_now(*self._arguments), name)  # re keeps what it compiled
        setattr(self, name, value)
        return value
