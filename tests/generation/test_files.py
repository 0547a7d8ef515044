"""generated/: all or none, each file whole at every moment, and drift named by state and field."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.generation.files import Artifact, definition, drift, orphans, write, write_one
from workflow_dsl.project import Project

MACHINE = Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "c", "End": True}}})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writing_makes_the_folder_and_leaves_nothing_else_in_it(tmp_path: Path) -> None:
    files = [Artifact(tmp_path / "new" / name, f"{name}\n") for name in ("a", "b")]
    write(files)
    assert [file.path.read_text() for file in files] == ["a\n", "b\n"]
    assert names(tmp_path / "new") == ["a", "b"]
    assert all(file.is_current for file in files)


def test_a_current_file_is_not_touched(tmp_path: Path) -> None:
    file = Artifact(tmp_path / "a", "text\n")
    write([file])
    os.utime(file.path, (1, 1))
    write([file])
    assert file.path.stat().st_mtime == 1


def test_a_rewritten_file_keeps_its_permissions_and_a_new_one_gets_the_usual(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "old").chmod(0o640)
    before = os.umask(0o027)
    try:
        write([Artifact(tmp_path / "old", "after"), Artifact(tmp_path / "new", "")])
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("old", "new")] == [0o640, 0o640]


def test_when_one_cannot_be_staged_none_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    with pytest.raises(OSError, match="file"):
        write([Artifact(tmp_path / "a", "new"), Artifact(tmp_path / "file" / "b", "new")])
    assert names(tmp_path) == ["file"]


def test_when_one_cannot_be_replaced_the_others_are_put_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c").mkdir()
    with pytest.raises(OSError, match="c"):
        write([Artifact(tmp_path / "a", "after"), Artifact(tmp_path / "new", ""), Artifact(tmp_path / "c", "no")])
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a", "b", "c"]


@pytest.mark.parametrize("problem", [OSError("disk full"), KeyboardInterrupt()])
def test_when_writing_stops_in_the_middle_every_file_is_as_before(tmp_path: Path, problem: BaseException) -> None:
    (tmp_path / "a").write_text("before")

    def stops_at_c(temporary: Path, path: Path) -> None:
        if path.name == "c":
            raise problem
        temporary.replace(path)

    with pytest.raises(type(problem)):
        write([Artifact(tmp_path / name, "after") for name in ("a", "b", "c")], stops_at_c)
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a"]


def drift_with(project: Project, text: str) -> list[str]:
    path = project.generated_file("m")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return [str(finding) for finding in drift(project, "m", MACHINE)]


RENEW = "run `workflow-dsl generate`"


def test_a_current_file_has_no_drift(project: Project) -> None:
    assert drift_with(project, MACHINE.to_text()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MACHINE.to_text().replace('"c"', '"d"'),
            '"A" Comment: is "d" in {file}, "c" in the workflow; {renew}, or take the edit back',
        ),
        (MACHINE.to_text().rstrip(), "has the same content in another order or layout; {renew}, or take the edit back"),
        (
            "{",
            "is no definition: is not JSON: Expecting property name enclosed in double quotes at line 1, column 2; "
            "write the name in double quotes; {renew}",
        ),
    ],
)
def test_a_hand_edit_is_named_by_state_and_field(project: Project, text: str, message: str) -> None:
    file = "generated/m.asl.json"
    assert drift_with(project, text) == [f"{file}: {message.format(file=file, renew=RENEW)}"]


def test_a_missing_file_is_drift(project: Project) -> None:
    assert [str(finding) for finding in drift(project, "m", MACHINE)] == [
        f"generated/m.asl.json: is not there; {RENEW}"
    ]


def test_drift_names_the_authors_line(project: Project, write_workflow: Write) -> None:
    path = write_workflow("m", "def build():\n    return Workflow(\n        Pass('A', comment='new'))\n")
    write([definition(project, "m", MACHINE)])
    [finding] = drift(project, "m", compile_file(path))
    assert str(finding).startswith(
        'workflows/m.py:6: "A" Comment: is "c" in generated/m.asl.json, "new" in the workflow'
    )


def test_a_generated_file_that_no_workflow_makes_is_named(project: Project, write_workflow: Write) -> None:
    write_workflow("kept", "")
    write([definition(project, name, MACHINE) for name in ("kept", "gone")])
    assert [str(finding) for finding in orphans(project)] == [
        "generated/gone.asl.json: no workflow makes this file; delete it, or write workflows/gone.py"
    ]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system does not name its open files")
def test_a_text_goes_into_a_pipe_as_it_is() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as pipe:
        write_one(Path(f"/dev/fd/{writing}"), "text")
        os.close(writing)
        assert pipe.read() == "text"
