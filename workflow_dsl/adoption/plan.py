"""A plan: the files that `init` would write, as data. It can be shown or carried out."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import unified_diff
from pathlib import Path
from typing import Literal

from workflow_dsl.definition.files import existing_text, is_below
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding
from workflow_dsl.generation.writing import GeneratedFile, write
from workflow_dsl.records import Record


class Step(Record):
    """A file, what it is for, the text that it should have, and the one that it has now; None without such a file.

    A step without a `text` leaves the file as it is, and `purpose` says why.
    """

    path: Path
    purpose: str
    text: str | None = None
    before: str | None = None

    @property
    def action(self) -> Literal["create", "change", "leave"]:
        """The action on the file: create, change or leave."""
        if self.text is None or self.text == self.before:
            return "leave"
        return "create" if self.before is None else "change"

    def difference(self, shown: str) -> list[str]:
        """Return the lines of a unified diff without context, which names the file `shown`."""
        before, after = (text.splitlines() for text in (self.before or "", self.text or ""))
        return list(unified_diff(before, after, shown, shown, lineterm="", n=0))

    @property
    def changed_lines(self) -> int:
        """The number of lines that are added or replaced."""
        return sum(line.startswith("+") for line in self.difference("")[2:])


class Refused(Record):
    """A state machine that stays as it is, with the reasons."""

    machine: str
    findings: tuple[Finding, ...]


class Plan(Record):
    """The steps of an adoption or a new project, below `root`.

    `adopted` are the workflows by logical ID, those of an earlier adoption included; `advice` is what remains to be
    done by a person.
    """

    root: Path
    steps: tuple[Step, ...]
    adopted: Mapping[str, str]
    refused: tuple[Refused, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def to_write(self) -> list[Step]:
        """The steps that write a file."""
        return [step for step in self.steps if step.action != "leave"]

    def shown(self, path: Path) -> str:
        """A path as it is printed: relative to the root where it lies below it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def to_json(self) -> Json:
        """Return the plan without the texts of its files."""
        return {
            "adopted": dict(self.adopted),
            "files": [
                {"path": self.shown(step.path), "action": step.action, "purpose": step.purpose} for step in self.steps
            ],
            "refused": [
                {"machine": machine.machine, "reasons": [finding.text for finding in machine.findings]}
                for machine in self.refused
            ],
            "advice": list(self.advice),
        }


def step(path: Path, purpose: str, text: str) -> Step:
    """Return the step that writes a text to a file, with the text that it has now.

    Raises OSError for a file that cannot be read, and where a file is in the way of its folder.
    """
    folder = next(folder for folder in path.parents if folder.exists())
    if not folder.is_dir():
        message = f"is a file, and {path.name} needs a folder there; move it away"
        raise NotADirectoryError(errno.ENOTDIR, message, str(folder))
    return Step(path, purpose, text, existing_text(path))


def carry_out(plan: Plan) -> None:
    """Write the files of a plan, all or none. Raises OSError or KeyboardInterrupt with everything as it was before.

    A link below the root may lead to another place below it, but not outside.
    """
    for planned in plan.to_write:
        if not is_below(planned.path, plan.root):
            message = f"leads outside of {plan.root} by a link; replace the link by a folder or file"
            raise OSError(errno.ELOOP, message, plan.shown(planned.path))
    files = [
        GeneratedFile(planned.path.resolve(), planned.text) for planned in plan.to_write if planned.text is not None
    ]
    with _new_folders_removed_on_failure(file.path.parent for file in files):
        write(files)


@contextmanager
def _new_folders_removed_on_failure(folders: Iterable[Path]) -> Iterator[None]:
    missing = {parent for folder in folders for parent in (folder, *folder.parents) if not parent.exists()}
    try:
        yield
    except BaseException:
        for folder in sorted(missing, reverse=True):
            with suppress(OSError):
                folder.rmdir()
        raise
