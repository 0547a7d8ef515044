"""A definition -> the text of a workflow module, proved to compile to the same content."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.diff import MISSING, compare
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, ReferenceTarget, to_where
from workflow_dsl.definition.placeholders import UnquotedPlaceholder
from workflow_dsl.definition.reading import Source
from workflow_dsl.findings import Finding, FindingsError, Keys
from workflow_dsl.importer.comments import comments_of
from workflow_dsl.importer.module import module_text
from workflow_dsl.importer.names import Names
from workflow_dsl.importer.plan import commented_places, plan
from workflow_dsl.importer.states import StateWriter, refused
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation import Type, check


def import_definition(
    source: Source, references: Mapping[str, ReferenceTarget] | None = None, *, type: Type = "STANDARD"
) -> str:
    """Return the text of the workflow module that compiles to a definition.

    `references` are the resources that its placeholders mean. The module is compiled, and the result compared with the
    definition, before it is returned. Raises FindingsError, with the place, for what a workflow cannot express, and
    for a definition that AWS would refuse.
    """
    errors = [finding for finding in check(source, type=type) if finding.severity == "error"]
    if errors:
        raise FindingsError(errors)
    try:
        machine = Machine(source.document)
        _refuse_unquoted(source)
        language = str(machine.fields.get("QueryLanguage", "JSONPath"))
        names = Names()
        comments = comments_of(source, commented_places(machine))
        text = module_text(plan(machine, StateWriter(language, references or {}), names, comments), names)
        _prove(text, machine)
    except FindingsError as problem:
        raise FindingsError(source.with_places(list(problem.findings))) from None
    return text


# The fields and comparisons that take a number or a boolean: a placeholder without quotes becomes one.
_NOT_TEXT = lazy_regex(r"\w*Seconds|Max[A-Z]\w*|BackoffRate|ToleratedFailure\w+|(Numeric|Boolean)\w+|Is[A-Z]\w+")


def _refuse_unquoted(source: Source) -> None:
    """Refuse placeholders that stand for a number, which a workflow would write in quotes.

    In JSON those are all without quotes; in YAML text has none either.
    """
    is_json = source.text.lstrip()[:1] in ("{", "[")
    for keys, name in _unquoted(source.document, ()):
        if is_json or _NOT_TEXT.fullmatch(str(keys[-1])):
            raise refused(keys, f"is the placeholder {name} without quotes", "put it in quotes, or write the value")


def _unquoted(value: Json, keys: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, UnquotedPlaceholder):
        yield keys, str(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _unquoted(member, (*keys, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unquoted(item, (*keys, index))


def _prove(text: str, machine: Machine) -> None:
    """Compile a module, and refuse the definition if the result differs from it."""
    with tempfile.TemporaryDirectory(prefix="workflow-dsl-") as folder:
        path = Path(folder) / "imported.py"
        path.write_text(text, "utf-8")
        try:
            compiled = compile_file(path, root=Path(folder))
        except FindingsError as problem:
            raise FindingsError(_in_definition(finding, machine) for finding in problem.findings) from None
    findings = []
    for change in compare(machine, compiled):
        lost = "is lost" if change.after is MISSING else change.describe("the definition", "the workflow")
        findings.append(Finding("IMPORT", "error", change.where, f"{lost} in Python", "remove it from the definition"))
    if findings:
        raise FindingsError(findings)


def _in_definition(finding: Finding, machine: Machine) -> Finding:
    """A mistake of the module as one of the definition's state; its line in the module means nothing to the author."""
    state = finding.where.state
    keys = next((candidate.keys for candidate in machine.walk() if candidate.name == state), ())
    return replace(finding, code="IMPORT", where=to_where(keys))
