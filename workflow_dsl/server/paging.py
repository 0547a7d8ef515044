"""Pages of a list: at most so many items, and the token of the next page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from workflow_dsl.server.errors import invalid_token

_DEFAULT = 100  # API reference, "maxResults": 0 means the default


def page(items: Sequence[Any], request: dict[str, Any], name: str, default: int = _DEFAULT) -> dict[str, Any]:
    """Return the part of a list that a request asks for, under a name, with the token of the next one.

    A token is good for the same list of the same request only. Raises ApiError for another one.
    """
    size = request.get("maxResults") or default
    scope = _scope(request, name)
    start = _start(request["nextToken"], scope) if "nextToken" in request else 0
    answer: dict[str, Any] = {name: list(items[start : start + size])}
    if start + size < len(items):
        answer["nextToken"] = base64.b64encode(f"{scope}:{start + size}".encode()).decode()
    return answer


def _scope(request: dict[str, Any], name: str) -> str:
    others = sorted((key, value) for key, value in request.items() if key not in ("maxResults", "nextToken"))
    return hashlib.sha256(f"{name}:{others}".encode()).hexdigest()[:32]


def _start(token: str, scope: str) -> int:
    try:
        own, _, start = base64.b64decode(token, validate=True).decode("ascii").partition(":")
        number = int(start)
    except ValueError:
        raise invalid_token() from None
    if own != scope or number < 0:
        raise invalid_token()
    return number
