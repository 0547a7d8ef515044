"""Findings: every problem is a value with a place, what is wrong and what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
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
Keys = tuple[Key, ...]  # from the top of a document to one of its values


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

    keys: Keys = ()
    state: str | None = None
    field: str = ""
    place: Place | None = None
    of_key: bool = False  # whether it is the name of the field that is meant, not what it holds

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
        return f"{self.where}: {self.text}" if str(self.where) else self.text

    @property
    def text(self) -> str:
        """What is wrong, and what to write instead."""
        return f"{self.message.removesuffix('.')}; {self.remedy}" if self.remedy else self.message

    def at(self, place: Place | None) -> Finding:
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


_MOST_TO_LOOK_THROUGH = 2_000
_MOST_TO_COMPARE = 100  # names; a definition with thousands of mistakes is not to take minutes


def closest(name: str, known: Collection[str]) -> str:
    """`did you mean "..."?`, or nothing where no known name is near."""
    if len(known) > _MOST_TO_LOOK_THROUGH:
        return ""
    near = [candidate for candidate in known if candidate.lower() == name.lower()]
    if not near:
        import difflib  # a millisecond that a clean definition need not wait for

        likely = list(known)
        if len(likely) > _MOST_TO_COMPARE:
            likely = [
                each for each in likely if each[:2].lower() == name[:2].lower() and abs(len(each) - len(name)) < 4
            ]
        near = difflib.get_close_matches(name, likely, n=1) if len(likely) <= _MOST_TO_COMPARE else []
    return f'did you mean "{near[0]}"?' if near else ""


def some_of(names: Collection[str], most: int = 12, *, quoted: bool = False) -> str:
    """Names as a list that fits into a message."""
    few = list(islice(names, most if len(names) <= most else most - 1))
    shown = [f'"{name}"' for name in few] if quoted else few
    return ", ".join(shown if len(names) <= most else [*shown, f"{len(names) - most + 1} others"])


CATALOG: Mapping[str, tuple[Severity, str]] = {
    "NO_HANDLER": ("error", "a function's handler is not in its file"),
    "NO_CODE": ("warning", "a function's folder is not there"),
    "MISSING_SUBSTITUTION": ("error", "a placeholder of a definition has no substitution"),
    "UNKNOWN_REFERENCE": ("error", "a substitution refers to what is not in the template"),
    "WRONG_RESOURCE": ("error", "a substitution stands for another kind of thing than the definition needs there"),
    "UNUSED_SUBSTITUTION": ("warning", "a substitution is for no placeholder of the definition"),
    "UNUSED_FUNCTION": ("warning", "no state machine, event or resource uses a function"),
    "NOT_GENERATED": ("warning", "a state machine is not deployed from the file that its workflow generates"),
    "NOT_DEPLOYED": ("warning", "no state machine of the template is deployed from a workflow"),
    "MISSING_PERMISSION": ("error", "a role lacks an action that a state needs"),
    "INCOMPLETE_PERMISSION": ("warning", "a role lacks an action to follow a job, to stop it, or to leave a trace"),
    "UNNEEDED_PERMISSION": ("warning", "a role has actions that no state needs"),
}
# What can be left out: every warning, and what a role is given somewhere else for all that is known here.
OPTIONAL = frozenset(
    {"MISSING_PERMISSION", *(code for code, (severity, _) in CATALOG.items() if severity == "warning")}
)
