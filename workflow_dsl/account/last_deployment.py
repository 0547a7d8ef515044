"""The template that CloudFormation deployed last, to tell what a deployment changes from what the account changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_dsl.account.access import Account
from workflow_dsl.account.role_changes import RoleChanges, role_changes
from workflow_dsl.account.stack import DeployedStack
from workflow_dsl.account.stack_definition import StackDefinition, definition_in_stack, template_in_stack
from workflow_dsl.account.stack_values import StackValues
from workflow_dsl.application.machines import TemplateMachine, machine_in_template
from workflow_dsl.application.template import Template, template_of
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import FindingsError


class LastDeployment:
    """The template of a stack's last deployment, and the parameters that it had."""

    def __init__(self, account: Account, stack: DeployedStack) -> None:
        self._account, self._stack = account, stack.as_deployed()
        self._template: Template | None = None
        self._is_read = False
        self.problem = ""  # the reason why it was not read

    def has_same(self, machine: TemplateMachine, planned: DeployedStack) -> bool | None:
        """True if CloudFormation sees no change of a state machine's definition, whatever the account has now.

        CloudFormation compares the last template with the new one, and not with the resource (user guide, "Detect
        unmanaged configuration changes"). None where the last template is not readable or has another form.
        """
        last = self._template_once()
        if last is None or machine.logical_id not in last.resources:
            return None
        properties = last.resources[machine.logical_id].properties
        if isinstance(machine.resource.definition, Path):
            key = _object_key(properties)
            if key is None:
                return None
            old_values = self._substitutions(last, machine.logical_id, self._stack)
            new_values = self._substitutions(machine.template, machine.logical_id, planned)
            return _digest(machine.resource.definition) == key and old_values == new_values
        resource = next(candidate for candidate in last.state_machines() if candidate.logical_id == machine.logical_id)
        old = machine_in_template(last, resource, _no_file)
        return self._resolved(old, self._stack) == self._resolved(machine, planned) if old.has_definition else None

    def role_changes(self, machine: TemplateMachine, planned: DeployedStack) -> RoleChanges | None:
        """Return how a deployment changes the permissions of a state machine's role; None if that is unknown."""
        last = self._template_once()
        if last is None or machine.logical_id not in last.resources:
            return None
        after = template_in_stack(machine.template, planned)
        return role_changes(template_in_stack(last, self._stack), after, machine.logical_id)

    def template(self) -> Template | None:
        """Return the template of the last deployment; None where it cannot be read: `problem` may say why."""
        return self._template_once()

    def _resolved(self, machine: TemplateMachine, stack: DeployedStack) -> StackDefinition:
        return definition_in_stack(machine, stack, StackValues(self._account, stack, machine.template))

    def _substitutions(self, template: Template, logical_id: str, stack: DeployedStack) -> Any:
        in_stack = template.in_stack(stack.physical_ids, stack.parameters, stack.arn)
        written = in_stack.substitutions_of(logical_id)
        # A value that only the stack has is the same while the template has the same text.
        return {name: in_stack.known(value) or json.dumps(value) for name, value in written.items()}

    def _template_once(self) -> Template | None:
        if not self._is_read:
            self._is_read = True
            self._template = self._fetched()
        return self._template

    def _fetched(self) -> Template | None:
        try:
            body = self._account.call(
                "cloudformation", "get_template", StackName=self._stack.arn, TemplateStage="Original"
            )["TemplateBody"]
            source = Source(body) if isinstance(body, dict) else read_source(str(body), strict=False)
            return template_of(source, Path("template.yaml"))
        except FindingsError as problem:  # then every difference may be a change
            self.problem = problem.findings[0].message
        except KeyError:
            self.problem = "the response has no template"
        return None


def _object_key(properties: Mapping[str, Json]) -> str | None:
    """The MD5 digest in the name of the object that SAM uploaded the definition to.

    SAM uploads a file under `PREFIX/MD5[.EXTENSION]` (aws-sam-cli, s3_uploader.py, "upload_with_dedup").
    """
    location = properties.get("DefinitionUri", properties.get("DefinitionS3Location"))
    key = location.get("Key") if isinstance(location, dict) else location
    return key.rpartition("/")[2].partition(".")[0] if isinstance(key, str) else None


def _digest(path: Path) -> str:
    return hashlib.md5(read_file(path), usedforsecurity=False).hexdigest() if path.is_file() else ""


def _no_file(path: Path) -> Source:
    raise FileNotFoundError(path)
