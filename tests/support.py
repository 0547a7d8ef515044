"""Types and helpers that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_dsl.findings import FindingsError

Write = Callable[[str, str], Path]


def assert_said_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    """That an author's mistake, a lambda of the caller's, is one finding at the line where it is written."""
    with pytest.raises(FindingsError) as problem:
        mistake()
    [finding] = problem.value.findings
    place, code = finding.where.place, mistake.__code__
    assert place
    assert (finding.code, finding.message, finding.remedy) == ("AUTHORING", message, remedy)
    assert (place.file, place.line) == (code.co_filename, code.co_firstlineno)
