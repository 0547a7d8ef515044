"""The commands uses, diagram and policies, and generate in a project with a template."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support import replace_in
from workflow_dsl.cli import main
from workflow_dsl.cli.common import print_rows


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)


# uses


@pytest.mark.usefixtures("trader")
def test_uses_prints_a_table_of_states_and_their_calls() -> None:
    result = run("uses", "stock_trader")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "State machine State Calls Placeholder Function or resource Code",
        "StockTradingStateMachine Trigger: Schedule rate(1 hour), disabled HourlyTradingSchedule",
        "Check Stock Value Lambda StockCheckerFunctionArn StockCheckerFunction functions/stock_checker/app.py:17",
        "Sell Stock Lambda StockSellerFunctionArn StockSellerFunction functions/stock_seller/app.py:35",
        "Buy Stock Lambda StockBuyerFunctionArn StockBuyerFunction functions/stock_buyer/app.py:35",
        "Record Transaction DynamoDB putItem DDBPutItem, DDBTable TransactionTable",
        "PortfolioRebalanceStateMachine Trade Stock Step Functions startExecution.sync:2 StockTradingStateMachineArn "
        "StockTradingStateMachine",
    ]


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["StockBuyerFunction", "StockTradingStateMachine", "stock_trader"])
def test_uses_accepts_the_name_of_a_function_a_state_machine_or_a_workflow(name: str) -> None:
    uses = json.loads(run("uses", name, "--format", "json").stdout)["uses"]
    assert [use["state"] for use in uses if use["resource"] == "StockBuyerFunction"] == ["Buy Stock"]
    assert len(uses) == (1 if name == "StockBuyerFunction" else 5)


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize(
    ("format_", "first"),
    [("markdown", "| Function | State machine | State | Placeholder | Code |"), ("mermaid", "flowchart LR")],
)
def test_uses_prints_markdown_and_mermaid(format_: str, first: str) -> None:
    assert run("uses", "--by", "function", "--format", format_).stdout.splitlines()[0] == first


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("StockByerFunction",),
            "no state machine, workflow, function or resource 'StockByerFunction'; did you mean \"StockBuyerFunction\"?",
        ),
        (("xyz",), "no state machine, workflow, function or resource 'xyz'; list them with `workflow-dsl uses`"),
        (("--template", "none.yaml"), "no file none.yaml"),
    ],
)
def test_uses_of_an_unknown_name_or_template_exits_with_2(arguments: tuple[str, ...], message: str) -> None:
    result = run("uses", *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_uses_reads_another_template(trader: Path) -> None:
    replace_in(trader / "template.yaml", "StockBuyerFunction:", "BuyerFunction:")
    replace_in(trader / "template.yaml", "!GetAtt StockBuyerFunction.Arn", "!GetAtt BuyerFunction.Arn")
    (trader / "template.yaml").rename(trader / "other.yaml")
    assert " BuyerFunction " in run("uses", "--template", "other.yaml").stdout


def test_uses_reports_a_missing_definition_and_lists_the_others(trader: Path) -> None:
    (trader / "generated" / "stock_trader.asl.json").unlink()
    result = run("uses")
    assert (result.exit_code, "NO_DEFINITION" in result.stderr) == (1, True)


# diagram


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["stock_trader", "StockTradingStateMachine", "workflow_dsl/workflows/stock_trader.py"])
def test_diagram_draws_a_workflow_or_a_state_machine(name: str) -> None:
    assert "Lambda StockBuyerFunction" in run("diagram", name).stdout


@pytest.mark.usefixtures("trader")
def test_diagram_draws_a_definition_from_a_file_or_standard_input() -> None:
    text = Path("generated/stock_trader.asl.json").read_text("utf-8")
    Path("copy.asl.json").write_text(text)
    by_file = run("diagram", "copy.asl.json", "--format", "mermaid").stdout
    assert (by_file.splitlines()[0], run("diagram", "-", "--format", "mermaid", stdin=text).stdout) == (
        "flowchart TD",
        by_file,
    )
    deployed = run("diagram", "generated/stock_trader.asl.json", "--format", "mermaid").stdout
    assert deployed == run("diagram", "StockTradingStateMachine", "--format", "mermaid").stdout


@pytest.mark.usefixtures("trader")
def test_diagram_writes_the_format_of_the_files_suffix() -> None:
    for name, start in (("a.svg", "<svg "), ("a.mmd", "flowchart TD")):
        assert (run("diagram", "stock_trader", "-o", name).exit_code, Path(name).read_text("utf-8")[: len(start)]) == (
            0,
            start,
        )
    assert run("diagram", "stock_trader", "-o", "a.txt", "--format", "mermaid").exit_code == 0
    result = run("diagram", "stock_trader", "-o", "a.png")
    assert (result.exit_code, "end the file in .svg or .mmd, or give --format" in result.stderr) == (2, True)


def test_a_diagram_needs_no_template(trader: Path) -> None:
    (trader / "template.yaml").unlink()
    assert "StockBuyerFunctionArn" in run("diagram", "stock_trader").stdout


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stock_trade", "no workflow or state machine 'stock_trade'; did you mean \"stock_trader\"?"),
        ("none.json", "none.json: No such file or directory"),
        ("pyproject.toml", "no workflow or state machine 'pyproject.toml'; the application has market_import, "),
        ("template.yaml", "template.yaml is a template; name one of its state machines, or a definition's file"),
    ],
)
def test_diagram_of_an_unknown_name_exits_with_2(name: str, message: str) -> None:
    result = run("diagram", name)
    assert (result.exit_code, message in result.stderr) == (2, True)


# policies


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["stock_trader", "StockTradingStateMachine"])
def test_policies_prints_the_permissions_that_the_role_needs(name: str) -> None:
    result = run("policies", name)
    assert (result.exit_code, result.stdout.splitlines()[:8]) == (
        0,
        [
            "Policies:",
            "  - Statement:",
            "      - Effect: Allow",
            "        Action: lambda:InvokeFunction",
            "        Resource:",
            "          - !GetAtt StockCheckerFunction.Arn",
            "          - !GetAtt StockSellerFunction.Arn",
            "          - !GetAtt StockBuyerFunction.Arn",
        ],
    )


@pytest.mark.usefixtures("trader")
def test_policies_prints_the_whole_stanza_of_a_machine() -> None:
    result = run("policies", "stock_trader", "--stanza")
    assert (result.exit_code, result.stdout.splitlines()[:5]) == (
        0,
        [
            "StockTradingStateMachine:",
            "  Type: AWS::Serverless::StateMachine",
            "  Properties:",
            "    DefinitionUri: generated/stock_trader.asl.json",
            "    DefinitionSubstitutions:",
        ],
    )


def test_policies_are_written_into_the_template_on_demand(trader: Path) -> None:
    template = trader / "template.yaml"
    replace_in(template, "        - DynamoDBWritePolicy:\n            TableName: !Ref TransactionTable\n", "")
    assert run("validate").exit_code == 1
    results = [run("policies", "stock_trader", "--apply") for _ in range(2)]
    assert [(result.exit_code, result.output) for result in results] == [
        (0, "template.yaml: written: the policies of StockTradingStateMachine\n"),
        (0, "template.yaml: unchanged: the policies of StockTradingStateMachine\n"),
    ]
    assert (run("validate").exit_code, "!GetAtt TransactionTable.Arn" in template.read_text()) == (0, True)


def test_policies_lists_the_states_whose_permissions_are_unknown(trader: Path) -> None:
    replace_in(
        trader / "generated" / "stock_trader.asl.json",
        "${DDBPutItem}",
        "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
    )
    result = run("policies", "generated/stock_trader.asl.json")
    assert result.stderr == 'the permissions of "Record Transaction" are unknown: add them\n'


def test_policies_has_one_line_for_all_states_whose_permissions_are_unknown(tmp_path: Path) -> None:
    task = {"Type": "Task", "Resource": "${Anything}"}
    states = {"A": {**task, "Next": "B"}, "B": {**task, "End": True}}
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": states}))
    result = run("policies", str(tmp_path / "m.asl.json"))
    assert result.stderr == 'the permissions of "A", "B" are unknown: add them\n'


def test_policies_names_what_a_query_needs_on_its_data(tmp_path: Path) -> None:
    query = {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution", "End": True}
    file = tmp_path / "q.asl.json"
    file.write_text(json.dumps({"StartAt": "Q", "States": {"Q": {**query, "Parameters": {"QueryString": "select 1"}}}}))
    assert run("policies", str(file)).stderr == (
        '"Q" also needs permissions on the data that it uses: '
        "athena:GetDataCatalog, glue:*, lakeformation:GetDataAccess, s3:*\n"
    )


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["StockBuyerFunction", "nothing"])
def test_policies_of_anything_but_a_state_machine_exits_with_2(name: str) -> None:
    assert run("policies", name).exit_code == 2


# generate: removing a policy, renaming a substitution, deleting a handler, renaming a generated file


@pytest.mark.usefixtures("trader")
def test_generate_finds_no_error_in_this_repository() -> None:
    result = run("generate", "--check")
    assert (result.exit_code, "error" in result.stderr) == (0, False)


def break_application(trader: Path, breakage: str) -> None:
    """Break the application in one of the paths that `generate --check` must report."""
    template = trader / "template.yaml"
    if breakage == "policy":
        replace_in(template, "        - LambdaInvokePolicy:\n            FunctionName: !Ref StockBuyerFunction\n", "")
    elif breakage == "substitution":
        replace_in(template, "StockBuyerFunctionArn: !GetAtt", "StockBuyerFunctionARN: !GetAtt")
    elif breakage == "handler":
        replace_in(trader / "functions" / "stock_buyer" / "app.py", "def lambda_handler", "def handler")
    else:
        (trader / "generated" / "stock_trader.asl.json").rename(trader / "generated" / "Stock_Trader.asl.json")


BREAKAGES = [
    (
        "policy",
        "template.yaml:{      Policies:}:7: error MISSING_PERMISSION",
        "Resource: !GetAtt StockBuyerFunction.Arn}]",
    ),
    (
        "substitution",
        "template.yaml:{      DefinitionSubstitutions:}:7: error MISSING_SUBSTITUTION",
        'did you mean "StockBuyerFunctionARN"?',
    ),
    ("handler", "template.yaml:{Handler: app.lambda_handler}:14: error NO_HANDLER", 'did you mean "handler"?'),
    ("file", "generated/stock_trader.asl.json: error DRIFT", "run `workflow-dsl generate`"),
]


@pytest.mark.parametrize(("breakage", "place", "remedy"), BREAKAGES)
def test_a_disagreement_fails_with_the_line_to_fix(trader: Path, breakage: str, place: str, remedy: str) -> None:
    break_application(trader, breakage)
    lines = (trader / "template.yaml").read_text("utf-8").splitlines()
    numbers = {text: number for number, text in reversed([*enumerate(lines, 1)])}
    place = re.sub(r"\{(.*)\}", lambda match: str(next(numbers[line] for line in lines if match[1] in line)), place)
    result = run("generate", "--check")
    assert (result.exit_code, place in result.stderr, remedy in result.stderr) == (1, True, True)


def test_a_disagreement_still_writes_definitions_but_not_diagrams(trader: Path) -> None:
    break_application(trader, "substitution")
    for name in ("stock_trader.asl.json", "stock_trader.svg"):
        (trader / "generated" / name).unlink()
    result = run("generate")
    files = sorted(path.name for path in (trader / "generated").glob("stock_trader.*"))
    assert (result.exit_code, files) == (1, ["stock_trader.asl.json", "stock_trader.mmd"])
    assert result.stderr.endswith("Diagrams and the overview page were not updated; fix the errors above first.\n")


def test_the_overview_page_needs_the_template(trader: Path) -> None:
    (trader / "template.yaml").unlink()
    result = run("generate", "--check")
    message = "template.yaml: error TEMPLATE: does not exist, and docs/state-machines.md is generated from it"
    assert (result.exit_code, message in result.stderr) == (1, True)


def test_two_state_machines_of_one_workflow_are_distinguished(trader: Path) -> None:
    template = trader / "template.yaml"
    text = template.read_text("utf-8")
    start, end = text.index("  StockTradingStateMachine:\n"), text.index("  StockCheckerFunction:\n")
    second = text[start:end].replace("StockTradingStateMachine", "Second")
    template.write_text(text.replace("  TransactionTable:\n    Type", f"{second}  TransactionTable:\n    Type"))
    machines = {
        use["stateMachine"] for use in json.loads(run("uses", "stock_trader", "--format", "json").stdout)["uses"]
    }
    ambiguous = run("policies", "stock_trader")
    assert machines == {"StockTradingStateMachine", "Second"}
    assert (ambiguous.exit_code, "name StockTradingStateMachine or Second" in ambiguous.stderr) == (2, True)
    assert run("policies", "Second").exit_code == 0
    run("generate")
    assert (trader / "docs" / "state-machines.md").read_text("utf-8").count("generated/stock_trader.svg)") == 1


def test_diagram_writes_to_a_device_and_through_a_link(trader: Path) -> None:
    assert (run("diagram", "stock_trader", "-o", "/dev/null", "--format", "svg").exit_code, trader.is_dir()) == (
        0,
        True,
    )
    assert Path("/dev/null").is_char_device()
    (trader / "link.svg").symlink_to(trader / "real.svg")
    run("diagram", "stock_trader", "-o", "link.svg")
    assert ((trader / "link.svg").is_symlink(), (trader / "real.svg").is_file()) == (True, True)


def test_a_missing_permission_can_be_suppressed_in_the_settings(trader: Path) -> None:
    break_application(trader, "policy")
    replace_in(
        trader / "pyproject.toml", "[tool.workflow-dsl]\n", '[tool.workflow-dsl]\nignore = ["MISSING_PERMISSION"]\n'
    )
    assert run("generate").exit_code == 0


def test_an_outdated_overview_page_is_drift(trader: Path) -> None:
    page = trader / "docs" / "state-machines.md"
    page.write_text(f"{page.read_text('utf-8')}old", "utf-8")
    result = run("generate", "--check")
    assert (result.exit_code, "docs/state-machines.md: error DRIFT: is out of date" in result.stderr) == (
        1,
        True,
    )
    assert [run("generate").exit_code, run("generate", "--check").exit_code] == [0, 0]


def test_diagram_draws_a_state_machine_of_another_template(trader: Path) -> None:
    (trader / "template.yaml").rename(trader / "other.yaml")
    result = run("diagram", "StockTradingStateMachine", "--template", "other.yaml", "--format", "mermaid")
    assert (result.exit_code, "Lambda StockBuyerFunction" in result.stdout) == (0, True)


@pytest.mark.usefixtures("trader")
def test_uses_prints_that_no_state_uses_a_resource() -> None:
    result = run("uses", "StateMachineLogGroup")
    assert (result.exit_code, result.stderr) == (0, "no state uses StateMachineLogGroup\n")


def test_a_table_is_stacked_in_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    print_rows([("Machine", "State", "Calls"), ("Trader", "Buy\n\x1b[31m", "LambdaBuyerFunction")])
    assert capsys.readouterr().out == "Machine\n  State\n\nTrader\n  Buy\\n\\x1b[31m\n    Calls: LambdaBuyerFunction\n"
