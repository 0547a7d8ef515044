"""A hand-written SAM project is adopted: what is written, what stays, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path

import pytest

from workflow_dsl.adoption.existing import plan_adoption
from workflow_dsl.adoption.plan import Plan, carry_out
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError
from workflow_dsl.generation.build import generate
from workflow_dsl.project import find_project

TRADER = Path(__file__).parent.parent / "applications" / "sam_trader"
ORDER = """\
def lambda_handler(event, context):
    return {"id": context.aws_request_id, "side": "buy", "price": str(event["price"])}
"""
CODE = {
    "functions/price_reader/app.py": 'def lambda_handler(event, context):\n    return {"price": 50}\n',
    "functions/order_buyer/app.py": ORDER,
    "functions/order_seller/app.py": ORDER.replace("buy", "sell"),
    "tests/__init__.py": "",
    "tests/unit/__init__.py": "",
    "tests/unit/test_price_reader.py": (
        "from functions.price_reader import app\n\n\n"
        'def test_a_price_is_a_number():\n    assert app.lambda_handler({}, None) == {"price": 50}\n'
    ),
}
GREETING = {"StartAt": "Greet", "States": {"Greet": {"Type": "Task", "Resource": "${GreeterArn}", "End": True}}}
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Greeting: # in a file
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machines/greeting.asl.json
      DefinitionSubstitutions: {GreeterArn: !GetAtt Greeter.Arn}
  Resting:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Rest
        States:
          Rest: {Type: Wait, Seconds: 5, Next: Greet}
          Greet: {Type: Task, Resource: !GetAtt Greeter.Arn, End: true}
  Written:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Greeter.Arn}", "End": true}}}'
  Stored:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: {Bucket: files, Key: a.asl.json}}
  Greeter:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: greeter}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
"""
EDITED = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Greeting: # in a file
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: generated/greeting.asl.json
      DefinitionSubstitutions: {GreeterArn: !GetAtt Greeter.Arn}
  Resting:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: generated/resting.asl.json
      DefinitionSubstitutions:
        GreeterArn: !GetAtt Greeter.Arn
  Written:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionS3Location: generated/written.asl.json
      DefinitionSubstitutions:
        GreeterArn: !GetAtt Greeter.Arn
