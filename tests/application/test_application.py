"""The application: every command accepts the same names and resolves them to the same state machines."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from tests.support import Write
from workflow_dsl.application.application import Application, UnknownName, read_application
from workflow_dsl.cli import main
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project

TEMPLATE = """\
Globals: {Function: {Handler: app.handler, Runtime: python3.12}}
Resources:
  First:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: first/definition.asl.json, DefinitionSubstitutions: {Worker: !GetAtt One.Arn}}
  Second:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: second/definition.asl.json, DefinitionSubstitutions: {Worker: !GetAtt Two.Arn}}
  Inline:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: Work, States: {Work: {Type: Task, Resource: !GetAtt One.Arn, End: true}}}
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref One}}]
  Pausing:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: pausing.asl.json, DefinitionSubstitutions: {Pause: 5}}
  Trader:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: generated/trader.asl.json}
  One: {Type: AWS::Serverless::Function, Properties: {CodeUri: one}}
  Two: {Type: AWS::Serverless::Function, Properties: {CodeUri: two}}
"""
WORK = '{"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "${Worker}", "End": true}}}'
PAUSE = '{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": ${Pause}, "End": true}}}'
FILES = {
    "template.yaml": TEMPLATE,
    "first/definition.asl.json": WORK,
    "second/definition.asl.json": WORK,
    "pausing.asl.json": PAUSE,
    "lonely.asl.json": '{"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": "lonely", "End": true}}}',
    "one/app/__init__.py": "def handler(event, context):\n    return 'one'\n",
    "two/app.py": "def handler(event, context):\n    return 'two'\n",
}
TRADER = "def build():\n    return Workflow(Pass('Trade', result='traded'))\n"
NEW = """
from workflow_dsl.authoring import Task, function

def build():
    return Workflow(Task("Work", resource=function("Two")))
