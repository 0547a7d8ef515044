"""`workflow-dsl serve` beside MiniStack and moto's server, in one run on one computer; run by `tox -e bench`.

Each client is a connection that starts an execution and describes it until it has ended. The servers take turns, and
the clients cost the computer as little as they can: the servers are measured. MINISTACK names MiniStack's command;
`tox -e ministack,bench` has both.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).parent.parent
SECONDS = 2.0  # of executions by each number of clients, in each turn
TURNS = 3
ROLE = "arn:aws:iam::111111111111:role/r"
_HEAD = (
    "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Target: AWSStepFunctions.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 "
    "Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0\r\n"
    "X-Amz-Date: 20260101T000000Z\r\nContent-Length: {size}\r\n\r\n"
)


def _request(host: str, operation: str, members: Mapping[str, Any]) -> bytes:
    body = json.dumps(members)
    return (_HEAD.format(host=host, operation=operation, size=len(body)) + body).encode()


class Client:
    """One connection, which waits for each answer."""

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._port = port
        self.connect()

    def connect(self) -> None:
        """Open the connection."""
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __call__(self, operation: str, **members: Any) -> Any:
        """Return the answer to a call; a connection that the server has closed is opened again."""
        self._socket.sendall(_request(self._host, operation, members))
        status, size, is_closed = self._head()
        answer = json.loads(self._file.read(size))
        if is_closed:
            self.close()
            self.connect()
        if status != 200:
            raise AssertionError(answer)
        return answer

    def _head(self) -> tuple[int, int, bool]:
        status, size, is_closed = int(self._file.readline().split()[1]), 0, False
        while (line := self._file.readline().lower()) not in (b"\r\n", b""):
            if line.startswith(b"content-length:"):
                size = int(line[15:])
            is_closed |= line.startswith(b"connection: close")
        return status, size, is_closed

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def execute(self, machine: str, value: str = "{}") -> None:
        """Start an execution, and describe it until it has ended."""
        started = self("StartExecution", stateMachineArn=machine, name=str(uuid4()), input=value)  # moto wants a name
        arn, status = started["executionArn"], "RUNNING"
        while status == "RUNNING":
            status = self("DescribeExecution", executionArn=arn)["status"]
        assert status == "SUCCEEDED", status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int, folder: Path, **settings: str) -> Iterator[tuple[float, int]]:
    """Run a server; yield the seconds until it answered, and its process ID."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), **settings}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with suppress(OSError):
                Client(port)("ListStateMachines")
                break
            if process.poll() is not None:
                sys.exit(f"{command[0]} ended")
            time.sleep(0.005)
        yield time.perf_counter() - started, process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()


def peers() -> dict[str, Callable[[int], tuple[list[str], dict[str, str]]]]:
    """The command and the environment of each server for a port."""
    ministack = os.environ.get("MINISTACK", "")
    moto = Path(sys.executable).with_name("moto_server")
    servers: dict[str, Callable[[int], tuple[list[str], dict[str, str]]]] = {
        "workflow_dsl": lambda port: (
            [sys.executable, "-m", "workflow_dsl", "serve", "--quiet", "--port", str(port)],
            {},
        )
    }
    if Path(ministack).is_file():
        settings = {"BIND_HOST": "127.0.0.1", "SFN_WAIT_SCALE": "0", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
        servers["MiniStack"] = lambda port: ([ministack], {**settings, "GATEWAY_PORT": str(port)})
    if moto.is_file():
        servers["moto_server"] = lambda port: ([str(moto), "-H", "127.0.0.1", "-p", str(port)], {})
    return servers


def passes(count: int) -> dict[str, Any]:
    states: dict[str, Any] = {f"S{i}": {"Type": "Pass", "Next": f"S{i + 1}"} for i in range(count - 1)}
    return {"StartAt": "S0", "States": {**states, f"S{count - 1}": {"Type": "Pass", "End": True}}}


MAP = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
            "ResultPath": None,
            "End": True,
        }
    },
}


class Conversation:
    """One connection of many in a thread: it goes on whenever an answer has come."""

    def __init__(self, port: int, machine: str, selector: selectors.BaseSelector) -> None:
        self._port, self._machine, self._selector = port, machine, selector
        self._host = f"127.0.0.1:{port}"
        self._execution = ""  # the one that runs
        self.count = 0
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._answer = b""

    def close(self) -> None:
        """Close the connection."""
        self._selector.unregister(self._socket)
        self._socket.close()

    def ask(self) -> None:
        """Describe the execution that runs, or start one."""
        if self._execution:
            request = _request(self._host, "DescribeExecution", {"executionArn": self._execution})
        else:
            members = {"stateMachineArn": self._machine, "name": os.urandom(16).hex(), "input": "{}"}
            request = _request(self._host, "StartExecution", members)
        self._socket.sendall(request)

    def go_on(self) -> None:
        """Read what has come of the answer; if it is complete, ask again."""
        part = self._socket.recv(65_536)
        assert part, "the server has closed the connection before its answer"
        self._answer += part
        head, end, body = self._answer.partition(b"\r\n\r\n")
        size = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if not end or not size or len(body) < int(size[1]):
            return
        assert head.split(b" ", 2)[1] == b"200", body
        self._take(json.loads(body))
        self._answer = b""
        if b"connection: close" in head.lower():
            self.close()
            self._connect()
        self.ask()

    def _take(self, answer: Mapping[str, Any]) -> None:
        if not self._execution:
            self._execution = answer["executionArn"]
        elif answer["status"] != "RUNNING":
            assert answer["status"] == "SUCCEEDED", answer
            self._execution = ""
            self.count += 1


