"""The file of a definition: whether its path is spelled as on disk, and the file that a wrong path may mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

from workflow_dsl.application.template import StateMachine
from workflow_dsl.application.template.intrinsics import is_intrinsic, placeholder_name
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import UnquotedPlaceholder
from workflow_dsl.definition.reading import Source
from workflow_dsl.findings import Finding, Where, did_you_mean
from workflow_dsl.records import replace

NamesIn = Callable[[Path], Collection[str]]


def names_in_folder(folder: Path) -> list[str]:
    """The names in a folder, sorted; none in one that cannot be read."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return []


def is_misspelled(path: Path, folder: Path, names_in: NamesIn = names_in_folder) -> bool:
    """True if a path below a folder differs from its file's in letter case; `names_in` lists a folder.

    Such a path works on a computer whose file system ignores case, and nowhere else.
    """
    if not path.is_relative_to(folder):
        return False
    parent = folder
    for part in path.relative_to(folder).parts:
        names = names_in(parent)
        if part not in names and part.lower() in {name.lower() for name in names}:
            return True
        parent = parent / part
    return False


def missing_file(
    machine: StateMachine, path: Path, folder: Path, shown: str, problem: Exception, field: str = "DefinitionUri"
) -> Finding:
    """The finding for a definition's file that does not exist or cannot be read; `shown` is its printed path."""
    where = Where(("Resources", machine.logical_id, "Properties", field))
    if isinstance(problem, FileNotFoundError):
        message = f"{machine.logical_id}: the file {shown} does not exist"
        remedy = nearest(path, folder) or "write the path from the template's folder, in the right letter case"
        return Finding("NO_DEFINITION", "error", where, message, remedy)
    reason = (problem.strerror if isinstance(problem, OSError) else str(problem)) or "cannot be read"
    message = f"{machine.logical_id}: {shown!r} cannot be read: {reason}"
    return Finding("NO_DEFINITION", "error", where, message, "name the file of the definition")


def nearest(path: Path, folder: Path) -> str:
    """`did you mean "..."?` with the path of another letter case or a similar name, relative to a folder; else ""."""
    existing = Path(path.anchor)
    for part in path.parts[len(existing.parts) :]:
        names = names_in_folder(existing)
        is_there = part in names or part == ".."
        match = part if is_there else next((name for name in names if name.lower() == part.lower()), None)
        if match is None:
            hint = did_you_mean(path.name, names_in_folder(path.parent))
            return hint.replace('"', f'"{_prefix(path.parent, folder)}', 1)
        existing = existing / match
    return f'did you mean "{_prefix(existing.parent, folder)}{existing.name}"?'


def _prefix(path: Path, folder: Path) -> str:
    """A folder's path as it stands before a file's name, relative to another folder."""
    relative = Path(os.path.relpath(path, folder)).as_posix()
    return "" if relative == "." else f"{relative}/"


def without_functions(source: Source) -> Source:
    """A definition's file with placeholders for CloudFormation's functions in it, such as {"Fn::GetAtt": [...]}.

    The Serverless Framework copies such a file into the template that it deploys: serverless-step-functions, "Usage".
    """
    return replace(source, document=_without_functions(source.document))


def _without_functions(value: Json) -> Json:
    if isinstance(value, dict):
        if is_intrinsic(value):
            [operand] = value.values()
            return UnquotedPlaceholder(f"${{{placeholder_name(operand)}}}")
        return {name: _without_functions(item) for name, item in value.items()}
    return [_without_functions(item) for item in value] if isinstance(value, list) else value
