"""The one door to `stepfunctions` 2.3.0, the AWS Step Functions Data Science SDK.

`import workflow_dsl.sdk` makes `import stepfunctions` work after it, whatever else is installed. Nothing of the SDK is
edited; some of its methods are wrapped, so that what it forgets is noted and what it lets pass in silence is refused.
"""

from workflow_dsl.sdk.door import (
    VERSION,
    BaseRule,
    Block,
    Catch,
    Chain,
    Choice,
    Fail,
    Field,
    Map,
    Parallel,
    Pass,
    Placeholder,
    Retry,
    State,
    Succeed,
    Task,
    Wait,
)
from workflow_dsl.sdk.guards import first, prefix
from workflow_dsl.sdk.notes import author, note_compiled, place_of, recording, used_again

__all__ = [
    "VERSION",
    "BaseRule",
    "Block",
    "Catch",
    "Chain",
    "Choice",
    "Fail",
    "Field",
    "Map",
    "Parallel",
    "Pass",
    "Placeholder",
    "Retry",
    "State",
    "Succeed",
    "Task",
    "Wait",
    "author",
    "first",
    "note_compiled",
    "place_of",
    "prefix",
    "recording",
    "used_again",
]
