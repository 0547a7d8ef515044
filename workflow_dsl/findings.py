"""Findings: every problem is a value that has a place, a message and a remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Literal, NamedTuple

from workflow_dsl.records import Record, replace

Severity = Literal["error", "warning", "note"]


class Place(NamedTuple):
    """A file, a line of it, or some characters of that line. `file` is the path as messages print it."""

    file: str
    line: int | None = None
    column: int | None = None  # from 1
    length: int = 1

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


Key = str | int
Keys = tuple[Key, ...]  # from the top of a document to one of its values


def to_pointer(keys: Iterable[Key]) -> str:
    """Return keys and indices as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def to_field(keys: Iterable[Key]) -> str:
    """Return keys and indices as people write them: `Retry[0].MaxAttempts`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")


class Where(Record):
    """The location of a finding in the definition, and `place`, its line in a file if that is known.

    `keys` start at the top of the definition. `state` is the name of the innermost state, `field` the rest of the keys,
    written as `Retry[0].MaxAttempts`.
    """

    keys: Keys = ()
    state: str | None = None
    field: str = ""
    place: Place | None = None
    at_key: bool = False  # True if the finding is about the name of the field, not its value

    @property
    def pointer(self) -> str:
        """The keys as a JSON pointer; "" for the whole definition."""
        return to_pointer(self.keys)

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place or ""), self.in_definition)))

    @property
    def in_definition(self) -> str:
        """The state and the field, as messages print them: `"Buy" Retry[0]`."""
        state = f'"{self.state}"' if self.state is not None else ""
        return " ".join(filter(None, (state, self.field)))


class Finding(Record):
    """One problem. `code` is AWS's own if AWS has one; `remedy` is an instruction: what to write, add or remove.

    A note is about something that works as it is, and that a reviewer may want to know of.
    """

    code: str
    severity: Severity
    where: Where
    message: str
    remedy: str = ""
    rule: str = ""  # the name of the rule in docs/rules.md

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if str(self.where) else self.text

    @property
    def text(self) -> str:
        """The message and the remedy."""
        return f"{self.message.removesuffix('.')}; {self.remedy}" if self.remedy else self.message

    def at(self, place: Place | None) -> Finding:
        """Return the finding with this place; the finding itself if the place is None."""
        return replace(self, where=replace(self.where, place=place)) if place else self

    def as_json(self) -> dict[str, object]:
        """Return the finding as a JSON object; every key is always present."""
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
    """Raised when work cannot continue; `findings` has all the reasons."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def authoring_error(place: Place | None, message: str, remedy: str = "", state: str | None = None) -> FindingsError:
    """Return the error for a mistake in a workflow module; `place` is its line of Python."""
    return FindingsError([Finding("AUTHORING", "error", Where(state=state, place=place), message, remedy)])


_hints_left: ContextVar[list[int] | None] = ContextVar("_hints_left", default=None)
_MOST_HINTS = 1_000_000  # names to look at, and 50 for each that is compared letter by letter: about two seconds


@contextmanager
def hints_bounded() -> Iterator[None]:
    """Let did_you_mean() answer "" once it has looked at very many names, so that many mistakes have an end."""
    token = _hints_left.set([_MOST_HINTS])
    try:
        yield
    finally:
        _hints_left.reset(token)


def _may_compare(count: int) -> bool:
    """True until hints_bounded() is used up; takes `count` from it."""
    left = _hints_left.get()
    if left is None:
        return True
    left[0] -= count
    return left[0] >= 0


