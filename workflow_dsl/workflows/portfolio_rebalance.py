"""Bring a portfolio back to its targets: check each price, trade holdings off target, reverse all if a trade fails."""

from _policies import LAMBDA_IS_BUSY

from workflow_dsl.authoring import (
    Catch,
    Chain,
    Choice,
    Fail,
    Map,
    Pass,
    Task,
    Workflow,
    call,
    function,
    jsonata,
    state_machine,
    topic,
)


def build() -> Workflow:
    read_portfolio = Task(
        "Read Portfolio",
        resource=function("PortfolioReaderFunction"),
        arguments={"portfolio": jsonata("$exists($states.input.portfolio) ? $states.input.portfolio : 'growth'")},
        assign={"portfolio": jsonata("$states.result.portfolio"), "tolerance": jsonata("$states.result.tolerance")},
        output=jsonata("$states.result.holdings"),
        retry=LAMBDA_IS_BUSY,
    )
    announce_failure = announcement("Announce Failure", jsonata("$portfolio & ' is not rebalanced: ' & $reason"))
    rebalance = Map(
        "Rebalance Holdings",
        items=jsonata("$states.input"),
        max_concurrency=5,
        item_processor=holding(),
        assign={
            "traded": jsonata("[$states.result[status = 'traded']]"),
            "failed": jsonata("[$states.result[status = 'failed']]"),
        },
        catch=Catch(
            announce_failure, error_equals="States.ALL", assign={"reason": jsonata("$states.errorOutput.Error")}
        ),
    )
    all_traded = Choice("All Traded?")
    reverse_trades = Task(
        "Reverse Trades",
        resource=function("TradeReverserFunction"),
        arguments={"portfolio": jsonata("$portfolio"), "trades": jsonata("$traded")},
        assign={"reason": jsonata("$join($failed.symbol, ', ') & ' could not be traded; all trades are reversed'")},
        retry=LAMBDA_IS_BUSY,
    )
    announce = announcement(
        "Announce Rebalance", jsonata("$portfolio & ' is rebalanced: ' & $string($count($traded)) & ' traded'")
    )
    announce_failure.next(Fail("Rebalance Failed", error="RebalanceFailed", cause=jsonata("$reason")))

    all_traded.add_choice(jsonata("$count($failed) > 0"), Chain([reverse_trades, announce_failure]))
    all_traded.default_choice(announce)

    return Workflow(
        Chain([read_portfolio, rebalance, all_traded]),
        comment="Brings a portfolio back to its targets.",
        query_language="JSONata",
    )


def holding() -> Chain:
    """Return the states that process a holding; their output has its symbol and status: traded, kept or failed."""
    check_price = Task(
        "Check Price",
        resource=function("StockCheckerFunction"),
        arguments=jsonata("$states.input"),
        output={
            "holding": jsonata("$states.input"),
            "value": jsonata("$states.input.shares * $states.result.stock_price"),
        },
        retry=LAMBDA_IS_BUSY,
    )
    off_target = Choice("Off Target?")
    keep = Pass("Keep Holding", output={"symbol": jsonata("$states.input.holding.symbol"), "status": "kept"})
    failed = Pass("Trade Failed")
    trade = Task(
        "Trade Stock",
        resource=call(
            "states:startExecution.sync:2",
            StateMachineArn=state_machine("StockTradingStateMachine"),
            Input={
                "symbol": jsonata("$states.input.holding.symbol"),
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": jsonata("$states.context.Execution.Id"),
            },
        ),
        output={
            "symbol": jsonata("$states.input.holding.symbol"),
            "status": "traded",
            "execution": jsonata("$states.result.ExecutionArn"),
        },
        # No retry: a trade that may have been executed must not be executed twice.
        catch=Catch(
            failed,
            error_equals="States.TaskFailed",
            output={"symbol": jsonata("$states.input.holding.symbol"), "status": "failed"},
        ),
    )

    off_target.add_choice(jsonata("$abs($states.input.value - $states.input.holding.target) > $tolerance"), trade)
    off_target.default_choice(keep)
    return Chain([check_price, off_target])


def announcement(name: str, message: str) -> Task:
    """Return a Task that publishes a message to the portfolio's topic."""
    return Task(
        name,
        resource=call("sns:publish", TopicArn=topic("PortfolioTopic"), Subject="Portfolio rebalance", Message=message),
        output={"portfolio": jsonata("$portfolio")},
    )
