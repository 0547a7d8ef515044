"""The ASGI application: requests in AWS JSON 1.0 are calls of the API, those of other services go to moto.

A request of a browser is refused: a page of any site could send one to this computer. So is one to a public name at
the loopback address: a page whose name leads here (DNS rebinding) sends requests without the headers of browsers.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from ipaddress import ip_address
from itertools import count
from typing import Any

from workflow_dsl.regexes import lazy_regex
from workflow_dsl.server import api, model
from workflow_dsl.server.account import Account
from workflow_dsl.server.live.threads import Threads
from workflow_dsl.server.operations import SLOW
from workflow_dsl.server.operations.activities import is_gone
from workflow_dsl.server.state_machines import new_id

MOST_BYTES = 4 * 1024 * 1024  # of a request to Step Functions; a definition has at most one MB
MOST_BYTES_OF_OTHERS = 128 * 1024 * 1024
_OF_CONNECTIONS = frozenset(("transfer-encoding", "connection", "server", "date"))  # uvicorn writes its own
# Names that no public name server resolves: a computer's own (RFC 6761, RFC 6762, ICANN's .internal), and AWS's.
_NEVER_FOREIGN = lazy_regex(r"(?i:[^.]+|.*\.(localhost|test|local|internal|amazonaws\.com(\.cn)?))")
_ADDRESS = lazy_regex(r"(?P<host>\[[^\]]*\]|[^:]*)(:\d*)?")
Headers = Mapping[bytes, bytes]  # of a request: ASGI gives the names in small letters
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Response = tuple[int, Headers, bytes]
Others = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]
Log = Callable[[str, str], None]
_request_ids = map(f"{new_id()[:24]}{{:012x}}".format, count(1))  # random for this process, and then counted
_JSON: Headers = {b"content-type": b"application/x-amz-json-1.0"}


class Application:
    """The application of an account. `others` answers the requests of other services, `log` gets each call."""

    def __init__(
        self, account: Account, threads: Threads, *, others: Others | None = None, log: Log = lambda *_: None
    ) -> None:
        self._account, self._threads, self._others, self._log = account, threads, others, log

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers: Headers = dict(scope["headers"])
        operation = _operation(headers.get(b"x-amz-target", b""))
        response = _refusal(scope, headers)
        if response is None:
            body = await _body(receive, headers, MOST_BYTES if operation else MOST_BYTES_OF_OTHERS)
            if body is None:
                response = _error("RequestEntityTooLargeException", "the request is too large", 413)
            elif operation is None:
                response = await self._of_others(scope, headers, body)
            elif scope["method"] != "POST":  # a page may send another one without saying where it comes from
                response = _error("AccessDeniedException", "an operation is called with POST", 405)
            else:
                response = await self._own(operation, body, receive)
        await _respond(send, response, is_head=operation is None and scope["method"] == "HEAD")

    async def _own(self, operation: str, body: bytes, receive: Receive) -> Response:
        if operation == "GetActivityTask":
            status, content, code = await self._get_task(body, receive)
        elif operation in SLOW:
            status, content, code = await self._in_thread(partial(api.call, self._account, operation, body))
        else:
            status, content, code = api.call(self._account, operation, body)
        self._log(operation, code)
        return status, _JSON, content

    async def _get_task(self, body: bytes, receive: Receive) -> tuple[int, bytes, str]:
        """Answer a worker, and watch whether it still waits."""
        gone = threading.Event()

        def get_task() -> tuple[int, bytes, str]:
            token = is_gone.set(gone.is_set)
            try:
                return api.call(self._account, "GetActivityTask", body)
            finally:
                is_gone.reset(token)

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()
            await self._in_thread(self._account.wake_workers)

        watching = asyncio.ensure_future(watch())
        try:
            answer: tuple[int, bytes, str] = await self._in_thread(get_task)
            return answer
        finally:
            watching.cancel()

    async def _of_others(self, scope: Mapping[str, Any], headers: Headers, body: bytes) -> Response:
        others = self._others
        if others is None or b"authorization" not in headers:
            return _error("UnknownOperationException", "", 404)
        texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        path = scope["raw_path"].decode("latin-1")
        path += f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        status, names, content = await self._in_thread(lambda: others(scope["method"], path, texts, body))
        return status, _in_bytes(names), content

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def perform() -> None:
            try:
                finish = partial(future.set_result, work())
            except Exception as problem:  # for the request to raise: without it, its client waits for ever
                finish = partial(future.set_exception, problem)
            loop.call_soon_threadsafe(lambda: None if future.done() else finish())

        self._threads.submit(perform)
        return await future


@lru_cache(maxsize=64)
def _operation(target: bytes) -> str | None:
    """The operation that a request calls, None for one of another service."""
    name = target.decode("latin-1")
    return name.removeprefix(model.TARGET) if name.startswith(model.TARGET) else None


def _refusal(scope: Mapping[str, Any], headers: Headers) -> Response | None:
    """The answer to a request that may come from a page in a browser, None for another one."""
    if b"origin" in headers or b"sec-fetch-site" in headers:  # that a page's script cannot leave out
        return _error("AccessDeniedException", "requests of browsers are refused", 403)
    address = scope["server"][0] if scope["server"] else "127.0.0.1"
    if _is_loopback(address) and not _is_own_name(headers.get(b"host", b"")):
        message = "only localhost and names of this computer are answered at its loopback address"
        return _error("AccessDeniedException", message, 403)
    return None


@lru_cache(maxsize=64)
def _is_loopback(address: str) -> bool:
    """True for the address of a request that came from this computer."""
    return ip_address(address).is_loopback


@lru_cache(maxsize=64)
def _is_own_name(address: bytes) -> bool:
    """True if the Host of a request is an IP address, or a name that public DNS cannot resolve to this computer."""
    text = address.decode("latin-1")
    match = _ADDRESS.fullmatch(text)
    host = match["host"].strip("[]") if match else text
    try:
        return bool(ip_address(host))
    except ValueError:
        return not host or _NEVER_FOREIGN.fullmatch(host.rstrip(".")) is not None


def _error(code: str, message: str, status: int) -> Response:
    return status, _JSON, api.error(code, message)[1]


def _in_bytes(headers: Mapping[str, str]) -> Headers:
    """The headers of an answer as ASGI has them, without those of connections."""
    return {
        name.lower().encode("latin-1"): str(value).encode("latin-1", "replace")
        for name, value in headers.items()
        if name.lower() not in _OF_CONNECTIONS
    }


async def _body(receive: Receive, headers: Headers, most: int) -> bytes | None:
    """The body of a request, None if it is too large."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        return None
    parts, size, is_more = [], 0, True
    while is_more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        is_more = message.get("more_body", False)
        if size > most:
            return None
    return b"".join(parts)


async def _respond(send: Send, response: Response, *, is_head: bool = False) -> None:
    status, headers, body = response
    pairs = {b"x-amzn-requestid": next(_request_ids).encode(), **headers}
    if not is_head:
        pairs[b"content-length"] = b"%d" % len(body)
    await send({"type": "http.response.start", "status": status, "headers": pairs.items()})
    await send({"type": "http.response.body", "body": b"" if is_head else body})
