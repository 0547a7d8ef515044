"""Check a stock's price, buy when it is low, sell when it is high, record the transaction."""

from stepfunctions.steps import Chain, Choice, ChoiceRule, Retry, Task

from workflow_dsl import Workflow


def build() -> Workflow:
    check_stock_value = Task(
        "Check Stock Value",
        resource="${StockCheckerFunctionArn}",
        retry=Retry(error_equals=["States.TaskFailed"], interval_seconds=15, max_attempts=5, backoff_rate=1.5),
    )
    buy_or_sell = Choice("Buy or Sell?")
    sell_stock = Task(
        "Sell Stock",
        resource="${StockSellerFunctionArn}",
        retry=Retry(error_equals=["States.TaskFailed"], interval_seconds=2, max_attempts=3, backoff_rate=1),
    )
    buy_stock = Task(
        "Buy Stock",
        resource="${StockBuyerFunctionArn}",
        retry=Retry(error_equals=["States.TaskFailed"], interval_seconds=2, max_attempts=3, backoff_rate=1),
    )
    record_transaction = Task(
        "Record Transaction",
        resource="${DDBPutItem}",
        parameters={
            "TableName": "${DDBTable}",
            "Item": {
                "Id": {"S.$": "$.id"},
                "Type": {"S.$": "$.type"},
                "Price": {"N.$": "$.price"},
                "Quantity": {"N.$": "$.qty"},
                "Timestamp": {"S.$": "$.timestamp"},
            },
        },
        retry=Retry(error_equals=["States.TaskFailed"], interval_seconds=20, max_attempts=5, backoff_rate=10),
    )

    buy_or_sell.add_choice(
        ChoiceRule.NumericLessThanEquals(variable="$.stock_price", value=50),
        next_step=Chain([buy_stock, record_transaction]),
    )
    buy_or_sell.default_choice(Chain([sell_stock, record_transaction]))

    return Workflow(
        Chain([check_stock_value, buy_or_sell]),
        comment="A state machine that does mock stock trading.",
    )
