"""The command import: which definitions it takes, and which files it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.cli import main
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read

GREETING = {"StartAt": "Greet", "States": {"Greet": {"Type": "Task", "Resource": "${GreeterArn}", "End": True}}}
INLINE = """
StartAt: Rest
States:
  Rest: {Type: Wait, Seconds: 5, Next: Greet}
  Greet: {Type: Task, Resource: !GetAtt Greeter.Arn, Next: Tell}
  Tell:
    Type: Task
    Resource: !Sub "arn:${AWS::Partition}:states:::sqs:sendMessage"
    Parameters: {QueueUrl: !Ref Orders, MessageBody: !Join [" ", [to, !Ref Owner]]}
    End: true
"""
TEMPLATE = f"""
Transform: AWS::Serverless-2016-10-31
Parameters:
  Owner: {{Type: String}}
Resources:
  GreetingStateMachine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machines/my-greeting.v2.asl.json
      DefinitionSubstitutions: {{GreeterArn: !GetAtt Greeter.Arn}}
  RestingStateMachine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:{INLINE.replace(chr(10), chr(10) + "        ").rstrip()}
  TextMachine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub '{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "${{Greeter.Arn}}", "End": true}}}}}}'
  Greeter:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: python3.13, Handler: app.handler, CodeUri: greeter}}
  Orders: {{Type: AWS::SQS::Queue}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "my-greeting.v2.asl.json").write_text(json.dumps(GREETING), "utf-8")
    (tmp_path / "template.yaml").write_text(TEMPLATE, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def modules() -> list[str]:
    return sorted(path.as_posix() for path in Path().rglob("*.py"))


def compiled(name: str) -> Any:
    return json.loads(run("compile", name).stdout)


def test_all_state_machines_of_a_template_become_workflows() -> None:
    result = run("import", "template.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "workflows/my_greeting_v2.py: written",
        "  to deploy it, set DefinitionUri of GreetingStateMachine to generated/my_greeting_v2.asl.json",
        "workflows/resting.py: written",
        "  to deploy it, set DefinitionUri of RestingStateMachine to generated/resting.asl.json",
        "  and add to its DefinitionSubstitutions:",
        "    GreeterArn: !GetAtt Greeter.Arn",
        "    Partition: !Ref AWS::Partition",
        "    OrdersUrl: !Ref Orders",
        "    Owner: !Ref Owner",
        "workflows/text_machine.py: written",
        "  to deploy it, set DefinitionUri of TextMachine to generated/text_machine.asl.json",
        "  and add to its DefinitionSubstitutions:",
        "    GreeterArn: !GetAtt Greeter.Arn",
    ]
    assert compiled("my_greeting_v2") == GREETING
    assert compiled("text_machine")["States"]["A"]["Resource"] == "${GreeterArn}"
    assert compiled("resting")["States"]["Tell"] == {
        "Type": "Task",
        "Resource": "arn:${Partition}:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "${OrdersUrl}", "MessageBody": "to ${Owner}"},
        "End": True,
    }
    assert 'function("Greeter")' in Path("workflows/my_greeting_v2.py").read_text("utf-8")


@pytest.mark.parametrize("name", ["GreetingStateMachine", "my-greeting.v2", "machines/my-greeting.v2.asl.json"])
def test_a_state_machine_is_named_by_its_id_or_its_file(name: str) -> None:
    assert run("import", name, "--output", "elsewhere").exit_code == 0
    assert modules() == ["elsewhere/my_greeting_v2.py"]


def test_a_definition_needs_no_template() -> None:
    Path("template.yaml").unlink()
    result = run("import", "machines/my-greeting.v2.asl.json")
    assert (result.exit_code, result.output) == (0, "workflows/my_greeting_v2.py: written\n")


def test_a_plan_of_terraform_is_refused_with_what_to_import() -> None:
    Path("plan.json").write_text(
        '{"format_version": "1.2", "planned_values": {"root_module": {"resources": []}}}', "utf-8"
    )
    result = run("import", "plan.json")
    message = "Error: plan.json is a plan or state of Terraform; import the file that its definition is in"
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, message)


