"""Import a price list, a CSV file in S3, into a table: a hundred rows at a time, with a few bad ones tolerated."""

from _policies import LAMBDA_IS_BUSY

from workflow_dsl.authoring import (
    Catch,
    Chain,
    Fail,
    ItemBatcher,
    ItemProcessor,
    ItemReader,
    Map,
    ReaderConfig,
    ResultWriter,
    Retry,
    Task,
    Workflow,
    WriterConfig,
    bucket,
    call,
    function,
    path,
    table,
)


def build() -> Workflow:
    import_prices = Map(
        "Import Prices",
        item_reader=ItemReader(
            resource=call("s3:getObject", Bucket=bucket("MarketBucket"), Key=path("$.object.key")),
            reader_config=ReaderConfig(input_type="CSV", csv_header_location="FIRST_ROW"),
        ),
        item_batcher=ItemBatcher(max_items_per_batch=100, batch_input={"source": path("$.object.key")}),
        item_processor=ItemProcessor(batch(), mode="DISTRIBUTED", execution_type="EXPRESS"),
        label="Prices",
        max_concurrency=10,
        tolerated_failure_percentage=5,
        result_writer=ResultWriter(
            resource=call("s3:putObject", Bucket=bucket("MarketBucket"), Prefix="imports"),
            writer_config=WriterConfig(output_type="JSONL", transformation="COMPACT"),
        ),
        retry=Retry(
            error_equals="States.ItemReaderFailed",
            interval_seconds=5,
            max_attempts=3,
            backoff_rate=2,
            max_delay_seconds=60,
            jitter_strategy="FULL",
        ),
        catch=Catch(
            Fail("Too Many Bad Prices", error="TooManyBadPrices", cause=path("$.Cause")),
            error_equals="States.ExceedToleratedFailureThreshold",
        ),
    )
    return Workflow(import_prices, comment="Imports a price list from S3 into a table.")


def batch() -> Chain:
    """Return the states that process a batch of rows."""
    convert_rows = Task(
        "Convert Rows", resource=function("PriceImporterFunction"), timeout_seconds=30, retry=LAMBDA_IS_BUSY
    )
    store_price = Task(
        "Store Price",
        resource=call(
            "dynamodb:putItem",
            TableName=table("PriceTable"),
            Item={
                "Symbol": {"S": path("$.symbol")},
                "Price": {"N": path("$.price")},
                "At": {"S": path("$.at")},
            },
        ),
        retry=Retry(
            error_equals=["DynamoDB.ProvisionedThroughputExceededException", "DynamoDB.ThrottlingException"],
            interval_seconds=1,
            max_attempts=6,
            backoff_rate=2,
            max_delay_seconds=20,
            jitter_strategy="FULL",
        ),
    )
    return Chain([convert_rows, Map("Store Prices", items_path="$.prices", item_processor=store_price)])
