"""The wheel contains the package with its data; builds are repeatable, and requirements are pinned with hashes."""

from __future__ import annotations

import os
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_sdist, build_wheel

from workflow_dsl.definition.integrations import optimized
from workflow_dsl.local.stand_ins.answerable import gap_of_call

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return zipfile.ZipFile(folder / build_wheel(str(folder)))


def test_the_wheel_contains_the_package_without_the_sample_workflows(wheel: zipfile.ZipFile) -> None:
    files = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}
    package = [
        path for path in (ROOT / "workflow_dsl").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    in_package = {path.relative_to(ROOT).as_posix() for path in package}
    assert files == {name for name in in_package if not name.startswith("workflow_dsl/workflows/")}
    data = ("py.typed", "definition/integrations.json", "local/lambda_functions/node_runner.mjs")
    assert {f"workflow_dsl/{name}" for name in data} <= files


def test_the_wheel_has_the_projects_version_and_urls(wheel: zipfile.ZipFile) -> None:
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = wheel.read(name).decode()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"\nVersion: {project['version']}\n" in metadata
    assert [line for line in metadata.splitlines() if line.startswith("Project-URL: ")] == [
        f"Project-URL: {label}, {url}" for label, url in project["urls"].items()
    ]


def test_the_changelog_has_the_version(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"\n## [{project['version']}] - " in (root / "CHANGELOG.md").read_text("utf-8")


def test_the_local_extra_asks_for_what_the_requirements_of_runs_ask_for() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    wanted = (ROOT / "requirements" / "local.in").read_text("utf-8").splitlines()
    own = [line for line in wanted if line and not line.startswith(("#", "-r"))]
    assert [re.sub(r">=[\d.]+", "", requirement) for requirement in extras["local"]] == [
        line.replace('"', "'") for line in own
    ]


def test_the_local_extra_has_all_of_moto_that_optimized_integrations_need() -> None:
    calls = {name: name.partition(":") for name in optimized()}
    gaps = {name: gap_of_call(service, action, ".sync", in_moto=True) for name, (service, _, action) in calls.items()}
    assert {name: gap.install for name, gap in gaps.items() if gap and gap.install} == {}


def test_two_builds_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    built = []
    for number, (mask, zone) in enumerate([(0o022, "UTC"), (0o077, "Pacific/Auckland")]):
        before = os.umask(mask)
        monkeypatch.setenv("TZ", zone)
        try:
            folder = tmp_path / str(number)
            folder.mkdir()
            built.append([(folder / build(str(folder))).read_bytes() for build in (build_wheel, build_sdist)])
        finally:
            os.umask(before)
    assert built[0] == built[1]


REQUIREMENTS = sorted((ROOT / "requirements").glob("*.in"))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.stem)
def test_every_requirement_has_a_version_and_a_hash(path: Path) -> None:
    text = path.with_suffix(".txt").read_text("utf-8").replace("\\\n", "")
    wrong = [
        line
        for line in text.splitlines()
        if not re.fullmatch(r"[\w.\[\],-]+==\S+( ;[^#]*?)?( +--hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert (wrong, "://" in text) == ([], False)


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="a source distribution does not have it")
def test_continuous_integration_pins_what_it_runs() -> None:
    actions = re.findall(r"uses: (\S+)", (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []
    installs = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if "pip install" in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_tox_renews_every_list_of_requirements() -> None:
    commands = re.findall(r"-o requirements/(\w+)\.txt requirements/(\w+)\.in", (ROOT / "tox.ini").read_text("utf-8"))
    assert sorted(commands) == [(path.stem, path.stem) for path in REQUIREMENTS]
