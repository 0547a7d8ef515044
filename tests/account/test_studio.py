"""The studio's comparison with a deployed definition, with the real boto3 against fake services."""

from __future__ import annotations

from functools import partial

import pytest

from tests.account.conftest import definition_of, deploy
from tests.fake_aws import FakeAws
from workflow_dsl.cli.stacks.options import AccountOptions
from workflow_dsl.cli.studio import pair_of
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.project import Project
from workflow_dsl.studio.operations import Operations, Refused
from workflow_dsl.studio.project import Watched


def operations_of(project: Project, url: str) -> Operations:
    options = AccountOptions(None, None, None, url, None, None)
    watched = Watched(project, partial(compile_file, root=project.root))
    watched.refresh()
    return Operations(watched, partial(pair_of, partial(options.open_stack, project)))


def test_a_deployed_definition_is_one_side_of_a_comparison(application: FakeAws, project: Project) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 5
    deploy(application, definition)
    answer = operations_of(project, application.url).call("compare", {"old": "deployed:Trader", "new": "Trader"})
    assert answer["title"] == "deployed:Trader and Trader: 1 changed, 3 states unchanged"
    assert answer["words"][0] == "~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 5 s + 10 s + ..."


def test_a_comparison_without_a_stack_says_what_to_do(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").unlink()
    with pytest.raises(Refused, match="no stack name: give --stack-name"):
        operations_of(project, application.url).call("compare", {"old": "deployed:Trader", "new": "Trader"})
