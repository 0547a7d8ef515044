"""Statements about S3 that allow nothing: actions on objects for a bucket's ARN, and actions on buckets for objects'.

Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list, attribute_of
from workflow_dsl.application.template.resource_types import BUCKET
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.regexes import lazy_regex

_ON_OBJECTS = lazy_regex(r"(?i)s3:((Get|Put|Delete|Restore|Replicate)Object(?!Lambda)\w*|\w+MultipartUpload(Parts)?)")
_ON_BUCKETS = lazy_regex(r"(?i)s3:(ListBucket\w*|GetBucketLocation)")


def useless_bucket_statements(template: Template, keys: Keys, statement: Mapping[str, Json]) -> Iterator[Problem]:
    """The actions of a statement that are on none of its resources."""
    kinds = {_kind(template, each) for each in as_list(statement.get("Resource"))}
    if statement.get("Effect") != "Allow" or len(kinds) != 1:
        return
    [kind] = kinds
    actions = [each for each in as_list(statement.get("Action")) if isinstance(each, str)]
    if kind == "bucket" and (name := next(filter(_ON_OBJECTS.fullmatch, actions), None)):
        message = f"{name} is on objects, and Resource is the ARN of a bucket, so that it allows nothing"
        yield Problem((*keys, "Resource"), message, "write /* after the ARN", "INCOMPLETE_PERMISSION")
    if kind == "objects" and (name := next(filter(_ON_BUCKETS.fullmatch, actions), None)):
        message = f"{name} is on buckets, and Resource is the ARN of objects, so that it allows nothing"
        yield Problem((*keys, "Resource"), message, "add the ARN of the bucket, without /*", "INCOMPLETE_PERMISSION")


def _kind(template: Template, resource: Json) -> str:
    """Bucket or objects; "" for any other ARN, and for one that a parameter decides."""
    if isinstance(resource, dict) and "Fn::GetAtt" in resource:
        owner = attribute_of(resource["Fn::GetAtt"])
        return "bucket" if owner and owner[1] == "Arn" and _is_bucket(template, owner[0]) else ""
    text = resource.get("Fn::Sub") if isinstance(resource, dict) else resource
    if not isinstance(text, str):
        return ""
    begin = re.match(
        r"\$\{([^}.]+)\.Arn\}|arn:(?:aws[\w-]*|\$\{AWS::Partition\}):s3:::(?:\$\{([^}.]+)\}|[\w.-]+)", text
    )
    name = begin and (begin[1] or begin[2])
    if begin is None or (name and not _is_bucket(template, name)):
        return ""
    rest = text[begin.end() :]
    return "bucket" if not rest else "objects" if rest.startswith("/") else ""


def _is_bucket(template: Template, name: str) -> bool:
    return name in template.resources and template.resources[name].type == BUCKET
