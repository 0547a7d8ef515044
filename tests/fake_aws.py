"""Step Functions and CloudFormation on a loopback port, answering what a test says: boto3 is asked for real."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Refused(Exception):
    """An error that the service answers with."""

    def __init__(self, code: str, message: str = "no", status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass
class FakeAws:
    """What is answered, by operation, and what was asked: the operation with its parameters."""

    url: str
    answers: dict[str, Answer | Refused] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, operation: str, given: dict[str, Any]) -> Mapping[str, Any]:
        self.asked.append((operation, given))
        answer = self.answers.get(operation, Refused("InvalidAction", f"nothing is said of {operation}"))
        if isinstance(answer, Refused):
            raise answer
        return answer(given) if callable(answer) else answer


@contextmanager
def serving() -> Iterator[FakeAws]:
    """The services, until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            target = self.headers.get("X-Amz-Target", "")
            query = {name: values[0] for name, values in parse_qs(text).items()} if not target else {}
            operation = target.rpartition(".")[2] or query.pop("Action")
            given = json.loads(text) if target else {name: each for name, each in query.items() if name != "Version"}
            try:
                answered = aws.answer(operation, given)
                body = json.dumps(answered, default=_epoch) if target else _xml(operation, answered)
                status = 200
            except Refused as problem:
                status = problem.status
                told = {"__type": problem.code, "message": problem.message}
                error = f"<Code>{problem.code}</Code><Message>{escape(problem.message)}</Message>"
                body = json.dumps(told) if target else f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0" if target else "text/xml")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    aws = FakeAws(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield aws
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _epoch(value: datetime) -> float:
    return value.timestamp()


def _xml(operation: str, answer: Mapping[str, Any]) -> str:
    return f"<{operation}Response><{operation}Result>{_elements(answer)}</{operation}Result></{operation}Response>"


def _elements(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_elements(each)}</{name}>" for name, each in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_elements(each)}</member>" for each in value)
    return escape(value.isoformat() if isinstance(value, datetime) else str(value))
