"""The lines of the files that findings are about, for the excerpts below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from workflow_dsl.definition.files import is_below, read_text
from workflow_dsl.definition.reading import Source
from workflow_dsl.findings import Place

STANDARD_INPUT = "standard input"  # as findings name it


def lines_of(sources: Mapping[str, Source], root: Path) -> Callable[[Place], list[str]]:
    """A function that gives the lines of a place's file: of a source by its printed name, or of a file below the root.

    It gives none for an unreadable file, and for one outside the root: a template, or a link in a pull request, can
    name a file with secrets.
    """
    lines_by_file: dict[str, list[str]] = {}

    def lines(place: Place) -> list[str]:
        if place.file not in lines_by_file:
            try:
                lines_by_file[place.file] = _lines(place.file, sources, root)
            except (OSError, ValueError):
                lines_by_file[place.file] = []
        return lines_by_file[place.file]

    return lines


def _lines(file: str, sources: Mapping[str, Source], root: Path) -> list[str]:
    if file != STANDARD_INPUT and not is_below(root / file, root):
        return []
    source = sources.get(file)
    return (source or Source(None, read_text(root / file).removesuffix("\n"))).lines
