"""Scenarios of the market import: a price list in S3, read in batches into a table, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.local import Run, RunWorkflow, Throw

IMPORT, CONVERT, STORE_ALL, STORE = "Import Prices", "Convert Rows", "Store Prices", "Store Price"
KEY = "prices/today.csv"
UPLOADED = {"object": {"key": KEY}}


def listed(*rows: str) -> dict[str, str]:
    """A price list, as an object of the bucket."""
    return {f"s3://MarketBucket/{KEY}": "\n".join(["symbol,price", *rows, ""])}


def prices(execution: Run) -> dict[str, str]:
    return {item["Symbol"]["S"]: item["Price"]["N"] for item in execution.tables["PriceTable"]}


def test_every_row_is_in_the_table(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("market_import", UPLOADED, objects=listed("ACME,12.5", "globex,99.95"))
    assert (execution.status, prices(execution)) == ("SUCCEEDED", {"ACME": "12.5", "GLOBEX": "99.95"}), execution.cause


def test_its_results_are_in_the_bucket(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("market_import", UPLOADED, objects=listed("ACME,12.5"))
    details = execution.output["ResultWriterDetails"]
    assert details["Bucket"] == "marketbucket"
    assert details["Key"].startswith("imports/")
    assert details["Key"].endswith("/manifest.json")


def test_a_batch_has_up_to_a_hundred_rows(run_workflow: RunWorkflow) -> None:
    batches: list[dict[str, Any]] = []

    def importer(event: Any, context: Any) -> Any:
        batches.append(event)
        return {"prices": []}

    rows = listed(*(f"S{number},{number + 1}" for number in range(250)))
    execution = run_workflow("market_import", UPLOADED, objects=rows, functions={"PriceImporterFunction": importer})
    assert execution.status == "SUCCEEDED"
    assert [len(batch["Items"]) for batch in batches] == [100, 100, 50]
    assert {batch["BatchInput"]["source"] for batch in batches} == {KEY}


def test_one_bad_batch_in_twenty_is_tolerated(run_workflow: RunWorkflow) -> None:
    rows = listed("BAD,nothing", *(f"S{number},1" for number in range(1999)))
    stored: dict[str, Callable[[Any], Any]] = {
        "dynamodb:putItem": lambda item: {}
    }  # moto would take seconds for so many
    execution = run_workflow("market_import", UPLOADED, objects=rows, services=stored)
    calls = [call for call in execution.calls if call.state == STORE]
    assert (execution.status, len(calls)) == ("SUCCEEDED", 1900)


def test_more_bad_batches_fail_the_import(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("market_import", UPLOADED, objects=listed("ACME,-1"))
    assert (execution.status, execution.error) == ("FAILED", "TooManyBadPrices")
    assert "tolerated failure threshold" in str(execution.cause)


def test_a_busy_table_is_retried(run_workflow: RunWorkflow) -> None:
    busy = {STORE: [Throw("DynamoDB.ProvisionedThroughputExceededException")] * 3}
    execution = run_workflow("market_import", UPLOADED, objects=listed("ACME,12.5"), mocks=busy, seed=1)
    assert execution.status == "SUCCEEDED"
    assert 0 < execution.duration <= 1 + 2 + 4  # full jitter


def test_busy_lambda_is_retried(run_workflow: RunWorkflow) -> None:
    busy = {CONVERT: [Throw("Lambda.ServiceException")]}
    execution = run_workflow("market_import", UPLOADED, objects=listed("ACME,12.5"), mocks=busy, seed=1)
    assert (execution.status, prices(execution)) == ("SUCCEEDED", {"ACME": "12.5"})


def test_a_missing_list_is_retried_and_then_fails(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("market_import", UPLOADED, seed=1)
    assert (execution.status, execution.error) == ("FAILED", "States.ItemReaderFailed")
    assert 0 < execution.duration <= 5 + 10 + 20
