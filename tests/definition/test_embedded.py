"""embedded.py: the lines of a DefinitionString in its template."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.application.checking import check_machine
from workflow_dsl.application.machines import TemplateMachine, template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source

HEAD = """\
Resources:
  F: {Type: AWS::Lambda::Function}
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
"""
BLOCK = """
          {
            "StartAt": "A",
            "States": {
              "A": {"Type": "Task", "Resource": "${F.Arn}",

                    "Next": "Lost"}
            }
          }
"""
JOINED = """\
      DefinitionString: !Join
        - "DELIMITER"
        - - '{"StartAt": "A",'
          - !Sub '"States": {"A": {"Type": "Task",'
          - '"Resource": "'
          - !GetAtt F.Arn
          - '", "Next": "Lost"}}}'
"""
STYLES = {  # a property, and the place of "Lost"
    "literal": (f"      DefinitionString: |{BLOCK}", "12:29"),
    "literal, stripped": (f"      DefinitionString: |-{BLOCK}", "12:29"),
    "literal Sub": (f"      DefinitionString: !Sub |{BLOCK}", "12:29"),
    "literal Sub on the next line": (f"      DefinitionString:\n        !Sub |{BLOCK}", "13:29"),
    "folded": (f"      DefinitionString: >{BLOCK}", "12:29"),
    "folded Sub": (f"      DefinitionString: !Sub >-{BLOCK}", "12:29"),
    "Sub in full": (f"      DefinitionString:\n        Fn::Sub: |{BLOCK}", "13:29"),
    "Sub with values": (f"      DefinitionString: !Sub\n        - |{BLOCK}        - {{Own: x}}\n", "13:29"),
    "single quotes": (f"      DefinitionString: '{BLOCK.strip()}'\n", "11:29"),
    "single quotes of Sub": (f"      DefinitionString: !Sub '{BLOCK.strip()}'\n", "11:29"),
    "Join": (JOINED.replace("DELIMITER", ""), "12:25"),
    "Join with a delimiter": (JOINED.replace("DELIMITER", " "), "12:25"),
    "double quotes": (
        r'      DefinitionString: "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\", \"Next\": \"Lost\"}}}"',
        "6:25",
    ),
}


def machine_of(folder: Path, text: str) -> TemplateMachine:
    (folder / "template.yaml").write_text(text)
    template = read_template(folder / "template.yaml", "template.yaml")
    return template_machines(template, lambda file: read_source(file.read_bytes(), file.name))[0]


@pytest.mark.parametrize(("text", "place"), STYLES.values(), ids=STYLES)
def test_a_finding_stands_at_its_own_line_of_the_string(tmp_path: Path, text: str, place: str) -> None:
    findings = check_machine(machine_of(tmp_path, HEAD + text))
    places = [str(each.where.place) for each in findings if each.code == "MISSING_TRANSITION_TARGET"]
    assert places == [f"template.yaml:{place}"]


def test_a_string_that_is_no_json_is_reported_at_its_line(tmp_path: Path) -> None:
    text = f"{HEAD}      DefinitionString: |\n        {{\n          'StartAt': A\n        }}\n"
    [problem] = machine_of(tmp_path, text).problems
    assert str(problem.where.place).startswith("template.yaml:8")


def test_a_string_in_yaml_is_refused_as_the_service_does(tmp_path: Path) -> None:
    text = f"{HEAD}      DefinitionString: |\n        StartAt: A\n        States: {{A: {{Type: Succeed}}}}\n"
    [problem] = machine_of(tmp_path, text).problems
    assert (problem.code, str(problem.where.place).rpartition(":")[0]) == (
        "INVALID_JSON_DESCRIPTION",
        "template.yaml:6",
    )


def test_a_string_that_a_dynamic_reference_replaces_is_not_checked(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, f"{HEAD}      DefinitionString: '{{{{resolve:ssm:/definition}}}}'\n")
    assert (machine.has_definition, machine.problems) == (False, ())


def test_a_string_that_only_its_values_make_json_has_the_place_of_its_property(tmp_path: Path) -> None:
    template = dedent("""\
        Parameters: {Body: {Type: String, Default: '"A", "States": {"A": {"Type": "Pass", "Next": "Lost"}}}'}}
        Resources:
          M:
            Type: AWS::StepFunctions::StateMachine
            Properties:
              DefinitionString: !Sub '{"StartAt": ${Body}'
    """)
    findings = check_machine(machine_of(tmp_path, template))
    assert {str(each.where.place).rpartition(":")[0] for each in findings} == {"template.yaml:6"}
