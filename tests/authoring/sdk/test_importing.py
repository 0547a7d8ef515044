"""The import of the SDK leaves no trace in other modules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_dsl.authoring import sdk

FRESH = """
import logging, sys, yaml, boto3, warnings
before = (logging.getLogger().level, dict(yaml.SafeDumper.yaml_representers), set(logging.getLogger().handlers))
modules = {name: sys.modules[name] for name in ("yaml", "boto3")}
import workflow_dsl.authoring.sdk
after = (logging.getLogger().level, dict(yaml.SafeDumper.yaml_representers), set(logging.getLogger().handlers))
assert before == after, (before, after)
assert all(sys.modules[name] is module for name, module in modules.items())
assert not {"sagemaker", "pkg_resources", "IPython"} & set(sys.modules), "a stand-in is left"
import stepfunctions
assert stepfunctions.__version__ == "2.3.0"
"""


def run_python(code: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-c", code]
    root = Path(sdk.__file__).parent.parent.parent
    return subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_importing_the_sdk_prints_nothing_and_leaves_logging_yaml_and_modules_unchanged() -> None:
    done = run_python(FRESH, "-W", "error", "-B")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_import_loads_neither_boto3_nor_yaml() -> None:
    done = run_python(
        "import sys, workflow_dsl.authoring.sdk; print(sorted({'boto3', 'yaml', 'botocore'} & set(sys.modules)))"
    )
    assert done.stdout == "[]\n"


def test_an_installed_sagemaker_or_pkg_resources_is_not_imported(tmp_path: Path) -> None:
    for name in ("sagemaker", "pkg_resources"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('loaded')")
    done = run_python("import workflow_dsl.authoring.sdk; print('works')", PYTHONPATH=str(tmp_path))
    assert (done.stdout, done.stderr) == ("works\n", "")


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_integration_arns_do_not_depend_on_the_region(region: str) -> None:
    code = (
        "import workflow_dsl.authoring.sdk; from stepfunctions.steps import SqsSendMessageStep; "
        "print(SqsSendMessageStep('S').to_dict()['Resource'])"
    )
    done = run_python(code, AWS_DEFAULT_REGION=region)
    assert done.stdout == "arn:aws:states:::sqs:sendMessage\n"


def test_a_step_that_needs_sagemaker_has_a_remedy() -> None:
    from stepfunctions.steps import TrainingStep

    with pytest.raises(NotImplementedError, match=r"sagemaker.*Write the state as a Task"):
        TrainingStep("Train", estimator=None, job_name="job")
