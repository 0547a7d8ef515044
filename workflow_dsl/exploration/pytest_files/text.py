"""The text of a pytest file with a test for each execution path."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.path_groups import LastError
from workflow_dsl.exploration.pytest_files.layout import WIDTH, Code, Variable, flat, lines_of, quoted
from workflow_dsl.exploration.search.faults import SAMPLE
from workflow_dsl.local.runner import Run
from workflow_dsl.local.stand_ins.mocks import Response, Throw
from workflow_dsl.records import Record, replace

_LOCAL = "workflow_dsl.local"


class Case(Record):
    """One test: its name, its scenario, and the run that it asserts."""

    name: str
    workflow: str
    input: Json
    mocks: dict[str, tuple[Response, ...]]
    run: Run
    objects: dict[str, str]
    with_output: bool = False
    in_turn: bool = False  # its states cannot make real calls, which a list of responses ends with
    last: LastError | None = None
    errors: tuple[str, ...] = ()  # the names of the last error, if the test has it as its parameter

    @property
    def key(self) -> _Key:
        """The trail, the status and the duration: tests with the same ones and errors are the same to a reader."""
        return tuple(self.run.trail), self.run.status, _number(self.run.duration)

    @property
    def thrown(self) -> set[str]:
        """The names of the errors that its mocks throw."""
        thrown = (mock.error for responses in self.mocks.values() for mock in responses if isinstance(mock, Throw))
        return {*thrown, *self.errors}


_Key = tuple[tuple[str, ...], str, str]


def combined(cases: list[Case]) -> list[Case]:
    """Return one test for cases that differ by the name of their last error alone; the cases if they do not."""
    errors = tuple(case.last.name for case in cases if case.last is not None)
    texts = {text_of(replace(case, name="test_it", errors=errors)) for case in cases}
    return [replace(cases[0], errors=errors)] if len(texts) == 1 and len(errors) == len(cases) > 1 else cases


def file_in(folder: Path, workflow: str) -> Path:
    """Return the file of a workflow's tests in a folder. One with the name that version 0.3 gave it keeps that name."""
    former = folder / f"test_{_module_name(workflow)}_ways.py"
    return former if former.is_file() else folder / f"test_{_module_name(workflow)}_paths.py"


def _module_name(workflow: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in workflow).lower()


def new_file(workflow: str, cases: list[Case]) -> str:
    """Return a whole file with tests."""
    names = ", ".join(sorted({"RunWorkflow", *_names_used(cases)}))
    pytest = "import pytest\n" if any(case.errors for case in cases) else ""
    heading = f'"""The execution paths of {_module_name(workflow)}."""\n\n{pytest}from {_LOCAL} import {names}\n'
    return heading + "".join(f"\n\n{text_of(case)}" for case in cases)


def added_to(text: str, cases: list[Case]) -> tuple[str, list[Case]]:
    """Return the text of a file with the tests that it does not have at its end, and those. Nothing else changes.

    A test is there already if one of the file compares the same trail and throws the same errors. Raises SyntaxError
    for text that is not Python.
    """
    tree = ast.parse(text)
    known: dict[_Key, set[str]] = {}
    for key, errors in _trails(tree):
        known.setdefault(key, set()).update(errors)
    new = [case for case in (_without_known(case, known) for case in cases) if case is not None]
    if not new:
        return text, []
    missing = sorted({"RunWorkflow", *_names_used(new)} - set(_imported(tree)))
    if missing:
        text = _with_import(text, tree, f"from {_LOCAL} import {', '.join(missing)}")
    if any(case.errors for case in new) and not _imports_pytest(tree):
        text = _with_pytest(text, ast.parse(text))
    return text.rstrip("\n") + "\n" + "".join(f"\n\n{text_of(case)}" for case in new), new


def names_in(text: str) -> set[str]:
    """Return the names of the functions in a file. Raises SyntaxError."""
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


def _without_known(case: Case, known: dict[_Key, set[str]]) -> Case | None:
    """The test of the errors that a file does not have on its trail; None if it has all. An example is any error."""
    if case.key not in known:
        return case
    tested = {*known[case.key], SAMPLE}
    if not case.errors:
        return None if case.thrown <= tested else case
    errors = tuple(error for error in case.errors if error not in tested)
    return replace(case, errors=errors) if errors else None


def _imports_pytest(tree: ast.Module) -> bool:
    imports = [alias for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    return any(alias.name == "pytest" and alias.asname is None for alias in imports)


def _with_import(text: str, tree: ast.Module, line: str) -> str:
    imports = [node.end_lineno or 0 for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    after = imports[-1] if imports else 0
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:after], f"{line}\n", *lines[after:]])


def _with_pytest(text: str, tree: ast.Module) -> str:
    """The text with an import of pytest before its other imports, but after that of __future__."""
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    first = next(node for node in imports if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"))
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: first.lineno - 1], "import pytest\n", *lines[first.lineno - 1 :]])


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == _LOCAL:
            yield from (alias.name for alias in node.names)


def _trails(tree: ast.Module) -> Iterator[tuple[_Key, set[str]]]:
    """Yield the trail, the status and the duration that each test asserts, and the strings that it has: its errors."""
    for test in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        values = dict(_asserted(test))
        trail = values.get("trail")
        if isinstance(trail, list):
            key = tuple(map(str, trail)), str(values.get("status", "")), _number(values.get("duration", 0))
            constants = (node.value for node in ast.walk(test) if isinstance(node, ast.Constant))
            yield key, {constant for constant in constants if isinstance(constant, str)}


