"""samconfig.py: the settings of `sam deploy`, from its configuration file and its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.account.samconfig import DeploySettings, deploy_settings, parameter_overrides
from workflow_dsl.findings import FindingsError


def test_settings_of_the_command_override_global_ones(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(
        "[default.global.parameters]\nstack_name = 'a'\nregion = 'r'\n[default.deploy.parameters]\nstack_name = 'b'\n"
    )
    assert deploy_settings(tmp_path) == DeploySettings("b", "r")
    assert deploy_settings(tmp_path).with_options(None, "p", "s") == DeploySettings("b", "s", "p")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "default: 5",
        "default: {deploy: [1]}",
        "default: {deploy: {parameters: {stack_name: 5, parameter_overrides: 7}}}",
    ],
)
def test_settings_of_the_wrong_type_are_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / "samconfig.yml").write_text(content or "{}")
    assert deploy_settings(tmp_path) == DeploySettings()


OPTIONS: list[tuple[str, dict[str, str]]] = [
    ("--parameter-overrides A=1 B=2 --guided C=3", {"A": "1", "B": "2"}),
    ("--parameter-overrides=A=1 B=2", {"A": "1", "B": "2"}),
    ("--parameter-overrides ParameterKey=A,ParameterValue=x=y", {"A": "x=y"}),
    ("--parameter-overrides file://parameters.yaml", {}),
    ("--capabilities A=1", {}),
]


@pytest.mark.parametrize(("line", "expected"), OPTIONS)
def test_parameters_are_read_after_their_option(line: str, expected: dict[str, str]) -> None:
    assert parameter_overrides(line.split()) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("'A=1 B=\"x y\"'", {"A": "1", "B": "x y"}),
        ('"A=it\'s B=2"', {"A": "it's", "B": "2"}),
        ("['A=1', {B = 2}]", {"A": "1", "B": "2"}),
    ],
)
def test_every_form_of_parameters_in_the_configuration_is_read(
    tmp_path: Path, line: str, expected: dict[str, str]
) -> None:
    (tmp_path / "samconfig.toml").write_text(f"[default.deploy.parameters]\nparameter_overrides = {line}\n")
    assert deploy_settings(tmp_path).parameters == expected


def test_an_unknown_environment_is_told_the_others_without_the_version_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("version = 0.1\n[dev.deploy.parameters]\n[main.deploy.parameters]\n")
    with pytest.raises(FindingsError) as refused:
        deploy_settings(tmp_path, "zzz")
    assert [(finding.message, finding.remedy) for finding in refused.value.findings] == [
        ("has no environment zzz", "use one of dev, main")
    ]
