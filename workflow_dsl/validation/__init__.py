"""check(): every problem of a definition, by shape and by meaning, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from workflow_dsl.definition.json import Json, inside
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, FindingsError, Key, Keys, Where
from workflow_dsl.validation.python_hints import in_python
from workflow_dsl.validation.rules import RULES
from workflow_dsl.validation.rules.rule import Definition, Rule, Type
from workflow_dsl.validation.shape import shape

__all__ = ["Type", "check", "rules"]


def check(
    document: Machine | Source | dict[str, Json] | str | bytes,
    *,
    type: Type = "STANDARD",
    substitutions: Mapping[str, Json] | None = None,
    ignore: Collection[str] = (),
) -> list[Finding]:
    """Every finding in a definition, in document order; no error in one that the service takes.

    `document` is a Machine, a dict, or JSON or YAML text (as bytes: UTF-8); `type` is the state machine's.
    `substitutions` is what its `${Name}` placeholders stand for, None for a value that is not known here; without it no
    placeholder is judged. Warnings whose code is in `ignore` are left out. Nothing is raised for what the document
    holds, whatever it is. A finding's place is the author's line where a Machine knows it, and line and column where a
    Source has a file's name.
    """
    try:
        if isinstance(document, Machine):
            machine, source = document, None
        else:
            source = document if isinstance(document, Source) else read_source(document)
            if not isinstance(source.document, dict):
                source = read_source(source.document, source.file)  # which says that it is no object
            machine = Machine.owning(source.document) if source.text else Machine(source.document)
        given = Machine(substitute(dict(machine.fields), substitutions)) if substitutions else machine
        definition = Definition(given, type, substitutions, text=source.text or None if source else None)
        chosen = _rules_about(frozenset(definition.subjects() & _SUBJECTS), frozenset(ignore))
        findings = [rule.finding(problem) for rule in chosen for problem in rule.problems(definition)]
        findings += _too_large(definition)
    except FindingsError as problem:
        return list(problem.findings)
    except RecursionError:
        place = document.place(()) if isinstance(document, Machine) else None
        return [Finding("TOO_DEEPLY_NESTED", "error", Where(place=place), "is nested too deeply", "flatten it")]
    if not findings:
        return []
    findings.sort(key=_in_document_order(given))
    if source is None:
        return [_as_the_author_has_it(finding, machine) for finding in findings]
    placed = source.with_places(_as_written(findings, machine, substitutions or {}))
    return [finding.at(each.where.place) for finding, each in zip(findings, placed, strict=True)]


def _as_the_author_has_it(finding: Finding, machine: Machine) -> Finding:
    """A finding at the author's line, and in the author's words where there is one."""
    place = machine.place(finding.where.keys)
    if place is None:
        return finding
    return replace(finding, remedy=in_python(finding.remedy, _language(finding, machine))).at(place)


def _language(finding: Finding, machine: Machine) -> Json:
    """The query language of the state that a finding is about; None for one that is about the machine."""
    keys, language = finding.where.keys, machine.fields.get("QueryLanguage", "JSONPath")
    if finding.where.state is None:
        return None
    around = [keys[: at + 1] for at in range(1, len(keys)) if keys[at - 1] == "States"]
    state = inside(machine.fields, around[-1]) if around else None
    return state.get("QueryLanguage", language) if isinstance(state, dict) else language


def _names(value: Json) -> Iterator[str]:
    """Every name of a field in a document."""
    waiting: list[Json] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            yield from each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _as_written(findings: list[Finding], machine: Machine, substitutions: Mapping[str, Json]) -> list[Finding]:
    """The findings with the keys that the document has, where placeholders in them are filled in."""
    if not substitutions or not any("${" in name for name in _names(machine.fields)):
        return findings
    written: dict[Key, str] = {
        next(iter(substitute({name: 0}, substitutions))): name for name in _names(machine.fields)
    }

    def keys(finding: Finding) -> Keys:
        return tuple(written.get(key, key) for key in finding.where.keys)

    return [replace(finding, where=replace(finding.where, keys=keys(finding))) for finding in findings]


_LARGEST = 1_048_576  # bytes; developer guide, "Quotas"


def _too_large(definition: Definition) -> Iterator[Finding]:
    """About the text rather than what it says: no rule, and so without an example in docs/rules.md."""
    size = len(definition.text.encode("utf-8", "replace")) if len(definition.text) > _LARGEST // 4 else 0
    if size > _LARGEST:
        message = f"the definition has {size} bytes, and {_LARGEST} are the most"
        remedy = "move parts of it into state machines that it starts"
        yield Finding("DEFINITION_TOO_LARGE", "error", Where(), message, remedy)


def rules() -> list[Rule]:
    """Every rule there is."""
    return [shape, *RULES]


_SUBJECTS = {rule.about for rule in rules()}


@lru_cache(maxsize=1024)
def _rules_about(subjects: frozenset[str], ignored: frozenset[str]) -> list[Rule]:
    """The rules that have something to look at: most definitions have no Map, no variables, no JSONata."""
    return [
        rule for rule in rules() if rule.about in subjects and (rule.severity == "error" or rule.code not in ignored)
    ]


def _in_document_order(machine: Machine) -> Callable[[Finding], tuple[int, ...]]:
    """A sort key: for each key of a finding's place, its position in the object or list that holds it."""
    positions: dict[int, dict[str, int]] = {}

    def order(finding: Finding) -> tuple[int, ...]:
        value: Any = machine.fields
        ranks = []
        for key in finding.where.keys:
            if isinstance(key, int):
                ranks.append(key)
            else:
                known = positions.setdefault(id(value), {}) or {name: rank for rank, name in enumerate(value)}
                positions[id(value)] = known
                ranks.append(known[key])
            value = value[key]
        return tuple(ranks)

    return order
