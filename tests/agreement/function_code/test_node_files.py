"""function_code/node_files.py: the syntax trees of files in JavaScript and TypeScript."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.agreement.function_code.node_files import line_of, members_of, node_file, text_of

OBJECTS = "(arguments . (object) @object) @call"


def members(tmp_path: Path, text: str, name: str = "app.js") -> dict[str, str] | None:
    """The texts of the members of the one object that a file calls something with."""
    (tmp_path / name).write_text(text)
    code = node_file(tmp_path / name)
    assert code is not None
    [match] = code.matches(OBJECTS)
    found = members_of(match["object"])
    return None if found is None else {member: text_of(value) for member, value in found.items()}


CODE = [
    ("f({})", "app.js", {}),
    ("f({ a: 1, 'b-c': \"two\", d /* not e: 1 */ })", "app.mjs", {"a": "1", "b-c": "two", "d": "d"}),
    ("const c = <div>{f({ a: 1 })}</div>", "app.jsx", {"a": "1"}),
    ("f({ a: 1, ...rest })", "app.js", None),
    ("f({ [name]: 1 })", "app.js", None),
    ("f({ a() { return 1 } })", "app.js", None),
]


@pytest.mark.parametrize(("text", "name", "expected"), CODE)
def test_an_object_has_its_members_unless_there_may_be_others(
    tmp_path: Path, text: str, name: str, expected: dict[str, str] | None
) -> None:
    assert members(tmp_path, text, name) == expected


def test_types_are_read_in_typescript(tmp_path: Path) -> None:
    text = "const f = <T>(x: T): T => x;\nf({ a: g<string>('x')!, b: `c` });\n"
    assert members(tmp_path, text, "app.ts") == {"a": "g<string>('x')!", "b": "c"}


def test_a_node_begins_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("// one\n\nf({})\n")
    code = node_file(tmp_path / "app.js")
    assert [line_of(match["call"]) for match in code.matches(OBJECTS)] == [3] if code else False


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    assert members(tmp_path, "f({ a: 1 })") == {"a": "1"}
    assert members(tmp_path, "f({ other: 22 })") == {"other": "22"}


UNREADABLE = ["f({", "x" * 200_001, "const a = `${`"]


@pytest.mark.parametrize("text", UNREADABLE, ids=["open", "large", "template"])
def test_there_is_no_tree_of_a_bundle_or_of_broken_code(tmp_path: Path, text: str) -> None:
    (tmp_path / "app.js").write_text(text)
    assert node_file(tmp_path / "app.js") is None


def test_there_is_no_tree_of_a_file_that_does_not_exist(tmp_path: Path) -> None:
    assert [node_file(tmp_path / "app.js"), node_file(tmp_path)] == [None, None]
