"""The one import of `stepfunctions` 2.3.0, the AWS Step Functions Data Science SDK, and the guards around it.

After `import workflow_dsl.authoring.sdk`, `import stepfunctions` works whatever else is installed. The SDK's files stay
untouched; some of its methods are wrapped, to record where an author created a state and to refuse what the SDK accepts
and then loses.
"""

from workflow_dsl.authoring.sdk.field_guards import changed_since, own_copy, shown
from workflow_dsl.authoring.sdk.importing import (
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
from workflow_dsl.authoring.sdk.link_guards import NestedMachine, first, flat
from workflow_dsl.authoring.sdk.prefixes import prefix, prefixes_closed
from workflow_dsl.authoring.sdk.source_lines import (
    author,
    called_by_library_code,
    mistake,
    note_compiled,
    place_of,
    recording,
    used_again,
)

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
    "author",
    "called_by_library_code",
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
