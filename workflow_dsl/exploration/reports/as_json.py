"""An exploration as JSON: execution paths with input and responses, elements without a path, and prices."""

from __future__ import annotations

from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.path_groups import PathGroup, paths_to_show
from workflow_dsl.exploration.pytest_files.naming import sentences_of
from workflow_dsl.exploration.reports.unreached import unreached
from workflow_dsl.local.billing import lambda_calls_of, transitions_of
from workflow_dsl.local.coverage import describe
from workflow_dsl.local.prices import price_of, prices
from workflow_dsl.local.stand_ins.mocks import Response, Return


def as_json(exploration: Exploration) -> dict[str, Any]:
    """Return the paths, the covered share, the elements that no path reaches, and the source of the prices."""
    paths = paths_to_show(exploration)
    sentences = sentences_of(exploration, [group.nameless for group in paths])
    table = prices()
    return {
        "type": exploration.subject.type,
        "paths": [_path(group, text) for group, text in zip(paths, sentences, strict=True)],
        "elements": len(exploration.elements),
        "covered": len(exploration.elements) - len(exploration.missing),
        "notReached": [
            {"elements": [*map(describe, each.elements)], "reason": each.reason} for each in unreached(exploration)
        ],
        "prices": {name: table[name] for name in ("region", "date", "source")},
    }


def _path(group: PathGroup, sentence: str) -> dict[str, Any]:
    path, run = group.first, group.first.run
    return {
        "title": sentence,
        "input": path.scenario.input,
        "responses": {
            name: [*map(_response, each)] for name, each in path.scenario.responses.items() if name in run.trail
        },
        "alsoWithErrors": [*group.errors[1:]],
        "trail": run.trail,
        "status": run.status,
        "error": run.error,
        "failedIn": run.failed_in,
        "seconds": run.duration,
        "transitions": transitions_of(run),
        "lambdaCalls": lambda_calls_of(run),
        "dollarsPerMillion": round(price_of(run), 2),
    }


def _response(response: Response) -> dict[str, Json]:
    return {"result": response.value} if isinstance(response, Return) else {"error": response.error}
