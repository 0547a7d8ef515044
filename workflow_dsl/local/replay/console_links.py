"""Addresses of the AWS console: an execution, and the log of a Lambda function."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from workflow_dsl.local.replay.failure import Failure
from workflow_dsl.local.replay.recording import Recording

# The console's domain by partition (general reference, "AWS Management Console endpoints"). Others have no public one.
_DOMAINS = {"aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}


def execution_link(arn: str, started: datetime) -> str | None:
    """Return the address of an execution; None if it is not the ARN of one, or its partition has no console."""
    home = _home(arn, "states")
    if home is None or arn.count(":") < 7:
        return None
    if ":express:" in arn:
        return f"{home}#/express-executions/details/{arn}?startDate={int(started.timestamp() * 1000)}"
    return f"{home}#/v2/executions/details/{arn}" if ":execution:" in arn else None


def log_link(arn: str, function: str, request_id: str | None = None) -> str | None:
    """Return the address of the log of a function in the region of an ARN; of one request where that is known."""
    home = _home(arn, "cloudwatch")
    if home is None:
        return None
    events = f"/log-events{_quoted(f'?filterPattern={quote(_pattern(request_id))}')}" if request_id else ""
    return f"{home}#logsV2:log-groups/log-group/{_quoted(quote(f'/aws/lambda/{function}', safe=''))}{events}"


def link_lines(recording: Recording, failure: Failure | None) -> Iterator[str]:
    """Yield a line for each page of the console: an execution that has not succeeded, and the log of its function."""
    links = links_of(recording, failure)
    if links["execution"] and recording.status != "SUCCEEDED":
        yield f"Console: {links['execution']}"
    if links["log"]:
        yield f"Console, log: {links['log']}"


def links_of(recording: Recording, failure: Failure | None) -> dict[str, str | None]:
    """Return the addresses of an execution and of the log of the function that failed, None for one without."""
    function = failure.function if failure else None
    return {
        "execution": execution_link(recording.arn, recording.started),
        "log": log_link(failure.function_arn or recording.arn, function, failure.request_id)
        if failure and function
        else None,
    }


def _home(arn: str, service: str) -> str | None:
    _, partition, _, region, *_ = [*arn.split(":"), "", "", "", ""]
    domain = _DOMAINS.get(partition)
    return f"https://{region}.console.{domain}/{service}/home?region={region}" if domain and region else None


def _pattern(request_id: str) -> str:
    return f'"{request_id}"'


def _quoted(text: str) -> str:
    """The page of log groups reads a fragment that is percent-encoded, with `$` in the place of `%`."""
    return quote(text, safe="").replace("%", "$")
