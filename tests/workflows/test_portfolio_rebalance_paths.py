"""The execution paths of portfolio_rebalance."""

import pytest

from workflow_dsl.local import Return, RunWorkflow, Throw


def test_it_announces_rebalance(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 0,
                    "holdings": [{"symbol": "symbol", "shares": 1, "target": 1.5}],
                },
            ),
            "Check Price": Return({"stock_price": 1}),
            "Trade Stock": Return(
                {
                    "ExecutionArn": "...",
                    "StateMachineArn": "...",
                    "Status": "RUNNING",
                    "StartDate": "2026-01-31T12:00:00Z",
                },
            ),
            "Announce Rebalance": Return({}),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "All Traded?",
        "Announce Rebalance",
    ]
    assert execution.duration == 0


def test_it_announces_rebalance_with_keep_holding(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 1.5,
                    "holdings": [{"symbol": 0, "shares": 1, "target": 1.5}],
                },
                unchecked=True,
            ),
            "Check Price": Return({"stock_price": 1}, unchecked=True),
            "Announce Rebalance": Return({}, unchecked=True),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Keep Holding",
        "All Traded?",
        "Announce Rebalance",
    ]
    assert execution.duration == 0


def test_it_goes_to_trade_failed_after_one_error_of_trade_stock_retries_reverse_trades_after_a_service_error_when_it_reverses_trades(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 0,
                    "holdings": [
                        {
                            "symbol": " could not be traded; all trades are reversed",
                            "shares": 1,
                            "target": 1.5,
                        },
                    ],
                },
            ),
            "Check Price": Return({"stock_price": 1}),
            "Trade Stock": Throw(
                "Example.Error",
                '{"ExecutionArn": "...", "StateMachineArn": "...", "Status": "RUNNING", "StartDate": "2026-01-31T12:00:00Z"}',
            ),
            "Reverse Trades": [
                Throw("Lambda.ServiceException"),
                Return({"portfolio": "portfolio", "reversed": ["reversed"]}),
            ],
            "Announce Failure": Return({}),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "RebalanceFailed"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "Trade Failed",
        "All Traded?",
        "Reverse Trades",
        "Announce Failure",
        "Rebalance Failed",
    ]
    assert round(execution.duration, 3) == 0.421


@pytest.mark.parametrize(
    "error",
    [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
)
def test_it_gives_up_after_six_errors_of_read_portfolio(
    run_workflow: RunWorkflow,
    error: str,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={"Read Portfolio": Throw(error)},
    )
    assert execution.status == "FAILED"
    assert execution.error == error
    assert execution.trail == ["Read Portfolio"]
    assert round(execution.duration, 3) == 14.294


def test_it_goes_to_trade_failed_after_one_error_of_trade_stock_gives_up_after_one_error_of_announce_failure(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 0,
                    "holdings": [
                        {
                            "symbol": " could not be traded; all trades are reversed",
                            "shares": 1,
                            "target": 1.5,
                        },
                    ],
                },
            ),
            "Check Price": Return({"stock_price": 1}),
            "Trade Stock": Throw(
                "Example.Error",
                '{"ExecutionArn": "...", "StateMachineArn": "...", "Status": "RUNNING", "StartDate": "2026-01-31T12:00:00Z"}',
            ),
            "Reverse Trades": Return(
                {"portfolio": "portfolio", "reversed": ["reversed"]},
            ),
            "Announce Failure": Throw("Example.Error"),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "Example.Error"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "Trade Failed",
        "All Traded?",
        "Reverse Trades",
        "Announce Failure",
    ]
    assert execution.duration == 0


def test_it_gives_up_after_one_error_of_announce_rebalance(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 0,
                    "holdings": [{"symbol": "symbol", "shares": 1, "target": 1.5}],
                },
            ),
            "Check Price": Return({"stock_price": 1}),
            "Trade Stock": Return(
                {
                    "ExecutionArn": "...",
                    "StateMachineArn": "...",
                    "Status": "RUNNING",
                    "StartDate": "2026-01-31T12:00:00Z",
                },
            ),
            "Announce Rebalance": Throw("Example.Error"),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "Example.Error"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "All Traded?",
        "Announce Rebalance",
    ]
    assert execution.duration == 0


