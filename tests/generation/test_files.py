"""Generated files: all are written or none, no file is ever half written, and drift names state and field."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding
from workflow_dsl.generation.files import definition_file, drift, orphans
from workflow_dsl.generation.writing import GeneratedFile, write, write_one
from workflow_dsl.project import Project

MACHINE = Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "c", "End": True}}})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writing_creates_the_folder_and_leaves_no_temporary_files(tmp_path: Path) -> None:
    files = [GeneratedFile(tmp_path / "new" / name, f"{name}\n") for name in ("a", "b")]
    write(files)
    assert [file.path.read_text() for file in files] == ["a\n", "b\n"]
    assert names(tmp_path / "new") == ["a", "b"]
    assert all(file.is_current for file in files)


def test_an_unchanged_file_is_not_written_again(tmp_path: Path) -> None:
    file = GeneratedFile(tmp_path / "a", "text\n")
    write([file])
    os.utime(file.path, (1, 1))
    write([file])
    assert file.path.stat().st_mtime == 1


def test_a_rewritten_file_keeps_its_permissions_and_a_new_one_follows_the_umask(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "old").chmod(0o640)
    before = os.umask(0o027)
    try:
        write([GeneratedFile(tmp_path / "old", "after"), GeneratedFile(tmp_path / "new", "")])
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("old", "new")] == [0o640, 0o640]


def test_no_file_is_written_if_one_cannot_be_staged(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OSError, match="file"):
        write([GeneratedFile(tmp_path / "a", "new"), GeneratedFile(tmp_path / "file" / "b", "new")])
    assert names(tmp_path) == ["file"]


def test_all_files_are_restored_if_one_cannot_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c").mkdir()
    with pytest.raises(OSError, match="c"):
        write(
            [
                GeneratedFile(tmp_path / "a", "after"),
                GeneratedFile(tmp_path / "new", ""),
                GeneratedFile(tmp_path / "c", "no"),
            ]
        )
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a", "b", "c"]


@pytest.mark.parametrize("problem", [OSError("disk full"), KeyboardInterrupt()])
def test_all_files_are_restored_if_writing_is_interrupted(tmp_path: Path, problem: BaseException) -> None:
    (tmp_path / "a").write_text("before")

    def stops_at_c(temporary: Path, path: Path) -> None:
        if path.name == "c":
            raise problem
        temporary.replace(path)

    with pytest.raises(type(problem)):
        write([GeneratedFile(tmp_path / name, "after") for name in ("a", "b", "c")], stops_at_c)
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a"]


def drift_of(project: Project, machine: Machine) -> list[Finding]:
    return drift(project, definition_file(project, "m", machine), machine)


def drift_with(project: Project, text: str) -> list[str]:
    path = project.generated_file("m")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return [str(finding) for finding in drift_of(project, MACHINE)]


GENERATE = "run `workflow-dsl generate`"


def test_a_current_file_has_no_drift(project: Project) -> None:
    assert drift_with(project, MACHINE.to_text()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MACHINE.to_text().replace('"c"', '"d"'),
            '"A": differs from the workflow: has Comment "c" instead of "d"; {renew}, or undo the edit',
        ),
        (
            "{",
            "is not a definition: is not JSON: Expecting property name enclosed in double quotes at line 1, column 2; "
            "write the name in double quotes; {renew}",
        ),
    ],
)
def test_a_hand_edit_is_named_by_state_and_field(project: Project, text: str, message: str) -> None:
    file = "generated/m.asl.json"
    assert drift_with(project, text) == [f"{file}: {message.format(file=file, renew=GENERATE)}"]


def test_another_order_or_layout_is_no_drift(project: Project) -> None:
    text = '{"States": {"A": {"End": true, "Comment": "c", "Type": "Pass"}}, "StartAt": "A"}'
    assert drift_with(project, text) == []
    assert definition_file(project, "m", MACHINE).text == text


@pytest.mark.parametrize("comment", ["${Seconds}", "\x7f"])
def test_what_does_not_show_is_drift_although_the_content_is_the_same(project: Project, comment: str) -> None:
    machine = Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": comment, "End": True}}})
    path = project.generated_file("m")
    path.parent.mkdir()
    path.write_text(machine.to_text().replace('"${Seconds}"', "${Seconds}").replace("\\u007f", "\x7f"))
    assert [str(finding) for finding in drift_of(project, machine)] == [
        "generated/m.asl.json: has the same content, but has placeholders without quotes, or characters that do not "
        f"show; {GENERATE}, or undo the edit"
    ]


def test_a_missing_file_is_drift(project: Project) -> None:
    assert [str(finding) for finding in drift_of(project, MACHINE)] == [
        f"generated/m.asl.json: does not exist; {GENERATE}"
    ]


def test_drift_names_the_authors_line(project: Project, write_workflow: Write) -> None:
    path = write_workflow("m", "def build():\n    return Workflow(\n        Pass('A', comment='new'))\n")
    write([definition_file(project, "m", MACHINE)])
    [finding] = drift_of(project, compile_file(path))
    assert str(finding).startswith(
        'workflows/m.py:6: "A": differs from generated/m.asl.json: has Comment "new" instead of "c"'
    )


def test_a_generated_file_without_a_workflow_is_reported(project: Project, write_workflow: Write) -> None:
    write_workflow("kept", "")
    write([definition_file(project, name, MACHINE) for name in ("kept", "gone")])
    assert [str(finding) for finding in orphans(project)] == [
        "generated/gone.asl.json: no workflow generates this file; delete it, or write workflows/gone.py"
    ]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system does not name its open files")
def test_a_string_is_written_to_a_pipe_unchanged() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as pipe:
        write_one(Path(f"/dev/fd/{writing}"), "text")
        os.close(writing)
        assert pipe.read() == "text"
