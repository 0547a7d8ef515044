"""The settings of a server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from workflow_dsl.records import Record, field


class Settings(Record):
    """The settings of a server; the defaults are those of `serve`, but for the port, where 0 is any free one."""

    host: str = "127.0.0.1"
    port: int = 0
    is_real_time: bool = False
    most_finished: int = 10_000
    endpoint_url: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)  # of services, by their boto3 names
    lambda_endpoint: str | None = None
    lambda_endpoint_for: Literal["others", "all"] = "others"
    persist: Path | None = None
    mocks: Path | None = None
