"""Foreign text made inert, once for each output format: it shows as text, and nothing runs or follows it.

Terminals run escape sequences, GitHub Actions runs lines that begin with `::` (docs.github.com, "Workflow commands"),
Markdown and SVG hold links, images and scripts, and bidirectional marks (Unicode, UAX #9) show another order than that
of the characters. JSON is made inert in definition/json.py.
"""

from __future__ import annotations

import re

from workflow_dsl.regexes import lazy_regex


def for_terminal(text: str) -> str:
    """The string on one line, with line breaks and characters that do not show escaped, and no workflow command."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escaped(character) for character in text)
    if "::" in text and text.lstrip().startswith("::"):
        text = text.replace("::", "\\x3a:", 1)
    return text.replace("##[", "##\\x5b")  # the older form of a command, which counts anywhere in a line


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def without_tags(text: str) -> str:
    """The string with `&`, `<` and `>` as entities. Python's `html` would load every name of one."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shown(text: str) -> str:
    """The string with characters that do not show escaped, line breaks excepted."""
    if text.isprintable():
        return text
    return "".join(letter if letter == "\n" or letter.isprintable() else _escaped(letter) for letter in text)


# What begins a span, a link, HTML, a formula or a table's cell, and `_` where it may begin or end emphasis.
_MARKUP = lazy_regex(r"[\\`*\[\]~|$@]|(?<![^\W_])_|_(?![^\W_])|(?<=\w):(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_AT_START = lazy_regex(r"\s*(?:[-+=#]|\d+(?=[.)]))")  # of a list, a heading or a rule


def for_markdown(text: str) -> str:
    """The string as a paragraph or a table's cell of Markdown (GitHub Flavored Markdown Spec), on one line."""
    text = " ".join(shown(text).split("\n"))
    text = _MARKUP.sub(lambda match: f"\\{match[0]}", without_tags(text))
    start = _AT_START.match(text)
    if not start:
        return text
    end = start.end()
    return f"{text[:end]}\\{text[end:]}" if text[end - 1].isdigit() else f"{text[: end - 1]}\\{text[end - 1 :]}"


def as_markdown_code(text: str) -> str:
    """The string as a code span of Markdown, on one line, its `|` escaped for a table."""
    text = " ".join(shown(text).split("\n")).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, blank = "`" * (longest + 1), " " if "`" in text else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def for_github(text: str, also: str = "") -> str:
    """The string as a part of a workflow command, with the characters in `also` encoded, too."""
    text = "".join(letter if letter in "\r\n" or letter.isprintable() else _escaped(letter) for letter in text)
    for character in ("%", "\r", "\n", *also):
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def for_mermaid(text: str) -> str:
    """The string as a Mermaid label: characters of Mermaid's syntax as entities, line breaks as <br/>."""
    escaped = "".join(f"#{ord(letter)};" if letter in '#"<>&`%' else letter for letter in shown(text))
    return escaped.replace("$$", "#36;#36;").replace("\n", "<br/>")  # two pairs of $$ would be a formula


def for_xml(text: str) -> str:
    """The string as text of XML, line breaks as references: no line of the file begins with foreign text."""
    return without_tags(shown(text)).replace("\n", "&#10;").replace("##[", "##&#91;")
