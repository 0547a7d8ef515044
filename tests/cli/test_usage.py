"""The command line: uses, diagram, policies, and what generate says of the template."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import ROOT
from workflow_dsl.cli import main


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=given, catch_exceptions=False)


@pytest.fixture
def trader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this repository's application, which is also the working directory."""
    for name in ("workflow_dsl/workflows", "generated", "functions"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("template.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "state-machines.md", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


# uses


@pytest.mark.usefixtures("trader")
def test_uses_is_a_table_of_states_and_what_they_call() -> None:
    result = run("uses", "stock_trader")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "State machine State Calls Through Function or resource Code",
        "StockTradingStateMachine \u25b6 Schedule rate(1 hour), disabled HourlyTradingSchedule",
        "Check Stock Value Lambda StockCheckerFunctionArn StockCheckerFunction functions/stock_checker/app.py:17",
        "Sell Stock Lambda StockSellerFunctionArn StockSellerFunction functions/stock_seller/app.py:35",
        "Buy Stock Lambda StockBuyerFunctionArn StockBuyerFunction functions/stock_buyer/app.py:35",
        "Record Transaction DynamoDB putItem DDBPutItem, DDBTable TransactionTable",
        "PortfolioRebalanceStateMachine Trade Stock Step Functions startExecution.sync:2 StockTradingStateMachineArn "
        "StockTradingStateMachine",
    ]


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["StockBuyerFunction", "StockTradingStateMachine", "stock_trader"])
def test_uses_takes_the_name_of_a_function_a_state_machine_or_a_workflow(name: str) -> None:
    found = json.loads(run("uses", name, "--format", "json").stdout)["uses"]
    assert [use["state"] for use in found if use["resource"] == "StockBuyerFunction"] == ["Buy Stock"]
    assert len(found) == (1 if name == "StockBuyerFunction" else 5)


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize(
    ("format_", "first"),
    [("markdown", "| Function | State machine | State | Through | Code |"), ("mermaid", "flowchart LR")],
)
def test_uses_has_formats_for_pages(format_: str, first: str) -> None:
    assert run("uses", "--by", "function", "--format", format_).stdout.splitlines()[0] == first


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("StockByerFunction",), "the template has no 'StockByerFunction': did you mean \"StockBuyerFunction\"?"),
        (("xyz",), "the template has no 'xyz': see `workflow-dsl uses`"),
        (("--template", "none.yaml"), "no file none.yaml"),
    ],
)
def test_uses_of_what_is_not_there_is_a_wrong_call(arguments: tuple[str, ...], message: str) -> None:
    result = run("uses", *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_uses_takes_another_template(trader: Path) -> None:
    changed(trader / "template.yaml", "StockBuyerFunction:", "BuyerFunction:")
    changed(trader / "template.yaml", "!GetAtt StockBuyerFunction.Arn", "!GetAtt BuyerFunction.Arn")
    (trader / "template.yaml").rename(trader / "other.yaml")
    assert " BuyerFunction " in run("uses", "--template", "other.yaml").stdout


def test_a_definition_that_is_not_there_is_said_and_the_rest_shown(trader: Path) -> None:
    (trader / "generated" / "stock_trader.asl.json").unlink()
    result = run("uses")
    assert (result.exit_code, "NO_DEFINITION" in result.stderr) == (0, True)


# diagram


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["stock_trader", "StockTradingStateMachine", "workflow_dsl/workflows/stock_trader.py"])
def test_a_diagram_is_of_a_workflow_or_a_state_machine(name: str) -> None:
    assert "Lambda StockBuyerFunction" in run("diagram", name).stdout


@pytest.mark.usefixtures("trader")
def test_a_diagram_is_of_a_definition_in_a_file_or_on_standard_input() -> None:
    text = Path("generated/stock_trader.asl.json").read_text("utf-8")
    by_file = run("diagram", "generated/stock_trader.asl.json", "--format", "mermaid").stdout
    assert (by_file.splitlines()[0], run("diagram", "-", "--format", "mermaid", given=text).stdout) == (
        "flowchart TD",
        by_file,
    )