"""


@pytest.fixture
def application(project: Project, write_workflow: Write) -> Application:
    """State machines by file, inline and generated; a workflow and a file that the template does not deploy."""
    for name, text in FILES.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    write_workflow("trader", TRADER)
    write_workflow("new", NEW)
    return read_application(project)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def output(application: Application, name: str) -> object:
    run = ProjectRunner(application).run(name)
    return run.output if run.status == "SUCCEEDED" else run.cause


NAMES = {
    "trader": "traded",
    "Trader": "traded",
    "workflows/trader.py": "traded",
    "First": "one",
    "Second": "two",
    "first/definition.asl.json": "one",
    "second/definition.asl.json": "two",
    "Inline": "one",
    "Pausing": {},
    "pausing": {},
    "new": "two",
    "lonely.asl.json": "lonely",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_state_machine_runs_by_any_of_its_names_with_its_own_functions(application: Application, name: str) -> None:
    assert output(application, name) == NAMES[name]


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("subcommand", ["run", "diagram", "policies", "uses"])
def test_every_command_accepts_every_name(subcommand: str, name: str) -> None:
    result = command(subcommand, name)
    assert (result.exit_code, "error" in result.stderr.replace("error NO_DEFINITION: Trader", "")) == (0, False)


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("subcommand", ["run", "diagram", "policies", "uses"])
def test_every_command_refuses_an_unknown_name(subcommand: str) -> None:
    result = command(subcommand, "tradr")
    assert (result.exit_code, 'did you mean "trader"?' in result.stderr) == (2, True)


@pytest.mark.usefixtures("application")
def test_an_unquoted_placeholder_is_a_number_to_every_command() -> None:
    assert command("validate", "pausing.asl.json").exit_code == 0
    assert "after 5 s of virtual time" in command("run", "pausing.asl.json").stdout
    assert "5 s" in command("diagram", "Pausing", "--format", "mermaid").stdout


@pytest.mark.usefixtures("application")
def test_an_inline_definition_has_its_calls_policy_and_diagram() -> None:
    assert [use["resource"] for use in json.loads(command("uses", "Inline", "--format", "json").stdout)["uses"]] == [
        "One"
    ]
    assert "!GetAtt One.Arn" in command("policies", "Inline").stdout
    assert "Lambda One" in command("diagram", "Inline").stdout


@pytest.mark.usefixtures("application")
def test_a_handler_in_a_package_is_listed_by_uses_and_runs() -> None:
    [use] = json.loads(command("uses", "First", "--format", "json").stdout)["uses"]
    assert (use["file"], use["line"]) == ("one/app/__init__.py", 1)
    assert 'Output: "one"' in command("run", "First").stdout


@pytest.mark.usefixtures("application")
def test_a_new_workflow_runs_and_prints_its_policy_before_the_template_deploys_it() -> None:
    assert 'Output: "two"' in command("run", "new").stdout
    assert "!GetAtt Two.Arn" in command("policies", "new").stdout
    [use] = json.loads(command("uses", "new", "--format", "json").stdout)["uses"]
    assert (use["stateMachine"], use["resource"], use["through"]) == ("new", "Two", ["TwoArn"])


def test_a_name_of_two_different_definitions_is_refused(application: Application) -> None:
    with pytest.raises(UnknownName, match="several definitions are called definition; name First or Second"):
        application.named("definition")


def test_a_workflow_that_two_state_machines_deploy_means_the_first_or_is_refused_if_it_must_be_unique(
    application: Application,
) -> None:
    template = application.root / "template.yaml"
    template.write_text(
        template.read_text().replace("  One: {", "  Again: *trader\n  One: {").replace("Trader:", "Trader: &trader")
    )
    project = application.project
    assert project
    again = read_application(project)
    assert [machine.logical_id for machine in again.all_named("trader")] == ["Trader", "Again"]
    assert again.named("trader").logical_id == "Trader"
    for only in (again.only_named, again.deployed_as):
        with pytest.raises(UnknownName, match="2 state machines deploy trader; name Trader or Again"):
            only("trader")


def test_generate_checks_the_workflow_and_not_another_definition_of_its_name(
    application: Application, write_workflow: Write
) -> None:
    write_workflow("pausing", "def build():\n    return Workflow(Task('T', resource='arn', timeout_seconds=0))\n")
    result = command("generate", "pausing")
    assert (result.exit_code, "pausing.py:5: error SCHEMA_VALIDATION_FAILED" in result.stderr) == (1, True)
    assert application.machine_of_workflow("pausing") is None


def test_a_deployed_workflow_is_found_by_name_although_it_does_not_compile(
    application: Application, write_workflow: Write
) -> None:
    write_workflow("trader", "import nothing_like_it\n")
    assert application.deployed_as("trader").logical_id == "Trader"


def test_a_started_workflow_runs_as_it_is_now(application: Application, write_workflow: Write) -> None:
    start = "arn:aws:states:::states:startExecution.sync:2"
    write_workflow("parent", f"""
        from workflow_dsl.authoring import state_machine

        def build():
            return Workflow(Task("Start", resource="{start}", parameters={{"StateMachineArn": state_machine("Trader")}}))
    """)  # fmt: skip
    assert ProjectRunner(application).run("parent").output["Output"] == "traded"


def test_a_reference_to_nothing_is_refused_by_run_and_policies(application: Application, write_workflow: Write) -> None:
    write_workflow("new", NEW.replace('"Two"', '"Tow"'))
    for words in ("run", "policies"):
        result = command(words, "new")
        assert (result.exit_code, 'did you mean "Two"?' in result.stderr) == (1, True)
    assert application.template.resources.keys() >= {"Two"}


@pytest.mark.usefixtures("application")
def test_a_template_that_cannot_be_read_stands_in_no_files_way() -> None:
    Path("template.yaml").write_text("Resources: [")
    for words in ("run", "diagram", "policies"):
        result = command(words, "lonely.asl.json")
        assert (result.exit_code, "warning TEMPLATE" in result.stderr) == (0, True)


@pytest.mark.usefixtures("application")
def test_a_file_that_is_too_large_or_something_else_is_a_wrong_call() -> None:
    Path("plain.json").write_text('{"a": 1}')
    Path("zero.json").symlink_to("/dev/zero")
    messages = {"plain.json": "plain.json is not a definition", "zero.json": "is larger than 16 MB"}
    for name, message in messages.items():
        result = command("diagram", name)
        assert (result.exit_code, message in result.stderr) == (2, True)


def test_a_logical_id_means_the_workflow_instead_of_its_generated_file(application: Application) -> None:
    trader = application.named("Trader")
    assert (trader.definition.start_at, trader.problems) == ("Trade", ())
    assert [problem.code for machine in application.machines for problem in machine.problems] == ["NO_DEFINITION"]


@pytest.mark.parametrize(("name", "message"), [
    ("", "no workflow or state machine ''; the application has new, trader, First, Second, Inline, Pausing, Trader"),
    ("Trade", "no workflow or state machine 'Trade'; did you mean \"Trader\"?"),
    ("One", "One is an AWS::Serverless::Function, not a state machine; the application has new, trader, First"),
    ("template.yaml", "template.yaml is a template; name one of its state machines, or a definition's file"),
])  # fmt: skip
def test_an_unknown_name_is_refused_with_a_suggestion_or_the_known_names(
    application: Application, name: str, message: str
) -> None:
    with pytest.raises(UnknownName) as error:
        application.named(name)
    assert str(error.value).startswith(message)


def test_a_missing_file_raises_file_not_found(application: Application) -> None:
    for name in ("none.asl.json", "none.py"):
        with pytest.raises(FileNotFoundError):
            application.named(name)


def test_a_file_that_is_not_a_definition_is_a_finding(application: Application) -> None:
    Path("list.json").write_text("[]")
    with pytest.raises(FindingsError, match=r"list\.json: Definition must be a valid JSON object"):
        application.named("list.json")


MISSING = [
    ({"Type": "Wait", "Seconds": 1, "Comment": "${No}", "End": True}, []),
    ({"Type": "Pass", "Result": "${No}", "End": True}, ["UNKNOWN_PLACEHOLDER"]),
    ({"Type": "Pass", "Parameters": {"words": ["${No}"]}, "End": True}, ["UNKNOWN_PLACEHOLDER"]),
    ({"Type": "Pass", "Parameters": {"word": "a ${No}"}, "End": True}, ["UNKNOWN_PLACEHOLDER"]),
    ({"Type": "Pass", "Parameters": {"word": "${No}"}, "End": True}, ["MISSING_SUBSTITUTION"]),
]


@pytest.mark.parametrize("resource", [None, 5, [None], {"a": []}])
def test_a_resource_of_another_type_is_a_finding_of_its_template(application: Application, resource: object) -> None:
    state = {"Type": "Task", "Resource": resource, "End": True}
    (application.root / "pausing.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": state}}))
    findings = json.loads(command("validate", "template.yaml", "--format", "json").stdout)
    assert "A" in {finding["state"] for finding in findings if finding["severity"] == "error"}


def test_a_state_that_is_called_result_has_no_result(application: Application) -> None:
    state = {"Type": "Pass", "Parameters": {"word": "${No}"}, "End": True}
    (application.root / "pausing.asl.json").write_text(json.dumps({"StartAt": "Result", "States": {"Result": state}}))
    findings = json.loads(command("validate", "pausing.asl.json", "--format", "json").stdout)
    assert "MISSING_SUBSTITUTION" in {finding["code"] for finding in findings}


@pytest.mark.parametrize(("state", "codes"), MISSING)
@pytest.mark.parametrize("target", ["template.yaml", "pausing.asl.json"])
def test_a_missing_substitution_is_reported_once_by_template_and_by_definition(
    application: Application, state: dict[str, object], codes: list[str], target: str
) -> None:
    pause = {"Type": "Wait", "Seconds": "$PAUSE", "Next": "A"}
    definition = json.dumps({"StartAt": "Rest", "States": {"Rest": pause, "A": state}})
    (application.root / "pausing.asl.json").write_text(definition.replace('"$PAUSE"', "${Pause}"))
    findings = json.loads(command("validate", target, "--format", "json").stdout)
    codes_about_it = [
        finding["code"] for finding in findings if "No" in finding["message"].replace("NO_DEFINITION", "")
    ]
    assert [code for code in codes_about_it if code.endswith(("PLACEHOLDER", "SUBSTITUTION"))] == codes


def test_without_a_template_a_reference_stays_a_placeholder_and_its_function_can_be_given(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("new", NEW)
    runner = ProjectRunner(read_application(project))
    with pytest.raises(FindingsError, match=r'"Work" Resource: calls \$\{TwoArn\}, which has no handler'):
        runner.run("new")
    assert runner.run("new", functions={"Two": lambda event, context: "given"}).output == "given"
