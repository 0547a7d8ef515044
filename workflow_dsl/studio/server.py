"""The ASGI application of a live page. It answers only requests of its own page, with the token."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.records import Record, field
from workflow_dsl.studio.document import document
from workflow_dsl.studio.operations import Operations, Refused

_MOST_BYTES = 4 * 1024 * 1024  # of a request
_SECONDS_TO_WAIT = 20.0  # for a change, before the page asks again
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_SECONDS_BETWEEN_LOOKS = 0.1
_JSON = "application/json"
_NO_PAGE = "there is no such page"
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Response = tuple[int, str, str]  # status, content type, text


class Studio(Record):
    """The application of a project; `hosts` are the names and ports by which it is reached."""

    operations: Operations
    hosts: Iterable[str]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            with suppress(asyncio.CancelledError):  # the server ends
                await self._answer(scope, receive, send)

    async def _answer(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        status, kind, text = await self._respond(scope, headers, body)
        values = {**_HEADERS, "content-type": kind}
        raw = [(name.encode(), value.encode()) for name, value in values.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": text.encode(errors="replace")})

    async def _respond(self, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes | None) -> Response:
        if not self._is_own(headers):
            return _refusal(403, "only the studio's own page can ask this server")
        _, token, *rest = (scope["path"] + "/").split("/")
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return _refusal(404, "open the address that `workflow-dsl studio` printed")
        if body is None:
            return _refusal(413, "the request is too large")
        name = "/".join(rest).strip("/")
        if scope["method"] == "GET":
            return await self._page(name, scope["query_string"].decode("latin-1"))
        is_json = headers.get("content-type", "").partition(";")[0] == "application/json"
        return await _beside(lambda: self._operation(name, body)) if is_json else _refusal(404, _NO_PAGE)

    async def _page(self, name: str, query: str) -> Response:
        if name == "":
            return 200, "text/html; charset=utf-8", document(self._content(), is_live=True)
        if name == "changes":
            return await self._changes(query)
        return _refusal(404, _NO_PAGE)

    def _is_own(self, headers: Mapping[str, str]) -> bool:
        """True for a request to this server by one of its names, from its own page or from no page.

        A foreign page could reach it by a name of its own (DNS rebinding), or send it a form.
        """
        host = headers.get("host", "")
        is_same_site = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        return host in self.hosts and is_same_site and headers.get("origin", f"http://{host}") == f"http://{host}"

    def _content(self) -> dict[str, Json]:
        watched = self.operations.watched
        return {**(watched.look.content if watched.look else {}), "version": watched.version}

    async def _changes(self, query: str) -> Response:
        """The content after a version, as soon as there is one; nothing if there is none in time."""
        asked = query.partition("after=")[2]
        version = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        watched, waited = self.operations.watched, 0.0
        while watched.version <= version:
            if waited > _SECONDS_TO_WAIT:
                return 204, _JSON, ""
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            waited += _SECONDS_BETWEEN_LOOKS
        return _json(200, {"version": watched.version, "content": self._content()})

    def _operation(self, name: str, body: bytes) -> Response:
        try:
            return _json(200, self.operations.call(name, json.loads(body)))
        except KeyError:
            return _refusal(404, "there is no such operation")
        except (ValueError, RecursionError):
            return _refusal(400, "the request is not JSON")
        except Refused as problem:
            return _refusal(422, str(problem))


async def _body(receive: Receive) -> bytes | None:
    """The body of a request; None for one that is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= _MOST_BYTES:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if size <= _MOST_BYTES else None


async def _beside(work: Callable[[], Response]) -> Response:
    """The response of work in a thread that does not keep the server from ending: a handler may never return."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Response] = loop.create_future()

    def perform() -> None:
        try:
            response = work()
        except BaseException as problem:  # of a handler, KeyboardInterrupt too
            response = _refusal(500, f"the work failed with {type(problem).__name__}")
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(lambda: None if future.done() else future.set_result(response))

    threading.Thread(target=perform, daemon=True).start()
    return await future


def _json(status: int, content: Json) -> Response:
    return status, _JSON, json.dumps(content)  # half a character has no UTF-8


def _refusal(status: int, problem: str) -> Response:
    return _json(status, {"problem": problem})
