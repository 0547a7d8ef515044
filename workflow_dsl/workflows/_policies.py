"""Retry policies that several workflows share. The name begins with _, for this is no workflow."""

from workflow_dsl.authoring import Retry

# Lambda's own troubles, which pass; FULL jitter, so that many that fail at once do not come back at once.
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
