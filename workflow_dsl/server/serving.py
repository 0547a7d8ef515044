"""Serves an application with uvicorn: until a signal comes, or in a thread of a test."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import types
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Where

_INSTALL = "pip install 'workflow-dsl[local]'"
_MOST_OF_A_HEAD = 64 * 1024  # bytes


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port, on any free one for 0. Raises OSError that names the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends answers at once only from a socket that says it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as problem:
        listener.close()
        raise OSError(problem.errno, problem.strerror, f"{host}:{port}") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def new_server(application: Any) -> Any:
    """Return uvicorn's server of an application. Raises FindingsError if uvicorn is not installed."""
    try:
        import uvicorn
    except ImportError as problem:
        finding = Finding("NOT_INSTALLED", "error", Where(), f"serving needs {problem.name}", _INSTALL)
        raise FindingsError([finding]) from None
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        http=_protocol(),
        log_level="critical",  # its other lines are about its own work
        timeout_graceful_shutdown=0,
        timeout_keep_alive=75,  # longer than clients keep an idle connection, so that none sends to a closed one
    )

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            with super().capture_signals(), _hangup_as(self.handle_exit):
                yield

    return Server(config)


@contextmanager
def _hangup_as(handle_exit: Any) -> Iterator[None]:
    """Let the end of a terminal end the server as Ctrl-C does, where it would interrupt this program."""
    hangup = getattr(signal, "SIGHUP", None)
    is_main = threading.current_thread() is threading.main_thread()  # no other thread may set a handler
    if not is_main or hangup is None or signal.getsignal(hangup) is not signal.default_int_handler:
        yield
        return
    signal.signal(hangup, handle_exit)
    try:
        yield
    finally:
        signal.signal(hangup, signal.default_int_handler)


def _protocol() -> type[Any]:
    """uvicorn's protocol, with the head and the body of an answer in one packet: a client is woken once."""
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    answers = _Answers()

    class Protocol(_Bounded, _Eager, HttpToolsProtocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.transport: Any = _Gathering(transport, answers)

        def on_response_complete(self) -> None:
            self.transport.flush(self.loop if len(self.connections) > 1 else None)
            super().on_response_complete()

    return Protocol


class _Bounded(asyncio.Protocol):
    """The part of a protocol that refuses a head without end: httptools has no limit of its own."""

    scope: Any
    transport: Any
    send_400_response: Any
    received = 0  # bytes of a head that is not complete

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.scope is None or "method" in self.scope:  # it is set once the head is complete
            self.received = 0
            return
        self.received += len(data)
        if self.received > _MOST_OF_A_HEAD and not self.transport.is_closing():
            self.send_400_response("The headers are too large.")


class _Eager(asyncio.Protocol):
    """The part of a protocol that begins to answer as soon as it has read: most answers need no task of the loop."""

    loop: Any
    tasks: set[Any]
    is_reading = False
    to_begin: Any = None  # a request whose head has been read, with the application that answers it

    def data_received(self, data: bytes) -> None:
        self.is_reading = True
        super().data_received(data)
        while self.to_begin:
            (cycle, application), self.to_begin = self.to_begin, None
            self._begin(cycle.run_asgi(application))
        self.is_reading = False

    def _start_asgi_task(self, cycle: Any, application: Any) -> None:
        if self.is_reading:  # the body may be read at the same time
            self.to_begin = cycle, application
        else:  # a request that came with others, when the one before it has been answered
            super()._start_asgi_task(cycle, application)  # type: ignore[misc]  # of uvicorn's protocol

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Answer a request up to where it waits for something, and in a task from there."""
        try:
            future = work.send(None)
        except StopIteration:
            return
        task = self.loop.create_task(_going_on(work, future))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)


async def _going_on(work: Coroutine[Any, Any, None], future: Any) -> None:
    """Go on with work that has begun, and waits for a future."""
    await _rest(work, future)


@types.coroutine
def _rest(work: Coroutine[Any, Any, None], future: Any) -> Generator[Any, Any, None]:
    yield future
    yield from work


class _Answers:
    """The answers of one turn of the loop: a client that is woken by the first takes the processor from the others."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Any, bytes]] = []

    def add(self, transport: Any, answer: bytes, loop: asyncio.AbstractEventLoop) -> None:
        """Write an answer at the end of this turn of a loop."""
        if not self._waiting:
            loop.call_soon(self.write)
        self._waiting.append((transport, answer))

    def write(self) -> None:
        """Write the answers, except to clients that have gone."""
        waiting, self._waiting = self._waiting, []
        for transport, answer in waiting:
            if not transport.is_closing():
                transport.write(answer)


class _Gathering:
    """A transport that keeps the parts of an answer until it is complete."""

    def __init__(self, transport: Any, answers: _Answers) -> None:
        self._transport, self._answers = transport, answers
        self.is_closing = transport.is_closing
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, part: bytes) -> None:
        """Take a part of an answer. The leave to send a body is written at once: the client waits for it."""
        self._parts.append(part)
        if part.startswith(b"HTTP/1.1 100 "):
            self.flush()

    def flush(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Write what there is: at the end of this turn of the loop that is given, or at once."""
        if not self._parts:
            return
        answer = b"".join(self._parts)
        self._parts.clear()
        if loop:
            self._answers.add(self._transport, answer, loop)
        else:
            self._answers.write()
            if not self.is_closing():
                self._transport.write(answer)

    def close(self) -> None:
        """Close, when all is written."""
        self._answers.write()
        self.flush()
        self._transport.close()


class ServerThread:
    """A server in a thread, which ends with `close`."""

    def __init__(self, application: Any, host: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = bind(host, port)
        self.url = url_of(self._listener)
        self._server = new_server(application)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving: requests in progress are not answered."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._listener.close()
