"""The InputTransformer of a target: its paths and template (EventBridge user guide, "Input transformation")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys, did_you_mean
from workflow_dsl.regexes import lazy_regex

_VARIABLE = lazy_regex(r"<([A-Za-z0-9_-]+)>")


def wrong_transformer(keys: Keys, transformer: Mapping[str, Json]) -> Iterator[Problem]:
    """Paths that are no JSON paths, and names in the template that have no path while a path has no use.

    A name without a path may be markup that is meant to be sent: `<b>`.
    """
    paths, template = dict_or_empty(transformer.get("InputPathsMap")), transformer.get("InputTemplate")
    if is_intrinsic(paths):
        return
    for name, path in paths.items():
        if isinstance(path, str) and not path.startswith("$"):
            message = f"{path} in its InputPathsMap is not a path"
            yield Problem((*keys, "InputPathsMap", name), message, f"write $.{path}")
    text = template.get("Fn::Sub") if isinstance(template, dict) else template
    used = dict.fromkeys(_VARIABLE.findall(text)) if isinstance(text, str) else {}
    unused = paths.keys() - used
    for name in used if unused else ():
        if name not in paths:
            remedy = did_you_mean(name, unused) or f"add {name} to InputPathsMap"
            message = f"its InputTemplate has <{name}>, and InputPathsMap has no {name}"
            yield Problem((*keys, "InputTemplate"), message, remedy)
