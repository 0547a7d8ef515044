"""Findings for people: those of one cause are one, with the number of its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflow_dsl.findings import Finding, Keys, Where, short_list
from workflow_dsl.records import Record


class Repeated(Record):
    """A finding, and the others of its application that have the same cause."""

    first: Finding
    others: tuple[Finding, ...] = ()

    @property
    def count(self) -> int:
        """The number of its places."""
        return 1 + len(self.others)

    @property
    def lines(self) -> list[str]:
        """The others, as lines for people: by their states, or by what each lacks or has too much."""
        if self.first.code in _IN_TEMPLATE:
            return [f"and: {_user(other)}" for other in self.others]
        if self.first.code in _ONE_A_RESOURCE:
            return [f"and: {_rest(other, self.first)}" for other in self.others]
        if self.first.code in _ONE_A_PAYLOAD and self.others:
            return [f"and: {short_list([other.where.field for other in self.others])}"]
        return [self._places] if self.others else []

    @property
    def _places(self) -> str:
        by_file: dict[str, dict[str, None]] = {}
        for finding in self.others:
            if finding.where.state is not None:
                by_file.setdefault(_file(finding), {}).setdefault(finding.where.state)
        own = _file(self.first)
        listed = [
            f"{short_list(states, quoted=True)}{'' if file == own else f' in {file}'}"
            for file, states in by_file.items()
        ]
        return ": ".join(filter(None, (f"{len(self.others)} more like it", "; ".join(listed))))


# Messages that differ before these words have one cause: a value that lacks several fields, a prefix that is reserved,
# a name that several resources refer to.
_ONE_CAUSE = {"MISSING_FIELD": ", but ", "UNKNOWN_ERROR": " is not ", "UNKNOWN_REFERENCE": " refers to "}
# What a role lacks, or has too much, and what a state machine does not use, is fixed in one place.
_ONE_A_RESOURCE = ("MISSING_PERMISSION", "INCOMPLETE_PERMISSION", "UNNEEDED_PERMISSION", "UNUSED_SUBSTITUTION")

# An author who leaves one .$ out of a payload template leaves out others.
_ONE_A_PAYLOAD = ("NO_DOLLAR",)


def folded(findings: Iterable[Finding]) -> list[Repeated]:
    """The findings of one application, with those of one cause folded into their first.

    Errors are folded only if one edit of the template mends them: of the policies of a role, of a name that several
    resources refer to, or of a place that several functions have from Globals.
    """
    groups: dict[object, list[Finding]] = {}
    values: list[str] = []
    for number, finding in enumerate(findings):
        groups.setdefault(_cause(finding, number, values), []).append(finding)
    return [Repeated(first, tuple(others)) for first, *others in groups.values()]


def _cause(finding: Finding, number: int, values: list[str]) -> object:
    """A value that findings of one cause share; `number` is the finding's own, `values` are those that lack fields."""
    if finding.code == "UNNEEDED_PERMISSION":  # the policies of a role can be resources of their own
        return finding.code, finding.severity, _file(finding), finding.message.partition(":")[0]
    if finding.code in (*_ONE_A_RESOURCE, *_ONE_A_PAYLOAD) and len(finding.where.keys) > 1:
        around = _payload(finding.where) if finding.code in _ONE_A_PAYLOAD else finding.where.keys[:2]
        return finding.code, finding.severity, _file(finding), around
    if finding.severity == "error" and finding.code not in _IN_TEMPLATE:
        return number
    if finding.code in _ONE_CAUSE:
        cause = finding.message.partition(_ONE_CAUSE[finding.code])[2]
        if finding.code == "MISSING_FIELD":
            cause = _first_of(cause.partition(" (")[0], values)
        return (finding.code, _file(finding), cause) if cause else number
    if finding.severity == "error":
        return (finding.code, finding.where.place) if finding.where.place else number
    of_all = finding.severity == "note" and finding.rule
    file = "" if finding.rule else _file(finding)
    return finding.severity, finding.code, finding.rule, file, *(() if of_all else (finding.message, finding.remedy))


def _payload(where: Where) -> Keys:
    """The keys of the payload template that a place is in: those of the state, and its field."""
    keys = where.keys
    ends = (end for end in range(2, len(keys)) if keys[end - 2 : end] == ("States", where.state))
    return keys[: max(ends, default=0) + 1]


_IN_TEMPLATE = ("NO_HANDLER", "UNKNOWN_REFERENCE")


def _user(finding: Finding) -> str:
    """The resource that refers to a missing name, and its line."""
    text = finding.message.partition(_ONE_CAUSE.get(finding.code, "\n"))[0]
    return f"{text}, line {finding.where.place.line}" if finding.where.place else text


def _first_of(value: str, values: list[str]) -> str:
    """The words of the first message about a value that has more fields by now: states add their results to it."""
    first = next((whole for whole in values if value == whole or value.startswith(f"{whole}, ")), None)
    if first is None:
        values.append(value)
    return first or value


def _rest(finding: Finding, first: Finding) -> str:
    """The finding's text without the name of the resource that the first one begins with."""
    own, first_name = finding.message.partition(": "), first.message.partition(": ")[0]
    rest = finding.text.removeprefix(f"{own[0]}: ") if own[1] and own[0] == first_name else finding.text
    return rest.removesuffix("; remove it")


def _file(finding: Finding) -> str:
    return finding.where.place.file if finding.where.place else ""


def count_of(repeated: Sequence[Repeated], severity: str) -> int:
    """The number of findings of a severity, each with its repetitions counted once."""
    return sum(group.first.severity == severity for group in repeated)


def by_application(names: Iterable[str], findings: Iterable[list[Finding]]) -> Iterator[list[Finding]]:
    """Yield the findings of each application together; those of a definition without one ("") stay by themselves."""
    merged: dict[object, list[Finding]] = {}
    for number, (name, of_machine) in enumerate(zip(names, findings, strict=True)):
        merged.setdefault(name or number, []).extend(of_machine)
    yield from merged.values()
