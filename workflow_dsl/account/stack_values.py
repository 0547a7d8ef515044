"""Values that a template does not have and the account has: exports, outputs of nested stacks, ARNs of roles."""

from __future__ import annotations

from functools import cached_property

from workflow_dsl.account.access import Account, unexpected_responses_reported
from workflow_dsl.account.stack import NESTED_STACK, DeployedStack
from workflow_dsl.application.template import Template
from workflow_dsl.findings import FindingsError

_ROLE = "AWS::IAM::Role"


class StackValues:
    """The values of one stack, each fetched when it is first needed; None for one that cannot be read."""

    def __init__(self, account: Account, stack: DeployedStack, template: Template) -> None:
        self._account, self._stack, self._template = account, stack, template
        self._outputs: dict[str, dict[str, str]] = {}
        self.problems: list[str] = []  # the reasons why values were not read

    def export(self, name: str) -> str | None:
        """Return the value that Fn::ImportValue has for the name of an export."""
        return self._exports.get(name)

    @cached_property
    def _exports(self) -> dict[str, str]:
        try:
            rows = list(self._account.items("cloudformation", "list_exports", "Exports"))
        except FindingsError as problem:  # a policy may allow to describe one stack, and not to list exports
            self.problems.append(f"the exports of other stacks were not read: {problem.findings[0].message}")
            return {}
        return {row["Name"]: row["Value"] for row in rows}

    def attribute(self, name: str) -> str | None:
        """Return what Fn::GetAtt has for `Resource.Attribute`: the ARN of a role, or an output of a nested stack."""
        logical_id, _, attribute = name.partition(".")
        physical_id, type_ = self._stack.physical_ids.get(logical_id), self._stack.types.get(logical_id)
        if physical_id and type_ == NESTED_STACK and attribute.startswith("Outputs."):
            return self._outputs_of(physical_id).get(attribute.removeprefix("Outputs."))
        return self._role_arn(logical_id, physical_id) if physical_id and (type_, attribute) == (_ROLE, "Arn") else None

    def _role_arn(self, logical_id: str, name: str) -> str | None:
        resource = self._template.resources.get(logical_id)  # SAM's own roles are not in the template
        path = resource.properties.get("Path", "/") if resource else "/"
        _, partition, _, _, account, _ = self._stack.arn.split(":", 5)
        return f"arn:{partition}:iam::{account}:role{path}{name}" if isinstance(path, str) else None

    def _outputs_of(self, arn: str) -> dict[str, str]:
        if arn not in self._outputs:
            self._outputs[arn] = self._read_outputs(arn)
        return self._outputs[arn]

    @unexpected_responses_reported
    def _read_outputs(self, arn: str) -> dict[str, str]:
        try:
            [stack] = self._account.call("cloudformation", "describe_stacks", StackName=arn)["Stacks"]
        except FindingsError as problem:  # without it the value is unknown
            self.problems.append(f"the outputs of a nested stack were not read: {problem.findings[0].message}")
            return {}
        return {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}