# Numbers of names. A definition with thousands of mistakes must not take minutes.
_MOST_TO_SEARCH = 2_000
_MOST_TO_COMPARE = 100


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return `did you mean "..."?` with the closest known name; "" if none is close, or there are too many."""
    match = closest(name, known)
    return f'did you mean "{match}"?' if match is not None else ""


def closest(name: str, known: Collection[str], *, least: float = 0.6) -> str | None:
    """Return the closest known name; None if none is close, or there are too many.

    `least` is the similarity that it has at least, up to 1 for the same letters.
    """
    if len(known) > _MOST_TO_SEARCH or not _may_compare(len(known)):
        return None
    matches = [other for other in known if other.lower() == name.lower()]
    if not matches:
        import difflib  # lazy import: 1 ms, only needed for mistakes

        others = list(known)
        if len(others) > _MOST_TO_COMPARE:
            others = [other for other in others if _could_be_close(other, name)]
        can_compare = len(others) <= _MOST_TO_COMPARE and _may_compare(50 * len(others))
        matches = difflib.get_close_matches(name, others, n=1, cutoff=least) if can_compare else []
    return matches[0] if matches else None


def _could_be_close(other: str, name: str) -> bool:
    return other[:2].lower() == name[:2].lower() and abs(len(other) - len(name)) < 4


def is_slip(name: str, other: str) -> bool:
    """True if one slip of the keyboard makes a name of another: letters left out, added or swapped, or another one.

    Names with fewer than five letters have one more or one fewer: ECS and EKS are two.
    """
    shorter, longer = sorted((name, other), key=len)
    is_long = len(longer) > 4
    start = next((i for i, (one, two) in enumerate(zip(shorter, longer, strict=False)) if one != two), len(shorter))
    shorter, longer = shorter[start:], longer[start:]
    while shorter and shorter[-1] == longer[-1]:
        shorter, longer = shorter[:-1], longer[:-1]
    if not shorter:
        return len(longer) <= (2 if is_long else 1)
    return is_long and (len(longer) == 1 or (len(longer) == 2 and shorter == longer[::-1]))


def short_list(names: Collection[str], most: int = 12, *, quoted: bool = False) -> str:
    """Return names as a list for a message: up to `most` of them, or fewer and the number of others."""
    first = list(islice(names, most if len(names) <= most else most - 1))
    listed = [f'"{name}"' for name in first] if quoted else first
    return ", ".join(listed if len(names) <= most else [*listed, f"{len(names) - most + 1} others"])


# The findings of no validation rule: those about a definition, its template and its functions together.
CATALOG: Mapping[str, tuple[Severity, str]] = {
    "NO_HANDLER": ("error", "a function's file does not define its handler"),
    "NO_VARIABLE": ("warning", "a function's code reads an environment variable that the template does not set"),
    "NO_CODE": ("warning", "a function's folder does not exist"),
    "MISSING_SUBSTITUTION": ("error", "a placeholder of a definition has no substitution"),
    "UNKNOWN_REFERENCE": ("error", "a reference to a resource, parameter or policy template that does not exist"),
    "WRONG_RESOURCE": ("error", "a reference to a resource of the wrong kind, or to its name where its ARN belongs"),
    "CONDITIONAL_REFERENCE": (
        "warning",
        "a reference to something that a stack may lack: a resource under a Condition, or a key of a mapping",
    ),
    "CIRCULAR_DEPENDENCY": ("error", "resources that refer to each other, so that none can be created first"),
    "UNUSED_SUBSTITUTION": ("warning", "a substitution has no matching placeholder in the definition"),
    "UNUSED_FUNCTION": ("warning", "no state machine, event or resource uses a function"),
    "NOT_GENERATED": ("warning", "a state machine is not deployed from the file that its workflow generates"),
    "NOT_DEPLOYED": ("warning", "no state machine of the template is deployed from a workflow or a definition"),
    "REPEATED_FIELD": ("warning", "an object in a definition in JSON has a field twice, and only the last counts"),
    "IGNORED_PROPERTY": ("warning", "a property beside Type, where SAM ignores it"),
    "MISSING_PERMISSION": ("error", "the role lacks an action that a state needs"),
    "INCOMPLETE_PERMISSION": (
        "warning",
        "the role lacks an action needed to track or stop a job, or to write logs and traces, or has an action of S3 "
        "on the wrong kind of resource",
    ),
    "REFUSED_CALL": (
        "error",
        "a call that its service refuses: its parameters do not fit the resource that it is for",
    ),
    "SAME_NAME": ("warning", "a state starts everything under one name, but the service accepts a name only once"),
    "NEVER_EXPIRES": ("warning", "an item's time to live is not a number, so DynamoDB keeps the item"),
    "NEVER_RAISED": ("warning", "a retrier or catcher names an error that the code of the function does not raise"),
    "WRONG_CALL": (
        "warning",
        "a function passes a service a parameter or key that it does not take, or reads a field that it lacks",
    ),
    "NEVER_ANSWERED": ("warning", "no function reads the task token that a state waits for"),
    "SHORT_TIMEOUT": ("warning", "a state times out before its function, or its state machine before the state"),
    "TRANSFORM_ORDER": ("warning", "AWS::LanguageExtensions comes after the transform of SAM"),
    "UNTRUSTED_ROLE": ("error", "a service may not assume the role that it uses"),
    "NO_ROLE": ("error", "a rule, schedule or pipe starts a state machine without a role"),
    "NEVER_STARTS": (
        "warning",
        "a rule or a filter never starts anything, because no event or record matches it",
    ),
    "NEVER_ALARMS": ("warning", "an alarm on a metric of Step Functions that no state machine has"),
    "UNNEEDED_PERMISSION": ("warning", "the role has actions that no state needs"),
}
# Codes that --ignore accepts: all but errors, and errors that something outside of the files may contradict. A role can
# get permissions outside the template, and an annotation may be wrong.
_DISPUTABLE = ("MISSING_PERMISSION", "UNDECLARED_FIELD", "WRONG_ARGUMENT")
IGNORABLE = frozenset({*_DISPUTABLE, *(code for code, (severity, _) in CATALOG.items() if severity != "error")})
