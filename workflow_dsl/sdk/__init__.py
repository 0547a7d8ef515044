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
    StepInput,
    Succeed,
    Task,
    Wait,
)
from workflow_dsl.sdk.guards import changed_since, own_copy, shown
from workflow_dsl.sdk.links import NestedMachine, first, flat
from workflow_dsl.sdk.notes import asked_by_a_library, author, mistake, note_compiled, place_of, recording, used_again
from workflow_dsl.sdk.prefixes import prefix, prefixes_closed

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
    "NestedMachine",
    "Parallel",
    "Pass",
    "Placeholder",
    "Retry",
    "State",
    "StepInput",
    "Succeed",
    "Task",
    "Wait",
    "asked_by_a_library",
    "author",
    "changed_since",
    "first",
    "flat",
    "mistake",
    "note_compiled",
    "own_copy",
    "place_of",
    "prefix",
    "prefixes_closed",
    "recording",
    "shown",
    "used_again",
]
