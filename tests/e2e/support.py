"""An emulated AWS on a free port of this machine, and SAM as a person runs it against it."""

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

_Found = TypeVar("_Found")

ROOT = Path(__file__).parent.parent.parent
REGION = "us-east-1"
COPIED = ("workflow_dsl", "functions", "generated", "docs", "template.yaml", "samconfig.toml", "pyproject.toml")
# What MiniStack's CloudFormation does not know: versions and aliases of state machines.
UNKNOWN_TO_MINISTACK = ("AutoPublishAlias: live", "UseAliasAsEventTarget: true", "DeploymentPreference:")
Clock = Callable[[], float]


@dataclass(frozen=True)
class Emulator:
    """MiniStack while it runs."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]
    home: Path

    def client(self, service: str) -> Any:
        """A boto3 client that gives up soon: a hung emulator is a failure, not a wait."""
        name: Any = service
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # what emulators take
            config=Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 2}),
        )

    @property
    def environment(self) -> dict[str, str]:
        """For commands that are to reach it and nothing else, whatever the person's own settings are."""
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
        """The last lines of its log, while there is one."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


@contextmanager
def running_emulator(folder: Path) -> Iterator[Emulator]:
    """MiniStack, with what it keeps in a folder of its own; ended with all that it started, whatever happens."""
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


def eventually(found: Callable[[], _Found | None], seconds: float = 60) -> _Found | None:
    """What another process comes to, asked ten times a second; None when it does not within the time."""
    wait = threading.Event()
    for _ in range(int(seconds * 10)):
        value = found()
        if value is not None:
            return value
        wait.wait(0.1)
    return None


def _wait_until_ready(emulator: Emulator, seconds: float = 60) -> None:
    def answers() -> bool | None:
        if emulator.process.poll() is not None:
            raise AssertionError(f"MiniStack ended before it was ready:\n{emulator.tail()}")
        try:
            with urllib.request.urlopen(f"{emulator.url}/_ministack/health", timeout=2):  # noqa: S310  # loopback
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return None

    if not eventually(answers, seconds):
        raise AssertionError(f"MiniStack was not ready after {seconds:g} s:\n{emulator.tail()}")


@dataclass(frozen=True)
class Application:
    """A copy of this repository's application, to be built and deployed as a stack."""

    emulator: Emulator
    folder: Path
    stack: str

    def command(self, *command: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """A command in the folder, as a person types it. Fails with the emulator's log when it does not end."""
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
        """Our command line."""
        return self.command(sys.executable, "-m", "workflow_dsl", *arguments)

    def sam(self, *arguments: str) -> str:
        """What SAM prints; an exit code of its own is trusted only as far as it is a failure."""
        done = self.command(os.environ["SAM"], *arguments)
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"sam {' '.join(arguments)}\n{said}\nMiniStack's log:\n{self.emulator.tail()}"
        return said

    def deploy(self) -> str:
        """Builds and deploys what is in the folder now."""
        self.sam("build")
        given = ("--parameter-overrides", "SafeReleases=DISABLED")
        return self.sam("deploy", "--stack-name", self.stack, "--no-confirm-changeset", *given)

    def described(self) -> Json:
        """The stack as CloudFormation describes it."""
        [stack] = self.emulator.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return stack

    @property
    def outputs(self) -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.described().get("Outputs", [])}

    @property
    def resources(self) -> dict[str, tuple[str, str]]:
        """Type and physical id of each resource, by its logical id."""
        cloudformation = self.emulator.client("cloudformation")
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.stack)
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return {each["LogicalResourceId"]: (each["ResourceType"], each["PhysicalResourceId"]) for each in found}

    def definition(self, logical_id: str) -> Json:
        """The definition that a state machine runs with."""
        arn = self.resources[logical_id][1]
        return json.loads(
            self.emulator.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"]
        )

    def execute(self, logical_id: str, given: Json, seconds: float = 60) -> Mapping[str, Any]:
        """An execution of a state machine, when it has ended."""
        client = self.emulator.client("stepfunctions")
        machine = self.resources[logical_id][1]
        arn = client.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        return ended(self.emulator, arn, seconds)


def ended(emulator: Emulator, arn: str, seconds: float = 60) -> Mapping[str, Any]:
    """An execution when it has ended. Fails with the emulator's log when it does not."""
    told = eventually(lambda: outcome_of(emulator.client("stepfunctions"), arn), seconds)
    if told is None:
        raise AssertionError(f"{arn} did not end within {seconds:g} s; MiniStack's log:\n{emulator.tail()}")
    return told


def outcome_of(client: Any, arn: str) -> Mapping[str, Any] | None:
    """An execution that has ended; None while it runs."""
    told: Mapping[str, Any] = client.describe_execution(executionArn=arn)
    return None if told["status"] == "RUNNING" else told


def application(emulator: Emulator, folder: Path, stack: str) -> Application:
    """A copy of the application; the template without what MiniStack does not know."""
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
    """The template without the gradual release of its state machines."""
    lines, kept, inside = template.splitlines(keepends=True), [], False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        inside = inside and indent > 6
        if line.strip() in UNKNOWN_TO_MINISTACK:
            inside = True
        elif not inside:
            kept.append(line)
    assert len(lines) - len(kept) == 3 * (2 + 5), "the template's releases are not what is taken out here"
    return "".join(kept)
