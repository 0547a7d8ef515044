"""patterns.py: IAM's wildcards, and the resources that a statement's resource covers."""

from __future__ import annotations

import pytest

from workflow_dsl.permissions.patterns import actions_overlap, pattern_matches, wildcards_match

WILDCARDS: list[tuple[str, str, bool]] = [
    ("", "", True),
    ("", "a", False),
    ("a", "", False),
    ("abc", "abc", True),
    ("abc", "abcd", False),
    ("abc", "xabc", False),
    ("ABC", "abc", False),
    ("a*C", "abc", False),
    ("*", "", True),
    ("*", "a\nb", True),
    ("**", "ab", True),
    ("a*", "a", True),
    ("a*", "ba", False),
    ("*a", "ba", True),
    ("*a", "ab", False),
    ("a*a", "a", False),  # the two may not share a letter
    ("a*a", "aa", True),
    ("ab*ba", "aba", False),
    ("a*b*c", "aXbXc", True),
    ("a*b*c", "aXcXb", False),
    ("*a*b*", "xbxax", False),
    ("*ab*ab*", "xabxab", True),
    ("*ab*ab*", "xabx", False),
    ("*aa*aa*", "aaa", False),
    ("*b*b", "ab", False),  # the last piece is at the end, so the text before it is too short
    ("a*b*", "ba", False),
    ("a*ab*", "ab", False),
    ("?", "a", True),
    ("?", "", False),
    ("?", "ab", False),
    ("a?c", "abc", True),
    ("a?c", "abd", False),
    ("?*?", "a", False),
    ("?*?", "ab", True),
    ("*?b*", "b", False),
    ("*?b*", "ab", True),
    ("*?b*c", "abc", True),
    ("*a?*c", "ac", False),
    ("*a?*c", "aac", True),
    ("*a?b*", "aab", True),
    ("*a?b*", "aaaxbx", True),
    ("*?b?*?b*", "abcab", True),
    ("*?b?*?b*", "abcb", False),
    ("[a-c].+", "b.", False),
    ("[a-c].+", "[a-c].+", True),
    (r"\*", "*", False),  # IAM has no escape: a backslash is a character
]


@pytest.mark.parametrize(("pattern", "text", "matches"), WILDCARDS)
def test_a_star_is_any_run_and_a_question_mark_any_one_character(pattern: str, text: str, matches: bool) -> None:
    assert wildcards_match(pattern, text) is matches


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 12 + "*b", "a" * 60),
        ("*a" * 5000 + "*b", "a" * 50_000),
        ("*?a" * 1000 + "*b", "a" * 50_000),
    ],
)
def test_many_stars_take_no_backtracking(pattern: str, text: str) -> None:
    assert wildcards_match(pattern, text) is False
    assert wildcards_match(pattern, f"{text}b") is True


OVERLAPS: list[tuple[str, str, bool]] = [
    ("s3:Get*", "s3:GetObject", True),
    ("S3:get*", "s3:GetObject", True),
    ("s3:getobject", "S3:GET*", True),
    ("s3:GetObject", "s3:Get*", True),
    ("s3:GetObject", "s3:Put*", False),
    ("s3:GetObject", "s3:GetObjec?", False),  # only a need with a star is a pattern
    ("s3:GetObjec?", "s3:GetObject", True),
    ("kms:Decrypt", "kms:*", True),
    ("kms:D*", "kms:*t", False),  # neither covers the other
]


@pytest.mark.parametrize(("pattern", "needed", "overlaps"), OVERLAPS)
def test_either_of_two_patterns_may_cover_the_other(pattern: str, needed: str, overlaps: bool) -> None:
    assert actions_overlap(pattern, needed) is overlaps


FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
TABLE = "arn:aws:dynamodb:us-east-1:111111111111:table/t"
BUCKET = "arn:aws:s3:::files"
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:m"
RESOURCES: list[tuple[str, str, bool]] = [
    (FUNCTION, FUNCTION, True),
    ("arn:aws:lambda:*:*:function:f", FUNCTION, True),
    ("arn:aws:lambda:eu-west-1:222222222222:function:f", FUNCTION, True),
    ("arn:aws-cn:lambda:*:*:function:f", FUNCTION, True),
    ("arn:aws:*:*:*:function:f", FUNCTION, True),
    ("arn:aws:states:*:*:function:f", FUNCTION, False),
    ("arn:aws:lambda:*:*:function:g", FUNCTION, False),
    ("arn:aws:lambda:*:*:function:?", FUNCTION, True),
    ("arn:aws:lambda:*:*:*", FUNCTION, True),
    # a part of the resource, and the resource of a part
    (f"{FUNCTION}:*", FUNCTION, True),
    (f"{FUNCTION}:*", f"{FUNCTION}:live", True),
    (FUNCTION, f"{FUNCTION}:live", True),
    (f"{FUNCTION}:live", FUNCTION, False),
    (f"{TABLE}/index/*", TABLE, True),
    (f"{TABLE}/index/by-day", f"{TABLE}", True),
    (f"{TABLE}/stream/*", TABLE, False),
    (TABLE, f"{TABLE}2", False),
    (f"{BUCKET}/*", BUCKET, True),
    (f"{BUCKET}/in/x", BUCKET, True),
    (f"{BUCKET}s/*", BUCKET, False),
    (MACHINE.replace("stateMachine", "execution"), MACHINE, True),
    (f"{MACHINE.replace('stateMachine', 'execution')}:*", MACHINE, True),
    (MACHINE, MACHINE.replace("stateMachine", "execution"), False),
    ("arn:aws:states:*:*:x-execution:m", MACHINE, False),
    ("arn:aws:states:*:*:x-execution:m", MACHINE.replace("stateMachine", "x-stateMachine"), False),
    ("a:b:c:d:e:f", "x:b:c:d:e:f", False),  # neither is an ARN
    (FUNCTION.replace("function:f", "function:F"), FUNCTION, False),  # a resource's letter case counts
    # ARNs with fewer fields, which IAM completes
    ("arn:aws:lambda", FUNCTION, True),
    ("arn:aws:lambda:us-east-1", FUNCTION, True),
    ("arn:aws:states:us-east-1", FUNCTION, False),
    ("arn:aws:sqs", "f", True),
    ("arn:*", "g", True),
    ("*", "g", True),
    ("*", FUNCTION, True),
    # plain names: a policy template's, and a state's
    ("f", FUNCTION, True),
    ("f*", FUNCTION, True),
    ("g", FUNCTION, False),
    ("bestf", FUNCTION, False),
    ("", FUNCTION, False),
    ("t", TABLE, True),
    ("files", BUCKET, True),
    ("m", MACHINE, True),
    ("function", FUNCTION, False),
    ("f", "f", True),
    ("f", "far", False),
    ("far", "f", False),
    ("seller", "bestseller", False),
    ("bestseller", "seller", False),
    ("best*", "bestseller", True),
    ("*seller", "bestseller", True),
    ("?seller", "seller", False),
    ("Seller", "seller", False),
    ("g", "f", False),
    ("f", "g:f", False),
    ("far", "far:live", True),
    ("xfar:live", "far:live", False),
    ("far:2", "far:live", False),
    (FUNCTION, "f", True),
    (FUNCTION, "g", False),
    (FUNCTION, "xf", False),
    (TABLE, "t", True),
    ("arn:aws:lambda:*:*:function:*", "g", True),
    ("arn:aws:lambda:*:*:function:*seller", "seller", True),
]


@pytest.mark.parametrize(("pattern", "needed", "matches"), RESOURCES)
def test_a_statements_resource_covers_an_arn_in_any_region_and_a_name(pattern: str, needed: str, matches: bool) -> None:
    assert pattern_matches(pattern, needed) is matches
