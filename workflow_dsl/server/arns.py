"""ARNs of Step Functions: made, and taken apart. Forms: service authorization reference, "Resource types"."""

from __future__ import annotations

import re
from functools import lru_cache

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.server.errors import invalid_arn, invalid_name, validation, wrong_resource

_PREFIX = f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}"
_ARN = lazy_regex(r"arn:[\w-]+:states:[\w-]+:(\d{12}):(\w+):(.+)", re.DOTALL)
_VERSION = lazy_regex("[1-9][0-9]*")
# Source: API reference, CreateStateMachine, "name".
_NOT_IN_NAMES = lazy_regex(r"""[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff]""")


class Arn(Record):
    """An ARN in parts: the kind of resource, its name, and the rest after the name."""

    text: str
    kind: str
    name: str
    qualifier: str = ""

    @property
    def version(self) -> int:
        """The version number at the end of the ARN; 0 if it has none."""
        return int(self.qualifier) if _VERSION.fullmatch(self.qualifier) else 0


def machine_arn(name: str) -> str:
    """Return the ARN of a state machine."""
    return f"{_PREFIX}:stateMachine:{name}"


def activity_arn(name: str) -> str:
    """Return the ARN of an activity."""
    return f"{_PREFIX}:activity:{name}"


@lru_cache(maxsize=1024)  # most requests name one of few state machines
def parse_arn(text: str, *kinds: str) -> Arn:
    """Return an ARN in parts. Raises ApiError if it is not an ARN of Step Functions, or not of these kinds."""
    match = _ARN.fullmatch(text)
    if not match:
        raise invalid_arn(text)
    _, kind, rest = match.groups()
    if kinds and kind not in kinds:
        raise wrong_resource(kind)
    name, _, qualifier = rest.partition(":")
    return Arn(f"{_PREFIX}:{kind}:{rest}", kind, name, qualifier)


def check_unlabelled(arn: Arn) -> None:
    """Raise ApiError for the ARN of a distributed Map's label: the service takes those of state machines only."""
    if "/" in arn.name:
        raise validation(f"The ARN has the label of a distributed Map: {arn.text}")


def check_name(name: str) -> None:
    """Raise ApiError for a name with characters that names do not have."""
    if not name.replace("-", "").isalnum() and _NOT_IN_NAMES.search(name):
        raise invalid_name(name)
