"""Functions of URLs. Decoding takes a plus for a space, and fails on a wrong escape, as the service's Java does."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.values import UNDEFINED
from workflow_dsl.regexes import lazy_regex

_COMPONENT = "-_.!~*'()"
_URL = f"{_COMPONENT};/?:@&=+$,#"
_WRONG = lazy_regex(r"%(?![0-9a-fA-F]{2})")


def encode_component(text: Any) -> Any:
    """$encodeUrlComponent"""
    return _encoded(text, _COMPONENT, "encodeUrlComponent")


def encode(text: Any) -> Any:
    """$encodeUrl"""
    return _encoded(text, _URL, "encodeUrl")


def _encoded(text: Any, safe: str, name: str) -> Any:
    if text is UNDEFINED:
        return text
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        raise Failure("D3140", value=text, name=name) from None


def decode_component(text: Any) -> Any:
    """$decodeUrlComponent"""
    return _decoded(text, "decodeUrlComponent")


def decode(text: Any) -> Any:
    """$decodeUrl"""
    return _decoded(text, "decodeUrl", kept=";/?:@&=+$,#")


def _decoded(text: Any, name: str, kept: str = "") -> Any:
    if text is UNDEFINED:
        return text
    if _WRONG.search(text):
        raise Failure("D3140", value=text, name=name)
    if kept:
        text = re.sub(r"%([0-9a-fA-F]{2})", lambda match: _kept_escape(match, kept), text)
    try:
        return unquote_to_bytes(text.replace("+", " ") if not kept else text).decode()
    except UnicodeDecodeError:
        raise Failure("D3140", value=text, name=name) from None


def _kept_escape(match: re.Match[str], kept: str) -> str:
    return f"%25{match[1]}" if chr(int(match[1], 16)) in kept else match[0]
