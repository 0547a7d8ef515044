"""Generated files, compared with the disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.generation.layout import text_like
from workflow_dsl.generation.writing import GeneratedFile, leftovers_in
from workflow_dsl.project import Project
from workflow_dsl.records import replace
from workflow_dsl.views.diagram import MERMAID_MARK, to_svg_title
from workflow_dsl.views.page import PAGE_MARK

if TYPE_CHECKING:
    from workflow_dsl.definition.state_diff import MachineDiff

_RENEW = "run `workflow-dsl generate`"
_RENEW_OR_REVERT = f"{_RENEW}, or undo the edit"
_NOT_KEPT = "has placeholders without quotes, or characters that do not show"


def definition_file(project: Project, name: str, machine: Machine) -> GeneratedFile:
    """The generated definition of a workflow: in the order and layout of the committed file, where there is one."""
    path = project.generated_file(name)
    try:
        committed = read_file(path).decode("utf-8")
    except (OSError, ValueError, FindingsError):
        committed = ""
    return GeneratedFile(path, text_like(machine.document(), committed) if committed else machine.to_text())


def drift(project: Project, file: GeneratedFile, machine: Machine) -> list[Finding]:
    """The differences between a workflow and its generated definition, by state and field."""
    return [] if file.is_current else list(_differences(file.path, project.display_path(file.path), machine))


def _differences(path: Path, shown: str, machine: Machine) -> Iterator[Finding]:
    try:
        committed = Machine(read(read_file(path)))
    except FileNotFoundError:
        yield _drifted(Where(place=Place(shown)), "does not exist", _RENEW)
        return
    except FindingsError as problem:
        yield _drifted(Where(place=Place(shown)), f"is not a definition: {problem}", _RENEW)
        return
    from workflow_dsl.definition.state_diff import diff  # only needed once something differs

    changes = diff(committed, machine)
    for where, words in _changes(changes):
        place = machine.place(where.keys)
        message = f"differs from {shown}: {words}" if place else f"differs from the workflow: {words}"
        yield _drifted(replace(where, place=place or Place(shown)), message, _RENEW_OR_REVERT)
    if not changes:
        yield _drifted(Where(place=Place(shown)), f"has the same content, but {_NOT_KEPT}", _RENEW_OR_REVERT)


def _changes(changes: MachineDiff) -> Iterator[tuple[Where, str]]:
    """Yield the place of each state that differs, and of each field of the machine, with the words for it."""
    from workflow_dsl.views.changes import words_of, words_of_fields  # only needed once something differs

    for change in changes.fields:
        yield change.where, "; ".join(words_of_fields([change]))
    for state in changes.states:
        keys = state.fields[0].where.keys if state.fields and state.after else state.state.keys
        yield Where(keys, state.state.name), "; ".join(words_of(state))


def not_current(project: Project, file: GeneratedFile) -> Finding:
    """The finding for a diagram or page that is missing or out of date."""
    exists = file.path.is_file()
    message = "is out of date" if exists else "does not exist"
    where = Where(place=Place(project.display_path(file.path)))
    return _drifted(where, message, _RENEW_OR_REVERT if exists else _RENEW)


ENDINGS = (".asl.json", ".svg", ".mmd")


def orphans(project: Project, deployed: Collection[str] = ()) -> list[Finding]:
    """The files in the generated folder that no workflow generates, and those that a killed run left.

    `deployed` has the names of the definitions there that the template deploys: they are nobody's leftovers.
    """
    workflows = {path.stem for path in project.workflow_files()}
    names = {
        path: path.name.removesuffix(ending)
        for ending in ENDINGS
        for path in (project.root / project.generated).glob(f"*{ending}")
    }
    unknown = [
        _drifted(
            Where(place=Place(project.display_path(path))),
            "no workflow generates this file",
            f"delete it, or write {(project.workflows / name).as_posix()}.py",
        )
        for path, name in sorted(names.items())
        if name not in workflows and name not in deployed
    ]
    return [*unknown, *_left_by_killed_runs(project)]


def written_by_others(project: Project, name: str, files: Iterable[GeneratedFile]) -> list[Finding]:
    """The files of a workflow that would be replaced, although `generate` did not write them.

    It leaves diagrams beside each definition that it writes, as ASL has no room for a mark: a definition without them
    was written by hand. `name` is "" for the overview page, which says itself who writes it.
    """
    files = list(files)
    path = project.generated_file(name)
    marked = [(path.with_name(f"{name}.svg"), to_svg_title(name)), (path.with_name(f"{name}.mmd"), MERMAID_MARK)]
    if not name:
        marked = [(file.path, PAGE_MARK) for file in files]
    if any(_has_mark(path, mark) for path, mark in marked):
        return []
    message = "differs, and `generate` did not write it"
    remedy = "keep a copy, or see that Git has it; then run `workflow-dsl generate --force`"
    return [
        _drifted(Where(place=Place(project.display_path(file.path))), message, remedy)
        for file in files
        if file.path.exists() and not file.is_current
    ]


def _has_mark(path: Path, mark: str) -> bool:
    try:
        return mark in path.read_text("utf-8")
    except (OSError, ValueError):
        return False


def _left_by_killed_runs(project: Project) -> Iterator[Finding]:
    overview = [(project.root / project.overview).parent] if project.overview else []
    for folder in dict.fromkeys([project.root / project.generated, *overview]):
        for path in leftovers_in(folder):
            where = Where(place=Place(project.display_path(path)))
            yield _drifted(where, "is left from a run that was killed", _RENEW)


def _drifted(where: Where, message: str, remedy: str) -> Finding:
    return Finding("DRIFT", "error", where, message, remedy)
