"""The syntax trees of files in JavaScript and TypeScript, parsed once and never run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workflow_dsl.definition.files import read_file

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query

MOST_BYTES = 200_000  # of a file of code; more is a bundle


class NodeFile(NamedTuple):
    """A file in JavaScript or TypeScript: the root of its syntax tree, in the words of tree-sitter's grammar."""

    root: Node
    language: Language

    def matches(self, query: str) -> Iterator[dict[str, Node]]:
        """The matches of a query of tree-sitter, each with one node for each name in it."""
        from tree_sitter import QueryCursor

        for _, nodes in QueryCursor(_query(self.language, query)).matches(self.root):
            yield {name: found[0] for name, found in nodes.items()}


def node_file(path: Path) -> NodeFile | None:
    """Return a file as it is now; None if it cannot be read, is larger than 200 kB, or has a syntax error."""
    try:
        details = path.stat()
        return _read(path, details.st_mtime_ns, details.st_size)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=256)
def _read(path: Path, changed: int, size: int) -> NodeFile | None:
    """A file as it was at a time of change."""
    from tree_sitter import Parser

    language = _language(path.suffix)
    root = Parser(language).parse(read_file(path, most=MOST_BYTES)).root_node
    return None if root.has_error else NodeFile(root, language)


@cache
def _language(suffix: str) -> Language:
    """The grammar of files with a suffix: that of TypeScript takes JavaScript too."""
    import tree_sitter_typescript
    from tree_sitter import Language

    is_plain = suffix in (".ts", ".mts", ".cts")
    return Language(tree_sitter_typescript.language_typescript() if is_plain else tree_sitter_typescript.language_tsx())


@cache
def _query(language: Language, text: str) -> Query:
    from tree_sitter import Query

    return Query(language, text)


def text_of(node: Node) -> str:
    """The text of a node; of a string, what is between its quotes."""
    text = (node.text or b"").decode("utf-8", "replace")
    return text[1:-1] if node.type in ("string", "template_string") else text


def line_of(node: Node) -> int:
    """The line where a node begins, counted from 1."""
    return node.start_point.row + 1


def members_of(node: Node) -> dict[str, Node] | None:
    """The values of an object by their names; None for another node, and for an object that may have more of them."""
    if node.type != "object":
        return None
    members: dict[str, Node] = {}
    for each in node.named_children:
        key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
        if each.type == "shorthand_property_identifier":
            members[text_of(each)] = each
        elif key is not None and value is not None and key.type in ("property_identifier", "string"):
            members[text_of(key)] = value
        elif each.type != "comment":
            return None
    return members
