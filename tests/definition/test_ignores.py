"""The comments that silence findings."""

from __future__ import annotations

import pytest

from workflow_dsl.definition.ignores import Ignore, ignores_in

COMMENTS = {
    "at the end of a line": (
        "a.yaml",
        "StartAt: A\nComment: x  # workflow-dsl: ignore[NO_DEFAULT, OTHER]\n",
        [Ignore(2, 2, ("NO_DEFAULT", "OTHER"))],
    ),
    "on a line of its own, about the next line with content": (
        "a.yaml",
        "# workflow-dsl: ignore[NO_DEFAULT]\n\n# because\nStartAt: A\n",
        [Ignore(1, 4, ("NO_DEFAULT",))],
    ),
    "after another comment": (
        "a.py",
        "x = 1  # noqa: E501  # workflow-dsl: ignore[NO_DEFAULT]\n",
        [Ignore(1, 1, ("NO_DEFAULT",))],
    ),
    "without a code": ("a.py", "x = 1  # workflow-dsl: ignore\n", [Ignore(1, 1, ())]),
    "in a string of Python": ("a.py", 'x = "# workflow-dsl: ignore[NO_DEFAULT]"\n', []),
    "in a string of YAML": ("a.yaml", 'x: "# workflow-dsl: ignore[NO_DEFAULT]"\n', []),
    "in a block of YAML": ("a.yaml", "x: |\n  # workflow-dsl: ignore[NO_DEFAULT]\ny: 1\n", []),
    "in a template with short tags": (
        "t.yaml",
        "A: !Ref B  # workflow-dsl: ignore[UNUSED_FUNCTION]\n",
        [Ignore(1, 1, ("UNUSED_FUNCTION",))],
    ),
    "in Python that cannot be read": ("a.py", "x = (  # workflow-dsl: ignore[NO_DEFAULT]\n", []),
    "in YAML that cannot be read": ("a.yaml", "x: [  # workflow-dsl: ignore[NO_DEFAULT]\n", []),
    "in JSON that passes for YAML": ("a.yaml", '{"a": "# workflow-dsl: ignore[NO_DEFAULT]"}', []),
}


@pytest.mark.parametrize(("file", "text", "ignores"), COMMENTS.values(), ids=COMMENTS)
def test_comments_are_found_at_their_lines(file: str, text: str, ignores: list[Ignore]) -> None:
    assert ignores_in(text, file) == ignores
