"""The comments of YAML stay in the module, and nothing in one is more than a comment."""

from __future__ import annotations

import pytest

from workflow_dsl.definition.reading import read_source
from workflow_dsl.importer import import_definition

DEFINITION = """\
# Fills an order.

StartAt: Check
States:
  # Looks the price up.
  Check:
    Type: Task
    Resource: ${Checker}   # the function
    Comment: "is # no comment"
    Next: Cheap?
  Cheap?:
    Type: Choice
    Choices:
      # a bargain
      - {Variable: $.price, NumericLessThan: 5, Next: All}
      - Variable: $.price
        NumericLessThan: 9  # rarely
        Next: Done
    Default: Done
  All:
    Type: Map
    Iterator:
      StartAt: Buy
      States:
        Buy: {Type: Pass, End: true}  # one of them
    Next: Done
  Done:
    Type: Succeed  # always
# Ask the desk before a change.
"""
MODULE = """\
from workflow_dsl.authoring import Chain, Choice, Map, Pass, Succeed, Task, Workflow, var


def build() -> Workflow:
    # Fills an order.

    # Looks the price up.
    # the function
    check = Task("Check", comment="is # no comment", resource="${Checker}")
    cheap = Choice("Cheap?")
    # one of them
    buy = Pass("Buy")
    all_state = Map("All", iterator=buy)
    # always
    # Ask the desk before a change.
    done = Succeed("Done")

    # a bargain
    cheap.add_choice(var("$.price") < 5, Chain([all_state, done]))
    # rarely
    cheap.add_choice(var("$.price") < 9, done)
    cheap.default_choice(done)
    return Workflow(Chain([check, cheap]))
"""


def test_a_comment_is_above_the_state_or_the_rule_that_it_is_about() -> None:
    assert import_definition(read_source(DEFINITION)) == MODULE


@pytest.mark.parametrize(
    ("comment", "line"),
    [
        ("#", None),
        ("#!/bin/sh", '# "!/bin/sh"'),
        ("## noqa", '# "noqa"'),
        ("# type: ignore", '# "type: ignore"'),
        ("# see # noqa: F401", '# "see  noqa: F401"'),
        ("# a\u202eb", "# a b"),
        ("# " + "word " * 30, "# " + "word " * 19 + "word"),
    ],
)
def test_a_comment_is_nothing_but_a_comment(comment: str, line: str | None) -> None:
    text = import_definition(read_source(f"{comment}\nStartAt: A\nStates: {{A: {{Type: Pass, End: true}}}}\n"))
    comments = [each.strip() for each in text.splitlines() if "#" in each]
    assert comments[:1] == ([line] if line else [])


def test_an_encoding_in_a_comment_changes_nothing() -> None:
    document = "# -*- coding: latin-1 -*-\nStartAt: A\nStates: {A: {Type: Pass, Comment: gr\u00fcn, End: true}}\n"
    assert 'Pass("A", comment="gr\u00fcn")' in import_definition(read_source(document))


def test_an_inline_definition_has_its_own_comments_and_no_others() -> None:
    template = """\
# The application.
Resources:
  # Tidies up.
  Tidy:
    Definition:
      # at night
      StartAt: A
      States:
        A: {Type: Pass, End: true}  # nothing yet
    # Another resource.
  Other: {}
"""
    source = read_source(template, strict=False).subdocument("Resources", "Tidy", "Definition")
    lines = import_definition(source).partition("def build() -> Workflow:\n")[2].splitlines()
    assert lines == ["    # at night", "", "    # nothing yet", '    a = Pass("A")', "    return Workflow(a)"]
