"""Where in a text each part of its document stands, as offsets: found when there is something to show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflow_dsl.findings import Key, Keys

_Span = tuple[int, int]
Spans = tuple[_Span, _Span]  # of the key that something stands under, and of itself where that is a scalar
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+')


def _tree(wanted: Iterable[Keys]) -> dict[Key, Any]:
    """The keys as a tree: for each key the tree of those that follow it, and under None the keys that end there."""
    tree: dict[Any, Any] = {}
    for keys in wanted:
        node = tree
        for key in keys:
            node = node.setdefault(key, {})
        node[None] = keys
    return tree


def spans_in_json(text: str, wanted: Iterable[Keys]) -> dict[Keys, Spans]:
    """Where what keys lead to begins and ends, in one pass over the text."""
    found: dict[Keys, Spans] = {}
    # For each open container: the tree of what is wanted in it, whether it is an object, the last key and its span.
    stack: list[Any] = [[{0: _tree(wanted)}, False, 0, None]]
    for token in _TOKEN.finditer(text):
        mark, top = token[0], stack[-1]
        if mark in ("}", "]"):
            stack.pop()
        elif mark == ",":
            top[2], top[3] = (None, None) if top[1] else (top[2] + 1, None)
        elif top[1] and top[2] is None:
            top[2], top[3] = json.loads(mark), token.span()
        else:
            inner = top[0].get(top[2], {})
            if None in inner:
                key = top[3] or token.span()
                found[inner[None]] = (key, key if mark in "{[" else token.span())
            if mark in "{[":
                stack.append([inner, mark == "{", None if mark == "{" else 0, None])
    return found


def spans_in_yaml(root: Any, wanted: Iterable[Keys]) -> dict[Keys, Spans]:
    """As in JSON; what came by a merge (`<<`) is where it was written."""
    return dict(_walk_yaml(root, _tree(wanted), (root, root)))


def _walk_yaml(node: Any, tree: Mapping[Any, Any], shown: tuple[Any, Any]) -> Iterator[tuple[Keys, Spans]]:
    waiting = [(node, tree, shown)]
    while waiting:
        node, tree, (key_node, value_node) = waiting.pop()
        if None in tree:
            key = _span_of(key_node)
            yield tree[None], (key, _span_of(value_node) if value_node.id == "scalar" else key)
        members = _members(node)
        for key, inner in tree.items():
            if key is not None:
                child = members.get(key)
                waiting.append((child[1], inner, child) if child else (node, inner, (key_node, value_node)))


def _span_of(node: Any) -> _Span:
    first, last = node.start_mark, node.end_mark
    ends_here = last.line == first.line and node.id == "scalar"
    return (first.index, last.index if ends_here else first.index + 1)


def _members(node: Any) -> dict[Key, tuple[Any, Any]]:
    if node.id == "mapping":
        return {key.value: (key, value) for key, value in node.value if isinstance(key.value, str)}
    if node.id == "sequence":
        return {index: (value, value) for index, value in enumerate(node.value)}
    return {}
