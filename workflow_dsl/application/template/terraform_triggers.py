"""Rules with their targets, schedules and pipes in a plan of Terraform, as a template has them."""

from __future__ import annotations

from workflow_dsl.application.template.terraform_rows import UNKNOWN, Row, Rows, block_of, document_in, value_of
from workflow_dsl.definition.json import Json


def rule(row: Row, rows: Rows) -> dict[str, Json]:
    """The properties of an EventBridge rule with its targets."""
    pattern = row.values.get("event_pattern")
    return _given(
        Name=row.values.get("name"),
        EventBusName=row.values.get("event_bus_name") or None,
        ScheduleExpression=row.values.get("schedule_expression") or None,  # "" in a plan of a rule with a pattern
        EventPattern=document_in(pattern) if pattern else None,
        State="DISABLED" if row.values.get("state") == "DISABLED" else None,
        Targets=[
            _given(
                Id=target.values.get("target_id") or target.address,
                Arn=value_of(target, "arn", rows),
                RoleArn=value_of(target, "role_arn", rows),
                Input=target.values.get("input") or None,
                InputPath=target.values.get("input_path") or None,
                InputTransformer=_transformer(target),
            )
            for target in rows.targets.get(row.address, [])
        ],
    )


def _transformer(target: Row) -> Json:
    """The InputTransformer of a target; a reference for a template that is known after apply, None without one."""
    block = block_of(target.values.get("input_transformer"))
    if not block:
        return UNKNOWN if target.expressions.get("input_transformer") else None
    return _given(InputPathsMap=block.get("input_paths") or None, InputTemplate=block.get("input_template") or UNKNOWN)


def schedule(row: Row, rows: Rows) -> dict[str, Json]:
    """The properties of a schedule of EventBridge Scheduler."""
    return _given(
        ScheduleExpression=row.values.get("schedule_expression"),
        ScheduleExpressionTimezone=row.values.get("schedule_expression_timezone"),
        FlexibleTimeWindow={"Mode": block_of(row.values.get("flexible_time_window")).get("mode", "OFF")},
        Target=_given(
            Arn=value_of(row, "arn", rows, "target"),
            RoleArn=value_of(row, "role_arn", rows, "target"),
            Input=block_of(row.values.get("target")).get("input"),
        ),
    )


def pipe(row: Row, rows: Rows) -> dict[str, Json]:
    """The properties of a pipe of EventBridge."""
    parameters = block_of(row.values.get("target_parameters"))
    machine = block_of(parameters.get("step_function_state_machine_parameters"))
    invocation = {"InvocationType": machine["invocation_type"]} if machine.get("invocation_type") else None
    return _given(
        RoleArn=value_of(row, "role_arn", rows),
        Source=value_of(row, "source", rows),
        Target=value_of(row, "target", rows),
        TargetParameters={"StepFunctionStateMachineParameters": invocation} if invocation else None,
    )


def _given(**properties: Json) -> dict[str, Json]:
    """The properties that have a value."""
    return {name: value for name, value in properties.items() if value is not None}
