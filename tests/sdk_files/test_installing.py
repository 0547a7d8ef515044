"""`install-sdk`: the private folder is whole or not there, and every failure has a remedy."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.sdk_files.conftest import Python
from workflow_dsl.cli import main
from workflow_dsl.findings import FindingsError
from workflow_dsl.sdk_files import private_folder
from workflow_dsl.sdk_files.archives import Modules, modules_of_folder
from workflow_dsl.sdk_files.fetching import fetch
from workflow_dsl.sdk_files.installing import install


def install_sdk(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["install-sdk", *map(str, arguments)])


@pytest.fixture
def folder(data: Path) -> Path:
    return data / "workflow-dsl" / "stepfunctions-2.3.0"


def test_a_wheel_is_installed_once_and_removed(wheel: Path, modules: Modules, folder: Path) -> None:
    first, second = install_sdk("--from", wheel), install_sdk()
    assert (first.output, first.exit_code) == (f"stepfunctions 2.3.0 is in {folder}\n", 0)
    assert (second.output, second.exit_code) == (f"stepfunctions 2.3.0 is already in {folder}\n", 0)
    assert modules_of_folder(folder, "") == modules
    assert [path.name for path in folder.parent.iterdir()] == ["stepfunctions-2.3.0"]
    assert install_sdk("--remove").output == f"removed {folder}\n"
    assert not folder.parent.exists()
    assert install_sdk("--remove").output == f"nothing to remove: {folder} does not exist\n"


def test_a_damaged_folder_is_replaced(wheel: Path, modules: Modules, folder: Path) -> None:
    install_sdk("--from", wheel)
    (folder / "stepfunctions" / "exceptions.py").write_text("damaged")
    (folder / "stepfunctions" / "more.py").touch()
    assert install_sdk("--from", wheel).exit_code == 0
    assert modules_of_folder(folder, "") == modules


def test_a_refused_archive_leaves_the_folder(wheel: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.whl").write_bytes(b"PK")
    refused = install_sdk("--from", tmp_path / "other.whl")
    assert (refused.exit_code, folder.parent.exists()) == (1, False)
    assert install_sdk("--from", tmp_path / "nothing").exit_code == 2


def test_runs_at_the_same_time_leave_one_whole_folder(modules: Modules, folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(install, [modules] * 40)) == {folder}
    assert modules_of_folder(folder, "") == modules
    assert [path.name for path in folder.parent.iterdir()] == ["stepfunctions-2.3.0"]


def test_a_wrong_call_is_refused() -> None:
    assert install_sdk("--remove", "--from", "x").output.endswith(
        "Error: --remove and --from exclude each other: give one\n"
    )


def test_a_folder_that_cannot_be_written_is_named(wheel: Path, data: Path, folder: Path) -> None:
    data.write_text("a file in the folder's place")
    refused = install_sdk("--from", wheel)
    remedy = "run the command as the folder's owner, or set XDG_DATA_HOME to a folder that you can write to"
    message = f"error NOT_INSTALLED: {folder.parent} cannot be changed: Not a directory\n      = {remedy}\n"
    assert (refused.output, refused.exit_code) == (message, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only folders")
def test_a_read_only_folder_is_named(wheel: Path, data: Path, folder: Path) -> None:
    install_sdk("--from", wheel)
    folder.parent.chmod(0o500)
    refused = install_sdk("--remove")
    folder.parent.chmod(0o700)
    assert (refused.exit_code, "cannot be changed: Permission denied" in refused.output) == (1, True)


PLACES = [
    ({"XDG_DATA_HOME": "/data"}, "/data/workflow-dsl/stepfunctions-2.3.0"),
    ({"XDG_DATA_HOME": "relative", "HOME": "/home/a"}, "/home/a/.local/share/workflow-dsl/stepfunctions-2.3.0"),
    ({"XDG_DATA_HOME": "", "HOME": "/home/a"}, "/home/a/.local/share/workflow-dsl/stepfunctions-2.3.0"),
    ({"XDG_DATA_HOME": "", "HOME": "relative"}, None),
]


@pytest.mark.parametrize(("environment", "place"), PLACES)
def test_the_folder_is_below_the_users_data(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], place: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert private_folder() == (Path(place) if place else None)


def test_a_user_without_a_home_gets_an_error(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", "relative")
    message = (
        "error NOT_INSTALLED: there is no home folder for the SDK's files\n      = set XDG_DATA_HOME to a folder\n"
    )
    assert [install_sdk(*call).output for call in (("--remove",), ("--from", wheel))] == [message, message]


OTHERWISE = "or download stepfunctions-2.3.0.tar.gz elsewhere, and run `workflow-dsl install-sdk --from stepfunctions-2.3.0.tar.gz`"


def test_what_the_installer_says_is_shown(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    said = (
        "ERROR: Could not find a version that satisfies the requirement stepfunctions==2.3.0 (from versions: none) "
        "ERROR: No matching distribution found for stepfunctions==2.3.0"
    )
    assert install_sdk().output == (
        f"error NOT_INSTALLED: stepfunctions 2.3.0 could not be fetched: {said}\n"
        f"      = check pip's or uv's index settings, {OTHERWISE}\n"
    )
    assert not data.exists()


def test_the_password_of_an_index_is_not_shown(data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installer = tmp_path / "uv"
    installer.write_text(
        "#!/bin/sh\necho 'error: https://me:secret@index.example/simple does not answer' >&2\nexit 1\n"
    )
    installer.chmod(0o755)
    monkeypatch.setenv("UV", str(installer))
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(FindingsError) as problem:
        fetch()
    [finding] = problem.value.findings
    said = "error: https://***@index.example/simple does not answer"
    assert finding.message == f"stepfunctions 2.3.0 could not be fetched: {said}"


def test_an_environment_without_an_installer_gets_an_error(python: Python) -> None:
    done = python("-m", "workflow_dsl", "install-sdk")
    message = "this environment has neither pip nor uv to fetch the SDK with"
    assert (
        done.stderr == f"error NOT_INSTALLED: {message}\n      = start it with `uv run`, or install pip, {OTHERWISE}\n"
    )
