"""A gateway to moto in this process, for the AWS calls of handlers in other processes.

It is an HTTP server on the loopback address. It answers only requests that are signed with its own random access key,
and never sends one on.
"""

from __future__ import annotations

import json
import secrets
import threading
import weakref
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workflow_dsl.local.stand_ins.callbacks import CALLBACKS, answer_call
from workflow_dsl.regexes import lazy_regex

_HOSTS = {"ses": "email"}  # services whose host has another name than their signatures
_CREDENTIAL = lazy_regex(r"Credential=([^/,\s]+)/\d+/([\w-]+)/([\w-]+)/aws4_request")
_NOT_PASSED_ON = ("content-length", "transfer-encoding", "connection", "server", "date")


Answer = tuple[int, Mapping[str, str], bytes]


class MotoGateway:
    """The gateway; its server starts when the variables are first asked for, and stops with this object."""

    def __init__(self) -> None:
        self._access_key = f"LOCAL{secrets.token_hex(16).upper()}"
        self._url = ""

    def variables(self) -> Mapping[str, str]:
        """Return the environment variables with which an AWS SDK calls the gateway."""
        if not self._url:
            request = type("_OwnRequest", (_Request,), {"access_key": self._access_key})
            server = _Server(("127.0.0.1", 0), request)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            weakref.finalize(self, _stop, server, thread)
            self._url = f"http://127.0.0.1:{server.server_port}"
        return {
            "AWS_ACCESS_KEY_ID": self._access_key,
            "AWS_ENDPOINT_URL": self._url,
            "AWS_SECRET_ACCESS_KEY": "local",
        }


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Print nothing when a process ends while it waits for an answer."""


def _stop(server: ThreadingHTTPServer, thread: threading.Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join()


class _Request(BaseHTTPRequestHandler):
    """A request of an AWS SDK, answered by moto, or by the run if it is a callback of a task."""

    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds; an idle connection does not keep its thread longer
    access_key = ""

    def _answer(self) -> None:
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            self._respond(400, {}, _error("SerializationException", "the request's body has no length"))
            return
        credential = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        if not credential or not secrets.compare_digest(credential[1], self.access_key):
            self._respond(403, {}, _error("AccessDeniedException", "the request is not one of this run's handlers"))
            return
        _, region, service = credential.groups()
        try:
            answer = _callback(self.headers, body)
            self._respond(*(answer or _from_moto(self.command, self.path, (service, region), self.headers, body)))
        except Exception as problem:  # a part that moto lacks is an error of the call, not of the run
            self._respond(501, {}, _error("NotImplementedException", f"moto does not answer the call: {problem!r}"))

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = _answer  # noqa: N815  # the names of the base class

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _respond(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, str(value))
        is_head = self.command == "HEAD"
        length = {name.lower(): value for name, value in headers.items()}.get("content-length")
        self.send_header("Content-Length", str(length if is_head and length else len(body)))
        self.end_headers()
        if not is_head:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def answer_with_moto(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer of moto, which is in use, to a request that an AWS SDK has signed with any access key."""
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    if not credential:
        return 403, {}, _error("MissingAuthenticationToken", "the request is not signed")
    try:
        return _from_moto(method, path, (credential[3], credential[2]), headers, body)
    except Exception as problem:  # a part that moto lacks is an error of the call
        return 501, {}, _error("NotImplementedException", f"moto does not answer the call: {problem!r}")


def _from_moto(method: str, path: str, target: tuple[str, str], given: Any, body: bytes) -> Answer:
    from botocore.awsrequest import AWSPreparedRequest, HeadersDict
    from moto.core.models import botocore_stubber

    service, region = target
    host = f"{_HOSTS.get(service, service)}.{region}.amazonaws.com"
    headers: Any = HeadersDict({**given, "Host": host})
    prepared = AWSPreparedRequest(method, f"https://{host}{path}", headers, body, stream_output=False)
    response = botocore_stubber("before-send", prepared)
    if response is None:
        return 503, {}, _error("ServiceUnavailable", "no run is in progress")
    return response.status_code, response.headers, response.content


def _callback(headers: Any, body: bytes) -> Answer | None:
    """The answer to SendTaskSuccess, SendTaskFailure or SendTaskHeartbeat; None for another call."""
    target, _, operation = headers.get("X-Amz-Target", "").partition(".")
    if target != "AWSStepFunctions" or operation not in CALLBACKS:
        return None
    error = answer_call(operation, body)
    if error:
        return 400, {}, _error(*error)
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, b"{}"


def _error(code: str, message: str) -> bytes:
    return json.dumps({"__type": code, "message": message}).encode()
