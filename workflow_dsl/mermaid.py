"""Texts as Mermaid reads them, in quotes."""

from __future__ import annotations


def escaped(text: str) -> str:
    """A text with the signs that Mermaid would read as its own in the form of entities, and lines as it breaks them."""
    marked = "".join(f"#{ord(sign)};" if sign in '#"<>&`' else sign for sign in text)
    return marked.replace("\n", "<br/>")
