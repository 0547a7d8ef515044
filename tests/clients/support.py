"""A server of this project as users start it: `workflow-dsl serve` on a free port, and the clients beside it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).parent.parent.parent
ROLE = "arn:aws:iam::111111111111:role/runner"
PREFIX = "arn:aws:states:us-east-1:111111111111"
AWS = Path(os.environ.get("AWS_CLI", ""))
PACKAGES = Path(os.environ.get("NODE_PACKAGES", "")) / "node_modules"
NEEDS_AWS_CLI = pytest.mark.skipif(not AWS.is_file(), reason="AWS_CLI must name the command; `tox -e clients` sets it")
NEEDS_NODE = pytest.mark.skipif(shutil.which("node") is None, reason="needs node on the PATH")
NEEDS_PACKAGES = pytest.mark.skipif(
    not (shutil.which("node") and (PACKAGES / "jest" / "package.json").is_file()),
    reason="NODE_PACKAGES must have the packages of `tox -e clients`, which installs them where npm is",
)


def environment(url: str = "") -> dict[str, str]:
    """Return the variables of a client's process: its address and credentials, and none of this computer's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS", "PYTEST"))}
    folders = [str(Path(sys.executable).parent), *([str(AWS.parent)] if AWS.is_file() else []), os.environ["PATH"]]
    settings = {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    return {**kept, "PATH": os.pathsep.join(folders), "NODE_NO_WARNINGS": "1", **(settings if url else {})}


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """`workflow-dsl serve` in a process of its own: its `url`, and the `lines` that it has printed since."""

    def __init__(self, folder: Path, *options: str) -> None:
        options = options if "--port" in options else (*options, "--port", "0")
        command = [sys.executable, "-m", "workflow_dsl", "serve", *options]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout
        first = self.process.stdout.readline()
        assert first.startswith("Step Functions is at http"), first + self.process.stdout.read()
        self.url = first.split()[4].rstrip(";")
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    def close(self) -> int:
        """End it as a service manager does, and return its exit code."""
        self.process.terminate()
        try:
            code = self.process.wait(20)
        finally:
            self.process.kill()
        self._reader.join(5)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def client(self, service: str = "stepfunctions") -> Any:
        """Return a boto3 client."""
        name: Any = service
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106  # any will do
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, max_pool_connections=40),
        )


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Process]:
    """Serve a folder's project; the process ends with the context."""
    process = Process(folder, *options)
    try:
        yield process
    finally:
        process.close()


def run(folder: Path, url: str, *command: str) -> str:
    """Run a client's command, and return its output. Fails with what it prints if its exit code is not 0."""
    result = subprocess.run(
        command, cwd=folder, env=environment(url), capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
    return result.stdout


def ended(client: Any, arn: str) -> Any:
    """Poll an execution, as clients do, until it has ended."""
    wait = threading.Event()
    for _ in range(1_200):
        execution = client.describe_execution(executionArn=arn)
        if execution["status"] != "RUNNING":
            return execution
        wait.wait(0.05)
    raise AssertionError(f"{arn} is still running")
