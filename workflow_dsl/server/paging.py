"""Pages of a list: at most so many items, and the token of the next page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflow_dsl.server.errors import invalid_token

_DEFAULT = 100  # API reference, "maxResults": 0 means the default
Place = tuple[float | str, str]  # what the list is sorted by, and what tells the item from others of the same value


def page(
    items: Sequence[Any], request: Mapping[str, Any], name: str, place: Callable[[Any], Place], default: int = _DEFAULT
) -> dict[str, Any]:
    """Return the part of a list that a request asks for, under a name, with the token of the next one.

    A token is good for the list of the same request only, and goes on behind the last item, also if items have been
    added or deleted since. Raises ApiError for another one.
    """
    size = request.get("maxResults") or default
    scope = _scope(request, name)
    start = _start(items, place, request["nextToken"], scope) if "nextToken" in request else 0
    answer: dict[str, Any] = {name: list(items[start : start + size])}
    if start + size < len(items):
        value, identity = place(items[start + size - 1])
        token = json.dumps([scope, value, _digest(identity)], ensure_ascii=False)
        answer["nextToken"] = base64.b64encode(token.encode()).decode()
    return answer


def by_date(item: dict[str, Any], arn: str, date: str) -> Place:
    """Return the place of an item in a list by date, the latest first."""
    return -item[date].timestamp(), item[arn]


def _scope(request: Mapping[str, Any], name: str) -> str:
    others = sorted((key, value) for key, value in request.items() if key not in ("maxResults", "nextToken"))
    return _digest(f"{name}:{others}")


def _digest(text: str) -> str:
    """A short form of a string: a token has at most 1,024 characters."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _start(items: Sequence[Any], place: Callable[[Any], Place], token: str, scope: str) -> int:
    try:
        own, value, last = json.loads(base64.b64decode(token, validate=True))
        if own != scope:
            raise invalid_token()
        places = [place(item) for item in items]
        for index, (sort_key, identity) in enumerate(places):
            if sort_key == value and _digest(identity) == last:
                return index + 1
        return next((index for index, (sort_key, _) in enumerate(places) if sort_key >= value), len(items))
    except (ValueError, TypeError, RecursionError):
        raise invalid_token() from None
