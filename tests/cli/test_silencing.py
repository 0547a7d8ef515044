"""Comments that silence findings, in each kind of file, with validate and generate."""

from __future__ import annotations

from textwrap import dedent

import pytest
from click.testing import CliRunner

from tests.support import Write
from workflow_dsl.cli import main
from workflow_dsl.project import Project

DEFINITION = """
    StartAt: A
    States:
      A:{comment}
        Type: Choice
        Choices:
          - {{Variable: $.x, IsNull: true, Next: B}}
      B: {{Type: Succeed}}
"""
TEMPLATE = """
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Idle:{comment}
        Type: AWS::Serverless::Function
        Properties: {{Runtime: python3.13, Handler: index.handler, InlineCode: "def handler(event, context): ..."}}
      M:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition: {{StartAt: A, States: {{A: {{Type: Succeed}}}}}}
"""
MODULE = """
    def build():
        value = Choice("A"){in_state}
        value.add_choice(ChoiceRule.IsNull("$.x", True), Succeed("B")){at_link}
        return Workflow(value)
"""
MACHINE = """
    Resources:
      M:
        Type: AWS::Serverless::StateMachine
        Properties: {DefinitionUri: generated/m.asl.json}
"""
SILENT = "  # workflow-dsl: ignore[NO_DEFAULT]"


def run(*arguments: str) -> list[str]:
    """Return the lines of findings that a command prints."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return [
        line
        for line in result.output.splitlines()
        if any(f": {kind} " in line for kind in ("error", "warning", "note"))
    ]


def write(project: Project, name: str, text: str) -> None:
    (project.root / name).write_text(dedent(text).lstrip())


NO_DEFAULT = 'a.asl.yaml:3: warning NO_DEFAULT: "A": fails with States.NoChoiceMatched if no rule matches'
DEFINITIONS = {
    "no comment": ("", [NO_DEFAULT]),
    "its code": (SILENT, []),
    "its code among others": ("  # workflow-dsl: ignore[UNUSED_FUNCTION, NO_DEFAULT]", []),
    "another code": ("  # workflow-dsl: ignore[UNUSED_FUNCTION]", [NO_DEFAULT]),
    "a misspelt code": (
        "  # workflow-dsl: ignore[NO_DEFALT]",
        ['a.asl.yaml:3: error CONFIGURATION: no warning has the code "NO_DEFALT"', NO_DEFAULT],
    ),
    "an error's code": (
        "  # workflow-dsl: ignore[NO_DEFAULT, NO_HANDLER]",
        ['a.asl.yaml:3: error CONFIGURATION: no warning has the code "NO_HANDLER"'],
    ),
    "no code": (
        "  # workflow-dsl: ignore",
        ["a.asl.yaml:3: error CONFIGURATION: the comment names no code", NO_DEFAULT],
    ),
}


def without_columns(lines: list[str]) -> list[str]:
    return [line.replace("yaml:3:3:", "yaml:3:") for line in lines]


@pytest.mark.parametrize(("comment", "findings"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_comment_in_a_definition_silences_the_codes_that_it_names(
    project: Project, comment: str, findings: list[str]
) -> None:
    write(project, "a.asl.yaml", DEFINITION.format(comment=comment))
    assert without_columns(run("validate", "a.asl.yaml")) == findings


@pytest.mark.parametrize("comment", ["", "  # workflow-dsl: ignore[UNUSED_FUNCTION]"])
def test_a_comment_in_a_template_silences_a_finding_at_its_line(project: Project, comment: str) -> None:
    write(project, "template.yaml", TEMPLATE.format(comment=comment))
    findings = run("validate", "template.yaml")
    assert bool(findings) is not bool(comment)


@pytest.mark.parametrize("command", [("generate",), ("generate", "--check"), ("validate", "workflows/m.py")])
@pytest.mark.parametrize(
    ("places", "count"),
    [({}, 1), ({"in_state": SILENT}, 0), ({"at_link": SILENT}, 1)],
    ids=["no comment", "at the state", "at another line"],
)
def test_a_comment_in_a_workflow_silences_what_is_said_of_its_line(
    project: Project, write_workflow: Write, command: tuple[str, ...], places: dict[str, str], count: int
) -> None:
    write(project, "template.yaml", MACHINE)
    write_workflow("m", MODULE.format(**{"in_state": "", "at_link": "", **places}))
    run("generate")
    assert len(run(*command)) == count


GENERATED = {
    "no comment": ({}, 1),
    "where the state is made": ({"in_state": SILENT}, 0),
    "where its method is called": ({"at_link": SILENT}, 0),
    "another code": ({"in_state": "  # workflow-dsl: ignore[UNUSED_FUNCTION]"}, 1),
}


@pytest.mark.parametrize(("places", "count"), GENERATED.values(), ids=GENERATED)
def test_a_comment_in_a_workflow_silences_its_state_in_the_generated_definition(
    project: Project, write_workflow: Write, places: dict[str, str], count: int
) -> None:
    write(project, "template.yaml", MACHINE)
    write_workflow("m", MODULE.format(**{"in_state": "", "at_link": "", **places}))
    run("generate")
    assert len(run("validate")) == count


def test_an_unknown_code_in_a_workflow_is_an_error_of_generate(project: Project, write_workflow: Write) -> None:
    write(project, "template.yaml", MACHINE)
    write_workflow("m", MODULE.format(in_state="  # workflow-dsl: ignore[NO_DEFALT, NO_DEFAULT]", at_link=""))
    assert run("generate") == ['workflows/m.py:5: error CONFIGURATION: no warning has the code "NO_DEFALT"']
