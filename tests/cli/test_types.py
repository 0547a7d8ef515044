"""The command types, and findings about values in generate and validate."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def rename_price(folder: Path) -> None:
    file = folder / "functions" / "stock_checker" / "app.py"
    file.write_text(file.read_text("utf-8").replace("stock_price", "prise"), "utf-8")


def test_types_prints_what_enters_and_leaves_each_state_and_who_gives_it(trader: Path) -> None:
    lines = run("types", "stock_trader", "--state", "Check Stock Value", "--state", "Buy Stock").output.splitlines()
    assert lines == [
        "Check Stock Value",
        "    in    unknown",
        "    out   {stock_price: number}  (functions/stock_checker/app.py:11)",
        "Buy Stock",
        "    in    {stock_price: number}  (functions/stock_checker/app.py:11)",
        '    out   {id: string, price: string, type: "buy", qty: string, timestamp: string}  (functions/stock_buyer/app.py:21)',
    ]


def test_examples_tell_the_type_of_the_input(trader: Path) -> None:
    (trader / "order.json").write_text('{"symbol": "ACME", "lots": [{"size": 1}, {"size": 2, "note": null}]}')
    only = ("types", "stock_trader", "--state", "Check Stock Value", "--input", "@order.json")
    assert run(*only).output.splitlines()[1] == (
        "    in    {symbol: string, lots: {size: number, note?: null}[]}  (--input)"
    )
    assert "class CheckStockValueInput(TypedDict):\n    symbol: str\n" in run(*only, "--format", "python").output
    two = run(*only, "--input", '{"symbol": "X"}').output.splitlines()[1]
    assert two == "    in    {symbol: string, lots?: {size: number, note?: null}[]}  (--input)"


def test_types_prints_declarations(trader: Path) -> None:
    only = ("types", "stock_trader", "--state", "Check Stock Value", "--format")
    assert "export type CheckStockValueOutput = {\n  stock_price: number;\n};" in run(*only, "typescript").output
    assert "class CheckStockValueOutput(TypedDict):\n    stock_price: int" in run(*only, "python").output
    assert '"CheckStockValueOutput": {' in run(*only, "json-schema").output


def test_a_state_that_does_not_exist_is_a_wrong_call(trader: Path) -> None:
    result = run("types", "stock_trader", "--state", "Buy Stok")
    assert (result.exit_code, 'did you mean "Buy Stock"?' in result.output) == (2, True)


def test_a_field_that_is_renamed_in_a_handler_fails_generate_at_the_lines_in_python_that_read_it(
    trader: Path,
) -> None:
    assert run("generate", "--check").exit_code == 0
    rename_price(trader)
    result = run("generate", "--check")
    choice = 'stock_trader.py:41: error UNDECLARED_FIELD: "Buy or Sell?" Choices[0].Variable: reads $.stock_price'
    seller = (
        'error WRONG_ARGUMENT: "Sell Stock": StockSellerFunction (functions/stock_seller/app.py:35) takes "stock_price"'
    )
    buyer = (
        'error WRONG_ARGUMENT: "Buy Stock": StockBuyerFunction (functions/stock_buyer/app.py:35) takes "stock_price"'
    )
    assert (result.exit_code, [text in result.output for text in (choice, seller, buyer)]) == (1, [True] * 3)


def test_a_field_that_is_renamed_in_a_handler_fails_validate(trader: Path) -> None:
    assert run("validate").exit_code == 0
    rename_price(trader)
    result = run("validate")
    assert (result.exit_code, "$ has only prise (StockPrice, functions/stock_checker/app.py:11)" in result.output) == (
        1,
        True,
    )


def test_the_schema_of_the_input_is_beside_a_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.ordr", "End": true}}}'
    (tmp_path / "orders.asl.json").write_text(definition)
    assert run("validate", "orders.asl.json").exit_code == 0
    schema = '{"title": "Order", "properties": {"order": {"type": "string"}}, "required": ["order"]}'
    (tmp_path / "orders.input.schema.json").write_text(schema)
    result = run("validate", "orders.asl.json")
    assert result.exit_code == 1
    assert "reads $.ordr, but $ has only order (Order, orders.input.schema.json)" in result.output
    assert 'did you mean "order"?' in result.output


def test_the_tip_of_a_state_has_what_enters_and_leaves_it(trader: Path) -> None:
    drawing = run("diagram", "stock_trader").output
    assert "Buy or Sell? (Choice)&#10;in: {stock_price: number}&#10;out: {stock_price: number}</title>" in drawing


def test_of_a_definition_with_errors_no_types_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.asl.json").write_text('{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}')
    result = run("types", "broken.asl.json")
    assert (result.exit_code, "MISSING_TRANSITION_TARGET" in result.output) == (1, True)
