"""The stock trader compiles to exactly its definition, order included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workflow_dsl.compiler.loading import compile_file


def retry(interval: int, attempts: int, backoff: float) -> list[dict[str, Any]]:
    return [
        {
            "ErrorEquals": ["States.TaskFailed"],
            "IntervalSeconds": interval,
            "MaxAttempts": attempts,
            "BackoffRate": backoff,
        }
    ]


STOCK_TRADER = {
    "Comment": "A state machine that does mock stock trading.",
    "StartAt": "Check Stock Value",
    "States": {
        "Check Stock Value": {
            "Type": "Task",
            "Resource": "${StockCheckerFunctionArn}",
            "Retry": retry(15, 5, 1.5),
            "Next": "Buy or Sell?",
        },
        "Buy or Sell?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.stock_price", "NumericLessThanEquals": 50, "Next": "Buy Stock"}],
            "Default": "Sell Stock",
        },
        "Sell Stock": {
            "Type": "Task",
            "Resource": "${StockSellerFunctionArn}",
            "Retry": retry(2, 3, 1),
            "Next": "Record Transaction",
        },
        "Buy Stock": {
            "Type": "Task",
            "Resource": "${StockBuyerFunctionArn}",
            "Retry": retry(2, 3, 1),
            "Next": "Record Transaction",
        },
        "Record Transaction": {
            "Type": "Task",
            "Resource": "${DDBPutItem}",
            "Parameters": {
                "TableName": "${DDBTable}",
                "Item": {
                    "Id": {"S.$": "$.id"},
                    "Type": {"S.$": "$.type"},
                    "Price": {"N.$": "$.price"},
                    "Quantity": {"N.$": "$.qty"},
                    "Timestamp": {"S.$": "$.timestamp"},
                },
            },
            "Retry": retry(20, 5, 10),
            "End": True,
        },
    },
}


def test_the_stock_trader_compiles_to_exactly_this_definition(root: Path) -> None:
    compiled = compile_file(root / "workflow_dsl" / "workflows" / "stock_trader.py").document()
    assert json.dumps(compiled, indent=1) == json.dumps(STOCK_TRADER, indent=1)
