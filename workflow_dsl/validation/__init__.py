"""Validation: `check` returns every problem of a definition at once, `rules` the rules that it applies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine, to_where
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import IGNORABLE, Finding, FindingsError, Key, Keys, Where, hints_bounded
from workflow_dsl.records import replace
from workflow_dsl.shapes.declared import NOTHING_DECLARED, Declared
from workflow_dsl.validation.rules import RULES
from workflow_dsl.validation.rules.rule import Definition, Rule, Type

__all__ = ["Type", "check", "rules"]


def check(
    document: Machine | Source | dict[str, Json] | str | bytes,
    *,
    type: Type = "STANDARD",
    substitutions: Mapping[str, Json] | None = None,
    ignore: Collection[str] = (),
    declared: Declared | Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Return the findings of a definition, in document order; no errors if the service accepts it.

    `document` is a Machine, a dict, or JSON or YAML text (bytes are UTF-8); `type` is that of the state machine.
    `substitutions` are the values of its `${Name}` placeholders, None for an unknown value; without it placeholders
    are not checked. Warnings whose code is in `ignore` are suppressed. `declared` is the shape of the input and of what
    the functions that states call take and give, as JSON schemas: {"input": ..., "calls": {"State": {"gives": ...}}}.
    Bad content is returned as a finding, never raised. A finding has the author's line if the Machine knows it, and
    line and column if a Source has a file name.
    """
    try:
        if isinstance(document, Machine):
            machine, source = document, None
        else:
            source = document if isinstance(document, Source) else read_source(document)
            if not isinstance(source.document, dict):
                source = read_source(source.document, source.file)  # raises: not a JSON object
            machine = Machine.without_copying(source.document) if source.text else Machine(source.document)
        resolved = Machine(substitute(dict(machine.fields), substitutions)) if substitutions else machine
        text = source.text or None if source else None
        definition = Definition(resolved, type, substitutions, text=text, declared=_declared(declared, resolved))
        with hints_bounded():
            findings = _findings(definition, frozenset(ignore))
        findings += _too_large(definition)
        if source and "REPEATED_FIELD" not in ignore:
            findings += map(_repeated, source.repeated_fields)
    except FindingsError as problem:
        return list(problem.findings)
    except RecursionError:
        place = document.place(()) if isinstance(document, Machine) else None
        return [Finding("TOO_DEEPLY_NESTED", "error", Where(place=place), "is nested too deeply", "flatten it")]
    if not findings:
        return []
    findings.sort(key=_in_document_order(resolved))
    if source is None:
        return [_at_author_line(finding, machine) for finding in findings]
    placed = source.with_places(_with_original_keys(findings, machine, substitutions or {}))
    return [finding.at(original.where.place) for finding, original in zip(findings, placed, strict=True)]


def _findings(definition: Definition, ignored: frozenset[str]) -> list[Finding]:
    """The findings of all rules; those about values follow the transitions of a definition without errors."""
    findings: list[Finding] = []
    features = frozenset(definition.features() & _FEATURES)
    for of_values in (False, True):
        if not any(finding.severity == "error" for finding in findings):
            applicable = _rules_for(features, ignored, of_values)
            findings += [rule.finding(problem) for rule in applicable for problem in definition.memo(rule.problems)]
    return findings


def _declared(declared: Declared | Mapping[str, Any] | None, machine: Machine) -> Declared:
    if declared is None or isinstance(declared, Declared):
        return declared or NOTHING_DECLARED
    from workflow_dsl.shapes.sources.json_schema import declared_by_schemas

    return declared_by_schemas(declared, machine)


def _at_author_line(finding: Finding, machine: Machine) -> Finding:
    """Return a finding with the author's line and the remedy in Python; unchanged if the line is unknown."""
    place = machine.place(finding.where.keys)
    if place is None:
        return finding
    from workflow_dsl.validation.python_hints import python_remedy

    return replace(finding, remedy=python_remedy(finding.remedy, _language(finding, machine))).at(place)


def _language(finding: Finding, machine: Machine) -> Json:
    """The query language of a finding's state; None for a finding without a state."""
    keys, language = finding.where.keys, machine.fields.get("QueryLanguage", "JSONPath")
    if finding.where.state is None:
        return None
    states = [keys[: index + 1] for index in range(1, len(keys)) if keys[index - 1] == "States"]
    state = value_at(machine.fields, states[-1]) if states else None
    return state.get("QueryLanguage", language) if isinstance(state, dict) else language


def _names(value: Json) -> Iterator[str]:
    """Yield every field name in a document."""
    waiting: list[Json] = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield from value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _with_original_keys(findings: list[Finding], machine: Machine, substitutions: Mapping[str, Json]) -> list[Finding]:
    """Return the findings with the keys as written, before placeholders are substituted."""
    if not substitutions or not any("${" in name for name in _names(machine.fields)):
        return findings
    original: dict[Key, str] = {
        next(iter(substitute({name: 0}, substitutions))): name for name in _names(machine.fields)
    }

    def keys(finding: Finding) -> Keys:
        return tuple(original.get(key, key) for key in finding.where.keys)

    return [replace(finding, where=replace(finding.where, keys=keys(finding))) for finding in findings]


def _repeated(keys: Keys) -> Finding:
    """The finding about a field that an object has twice. JSON leaves to its reader what that means (RFC 8259)."""
    where = replace(to_where(keys), at_key=True)
    return Finding(
        "REPEATED_FIELD", "warning", where, "is twice in one object; only the last counts", "keep one of the two"
    )


_LARGEST = 1_048_576  # bytes; developer guide, "Quotas"


def _too_large(definition: Definition) -> Iterator[Finding]:
    """Check the size of the text. It is not a rule, because an example of it does not fit into docs/rules.md."""
    size = len(definition.text.encode("utf-8", "replace")) if len(definition.text) > _LARGEST // 4 else 0
    if size > _LARGEST:
        message = f"the definition has {size} bytes, more than the limit of {_LARGEST}"
        remedy = "move parts of it into state machines that it starts"
        yield Finding("DEFINITION_TOO_LARGE", "error", Where(), message, remedy)


def rules() -> list[Rule]:
    """Return every rule, in the order of docs/rules.md."""
    return [*RULES]


_FEATURES = {rule.applies_to for rule in rules()}


@lru_cache(maxsize=1024)
def _rules_for(features: frozenset[str], ignored: frozenset[str], of_values: bool) -> list[Rule]:
    """The rules that apply to a definition with these features; most definitions use no Map, variables or JSONata."""
    return [
        rule
        for rule in rules()
        if rule.of_values is of_values
        and rule.applies_to in features
        and (rule.code not in ignored or (rule.severity == "error" and rule.code not in IGNORABLE))
    ]


def _in_document_order(machine: Machine) -> Callable[[Finding], tuple[int, ...]]:
    """Return a sort key: for each key of a finding's place, its position in the object or list that contains it."""
    positions: dict[int, dict[str, int]] = {}

    def order(finding: Finding) -> tuple[int, ...]:
        value: Any = machine.fields
        ranks = []
        for key in finding.where.keys:
            if isinstance(key, int):
                ranks.append(key)
            else:
                members = positions.setdefault(id(value), {}) or {name: rank for rank, name in enumerate(value)}
                positions[id(value)] = members
                ranks.append(members[key])
            value = value[key]
        return tuple(ranks)

    return order
