"""`import stepfunctions` finds the private folder where the SDK is not installed, whoever imports it first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk_files.conftest import Python
from workflow_dsl.sdk_files.archives import Modules
from workflow_dsl.sdk_files.installing import install

SERVED = "from workflow_dsl.sdk_files import serve_imports; serve_imports(); serve_imports(); "
SHOWN = "; print(stepfunctions.__file__, sorted(name for name in ('sagemaker', 'boto3') if name in sys.modules))"
ORDERS = {
    "the package": "import workflow_dsl.authoring, stepfunctions",
    "the sdk": f"{SERVED}import stepfunctions",
    "a module of the sdk": f"{SERVED}import stepfunctions.steps.states, workflow_dsl.authoring",
    "names": f"{SERVED}from stepfunctions.steps import Pass; import stepfunctions, workflow_dsl.authoring as a; "
    "assert issubclass(a.Pass, Pass)",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_the_sdk_is_imported_from_the_private_folder(python: Python, data: Path, modules: Modules, order: str) -> None:
    install(modules)
    done = python("-W", "error", "-c", f"import sys; {order}{SHOWN}")
    file = data / "workflow-dsl" / "stepfunctions-2.3.0" / "stepfunctions" / "__init__.py"
    assert (done.stdout, done.stderr) == (f"{file} []\n", "")


@pytest.fixture
def site(tmp_path: Path, modules: Modules) -> Path:
    """A folder of packages with the SDK as `pip install --no-deps` leaves it."""
    for name, content in modules.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_bytes(content)
    return tmp_path / "site"


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_an_installed_sdk_comes_first(python: Python, site: Path, modules: Modules, order: str) -> None:
    install(modules)
    done = python("-W", "error", "-c", f"import sys; sys.path.append({str(site)!r}); {order}{SHOWN}")
    assert (done.stdout, done.stderr) == (f"{site / 'stepfunctions' / '__init__.py'} []\n", "")


def test_an_environment_with_sagemaker_is_left_alone(python: Python, site: Path, modules: Modules) -> None:
    install(modules)
    (site / "pkg_resources.py").write_text("raise SystemExit('imported as ever')")
    (site / "sagemaker.py").touch()
    done = python("-c", f"import sys; sys.path.insert(0, {str(site)!r}); {SERVED}import stepfunctions")
    assert (done.stdout, done.stderr) == ("", "imported as ever\n")


def test_without_the_folder_python_raises_its_own_error(python: Python) -> None:
    done = python("-c", f"{SERVED}import stepfunctions")
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'stepfunctions'"


WORKFLOW = """
from stepfunctions.steps import Pass

from workflow_dsl import Workflow


def build():
    return Workflow(Pass("A"))
"""


def test_a_test_module_may_import_a_workflow_before_workflow_dsl(
    python: Python, tmp_path: Path, modules: Modules
) -> None:
    install(modules)
    (tmp_path / "trader.py").write_text(WORKFLOW)
    (tmp_path / "test_it.py").write_text("from trader import build\n\ndef test_it():\n    assert build().start\n")
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-p", "workflow_dsl.pytest_plugin")
    done = python("-m", "pytest", *options, str(tmp_path), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.stdout.splitlines()[-1].startswith("1 passed"), done.stdout


GENERATED = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
MISSING = "compiling needs stepfunctions\n      = run `workflow-dsl install-sdk`, once for all projects\n"
COMMANDS = [
    ("validate", "1 definition checked: 0 errors, 0 warnings\n", 0),
    ("uses trader --format json", f"generated/trader.asl.json: warning NOT_INSTALLED: is shown instead of its workflow: {MISSING}", 0),
    ("diagram trader --format mermaid", f"generated/trader.asl.json: warning NOT_INSTALLED: is shown instead of its workflow: {MISSING}", 0),
    ("diagram other", f"error NOT_INSTALLED: {MISSING}", 1),
    ("generate", f"error NOT_INSTALLED: {MISSING}Fix the errors above. Nothing was written.\n", 1),
    ("run trader", f"error NOT_INSTALLED: {MISSING}", 1),
]  # fmt: skip


@pytest.mark.parametrize(("command", "errors", "code"), COMMANDS)
def test_generated_definitions_are_read_without_the_sdk(
    python: Python, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, errors: str, code: int
) -> None:
    files = {"workflows/trader.py": WORKFLOW, "workflows/other.py": WORKFLOW, "generated/trader.asl.json": GENERATED}
    for name, text in {**files, "template.yaml": "Resources: {}\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    done = python("-m", "workflow_dsl", *command.split())
    assert (done.stderr, done.returncode) == (errors, code)
