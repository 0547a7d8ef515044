"""`validate --baseline`: known findings are left out, and new ones fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["validate", *arguments])


def task(following: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "Next": following}


def write(folder: Path, **states: Any) -> None:
    document = {"StartAt": "A", "States": {**states, "Z": {"Type": "Succeed"}}}
    (folder / "m.asl.json").write_text(json.dumps(document, indent=2))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


CALL = ("m.asl.json", "--strict", "--baseline", "known.json")


def test_only_a_finding_that_is_not_in_the_baseline_fails(folder: Path) -> None:
    write(folder, A=task("B"), B=task("Z"))
    written = run(*CALL, "--update-baseline")
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == "1 definition checked: 0 errors, 0 warnings; 2 in the baseline\n"
    write(folder, A={"Type": "Pass", "Next": "B"}, B=task("C"), C=task("Y"))  # other lines, a new state, a mistake
    result = run(*CALL, "--format", "json")
    assert [(each["code"], each["state"]) for each in json.loads(result.stdout)] == [
        ("NO_LAMBDA_RETRY", "C"),
        ("MISSING_TRANSITION_TARGET", "C"),
    ]
    assert result.exit_code == 1


def test_a_baseline_names_each_finding_for_a_reviewer(folder: Path) -> None:
    write(folder, A=task("Z"))
    run(*CALL, "--update-baseline")
    [row] = json.loads((folder / "known.json").read_text())["findings"]
    assert row.pop("fingerprint").isalnum()
    assert row == {"code": "NO_LAMBDA_RETRY", "file": "m.asl.json", "pointer": "/States/A"}


WRONG_CALLS = [
    (None, ("m.asl.json", "--baseline", "known.json"), "no baseline known.json; write it with --update-baseline"),
    ("{}", ("m.asl.json", "--baseline", "known.json"), "known.json: is not a baseline; write one with"),
    ("[", ("m.asl.json", "--baseline", "known.json"), "known.json: "),
    ("\udcff", ("m.asl.json", "--baseline", "known.json"), "known.json: is not UTF-8; save it as UTF-8"),
    (None, ("m.asl.json", "--update-baseline"), "--update-baseline needs --baseline FILE"),
]


@pytest.mark.parametrize(("text", "arguments", "message"), WRONG_CALLS)
def test_a_baseline_that_cannot_be_read_is_a_wrong_call(
    folder: Path, text: str | None, arguments: tuple[str, ...], message: str
) -> None:
    write(folder, A=task("Z"))
    if text is not None:
        (folder / "known.json").write_text(text, errors="surrogateescape")
    result = run(*arguments)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_a_repeated_note_is_one_line_in_text_and_all_of_them_in_json(folder: Path) -> None:
    write(folder, A=task("B"), B=task("C"), C=task("Z"))
    text, every = run("m.asl.json"), run("m.asl.json", "--format", "json")
    assert (text.stdout.count("NO_LAMBDA_RETRY"), '2 more like it: "B", "C"' in text.stdout) == (1, True)
    assert text.stderr == "1 definition checked: 0 errors, 0 warnings, 1 note in 3 places\n"
    assert [each["state"] for each in json.loads(every.stdout)] == ["A", "B", "C"]


def test_a_device_is_no_baseline(folder: Path) -> None:
    write(folder, A=task("Z"))
    (folder / "known.json").symlink_to("/dev/null")
    result = run(*CALL)
    assert (result.exit_code, result.stderr) == (2, "known.json: is not a regular file\n")
