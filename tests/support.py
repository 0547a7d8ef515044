"""Types and helpers that several test folders share."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workflow_dsl.findings import FindingsError

Write = Callable[[str, str], Path]


def assert_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    """Assert that an author's mistake, a lambda, is one finding at its own line."""
    with pytest.raises(FindingsError) as error:
        mistake()
    [finding] = error.value.findings
    place, code = finding.where.place, mistake.__code__
    assert place
    assert (finding.code, finding.message, finding.remedy) == ("AUTHORING", message, remedy)
    assert (place.file, place.line) == (code.co_filename, code.co_firstlineno)


def replace_in(file: Path, old: str, new: str, count: int = -1) -> None:
    """Replace a text in a file, which must have it."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, count), "utf-8")


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def heeded() -> Iterator[None]:
    """Let no process that begins now ignore a signal, as those of a background job and of nohup do."""
    before = [(each, signal.signal(each, signal.default_int_handler)) for each in SIGNALS]
    try:
        yield
    finally:
        for each, handler in before:
            signal.signal(each, handler or signal.SIG_DFL)
