"""IAM patterns for actions and resources: `*` is any run of characters, `?` any one character.

IAM user guide, "IAM JSON policy elements: Action" and "Resource". Foreign text is matched in at most len(pattern) *
len(text) steps, so without regular expressions.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.calls import short_name


def wildcards_match(pattern: str, text: str) -> bool:
    """True if the whole text matches the pattern. Ignores case, as IAM does for actions."""
    pattern, text = pattern.lower(), text.lower()
    first, *others = pattern.split("*")
    if not others:
        return len(text) == len(first) and _fits(first, text, 0)
    *middle, last = others
    position, end = len(first), len(text) - len(last)
    if end < position or not _fits(first, text, 0) or not _fits(last, text, end):
        return False
    for piece in middle:  # the earliest place leaves the most text for the pieces after it
        start = _find(piece, text, position, end)
        if start < 0:
            return False
        position = start + len(piece)
    return True


def _fits(piece: str, text: str, start: int) -> bool:
    """True if a piece without `*` stands in the text at this index."""
    letters = text[start : start + len(piece)]
    return all(wanted in ("?", letter) for wanted, letter in zip(piece, letters, strict=True))


def _find(piece: str, text: str, start: int, end: int) -> int:
    """The first index from `start` at which the piece stands before `end`; -1 if there is none."""
    if "?" not in piece:
        return text.find(piece, start, end)
    return next((index for index in range(start, end - len(piece) + 1) if _fits(piece, text, index)), -1)


def overlap(pattern: str, needed: str) -> bool:
    """True if one covers the other: a needed action or resource can be a pattern, too."""
    return wildcards_match(pattern, needed) or ("*" in needed and wildcards_match(needed, pattern))


def pattern_matches(pattern: str, needed: str) -> bool:
    """True if a statement's resource may cover a needed ARN or name. Region and account of the stack are unknown.

    A plain name comes from a policy template, and may be only a part of the needed name.
    """
    granted, wanted = pattern.split(":", 5), needed.split(":", 5)
    if granted[0] == wanted[0] == "arn" and len(granted) == len(wanted) == 6:
        return overlap(granted[2], wanted[2]) and any(overlap(variant, wanted[5]) for variant in _variants(granted[5]))
    names = (needed, short_name(needed)) if wanted[0] == "arn" else (needed, needed.partition(":")[0])
    return any(overlap(pattern, name) or name in pattern or name.startswith(pattern) for name in names)


def _variants(pattern: str) -> Iterator[str]:
    """Yield the pattern, and the resource that it names a part of: an alias, an index, an object, an execution."""
    resource = pattern.removesuffix(":*").partition("/index/")[0]
    yield from (pattern, resource, f"{resource}:*", pattern.partition("/")[0])
    if resource.startswith("execution:"):
        yield resource.replace("execution:", "stateMachine:", 1)
