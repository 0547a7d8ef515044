"""Addresses of the AWS console in each partition."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflow_dsl.local.replay.console_links import execution_link, log_link

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LOG = "#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fcharge"
# The ARN of an execution, its page, and the domain of the console.
PARTITIONS = {
    "aws": ("arn:aws:states:eu-west-1:1:execution:m:e", "eu-west-1.console.aws.amazon.com", "eu-west-1"),
    "China": ("arn:aws-cn:states:cn-north-1:1:execution:m:e", "cn-north-1.console.amazonaws.cn", "cn-north-1"),
    "GovCloud": (
        "arn:aws-us-gov:states:us-gov-west-1:1:execution:m:e", "us-gov-west-1.console.amazonaws-us-gov.com", "us-gov-west-1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("partition", PARTITIONS)
def test_an_execution_and_a_log_have_a_page_in_their_region(partition: str) -> None:
    arn, host, region = PARTITIONS[partition]
    assert execution_link(arn, AT) == f"https://{host}/states/home?region={region}#/v2/executions/details/{arn}"
    assert log_link(arn, "charge") == f"https://{host}/cloudwatch/home?region={region}{LOG}"


def test_an_express_execution_has_another_page_with_its_start() -> None:
    arn = "arn:aws:states:us-east-1:1:express:m:e:5f0c"
    assert execution_link(arn, AT) == (
        "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1"
        f"#/express-executions/details/{arn}?startDate=1795521600000"
    )


def test_the_log_of_a_request_is_filtered() -> None:
    link = log_link("arn:aws:lambda:us-east-1:1:function:charge", "charge", "r1")
    assert link is not None
    assert link.endswith(f"{LOG}/log-events$3FfilterPattern$3D$2522r1$2522")


@pytest.mark.parametrize(
    "arn", ["", "e1", "arn:aws-iso:states:us-iso-east-1:1:execution:m:e", "arn:aws:states::1:execution:m:e"]
)
def test_what_has_no_console_has_no_link(arn: str) -> None:
    assert (execution_link(arn, AT), log_link(arn, "charge")) == (None, None)
