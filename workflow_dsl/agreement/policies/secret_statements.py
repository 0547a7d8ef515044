"""Statements about secrets by the ARN without its end: Secrets Manager adds a hyphen and six characters to the name.

Secrets Manager user guide, "Secrets Manager secret" ("What's in a secret") and "Identity-based policies".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.regexes import lazy_regex

_SECRET = lazy_regex(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)")
_ENDS = lazy_regex(r".*-[A-Za-z0-9]{6}")


def incomplete_secrets(template: Template, keys: Keys, statement: Mapping[str, Json]) -> Iterator[Problem]:
    """The resources of a statement that are no secret's ARN, as far as names and defaults of parameters tell."""
    actions = [each for each in as_list(statement.get("Action")) if isinstance(each, str)]
    if statement.get("Effect") != "Allow" or not any(each.startswith("secretsmanager:Get") for each in actions):
        return
    for resource in as_list(statement.get("Resource")):
        known = template.known(resource) if not isinstance(resource, dict) or "Fn::Sub" in resource else None
        name = _SECRET.fullmatch(known) if isinstance(known, str) else None
        if name and "*" not in name[1] and "?" not in name[1] and not _ENDS.fullmatch(name[1]):
            message = f"Resource is the secret {name[1]}, and the ARN of a secret ends in - and six characters"
            yield Problem((*keys, "Resource"), message, "write -?????? after the name", "INCOMPLETE_PERMISSION")