@pytest.mark.parametrize(
    "error",
    [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
)
def test_it_goes_to_trade_failed_after_one_error_of_trade_stock_gives_up_after_six_errors_of_reverse_trades(
    run_workflow: RunWorkflow,
    error: str,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 0,
                    "holdings": [{"symbol": 0, "shares": 1, "target": 1.5}],
                },
                unchecked=True,
            ),
            "Check Price": Return({"stock_price": 1}, unchecked=True),
            "Trade Stock": Throw(
                "Example.Error",
                '{"ExecutionArn": "...", "StateMachineArn": "...", "Status": "RUNNING", "StartDate": "2026-01-31T12:00:00Z"}',
            ),
            "Reverse Trades": Throw(error),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == error
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "Trade Failed",
        "All Traded?",
        "Reverse Trades",
    ]
    assert round(execution.duration, 3) == 18.764


@pytest.mark.parametrize(
    "error",
    [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
)
def test_it_goes_on_after_six_errors_of_check_price(
    run_workflow: RunWorkflow,
    error: str,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": 1.5,
                    "holdings": [{"symbol": "symbol", "shares": 1, "target": 1.5}],
                },
            ),
            "Check Price": Throw(error),
            "Announce Failure": Return({}),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "RebalanceFailed"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Announce Failure",
        "Rebalance Failed",
    ]
    assert round(execution.duration, 3) == 14.294


def test_it_retries_read_portfolio_and_check_price_when_it_announces_rebalance(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": [
                Throw("Lambda.ServiceException"),
                Throw("Lambda.AWSLambdaException"),
                Throw("Lambda.SdkClientException"),
                Throw("Lambda.TooManyRequestsException"),
                Return(
                    {
                        "portfolio": "portfolio",
                        "tolerance": -1,
                        "holdings": [{"symbol": "symbol", "shares": 1, "target": 1}],
                    },
                ),
            ],
            "Check Price": [
                Throw("Lambda.ServiceException"),
                Throw("Lambda.AWSLambdaException"),
                Throw("Lambda.SdkClientException"),
                Throw("Lambda.TooManyRequestsException"),
                Return({"stock_price": 1}),
            ],
            "Trade Stock": Return(
                {
                    "ExecutionArn": "...",
                    "StateMachineArn": "...",
                    "Status": "RUNNING",
                    "StartDate": "2026-01-31T12:00:00Z",
                },
            ),
            "Announce Rebalance": Return({}),
        },
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "All Traded?",
        "Announce Rebalance",
    ]
    assert round(execution.duration, 3) == 12.997


def test_it_goes_to_trade_failed_after_one_error_of_trade_stock_when_it_reverses_trades(
    run_workflow: RunWorkflow,
) -> None:
    execution = run_workflow(
        "portfolio_rebalance",
        mocks={
            "Read Portfolio": Return(
                {
                    "portfolio": "portfolio",
                    "tolerance": -1,
                    "holdings": [{"symbol": ["value"], "shares": 1, "target": 1}],
                },
                unchecked=True,
            ),
            "Check Price": Return({"stock_price": 1}, unchecked=True),
            "Trade Stock": Throw("Example.Error"),
            "Reverse Trades": Return({}, unchecked=True),
            "Announce Failure": Return({}, unchecked=True),
        },
    )
    assert execution.status == "FAILED"
    assert execution.error == "RebalanceFailed"
    assert execution.trail == [
        "Read Portfolio",
        "Rebalance Holdings",
        "Check Price",
        "Off Target?",
        "Trade Stock",
        "Trade Failed",
        "All Traded?",
        "Reverse Trades",
        "Announce Failure",
        "Rebalance Failed",
    ]
    assert execution.duration == 0
