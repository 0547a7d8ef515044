"""The spans of a document's values in its JSON or YAML text, searched only when a place has to be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflow_dsl.findings import Key, Keys
from workflow_dsl.regexes import lazy_regex

_Span = tuple[int, int]
Spans = tuple[_Span, _Span]  # of a value's key, and of the value if it is a scalar, else of the key again
_TOKEN = lazy_regex(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],]|[^\s{}\[\],:"]+')


def _tree(all_keys: Iterable[Keys]) -> dict[Key, Any]:
    """The keys as a tree: for each key the tree of the keys below it, and under None the keys that end at it."""
    tree: dict[Any, Any] = {}
    for keys in all_keys:
        node = tree
        for key in keys:
            node = node.setdefault(key, {})
        node[None] = keys
    return tree


def spans_in_json(text: str, all_keys: Iterable[Keys]) -> dict[Keys, Spans]:
    """Return the spans of the values at these keys, in one pass over the text; keys without a value are left out."""
    spans: dict[Keys, Spans] = {}
    # For each open container: the tree of the keys in it, whether it is an object, the last key and its span.
    stack: list[Any] = [[{0: _tree(all_keys)}, False, 0, None]]
    for match in _TOKEN.finditer(text):
        symbol, top = match[0], stack[-1]
        if symbol in ("}", "]"):
            stack.pop()
        elif symbol == ",":
            top[2], top[3] = (None, None) if top[1] else (top[2] + 1, None)
        elif top[1] and top[2] is None:
            top[2], top[3] = json.loads(symbol, strict=False), match.span()
        else:
            inner = top[0].get(top[2], {})
            if None in inner:
                key = top[3] or match.span()
                spans[inner[None]] = (key, key if symbol in "{[" else match.span())
            if symbol in "{[":
                stack.append([inner, symbol == "{", None if symbol == "{" else 0, None])
    return spans


def spans_in_yaml(root: Any, all_keys: Iterable[Keys]) -> dict[Keys, Spans]:
    """Return the spans of the values at these keys. A merged field (`<<`) is where it was written.

    Keys without a value get the spans of the innermost value around them. `root` is the YAML node of the document.
    """
    return dict(_walk_yaml(root, _tree(all_keys), (root, root)))


def _walk_yaml(node: Any, tree: Mapping[Any, Any], key_and_value: tuple[Any, Any]) -> Iterator[tuple[Keys, Spans]]:
    waiting = [(node, tree, key_and_value)]
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


def node_at(root: Any, keys: Keys) -> Any:
    """The YAML node of a value; None without one."""
    node = root
    for key in keys:
        member = _members(node).get(key)
        if member is None:
            return None
        node = member[1]
    return node


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
