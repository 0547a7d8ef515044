"""The guard of local runs: no request of botocore or urllib3 leaves this computer, but for an endpoint that is named.

CPython reports each connection, each look-up of a host and each request of http.client to audit hooks, also those of
vendored copies, of other threads, and of clients that were made before the run (Python documentation, "Audit events
table"). A hook cannot be removed, so the one of this module does nothing while no run is in progress.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from ipaddress import ip_address
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from workflow_dsl.findings import Finding, FindingsError, Where

_LIBRARIES = ("botocore", "urllib3")  # in the name of a module, vendored ones included
_METADATA = ("169.254.169.254", "fd00:ec2::254")  # where botocore looks for the credentials of an EC2 instance
_REMEDY = "mock it, pass a fake client, or name an emulator with --endpoint-url or BotoServices(url)"
_PROXIED = re.compile(rb"[A-Z]{1,20} https?://([^/?# ]{1,300})")  # a request line as proxies get it: RFC 9112, 3.2.2

_function: ContextVar[str] = ContextVar("_function", default="")


class Guard:
    """The guard of one run. `start` starts moto for the run, if a handler calls AWS before a state does."""

    def __init__(self, urls: Iterable[str] = (), start: Callable[[], object] | None = None) -> None:
        self._hosts = {host for url in urls if (host := _host_of(url))}
        self._thread = threading.get_ident()
        self.start = start
        self.stopped: list[Finding] = []

    def __enter__(self) -> Guard:
        _install()
        _answer_with_moto()
        _guards.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _guards.remove(self)

    @property
    def is_of_this_thread(self) -> bool:
        """True in the thread of the run."""
        return self._thread == threading.get_ident()

    def allows(self, host: str) -> bool:
        """Return True for the host of an endpoint, its subdomains, such as a bucket's, and its addresses."""
        return any(host == own or host.endswith(f".{own}") or host in _addresses(own) for own in self._hosts)


_guards: list[Guard] = []  # of the runs in progress, in all threads


@contextmanager
def calling(function: str) -> Iterator[None]:
    """Name the function that is called in what the guard stops. Raises FindingsError if it stopped a request.

    So a handler that catches every exception does not hide that it wanted to leave this computer.
    """
    token = _function.set(function)
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException:
        _refuse_stopped()
        raise
    else:
        _refuse_stopped()
    finally:
        _function.reset(token)


def _refuse_stopped() -> None:
    stopped = [finding for guard in tuple(_guards) if guard.is_of_this_thread for finding in guard.stopped]
    if stopped:
        raise FindingsError(stopped) from None


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _addresses(host: str) -> frozenset[str]:
    with suppress(OSError):
        return frozenset(str(entry[4][0]) for entry in socket.getaddrinfo(host, None))
    return frozenset()


def _is_here(host: str) -> bool:
    """True for a name or an address of this computer, which no name server is asked about."""
    if host in ("", "localhost") or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _leaves(host: str) -> bool:
    """True for a host that no run in progress may reach."""
    return not _is_here(host) and not any(guard.allows(host) for guard in tuple(_guards))


def _looked_up(host: object, *_: object) -> Iterator[object]:
    yield host


def _connected(_: object, address: object) -> Iterator[object]:
    if isinstance(address, tuple):  # else of a socket of this computer, in the file system
        yield address[0]


def _sent(connection: Any, data: object) -> Iterator[object]:
    """Yield the hosts that a request of http.client goes to, also through a connection that is open already."""
    yield getattr(connection, "host", "")
    yield getattr(connection, "_tunnel_host", "")  # behind a proxy
    if isinstance(data, bytes) and (request := _PROXIED.match(data)):
        yield _host_of(f"http://{request[1].decode('latin-1')}")


_EVENTS: dict[str, Callable[..., Iterator[object]]] = {
    "socket.getaddrinfo": _looked_up,
    "socket.gethostbyname": _looked_up,
    "socket.connect": _connected,
    "http.client.send": _sent,
}


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _guards or event not in _EVENTS:
        return
    for host in _EVENTS[event](*arguments):
        name = _normalized(host)
        if _leaves(name) and _is_of_library(sys._getframe(1)):
            _stop(name)


def _normalized(host: object) -> str:
    text = host.decode("latin-1") if isinstance(host, bytes) else str(host or "")
    return text.strip("[]").rstrip(".").lower()


def _is_of_library(frame: FrameType | None) -> bool:
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if any(library in module for library in _LIBRARIES):
            return True
        frame = frame.f_back
    return False


def _stop(host: str) -> NoReturn:
    """Record that a request was stopped in the run of this thread, and raise FindingsError."""
    function = _function.get()
    message = f"{function or 'a handler'} sends a request to {host}, outside this computer; it was stopped"
    finding = Finding("NOT_EXECUTED", "error", Where(), message, _REMEDY)
    for guard in tuple(_guards):
        if guard.is_of_this_thread and finding not in guard.stopped:
            guard.stopped.append(finding)
    raise FindingsError([finding])


@cache
def _install() -> None:
    sys.addaudithook(_audit)


def _answer_with_moto() -> None:
    """Let moto answer botocore's requests of clients that were made before it was started."""
    if "botocore.httpsession" not in sys.modules:
        return
    from botocore import httpsession  # complete: another thread may still be importing it

    if httpsession in _wrapped:
        return
    _wrapped.append(httpsession)
    own: Any = httpsession.URLLib3Session
    send = own.send

    def send_or_answer(session: Any, request: Any) -> Any:
        host = _normalized(_host_of(request.url)) if _guards else ""
        return _answer(request, host) if _guards and _leaves(host) else send(session, request)

    own.send = send_or_answer


_wrapped: list[Any] = []


def _answer(request: Any, host: str) -> Any:
    """The response of moto to a request of botocore. Raises FindingsError for a host that moto does not have."""
    if host in _METADATA:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url=request.url)
    models = sys.modules.get("moto.core.models")
    if models is None or not models.botocore_stubber.enabled:
        _start_moto()
        models = sys.modules.get("moto.core.models")
    response = models.botocore_stubber("before-send", request) if models else None
    return _stop(host) if response is None else response


def _start_moto() -> None:
    """Start moto for the run of this thread, or for the only run, which has more threads."""
    own = [guard for guard in tuple(_guards) if guard.is_of_this_thread and guard.start]
    for guard in own or (tuple(_guards) if len(_guards) == 1 else []):
        if guard.start:
            with suppress(ImportError):
                guard.start()
