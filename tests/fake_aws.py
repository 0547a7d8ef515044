"""A fake of Step Functions and CloudFormation on a loopback port, so that tests use the real boto3."""

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

Response = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


class ErrorResponse(Exception):
    """An error that the service responds with."""

    def __init__(self, code: str, message: str = "no", status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass
class FakeAws:
    """The responses by operation, and the requests that arrived: operation and parameters."""

    url: str
    responses: dict[str, Response | ErrorResponse] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def respond(self, operation: str, parameters: dict[str, Any]) -> Mapping[str, Any]:
        self.requests.append((operation, parameters))
        response = self.responses.get(operation, ErrorResponse("InvalidAction", f"the test has no {operation}"))
        if isinstance(response, ErrorResponse):
            raise response
        return response(parameters) if callable(response) else response


@contextmanager
def serving() -> Iterator[FakeAws]:
    """Serve the fake services until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            target = self.headers.get("X-Amz-Target", "")
            query = {name: values[0] for name, values in parse_qs(text).items()} if not target else {}
            operation = target.rpartition(".")[2] or query.pop("Action")
            query.pop("Version", None)
            try:
                response = aws.respond(operation, json.loads(text) if target else query)
                body = json.dumps(response, default=_epoch) if target else _xml(operation, response)
                status = 200
            except ErrorResponse as problem:
                status = problem.status
                error = f"<Code>{problem.code}</Code><Message>{escape(problem.message)}</Message>"
                body = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
                if target:
                    body = json.dumps({"__type": problem.code, "message": problem.message})
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0" if target else "text/xml")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

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


def _xml(operation: str, response: Mapping[str, Any]) -> str:
    return f"<{operation}Response><{operation}Result>{_elements(response)}</{operation}Result></{operation}Response>"


def _elements(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_elements(member)}</{name}>" for name, member in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_elements(member)}</member>" for member in value)
    return escape(value.isoformat() if isinstance(value, datetime) else str(value))
