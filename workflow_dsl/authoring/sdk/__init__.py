"""The only import of `stepfunctions` 2.3.0, the AWS Step Functions Data Science SDK, and the guards around it.

After `import workflow_dsl.authoring.sdk`, `import stepfunctions` works whatever else is installed. The SDK's files stay
unchanged; some of its methods are wrapped, to record where the author creates a state and to refuse what the SDK
accepts and then ignores.
"""

from workflow_dsl.authoring.sdk.field_guards import copy_containers, describe, mutated_field
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
from workflow_dsl.authoring.sdk.link_guards import NestedMachine, first_state, flatten, wrong_block
from workflow_dsl.authoring.sdk.prefixes import prefix, prefixes_closed
from workflow_dsl.authoring.sdk.source_lines import (
    CallSite,
    author_place,
    call_site,
    called_by_library_code,
    mark_compiled,
    mistake,
    place_of,
    recording,
    runtime_value_error,
    second_use_site,
)

__all__ = [
    "VERSION",
    "BaseRule",
    "Block",
    "CallSite",
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
    "author_place",
    "call_site",
    "called_by_library_code",
    "copy_containers",
    "describe",
    "first_state",
    "flatten",
    "mark_compiled",
    "mistake",
    "mutated_field",
    "place_of",
    "prefix",
    "prefixes_closed",
    "recording",
    "runtime_value_error",
    "second_use_site",
    "wrong_block",
]