@pytest.mark.usefixtures("trader")
def test_a_diagram_goes_to_a_file_in_the_form_of_its_ending() -> None:
    for name, start in (("a.svg", "<svg "), ("a.mmd", "flowchart TD")):
        assert (run("diagram", "stock_trader", "-o", name).exit_code, Path(name).read_text("utf-8")[: len(start)]) == (
            0,
            start,
        )
    assert run("diagram", "stock_trader", "-o", "a.txt", "--format", "mermaid").exit_code == 0
    result = run("diagram", "stock_trader", "-o", "a.png")
    assert (result.exit_code, "end the file in .svg or .mmd, or say --format" in result.stderr) == (2, True)


def test_a_diagram_needs_no_template(trader: Path) -> None:
    (trader / "template.yaml").unlink()
    assert "StockBuyerFunctionArn" in run("diagram", "stock_trader").stdout


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stock_trade", "no workflow 'stock_trade': did you mean \"stock_trader\"?"),
        ("none.json", "none.json: No such file or directory"),
        ("pyproject.toml", "no workflow 'pyproject.toml': there are "),
        ("template.yaml", "template.yaml is a template; name one of its state machines, or its definition's file"),
    ],
)
def test_what_cannot_be_drawn_is_said(name: str, message: str) -> None:
    result = run("diagram", name)
    assert (result.exit_code, message in result.stderr) == (2, True)


# policies


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["stock_trader", "StockTradingStateMachine"])
def test_policies_are_what_the_role_needs(name: str) -> None:
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


def test_what_is_not_known_of_a_policy_is_said(trader: Path) -> None:
    changed(
        trader / "generated" / "stock_trader.asl.json",
        "${DDBPutItem}",
        "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
    )
    assert run("policies", "stock_trader").stderr == 'what "Record Transaction" needs is not known here: add it\n'


@pytest.mark.usefixtures("trader")
@pytest.mark.parametrize("name", ["StockBuyerFunction", "nothing"])
def test_policies_are_for_state_machines(name: str) -> None:
    assert run("policies", name).exit_code == 2


# generate: removing a policy, renaming a substitution, deleting a handler, renaming a generated file


@pytest.mark.usefixtures("trader")
def test_generate_finds_nothing_to_mend_in_this_repository() -> None:
    result = run("generate", "--check")
    assert (result.exit_code, "error" in result.stderr) == (0, False)


def broken(trader: Path, breaking: str) -> None:
    """Breaks the application in one of the ways that must not go unseen."""
    template = trader / "template.yaml"
    if breaking == "policy":
        changed(template, "        - LambdaInvokePolicy:\n            FunctionName: !Ref StockBuyerFunction\n", "")
    elif breaking == "substitution":
        changed(template, "StockBuyerFunctionArn: !GetAtt", "StockBuyerFunctionARN: !GetAtt")
    elif breaking == "handler":
        changed(trader / "functions" / "stock_buyer" / "app.py", "def lambda_handler", "def handler")
    else:
        (trader / "generated" / "stock_trader.asl.json").rename(trader / "generated" / "Stock_Trader.asl.json")