def test_a_printed_module_is_not_written() -> None:
    result = run("import", "GreetingStateMachine", "--stdout")
    assert (result.exit_code, modules()) == (0, [])
    assert result.stdout == (
        "from workflow_dsl.authoring import Task, Workflow, function\n\n\n"
        "def build() -> Workflow:\n"
        '    return Workflow(Task("Greet", resource=function("Greeter")))\n'
    )


def test_an_existing_module_is_replaced_only_by_force() -> None:
    Path("workflows").mkdir()
    module = Path("workflows/resting.py")
    module.write_text("mine = 1\n", "utf-8")
    refused = run("import", "template.yaml")
    assert (refused.exit_code, modules()) == (2, ["workflows/resting.py"])
    assert "workflows/resting.py exists; add --force to replace it" in refused.stderr
    assert module.read_text("utf-8") == "mine = 1\n"
    assert run("import", "RestingStateMachine", "--force").exit_code == 0
    assert module.read_text("utf-8") != "mine = 1\n"


def test_nothing_is_written_while_one_definition_is_refused() -> None:
    broken = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Nexxt": "B"}}}
    Path("broken.asl.json").write_text(json.dumps(broken), "utf-8")
    result = run("import", "GreetingStateMachine", "broken.asl.json")
    assert (result.exit_code, modules()) == (1, [])
    assert 'error SCHEMA_VALIDATION_FAILED: "A" Nexxt' in result.stderr
    assert result.stderr.endswith("Fix the errors above. Nothing was written.\n")


def test_a_function_of_the_template_that_no_placeholder_can_replace_is_refused_with_its_line() -> None:
    text = TEMPLATE.replace("!Ref Owner]]", '!Select [0, !GetAZs ""]]]')
    Path("template.yaml").write_text(text, "utf-8")
    result = run("import", "RestingStateMachine")
    assert (result.exit_code, modules()) == (1, [])
    assert "has Fn::Select in the definition\n" in result.stderr
    assert "move it to DefinitionSubstitutions, and write a placeholder" in result.stderr


WRONG_CALLS = [
    ("RestingMachine", "no state machine 'RestingMachine'; did you mean \"RestingStateMachine\"?"),
    ("missing.asl.json", "missing.asl.json: No such file or directory"),
    ("empty.json", "empty.json has no state machine"),
]


@pytest.mark.parametrize(("name", "message"), WRONG_CALLS)
def test_a_wrong_name_is_a_wrong_call(name: str, message: str) -> None:
    Path("empty.json").write_text('{"Resources": {}}', "utf-8")
    result = run("import", name)
    assert (result.exit_code, modules()) == (2, [])
    assert message in result.stderr


def test_two_definitions_of_one_name_are_not_written_over_each_other() -> None:
    Path("other").mkdir()
    Path("other/my-greeting.v2.asl.json").write_text(json.dumps(GREETING), "utf-8")
    result = run("import", "machines/my-greeting.v2.asl.json", "other/my-greeting.v2.asl.json")
    assert result.exit_code == 0
    assert modules() == ["workflows/greeting_state_machine.py", "workflows/my_greeting_v2.py"]
    again = run("import", "other/my-greeting.v2.asl.json", "other/my-greeting.v2.asl.json", "--force")
    assert "two definitions would be written to my_greeting_v2.py" in again.stderr


def test_an_imported_module_compiles_to_the_generated_file() -> None:
    assert run("import", "my-greeting.v2").exit_code == 0
    assert run("compile", "my_greeting_v2").exit_code == 0
    assert Machine(compiled("my_greeting_v2")) == Machine(read(Path("machines/my-greeting.v2.asl.json").read_text()))
