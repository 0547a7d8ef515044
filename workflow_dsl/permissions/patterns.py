"""IAM patterns for actions and resources: `*` is any run of characters, `?` any one character.

IAM user guide, "IAM JSON policy elements: Action" and "Resource". Foreign text is matched in at most len(pattern) *
len(text) steps, so without regular expressions.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.application.template.resource_types import KINDS

# What stands before the name in the ARNs of each kind: its service, and the beginning of its resource.
_BEFORE_NAME = tuple(
    dict.fromkeys((kind.service, kind.arn.split(":", 3)[3].removesuffix("{name}")) for kind in KINDS.values())
)


def wildcards_match(pattern: str, text: str) -> bool:
    """True if the whole text matches the pattern. Letter case counts, as in a resource."""
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
    if "?" not in piece:
        return text.startswith(piece, start)
    letters = text[start : start + len(piece)]
    return all(wanted in ("?", letter) for wanted, letter in zip(piece, letters, strict=True))


def _find(piece: str, text: str, start: int, end: int) -> int:
    """The first index from `start` at which the piece stands before `end`; -1 if there is none."""
    if "?" not in piece:
        return text.find(piece, start, end)
    return next((index for index in range(start, end - len(piece) + 1) if _fits(piece, text, index)), -1)


def actions_overlap(pattern: str, needed: str) -> bool:
    """True if one of two actions covers the other: a needed one can be a pattern, too. Letter case does not count."""
    return _overlap(pattern.lower(), needed.lower())


def _overlap(pattern: str, needed: str) -> bool:
    return wildcards_match(pattern, needed) or ("*" in needed and wildcards_match(needed, pattern))


def pattern_matches(pattern: str, needed: str) -> bool:
    """True if a statement's resource may cover a needed ARN or name. Region and account of the stack are unknown.

    A plain name comes from a policy template or a state, and stands for the ARN of any kind of resource.
    """
    return any(
        _overlap(service, needed_service) and any(_overlap(variant, wanted) for variant in _variants(resource))
        for service, resource in _resources_of(pattern)
        for needed_service, wanted in _resources_of(needed)
    )


def _resources_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the service and the resource of an ARN, or of each ARN that a plain name may stand for.

    IAM completes an ARN of fewer than six fields with `*` ("IAM JSON policy elements: Resource").
    """
    if text == "*" or text.startswith("arn:"):
        _, _, service, _, _, resource = [*text.split(":", 5), *"*****"][:6]
        yield service, resource
    else:
        yield from ((service, f"{before}{text}") for service, before in _BEFORE_NAME)


def _variants(pattern: str) -> Iterator[str]:
    """Yield the pattern, and the resource that it names a part of: an alias, an index, an object, an execution."""
    resource = pattern.removesuffix(":*").partition("/index/")[0]
    yield from (pattern, resource, f"{resource}:*", pattern.partition("/")[0])
    if resource.startswith("execution:"):
        yield resource.replace("execution:", "stateMachine:", 1)
