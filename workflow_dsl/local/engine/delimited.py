"""Text delimited files, as a distributed Map reads them.

Developer guide, "How Step Functions parses input CSV files": fields are strings; quotes enclose what would end a field;
a repeated quote, and a backslash before a quote, a backslash or the delimiter, stand for the character itself.
"""

from __future__ import annotations

from collections.abc import Iterator

DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def rows_of(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the fields of every record that is not empty."""
    if '"' in text or "\\" in text:
        yield from _parsed(text.replace("\r\n", "\n"), delimiter)
        return
    for line in text.splitlines():
        if line:
            yield line.split(delimiter)


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    row: list[str] = []
    for field, end in _fields(f"{text}\n", delimiter):
        row.append(field)
        if end != delimiter:
            if row != [""]:
                yield row
            row = []


def _fields(text: str, delimiter: str) -> Iterator[tuple[str, str]]:
    """Yield every field and the character that ends it.

    A quote or a backslash escapes only inside a field that has begun. So a backslash at the beginning of a field is
    dropped, and `\"` works only in pairs, as the guide says.
    """
    field: list[str] = []
    is_quoted = has_begun = False
    position = 0
    while position < len(text):
        character, following = text[position], text[position + 1 : position + 2]
        if character in ('"', "\\"):
            escaped = ('"',) if character == '"' else ('"', "\\", delimiter)
            if following in escaped and (is_quoted or has_begun):
                field.append(following)
                position += 1
            elif character == '"':
                field += ['"'] if _is_inside(text, position, delimiter, field) else []
                is_quoted, has_begun = not is_quoted, not has_begun
        elif is_quoted or character not in (delimiter, "\n"):
            field.append(character)
            has_begun = True
        else:
            yield "".join(field), character
            field, has_begun = [], False
        position += 1
    if is_quoted:
        raise ValueError("a quoted field is not closed")


def _is_inside(text: str, position: int, delimiter: str, field: list[str]) -> bool:
    """True for a single quote in the middle of a field, as in `5" pipe`, which belongs to its value."""
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    return bool(field) and before not in ("", "\n", delimiter) and after not in ("", "\n", delimiter)
