"""The comments of a policy in YAML, carried over to the policy that replaces it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workflow_dsl.permissions.patterns import actions_overlap
from workflow_dsl.permissions.tables import table
from workflow_dsl.regexes import lazy_regex

_ACTION = lazy_regex(r"\b[a-z][a-z0-9-]*:[A-Z*][\w*?]*")
_COMMENT = lazy_regex(r"(?:^|\s)(#(?![^#'\"]*['\"]).*)$")


def with_comments(new: Sequence[str], old: Sequence[str]) -> list[str]:
    """Return the lines of a policy with the comments of the lines that they replace.

    A comment stands before the statement that has an action of the lines which it was about, else before the first one.
    The comment of the first line stays there. A comment that the new policy has itself is not repeated.
    """
    starts = [index for index, line in enumerate(new) if line.lstrip().startswith("- Effect:")] or [len(new)]
    before: dict[int, list[str]] = {}
    own = {comment for comment, _ in _comments(new)}  # a second run would repeat them
    for comment, actions in _comments(old[1:]):
        if comment in own:
            continue
        fitting = (start for start in starts if _has_one(new, start, starts, actions))
        before.setdefault(next(fitting, starts[0]), []).append(comment)
    lines = list(new)
    for start, comments in sorted(before.items(), reverse=True):
        indent = " " * (len(new[start]) - len(new[start].lstrip())) if start < len(new) else "  "
        lines[start:start] = [indent + comment for comment in comments]
    first = _COMMENT.search(old[0].rstrip()) if old else None
    return [f"{lines[0]}  {first[1]}", *lines[1:]] if first else lines


def _comments(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each comment with the actions in its own line, or else in the lines up to the next comment."""
    for index, line in enumerate(lines):
        match = _COMMENT.search(line.rstrip())
        if match:
            actions = _actions(line[: match.start()])
            for following in lines[index + 1 :] if not actions else ():
                if actions and _COMMENT.search(following.rstrip()):
                    break
                actions += _actions(following)
            yield match[1].rstrip(), actions


def _actions(line: str) -> list[str]:
    """The actions in a line, also those of a policy template of SAM."""
    of_templates = (table("policy_templates").get(word, {}) for word in re.findall(r"\w+", line))
    return [*_ACTION.findall(line), *(action for each in of_templates for some in each.values() for action in some)]


def _has_one(new: Sequence[str], start: int, starts: Sequence[int], actions: Sequence[str]) -> bool:
    """True if the statement at a line has one of some actions."""
    end = next((each for each in starts if each > start), len(new))
    own = [action for line in new[start:end] for action in _ACTION.findall(line)]
    return any(actions_overlap(old, action) for old in actions for action in own)