"""


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def trader(tmp_path: Path) -> Path:
    root = shutil.copytree(TRADER, tmp_path / "trader")
    write(root, CODE)
    return root


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    root = tmp_path / "mixed"
    write(root, {"template.yaml": TEMPLATE, "machines/greeting.asl.json": json.dumps(GREETING)})
    return root


def actions(plan: Plan) -> dict[str, str]:
    return {plan.shown(step.path): step.action for step in plan.steps}


FIRST_TEST = '''\
"""The execution paths of stock_trader."""

from workflow_dsl.local import Return, RunWorkflow


def test_it_buys_at_50(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Read Price": Return({"price": 50}),
            "Buy": Return({"id": "id", "side": "side", "price": "1"}),
            "Record Trade": Return({}),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == ["Read Price", "Buy or Sell?", "Buy", "Record Trade"]
    assert execution.duration == 0
'''
WRITTEN = {
    "template.yaml": "change",
    "workflows/stock_trader.py": "create",
    "generated/stock_trader.asl.json": "create",
    "generated/stock_trader.svg": "create",
    "generated/stock_trader.mmd": "create",
    "tests/test_stock_trader_paths.py": "create",
    "pyproject.toml": "create",
    ".github/workflows/workflow-dsl.yml": "create",
}


def test_a_hand_written_trader_is_adopted_by_files_beside_it_and_one_line_of_its_template(trader: Path) -> None:
    before = contents(trader)
    plan = plan_adoption(trader)
    assert contents(trader) == before
    assert actions(plan) == WRITTEN
    carry_out(plan)
    after = contents(trader)
    assert after.keys() - before.keys() == WRITTEN.keys() - {"template.yaml"}
    assert [name for name in before if after[name] != before[name]] == ["template.yaml"]
    texts = (before["template.yaml"].decode().splitlines(), after["template.yaml"].decode().splitlines())
    assert list(unified_diff(*texts, n=0, lineterm=""))[3:] == [
        "-      DefinitionUri: statemachine/stock_trader.asl.json",
        "+      DefinitionUri: generated/stock_trader.asl.json",
    ]


def test_the_adopted_definition_is_the_same_byte_by_byte_and_generate_has_nothing_to_write(trader: Path) -> None:
    carry_out(plan_adoption(trader))
    old, new = (trader / folder / "stock_trader.asl.json" for folder in ("statemachine", "generated"))
    assert new.read_bytes() == old.read_bytes()
    project = find_project(trader)
    generated = generate(project, project.workflow_files(), lambda path: compile_file(path, root=trader), frozenset())
    assert (generated.out_of_date(), generated.orphans(), generated.disagreements) == ([], [], [])
    assert [workflow.findings for workflow in generated.workflows] == [[]]


def test_the_tests_of_the_adopted_trader_pass(trader: Path, pytester: pytest.Pytester) -> None:
    carry_out(plan_adoption(trader))
    test = trader / "tests" / "test_stock_trader_paths.py"
    assert test.read_text("utf-8") == FIRST_TEST
    pytester.runpytest_subprocess("--rootdir", trader, "-p", "no:cacheprovider", trader).assert_outcomes(passed=2)


def test_a_workflow_that_never_ends_has_a_test_that_it_compiles(tmp_path: Path, pytester: pytest.Pytester) -> None:
    impossible = [{"Variable": "$.n", "NumericLessThan": 0}, {"Variable": "$.n", "NumericGreaterThan": 1}]
    forever = {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Done?"},
            "Done?": {"Type": "Choice", "Choices": [{"And": impossible, "Next": "Done"}], "Default": "Wait"},
            "Done": {"Type": "Succeed"},
        },
    }
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "forever.asl.json"}}
    template = json.dumps({"Resources": {"Forever": machine}})
    write(tmp_path, {"template.yaml": template, "forever.asl.json": json.dumps(forever)})
    plan = plan_adoption(tmp_path)
    carry_out(plan)
    [purpose] = [step.purpose for step in plan.steps if step.path.name == "test_forever_paths.py"]
    assert purpose == "a test that it compiles, as no execution was found"
    pytester.runpytest_subprocess("--rootdir", tmp_path, "-p", "no:cacheprovider", tmp_path).assert_outcomes(passed=1)


def test_a_second_run_changes_nothing(trader: Path, mixed: Path) -> None:
    for root in (trader, mixed):
        carry_out(plan_adoption(root))
        plan = plan_adoption(root)
        assert plan.to_write == []


def test_machines_of_each_kind_are_adopted_and_one_in_a_bucket_stays(mixed: Path) -> None:
    plan = plan_adoption(mixed)
    carry_out(plan)
    assert plan.adopted == {"Greeting": "greeting", "Resting": "resting", "Written": "written"}
    assert (mixed / "template.yaml").read_text("utf-8") == EDITED + TEMPLATE[TEMPLATE.index("  Stored:") :]
    [refused] = plan.refused
    assert refused.machine == "Stored"
    assert [finding.message for finding in refused.findings] == [
        "the definition of Stored is not on this computer: it is in a bucket, or missing"
    ]


def test_one_machine_of_several_is_adopted_and_then_another(mixed: Path) -> None:
    carry_out(plan_adoption(mixed, ["Resting"]))
    assert [path.name for path in (mixed / "workflows").iterdir()] == ["resting.py"]
    assert "machines/greeting.asl.json" in (mixed / "template.yaml").read_text("utf-8")
    plan = plan_adoption(mixed, ["greeting"])
    carry_out(plan)
    assert plan.adopted == {"Greeting": "greeting"}
    assert sorted(path.name for path in (mixed / "workflows").iterdir()) == ["greeting.py", "resting.py"]


@pytest.mark.parametrize(
    ("line_end", "mark"), [("\n", ""), ("\r\n", ""), ("\n", "\ufeff")], ids=["lf", "crlf", "byte order mark"]
)
def test_every_other_byte_of_the_template_stays(mixed: Path, line_end: str, mark: str) -> None:
    (mixed / "template.yaml").write_bytes((mark + TEMPLATE).replace("\n", line_end).encode())
    carry_out(plan_adoption(mixed))
    expected = mark + EDITED + TEMPLATE[TEMPLATE.index("  Stored:") :]
    assert (mixed / "template.yaml").read_bytes() == expected.replace("\n", line_end).encode()


def test_a_template_in_json_keeps_its_layout(tmp_path: Path) -> None:
    template = '{"Resources": {\n "M" : { "Type":"AWS::Serverless::StateMachine",\n  "Properties": {"DefinitionUri": "a.asl.json" }}}}'
    write(tmp_path, {"template.json": template, "a.asl.json": json.dumps(GREETING)})
    carry_out(plan_adoption(tmp_path))
    assert (tmp_path / "template.json").read_text("utf-8") == template.replace("a.asl.json", "generated/a.asl.json")
    assert 'template = "template.json"' in (tmp_path / "pyproject.toml").read_text("utf-8")


def test_a_definition_that_is_where_it_will_be_generated_stays(mixed: Path) -> None:
    text = json.dumps(GREETING, indent=7)
    template = TEMPLATE.replace("machines/", "generated/")
    write(mixed, {"template.yaml": template, "generated/greeting.asl.json": text})
    carry_out(plan_adoption(mixed, ["Greeting"]))
    assert (mixed / "generated" / "greeting.asl.json").read_text("utf-8") == text
    assert (mixed / "template.yaml").read_text("utf-8") == template


def test_a_definition_in_yaml_is_generated_as_json(tmp_path: Path) -> None:
    template = (
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: m.asl.yaml}\n"
    )
    write(tmp_path, {"template.yaml": template, "m.asl.yaml": "StartAt: A\nStates:\n  A: {Type: Succeed}\n"})
    carry_out(plan_adoption(tmp_path))
    definition = json.loads((tmp_path / "generated" / "m.asl.json").read_bytes())
    assert definition == {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


def test_machines_that_deploy_one_file_share_a_workflow(tmp_path: Path) -> None:
    resources = "".join(
        f"  {name}:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: a.asl.json\n"
        f"      DefinitionSubstitutions: {{GreeterArn: {arn}}}\n"
        for name, arn in (("One", "!GetAtt F.Arn"), ("Two", "!GetAtt G.Arn"))
    )
    write(tmp_path, {"template.yaml": f"Resources:\n{resources}", "a.asl.json": json.dumps(GREETING)})
    plan = plan_adoption(tmp_path)
    carry_out(plan)
    assert plan.adopted == {"One": "a", "Two": "a"}
    assert (tmp_path / "template.yaml").read_text("utf-8").count("generated/a.asl.json") == 2
    assert 'resource="${GreeterArn}"' in (tmp_path / "workflows" / "a.py").read_text("utf-8")


def test_a_file_that_another_machine_deploys_is_not_called_unused(tmp_path: Path) -> None:
    resources = "".join(
        f"  {name}: {{Type: 'AWS::Serverless::StateMachine', Properties: {{DefinitionUri: a.asl.json}}}}\n"
        for name in ("One", "Two")
    )
    write(tmp_path, {"template.yaml": f"Resources:\n{resources}", "a.asl.json": json.dumps(GREETING)})
    assert not any("no longer deployed" in line for line in plan_adoption(tmp_path, ["One"]).advice)
    assert any("no longer deployed" in line for line in plan_adoption(tmp_path).advice)


def test_nothing_is_written_for_machines_that_are_all_refused(mixed: Path) -> None:
    plan = plan_adoption(mixed, ["Stored"])
    assert (plan.steps, plan.adopted, len(plan.refused)) == ((), {}, 1)


def test_definitions_of_one_file_name_are_called_by_their_machines(tmp_path: Path) -> None:
    resources = "".join(
        f"  {name}StateMachine:\n    Type: AWS::Serverless::StateMachine\n"
        f"    Properties: {{DefinitionUri: {name}/definition.asl.json}}\n"
        for name in ("One", "Two")
    )
    definitions = {f"{name}/definition.asl.json": json.dumps(GREETING) for name in ("One", "Two")}
    write(tmp_path, {"template.yaml": f"Resources:\n{resources}", **definitions})
    assert plan_adoption(tmp_path).adopted == {
        "OneStateMachine": "one_state_machine",
        "TwoStateMachine": "two_state_machine",
    }


PYPROJECTS = ['[project]\nname = "x"', "[project]\r\nname = 'x'\r\n", "# only a comment\n\n", ""]


@pytest.mark.parametrize("before", PYPROJECTS)
def test_settings_are_added_below_what_is_there(trader: Path, before: str) -> None:
    write(trader, {"pyproject.toml": before})
    carry_out(plan_adoption(trader))
    after = (trader / "pyproject.toml").read_bytes().decode()
    assert after.startswith(before)
    line_end = "\r\n" if "\r" in before else "\n"
    lines = ["[tool.workflow-dsl]", 'workflows = "workflows"', 'generated = "generated"', 'template = "template.yaml"']
    assert after.removeprefix(before).strip().split(line_end) == lines
    assert find_project(trader).root == trader.resolve()


def test_settings_that_are_there_decide_and_stay(trader: Path) -> None:
    settings = '[tool.workflow-dsl]\nworkflows = "src/flows"\ngenerated = "statemachine"\n'
    write(trader, {"pyproject.toml": settings})
    plan = plan_adoption(trader)
    carry_out(plan)
    assert (trader / "pyproject.toml").read_text("utf-8") == settings
    assert (trader / "src" / "flows" / "stock_trader.py").is_file()
    assert contents(trader)["template.yaml"] == contents(TRADER)["template.yaml"]


REFUSED = [
    ({"template.yaml": None}, [], "template.yaml does not exist in trader, so this is not a SAM project"),
    ({"template.yaml": "Resources: {}\n"}, [], "has no state machine to adopt"),
    ({}, ["StockTrader"], "no state machine 'StockTrader'"),
    ({"pyproject.toml": "a = {\n"}, [], "is not TOML: "),
    ({"pyproject.toml": "tool = {}\n"}, [], "cannot be extended with another table"),
    ({"workflows/dag.py": "x = 1\n"}, [], "workflows/dag.py: not a workflow"),
]


@pytest.mark.parametrize(("files", "machines", "message"), REFUSED)
def test_a_project_that_cannot_be_adopted_is_refused_with_the_reason(
    trader: Path, files: dict[str, str | None], machines: list[str], message: str
) -> None:
    for name, text in files.items():
        if text is None:
            (trader / name).unlink()
        else:
            write(trader, {name: text})
    with pytest.raises(FindingsError) as problem:
        plan_adoption(trader, machines)
    assert [finding.message[: len(message)] for finding in problem.value.findings] == [message]


@pytest.mark.parametrize(
    "name", ["workflows/stock_trader.py", "generated/stock_trader.asl.json", "generated/stock_trader.svg"]
)
def test_a_file_of_the_name_is_never_overwritten(trader: Path, name: str) -> None:
    write(trader, {name: "def build(): mine\n"})
    plan = plan_adoption(trader)
    assert plan.adopted == {"StockTraderStateMachine": "stock_trader_state_machine"}
    write(trader, {name.replace("stock_trader", "stock_trader_state_machine"): "def build(): mine too\n"})
    plan = plan_adoption(trader)
    assert (plan.adopted, [refused.machine for refused in plan.refused]) == ({}, ["StockTraderStateMachine"])
    [finding] = plan.refused[0].findings
    other = name.replace("stock_trader", "stock_trader_state_machine")
    assert finding.message == f"{name}, {other} would be overwritten"


def test_a_test_or_a_step_of_ci_that_exists_stays(trader: Path) -> None:
    files = {"tests/test_stock_trader_paths.py": "mine = 1\n", ".github/workflows/workflow-dsl.yml": "on: push\n"}
    write(trader, files)
    carry_out(plan_adoption(trader))
    assert {name: (trader / name).read_text("utf-8") for name in files} == files


def test_the_commands_for_another_ci_are_printed(trader: Path) -> None:
    write(trader, {".gitlab-ci.yml": "x: {}\n"})
    plan = plan_adoption(trader)
    assert ".github/workflows/workflow-dsl.yml" not in actions(plan)
    assert plan.advice[-1].startswith("add to .gitlab-ci.yml: pip install pytest ")
    assert plan.advice[-1].endswith("; workflow-dsl generate --check; pytest tests/test_*_paths.py")


def test_existing_errors_are_reported_because_ci_fails_with_them(trader: Path) -> None:
    write(trader, {"functions/order_buyer/app.py": "def other(event, context): ...\n"})
    assert plan_adoption(trader).advice[-1] == "fix what `workflow-dsl validate` reports (1 error), or CI fails"


def test_all_files_are_written_or_none(trader: Path) -> None:
    shutil.rmtree(trader / "tests")
    write(trader, {"tests": "a file\n"})
    before = contents(trader)
    with pytest.raises(OSError, match=r"is a file, and test_stock_trader_paths\.py needs a folder there"):
        carry_out(plan_adoption(trader))
    assert contents(trader) == before


def test_folders_made_for_a_run_that_fails_are_removed(trader: Path) -> None:
    plan = plan_adoption(trader)
    (trader / "pyproject.toml").mkdir()
    with pytest.raises(IsADirectoryError):
        carry_out(plan)
    assert {path.name for path in trader.iterdir()} - {path.name for path in TRADER.iterdir()} == {
        *("functions", "tests", "pyproject.toml")
    }