BREAKING = [
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


@pytest.mark.parametrize(("breaking", "place", "remedy"), BREAKING)
def test_what_no_longer_agrees_fails_with_the_line_to_mend(
    trader: Path, breaking: str, place: str, remedy: str
) -> None:
    broken(trader, breaking)
    lines = (trader / "template.yaml").read_text("utf-8").splitlines()
    numbers = {text: number for number, text in reversed([*enumerate(lines, 1)])}
    place = re.sub(r"\{(.*)\}", lambda found: str(next(numbers[line] for line in lines if found[1] in line)), place)
    result = run("generate", "--check")
    assert (result.exit_code, place in result.stderr, remedy in result.stderr) == (1, True, True)


def test_a_disagreement_keeps_definitions_from_nothing_and_pictures_as_they_are(trader: Path) -> None:
    broken(trader, "substitution")
    for name in ("stock_trader.asl.json", "stock_trader.svg"):
        (trader / "generated" / name).unlink()
    result = run("generate")
    made = sorted(path.name for path in (trader / "generated").glob("stock_trader.*"))
    assert (result.exit_code, made) == (1, ["stock_trader.asl.json", "stock_trader.mmd"])
    assert result.stderr.endswith("Pictures and page are left as they are until this is mended.\n")


def test_the_page_needs_its_template(trader: Path) -> None:
    (trader / "template.yaml").unlink()
    result = run("generate", "--check")
    message = "template.yaml: error TEMPLATE: is not there, and docs/state-machines.md is made of it"
    assert (result.exit_code, message in result.stderr) == (1, True)


def test_two_state_machines_of_one_workflow_are_told_apart(trader: Path) -> None:
    template = trader / "template.yaml"
    text = template.read_text("utf-8")
    start, end = text.index("  StockTradingStateMachine:\n"), text.index("  StockCheckerFunction:\n")
    second = text[start:end].replace("StockTradingStateMachine", "Second")
    template.write_text(text.replace("  TransactionTable:\n    Type", f"{second}  TransactionTable:\n    Type"))
    machines = {
        use["stateMachine"] for use in json.loads(run("uses", "stock_trader", "--format", "json").stdout)["uses"]
    }
    refused = run("policies", "stock_trader")
    assert machines == {"StockTradingStateMachine", "Second"}
    assert (refused.exit_code, "name StockTradingStateMachine or Second" in refused.stderr) == (2, True)
    assert run("policies", "Second").exit_code == 0
    run("generate")
    assert (trader / "docs" / "state-machines.md").read_text("utf-8").count("generated/stock_trader.svg)") == 1


def test_a_picture_can_go_to_what_is_no_file(trader: Path) -> None:
    assert (run("diagram", "stock_trader", "-o", "/dev/null", "--format", "svg").exit_code, trader.is_dir()) == (
        0,
        True,
    )
    assert Path("/dev/null").is_char_device()
    (trader / "link.svg").symlink_to(trader / "real.svg")
    run("diagram", "stock_trader", "-o", "link.svg")
    assert ((trader / "link.svg").is_symlink(), (trader / "real.svg").is_file()) == (True, True)


def test_a_missing_permission_can_be_left_out_for_good(trader: Path) -> None:
    broken(trader, "policy")
    changed(
        trader / "pyproject.toml", "[tool.workflow-dsl]\n", '[tool.workflow-dsl]\nignore = ["MISSING_PERMISSION"]\n'
    )
    assert run("generate").exit_code == 0


def test_the_page_is_drift_when_it_is_not_current(trader: Path) -> None:
    (trader / "docs" / "state-machines.md").write_text("old")
    result = run("generate", "--check")
    assert (result.exit_code, "docs/state-machines.md: error DRIFT: is not what is made now" in result.stderr) == (
        1,
        True,
    )
    assert [run("generate").exit_code, run("generate", "--check").exit_code] == [0, 0]


def test_a_diagram_is_of_a_state_machine_of_another_template(trader: Path) -> None:
    (trader / "template.yaml").rename(trader / "other.yaml")
    result = run("diagram", "StockTradingStateMachine", "--template", "other.yaml", "--format", "mermaid")
    assert (result.exit_code, "Lambda StockBuyerFunction" in result.stdout) == (0, True)


@pytest.mark.usefixtures("trader")
def test_what_no_state_uses_is_said() -> None:
    result = run("uses", "StateMachineLogGroup")
    assert (result.exit_code, result.stderr) == (0, "no state uses StateMachineLogGroup\n")
