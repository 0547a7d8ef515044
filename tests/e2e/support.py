"""An AWS emulator on a free local port, and SAM and our commands run against it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from workflow_dsl.definition.json import Json

_Value = TypeVar("_Value")

ROOT = Path(__file__).parent.parent.parent
REGION = "us-east-1"
COPIED = ("workflow_dsl", "functions", "generated", "docs", "template.yaml", "samconfig.toml", "pyproject.toml")
# MiniStack's CloudFormation does not support versions and aliases of state machines.
UNSUPPORTED_BY_MINISTACK = ("AutoPublishAlias: live", "UseAliasAsEventTarget: true", "DeploymentPreference:")
Clock = Callable[[], float]


@dataclass(frozen=True)
class Emulator:
    """A running MiniStack."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]
    home: Path

    def client(self, service: str) -> Any:
        """Create a boto3 client with short timeouts, so that a hung emulator fails the test."""
        name: Any = service
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # emulators accept any key
            config=Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 2}),
        )

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for commands that reach only the emulator, whatever the user's own settings are."""
        sam = Path(os.environ["SAM"]).parent
        return {
            "PATH": f"{sam}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.home / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "none"),
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.5",
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: value for name, value in os.environ.items() if name.startswith("PYENV")},
        }

    def tail(self, lines: int = 40) -> str:
        """Return the last lines of its log, "" if there is none."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


@contextmanager
def running_emulator(folder: Path) -> Iterator[Emulator]:
    """Run MiniStack with its files in a folder; its processes end with the context, whatever happens."""
    home, log, port = folder / "home", folder / "ministack.log", _free_port()
    home.mkdir()
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SFN_WAIT_SCALE": "0",
    }
    command = [sys.executable, str(Path(__file__).with_name("supervised.py")), os.environ["MINISTACK"]]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=settings)
        emulator = Emulator(f"http://127.0.0.1:{port}", log, process, home)
        try:
            _wait_until_ready(emulator)
            yield emulator
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(poll: Callable[[], _Value | None], seconds: float = 60) -> _Value | None:
    """Call `poll` ten times a second until it returns a value; None if it does not in time."""
    wait = threading.Event()
    for _ in range(int(seconds * 10)):
        value = poll()
        if value is not None:
            return value
        wait.wait(0.1)
    return None


def _wait_until_ready(emulator: Emulator, seconds: float = 60) -> None:
    def is_ready() -> bool | None:
        if emulator.process.poll() is not None:
            raise AssertionError(f"MiniStack ended before it was ready:\n{emulator.tail()}")
        try:
            with urllib.request.urlopen(f"{emulator.url}/_ministack/health", timeout=2):  # noqa: S310  # loopback
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return None

    if not eventually(is_ready, seconds):
        raise AssertionError(f"MiniStack was not ready after {seconds:g} s:\n{emulator.tail()}")


@dataclass(frozen=True)
class Application:
    """A copy of this repository's application, deployed as a stack."""

    emulator: Emulator
    folder: Path
    stack: str

    def command(self, *command: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder. Fails with the emulator's log if it does not end."""
        try:
            return subprocess.run(
                command,
                cwd=self.folder,
                env=self.emulator.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            message = f"{' '.join(command)} did not end within {timeout:g} s; MiniStack's log:\n{self.emulator.tail()}"
            raise AssertionError(message) from None

    def dsl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `workflow-dsl`."""
        return self.command(sys.executable, "-m", "workflow_dsl", *arguments)

    def sam(self, *arguments: str) -> str:
        """Run SAM and return its output. Fails if its exit code is not 0; 0 proves nothing."""
        result = self.command(os.environ["SAM"], *arguments)
        output = result.stdout + result.stderr
        assert result.returncode == 0, f"sam {' '.join(arguments)}\n{output}\nMiniStack's log:\n{self.emulator.tail()}"
        return output

    def deploy(self) -> str:
        """Build and deploy the present content of the folder."""
        self.sam("build")
        parameters = ("--parameter-overrides", "SafeReleases=DISABLED")
        return self.sam("deploy", "--stack-name", self.stack, "--no-confirm-changeset", *parameters)

    def describe(self) -> Json:
        """Return CloudFormation's description of the stack."""
        [stack] = self.emulator.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return stack

    @property
    def outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.describe().get("Outputs", [])}

    @property
    def resources(self) -> dict[str, tuple[str, str]]:
        """Type and physical ID of each resource by logical ID."""
        cloudformation = self.emulator.client("cloudformation")
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.stack)
        rows = [row for page in pages for row in page["StackResourceSummaries"]]
        return {row["LogicalResourceId"]: (row["ResourceType"], row["PhysicalResourceId"]) for row in rows}

    def definition(self, logical_id: str) -> Json:
        """Return the deployed definition of a state machine."""
        arn = self.resources[logical_id][1]
        return json.loads(
            self.emulator.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"]
        )

    def execute(self, logical_id: str, input: Json, seconds: float = 60) -> Mapping[str, Any]:
        """Start an execution, wait for its end, and return its description."""
        client = self.emulator.client("stepfunctions")
        machine = self.resources[logical_id][1]
        arn = client.start_execution(stateMachineArn=machine, input=json.dumps(input))["executionArn"]
        return ended(self.emulator, arn, seconds)


def ended(emulator: Emulator, arn: str, seconds: float = 60) -> Mapping[str, Any]:
    """Wait for the end of an execution and return its description. Fails with the emulator's log if it does not end."""
    execution = eventually(lambda: outcome_of(emulator.client("stepfunctions"), arn), seconds)
    if execution is None:
        raise AssertionError(f"{arn} did not end within {seconds:g} s; MiniStack's log:\n{emulator.tail()}")
    return execution


def outcome_of(client: Any, arn: str) -> Mapping[str, Any] | None:
    """Return the description of an execution that has ended; None while it is running."""
    execution: Mapping[str, Any] = client.describe_execution(executionArn=arn)
    return None if execution["status"] == "RUNNING" else execution


def application(emulator: Emulator, folder: Path, stack: str) -> Application:
    """Copy the application; the template loses what MiniStack does not support."""
    folder.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    template = folder / "template.yaml"
    template.write_text(without_releases(template.read_text("utf-8")), "utf-8")
    return Application(emulator, folder, stack)


def without_releases(template: str) -> str:
    """Return the template without the gradual releases of its state machines."""
    lines, remaining, inside = template.splitlines(keepends=True), [], False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        inside = inside and indent > 6
        if line.strip() in UNSUPPORTED_BY_MINISTACK:
            inside = True
        elif not inside:
            remaining.append(line)
    assert len(lines) - len(remaining) == 3 * (2 + 5), (
        "the template's releases changed: update UNSUPPORTED_BY_MINISTACK"
    )
    return "".join(remaining)
