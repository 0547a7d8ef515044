"""Findings: every problem is a value with a place, what is wrong and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Place(NamedTuple):
    """A file, or a line of it, or a few characters of that line; the path as it should be printed."""

    file: str
    line: int | None = None
    column: int | None = None  # from 1
    length: int = 1

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


Key = str | int


def to_pointer(keys: Iterable[Key]) -> str:
    """Keys and indices as an RFC 6901 JSON pointer."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def to_field(keys: Iterable[Key]) -> str:
    """Keys and indices as a person writes them: `Retry[0].MaxAttempts`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")


@dataclass(frozen=True, slots=True)
class Where:
    """Where a finding lies: in the definition, and in the author's Python when it came from there.

    `keys` lead from the top of the definition to it, `state` is the innermost state's name, `field` what the keys name
    inside that state, written as `Retry[0].MaxAttempts`.
    """

    keys: tuple[Key, ...] = ()
    state: str | None = None
    field: str = ""
    place: Place | None = None

    @property
    def pointer(self) -> str:
        """The keys as a JSON pointer; "" is the whole definition."""
        return to_pointer(self.keys)

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place or ""), self.in_definition)))

    @property
    def in_definition(self) -> str:
        """The state and the field in it: `"Buy" Retry[0]`."""
        state = f'"{self.state}"' if self.state is not None else ""
        return " ".join(filter(None, (state, self.field)))


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `code` is AWS's own where AWS has one; `remedy` says what to write instead."""

    code: str
    severity: Severity
    where: Where
    message: str
    remedy: str = ""
    rule: str = ""  # the name of the rule that found it, as docs/rules.md has it

    def __str__(self) -> str:
        return f"{self.where}: {self.said}" if str(self.where) else self.said

    @property
    def said(self) -> str:
        """What is wrong, and what to write instead."""
        return f"{self.message.removesuffix('.')}; {self.remedy}" if self.remedy else self.message

    def placed(self, place: Place | None) -> Finding:
        """The same finding, with the author's line beside its place in the definition."""
        return replace(self, where=replace(self.where, place=place)) if place else self

    def as_json(self) -> dict[str, object]:
        """The finding as a JSON object, keys always present."""
        place = self.where.place
        return {
            "code": self.code,
            "severity": self.severity,
            "pointer": self.where.pointer,
            "state": self.where.state,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "message": self.message,
            "remedy": self.remedy,
            "rule": self.rule or None,
        }


class FindingsError(Exception):
    """Raised where work cannot go on; `findings` says why, all of it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def authoring_error(place: Place | None, message: str, remedy: str = "", state: str | None = None) -> FindingsError:
    """An author's mistake in Python, at the line where it was made."""
    return FindingsError([Finding("AUTHORING", "error", Where(state=state, place=place), message, remedy)])


_MOST_TO_COMPARE = 100  # names; a definition with thousands of mistakes is not to take minutes


def closest(name: str, known: Iterable[str]) -> str:
    """`did you mean "..."?`, or nothing where no known name is near."""
    known = list(known)
    near = [candidate for candidate in known if candidate.lower() == name.lower()]
    if len(known) > _MOST_TO_COMPARE:
        known = [each for each in known if each[:2].lower() == name[:2].lower() and abs(len(each) - len(name)) < 4]
    if not near and len(known) <= _MOST_TO_COMPARE:
        import difflib  # a millisecond that a clean definition need not wait for

        near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else ""


def some_of(names: Iterable[str], most: int = 12) -> str:
    """Names as a list that fits into a message."""
    known = list(names)
    return ", ".join(known if len(known) <= most else [*known[: most - 1], f"{len(known) - most + 1} others"])
