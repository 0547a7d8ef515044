"""Retry policies shared by several workflows. The file's name begins with _ because it is not a workflow."""

from workflow_dsl.authoring import Retry

# Lambda's transient errors. FULL jitter, so that tasks that fail together do not retry together.
LAMBDA_IS_BUSY = Retry(
    error_equals=[
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    interval_seconds=1,
    max_attempts=5,
    backoff_rate=2,
    max_delay_seconds=30,
    jitter_strategy="FULL",
)