def rate(port: int, machine: str, clients: int) -> float:
    """Executions a second of so many clients, sixteen in a process."""
    if clients <= 16:
        return rate_of_process(port, machine, clients)
    with ProcessPoolExecutor(clients // 16) as processes:
        return sum(processes.map(rate_of_process, *zip(*[(port, machine, 16)] * (clients // 16), strict=True)))


def rate_of_process(port: int, machine: str, clients: int) -> float:
    """Executions a second of so many clients in this process."""
    with selectors.DefaultSelector() as selector:
        conversations = [Conversation(port, machine, selector) for _ in range(clients)]
        started = time.perf_counter()
        for each in conversations:
            each.ask()
        while time.perf_counter() < started + SECONDS:
            for key, _ in selector.select(1):
                key.data.go_on()
        seconds = time.perf_counter() - started
        for each in conversations:
            each.close()
    return sum(each.count for each in conversations) / seconds


def create(client: Client, name: str, definition: Mapping[str, Any]) -> str:
    return str(
        client("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    )


def compare(folder: Path) -> None:
    """Print each server's executions a second, the time of a Map, and the ratios."""
    figures: dict[str, dict[str, list[float]]] = {}
    with ExitStack() as stack:
        servers = {}
        for name, command_of in peers().items():
            port = free_port()
            (folder / name).mkdir()
            command, settings = command_of(port)
            stack.enter_context(running(command, port, folder / name, **settings))
            if name == "moto_server":
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}/moto-api/config",
                    data=b'{"stepfunctions": {"execute_state_machine": true}}',
                    headers={"Content-Type": "application/json"},
                )
                urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
            client = Client(port)
            servers[name] = port, client, create(client, "passes", passes(10)), create(client, "map", MAP)
            figures[name] = {"1 client": [], "32 clients": [], "a Map of 1,000": []}
        items = json.dumps(list(range(1_000)))
        for _ in range(TURNS + 1):
            for name, (port, client, machine, map_machine) in servers.items():
                figures[name]["1 client"].append(rate(port, machine, 1))
                figures[name]["32 clients"].append(rate(port, machine, 32))
                client.close()
                client.connect()  # it has been idle for longer than servers keep a connection
                started = time.perf_counter()
                client.execute(map_machine, items)
                figures[name]["a Map of 1,000"].append(time.perf_counter() - started)
    print(
        f"Executions of 10 Pass states a second, and a Map of 1,000 items; median of {TURNS} turns after one to warm up:"
    )
    medians = {
        name: [statistics.median(column[1:]) for column in columns.values()] for name, columns in figures.items()
    }
    ours = medians["workflow_dsl"]
    for name, (one, many, seconds) in medians.items():
        print(
            f"  {name:14} 1 client {one:8.1f}/s {ours[0] / one:6.1f} x   32 clients {many:8.1f}/s {ours[1] / many:6.1f} x"
            f"   Map {seconds * 1000:8.1f} ms {seconds / ours[2]:6.1f} x"
        )


def start(folder: Path) -> None:
    """Print the time until a server with this repository's application answers."""
    seconds = []
    for _ in range(7):
        port = free_port()
        command = [sys.executable, "-m", "workflow_dsl", "serve", "--quiet", "--port", str(port)]
        with running(command, port, ROOT) as (taken, _):
            seconds.append(taken)
    print(f"serve with the sample project answers after {statistics.median(seconds):.2f} s, median of 7")


def memory(folder: Path, count: int = 100_000) -> None:
    """Print the memory of a server after each fifth of so many executions, of which it keeps 1,000."""
    port = free_port()
    command = [sys.executable, "-m", "workflow_dsl", "serve", "--quiet", "--keep", "1000", "--port", str(port)]
    with running(command, port, folder) as (_, process):
        client = Client(port)
        machine = create(client, "passes", passes(10))
        sizes = []
        for _ in range(5):
            for _ in range(count // 5):
                client("StartExecution", stateMachineArn=machine)
            sizes.append(resident(process))
    shown = ", ".join(f"{size:.0f}" for size in sizes)
    print(f"the memory after each fifth of {count:,} executions, of which it keeps 1,000: {shown} MB")


def resident(process: int) -> float:
    """The memory of a process in MB."""
    command = ["ps", "-o", "rss=", "-p", str(process)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start(folder)
        compare(folder)
        memory(folder)


if __name__ == "__main__":
    main()
