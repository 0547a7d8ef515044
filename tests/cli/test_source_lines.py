"""The lines of files for the excerpts below findings."""

from __future__ import annotations

from workflow_dsl.cli.source_lines import lines_of
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import Place
from workflow_dsl.project import Project


def test_source_lines_come_from_the_text_that_was_read_or_from_the_file(project: Project) -> None:
    texts = {"a.asl.json": "{\n}", "standard input": "StartAt: A\r\nStates: {}\r\n"}
    sources = {name: read_source(text, name) for name, text in texts.items()}
    (project.root / "sub").mkdir()
    (project.root / "sub" / "w.py").write_text("x = 1\n")
    lines = lines_of(sources, project.root)
    files = ["a.asl.json", "standard input", "sub/w.py", "gone.py", "sub", "definition"]
    assert [lines(Place(file, 1)) for file in files] == [
        ["{", "}"],
        ["StartAt: A", "States: {}", ""],
        ["x = 1"],
        [],
        [],
        [],
    ]


def test_lines_of_python_end_where_python_ends_them(project: Project) -> None:
    (project.root / "w.py").write_text("a = 1\n\x0c\nb = '\u2028\x85'\nc = 3\n")
    assert lines_of({}, project.root)(Place("w.py", 4))[3] == "c = 3"
