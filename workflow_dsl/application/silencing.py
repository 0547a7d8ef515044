"""Findings without those that a comment at their line silences: `# workflow-dsl: ignore[CODE]`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from workflow_dsl.definition.files import is_below, read_text
from workflow_dsl.definition.ignores import Ignore, ignores_in
from workflow_dsl.findings import CATALOG, IGNORABLE, Finding, Place, Where, did_you_mean
from workflow_dsl.project import Project
from workflow_dsl.validation import rules

_Silenced = Mapping[int | str, frozenset[str]]  # codes by line, or by the name of a state
_NONE: frozenset[str] = frozenset()


def ignorable_codes() -> frozenset[str]:
    """The codes that may be silenced: of warnings and notes, and of errors that other files may contradict."""
    return IGNORABLE.union(rule.code for rule in rules() if rule.severity != "error")


def hint_for_code(code: str) -> str:
    """The remedy for a code that cannot be silenced."""
    if code in CATALOG or any(code == rule.code for rule in rules()):
        return "an error cannot be suppressed; `workflow-dsl rules` lists the warnings"
    return did_you_mean(code, ignorable_codes()) or "`workflow-dsl rules` lists the warnings"


class Silencing:
    """The comments in the files of a project; each file is read once.

    `known` are texts that were read already, by their printed names. A finding in a generated definition is silenced by
    the comments of its workflow module, for the state that is made at a comment's line: JSON has no comments, and the
    module is not run for it.
    """

    def __init__(self, project: Project, known: Callable[[str], str | None] = lambda file: None) -> None:
        self._project, self._known = project, known
        self._texts: dict[str, str] = {}
        self._by_line: dict[str, _Silenced] = {}
        self._by_state: dict[str, _Silenced] = {}

    def left(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that no comment silences."""
        return [finding for finding in findings if not self._is_silenced(finding)]

    def mistakes(self, files: Iterable[str]) -> list[Finding]:
        """Return a finding for each comment in these files with a code that no finding has, or that stays."""
        return [finding for file in files for each in self._ignores(file) for finding in _mistakes(file, each)]

    def _is_silenced(self, finding: Finding) -> bool:
        place = finding.where.place
        if place is None or (finding.severity == "error" and finding.code not in IGNORABLE):
            return False
        if place.file not in self._by_line:
            self._by_line[place.file] = _by_line(self._ignores(place.file))
        if place.line is not None and finding.code in self._by_line[place.file].get(place.line, _NONE):
            return True
        return finding.code in self._in_module(place.file).get(finding.where.state or "", _NONE)

    def _in_module(self, file: str) -> _Silenced:
        """The codes silenced for each state of a generated definition, in the workflow module that generates it."""
        if file not in self._by_state:
            path, name = self._project.root / file, Path(file).name.removesuffix(".asl.json")
            module = self._project.display_path(self._project.root / self._project.workflows / f"{name}.py")
            is_generated = path == self._project.generated_file(name)
            ignores = self._ignores(module) if is_generated else []
            self._by_state[file] = _by_state(self._text(module), _by_line(ignores)) if ignores else {}
        return self._by_state[file]

    def _ignores(self, file: str) -> list[Ignore]:
        return [] if file.endswith(".json") else ignores_in(self._text(file), file)

    def _text(self, file: str) -> str:
        """The text of a file; nothing of one outside the project, which a template or a link may name."""
        if file not in self._texts:
            self._texts[file] = self._known(file) or self._read(file)
        return self._texts[file]

    def _read(self, file: str) -> str:
        path = self._project.root / file
        try:
            return read_text(path) if is_below(path, self._project.root) else ""
        except (OSError, ValueError):
            return ""


def _by_line(ignores: Iterable[Ignore]) -> _Silenced:
    silenced: dict[int | str, frozenset[str]] = {}
    for each in ignores:
        silenced[each.silenced_line] = silenced.get(each.silenced_line, _NONE).union(each.codes)
    return silenced


def _by_state(text: str, by_line: _Silenced) -> _Silenced:
    """The silenced codes by the name of the state that a call at their line makes or adds to."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    named = {
        target.id: node.value.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args
        if isinstance(node.value.args[0], ast.Constant) and isinstance(node.value.args[0].value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    silenced: dict[int | str, frozenset[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.lineno in by_line:
            for name in _states_of(node, named):
                silenced[name] = silenced.get(name, _NONE) | by_line[node.lineno]
    return silenced


def _states_of(call: ast.Call, named: Mapping[str, str]) -> Iterator[str]:
    """Yield the name of the state that a call makes, `Task("Buy", ...)`, or whose method it is, `buy.add_catch()`."""
    if isinstance(call.func, ast.Attribute):
        owner = call.func.value
        if isinstance(owner, ast.Name) and owner.id in named:
            yield named[owner.id]
    elif call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        yield call.args[0].value


def _mistakes(file: str, ignore: Ignore) -> Iterator[Finding]:
    where = Where(place=Place(file, ignore.line))
    if not ignore.codes:
        message, remedy = "the comment names no code", "write `# workflow-dsl: ignore[CODE]`"
        yield Finding("CONFIGURATION", "error", where, message, remedy)
    for code in ignore.codes:
        if code not in ignorable_codes():
            message = f'no warning has the code "{code}"'
            yield Finding("CONFIGURATION", "error", where, message, hint_for_code(code))