def _asserted(test: ast.FunctionDef) -> Iterator[tuple[str, object]]:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            left = node.left.args[0] if isinstance(node.left, ast.Call) and node.left.args else node.left
            if isinstance(left, ast.Attribute):
                try:
                    yield left.attr, ast.literal_eval(node.comparators[0])
                except ValueError:
                    continue


def _names_used(cases: Iterable[Case]) -> set[str]:
    mocks = [(case, responses) for case in cases for responses in case.mocks.values()]
    in_turn = {"InTurn" for case, responses in mocks if case.in_turn and len(responses) > 1}
    return {type(response).__name__ for _, responses in mocks for response in responses} | in_turn


def text_of(case: Case) -> str:
    """Return the text of one test."""
    parameters = ["run_workflow: RunWorkflow", *(["error: str"] if case.errors else [])]
    head = f"def {case.name}({', '.join(parameters)}) -> None:\n"
    if len(head) > WIDTH + 1:
        lines = "".join(f"    {parameter},\n" for parameter in parameters)
        head = f"def {case.name}(\n{lines}) -> None:\n"
    return _decorator(case) + head + "".join(f"    {line}\n" for line in [*_call(case), *_assertions(case)])


def _decorator(case: Case) -> str:
    if not case.errors:
        return ""
    line = f'@pytest.mark.parametrize("error", {flat([*case.errors])})'
    if len(line) <= WIDTH:
        return f"{line}\n"
    lines = lines_of([*case.errors], "", 8)
    return "".join(f"{line}\n" for line in ("@pytest.mark.parametrize(", '    "error",', *lines, ")"))


def _call(case: Case) -> list[str]:
    arguments = [quoted(case.workflow)]
    arguments += [] if case.input == {} else [flat(case.input)]
    short = f"execution = run_workflow({', '.join(arguments)})"
    named: dict[str, object] = {}
    if case.mocks or case.in_turn:
        named["mocks"] = {name: _mock(_varied(case, name), in_turn=case.in_turn) for name in case.mocks}
    if case.objects:
        named["objects"] = dict(case.objects)
    if not named:
        return [short] if len(short) + 4 <= WIDTH else _exploded("execution = run_workflow(", case, {})
    return _exploded("execution = run_workflow(", case, named)


def _exploded(opening: str, case: Case, named: dict[str, object]) -> list[str]:
    arguments = [quoted(case.workflow), *([] if case.input == {} else [flat(case.input)])]
    arguments += [f"{name}={flat(value)}" for name, value in named.items()]
    line = f"{opening}{', '.join(arguments)})"
    if len(line) + 4 <= WIDTH:
        return [line]
    lines = [f"    {quoted(case.workflow)},"]
    if case.input != {}:
        lines += lines_of(case.input, "", 8)
    for name, value in named.items():
        lines += lines_of(value, f"{name}=", 8)
    return [opening, *lines, ")"]


def _assertions(case: Case) -> list[str]:
    run = case.run
    lines = [f"assert execution.status == {quoted(run.status)}"]
    if run.status != "SUCCEEDED" and run.error is not None:
        lines.append(f"assert execution.error == {flat(_in_place(case, run.error))}")
    lines += _comparison("execution.trail", list(run.trail))
    exact = float(_number(run.duration)) == run.duration
    subject = "execution.duration" if exact else "round(execution.duration, 3)"
    lines.append(f"assert {subject} == {_number(run.duration)}")
    if case.with_output and run.status == "SUCCEEDED":
        lines += _comparison("execution.output", _in_place(case, run.output))
    return lines


def _number(value: object) -> str:
    rounded = round(float(value), 3) if isinstance(value, (int, float)) else 0.0
    return str(int(rounded)) if rounded.is_integer() else str(rounded)


def _comparison(subject: str, value: object) -> list[str]:
    opening = f"assert {subject} == "
    if len(opening) + len(flat(value)) + 4 <= WIDTH:
        return [opening + flat(value)]
    return [
        line[4:].removesuffix(",") if number == -1 else line[4:]
        for number, line in _numbered(lines_of(value, opening, 8))
    ]


def _numbered(lines: list[str]) -> list[tuple[int, str]]:
    return [(-1 if number == len(lines) - 1 else number, line) for number, line in enumerate(lines)]


def _varied(case: Case, state: str) -> tuple[Response, ...]:
    """The responses of a state, with the parameter of the test in place of its last error."""
    last, responses = case.last, case.mocks[state]
    if not case.errors or last is None or last.state != state:
        return responses
    return tuple(
        replace(response, error=Variable("error"))
        if isinstance(response, Throw) and response.error == last.name
        else response
        for response in responses
    )


def _in_place(case: Case, value: Json) -> Json:
    """A value with the parameter of the test in place of the name of its last error, at any depth."""
    if not case.errors or case.last is None:
        return value
    if isinstance(value, dict):
        return {name: _in_place(case, member) for name, member in value.items()}
    if isinstance(value, list):
        return [_in_place(case, item) for item in value]
    return Variable("error") if value == case.last.name else value


def _mock(responses: tuple[Response, ...], *, in_turn: bool) -> object:
    calls = [_response(response) for response in responses]
    if in_turn and len(calls) > 1:
        return Code("InTurn", tuple(calls))
    return calls[0] if len(calls) == 1 else calls


def _response(response: Response) -> Code:
    seconds = int(response.after) if float(response.after).is_integer() else response.after
    after = (("after", seconds),) if seconds else ()
    if isinstance(response, Throw):
        return Code("Throw", (response.error, *([response.cause] if response.cause else [])), after)
    unchecked = (("unchecked", True),) if response.unchecked else ()
    return Code("Return", (response.value,), (*after, *unchecked))
