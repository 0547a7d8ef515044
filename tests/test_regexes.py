from __future__ import annotations

import re
import subprocess
import sys

import pytest

from workflow_dsl.regexes import lazy_regex

WORD = lazy_regex(r"(?P<first>[a-z])\w*", re.IGNORECASE)


def test_a_pattern_has_the_methods_of_a_compiled_one() -> None:
    match = WORD.fullmatch("Word")
    assert match is not None
    assert (match["first"], match.re.flags & re.IGNORECASE) == ("W", re.IGNORECASE)
    assert WORD.sub("x", "one two") == WORD.sub("x", "one two") == "x x"
    assert (WORD.pattern, WORD.groups) == (r"(?P<first>[a-z])\w*", 1)


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    broken = lazy_regex("(")
    with pytest.raises(re.error, match="unterminated subpattern"):
        broken.match("")


def test_a_pattern_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        WORD.find("x")  # type: ignore[attr-defined]


READS_YAML = """
from workflow_dsl.definition.yaml_reading import parse_yaml
parse_yaml("a: 1")
import re, yaml
pattern = yaml.reader.Reader.NON_PRINTABLE
print(type(pattern).__name__, bool(pattern.search("a\\x01")), type(re.compile(pattern.pattern)).__name__)
"""


def test_pyyaml_is_imported_without_the_pattern_that_only_its_reader_in_python_uses() -> None:
    command = [sys.executable, "-c", READS_YAML]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert output == "_Pattern True Pattern\n"
