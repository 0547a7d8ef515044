"""The execution paths of stock_trader."""

from workflow_dsl.local import Return, RunWorkflow, Throw


def test_it_buys_stock_at_50(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": Return({"stock_price": 50}),
            "Buy Stock": Return(
                {
                    "id": "id",
                    "price": "price",
                    "type": "buy",
                    "qty": "qty",
                    "timestamp": "timestamp",
                },
            ),
            "Record Transaction": Return({}),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Check Stock Value",
        "Buy or Sell?",
        "Buy Stock",
        "Record Transaction",
    ]
    assert execution.duration == 0


def test_it_sells_stock_at_51(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": Return({"stock_price": 51}),
            "Sell Stock": Return(
                {
                    "id": "id",
                    "price": "price",
                    "type": "sell",
                    "qty": "qty",
                    "timestamp": "timestamp",
                },
            ),
            "Record Transaction": Return({}),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Check Stock Value",
        "Buy or Sell?",
        "Sell Stock",
        "Record Transaction",
    ]
    assert execution.duration == 0


def test_it_retries_sell_stock_after_an_error_when_it_sells_stock_at_51(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": Return({"stock_price": 51}),
            "Sell Stock": [
                Throw("Example.Error"),
                Return(
                    {
                        "id": "id",
                        "price": "price",
                        "type": "sell",
                        "qty": "qty",
                        "timestamp": "timestamp",
                    },
                ),
            ],
            "Record Transaction": Return({}),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Check Stock Value",
        "Buy or Sell?",
        "Sell Stock",
        "Record Transaction",
    ]
    assert execution.duration == 2


def test_it_retries_check_stock_value_buy_stock_and_record_transaction(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": [Throw("Example.Error"), Return({"stock_price": 50})],
            "Buy Stock": [
                Throw("Example.Error"),
                Return(
                    {
                        "id": "id",
                        "price": "price",
                        "type": "buy",
                        "qty": "qty",
                        "timestamp": "timestamp",
                    },
                ),
            ],
            "Record Transaction": [Throw("Example.Error"), Return({})],
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Check Stock Value",
        "Buy or Sell?",
        "Buy Stock",
        "Record Transaction",
    ]
    assert execution.duration == 37


def test_it_gives_up_after_six_errors_of_check_stock_value(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={"Check Stock Value": Throw("Example.Error")},
    )
    assert execution.status == "FAILED"
    assert execution.error == "Example.Error"
    assert execution.trail == ["Check Stock Value"]
    assert round(execution.duration, 3) == 197.812


def test_it_gives_up_after_four_errors_of_sell_stock(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": Return({"stock_price": 51}),
            "Sell Stock": Throw("Example.Error"),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "Example.Error"
    assert execution.trail == ["Check Stock Value", "Buy or Sell?", "Sell Stock"]
    assert execution.duration == 6


def test_it_gives_up_after_four_errors_of_buy_stock(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": Return({"stock_price": 50}),
            "Buy Stock": Throw("Example.Error"),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "Example.Error"
    assert execution.trail == ["Check Stock Value", "Buy or Sell?", "Buy Stock"]
    assert execution.duration == 6


def test_it_gives_up_after_six_errors_of_record_transaction(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "stock_trader",
        mocks={
            "Check Stock Value": Return({"stock_price": 50}),
            "Buy Stock": Return(
                {
                    "id": "id",
                    "price": "price",
                    "type": "buy",
                    "qty": "qty",
                    "timestamp": "timestamp",
                },
            ),
            "Record Transaction": Throw("Example.Error"),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "Example.Error"
    assert execution.trail == [
        "Check Stock Value",
        "Buy or Sell?",
        "Buy Stock",
        "Record Transaction",
    ]
    assert execution.duration == 222220
