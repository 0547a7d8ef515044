"""The project's workflows against the definitions that the template deploys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.common import finding_at, from_template
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.resource_types import definition_property
from workflow_dsl.definition.files import identity
from workflow_dsl.findings import CATALOG, Finding, Place, Where


def wrong_definitions(application: Application) -> Iterator[Finding]:
    """State machines that do not deploy the file their workflow generates, and workflows that none deploys."""
    if application.project is None:
        return
    project, workflows = application.project, application.workflow_files
    deployed = set()
    for machine in application.machines:
        path, name = machine.resource.definition, machine.workflow
        if not isinstance(path, Path) or name not in workflows:
            continue
        deployed.add(name)
        generated = project.generated_file(name)
        if identity(path) != identity(generated):
            message = f"{machine.logical_id} does not deploy the file that the workflow {name} generates"
            remedy = f"write DefinitionUri: {from_template(application, generated)}"
            keys = (*machine.keys, "Properties", definition_property(machine.properties))
            yield finding_at(application, "NOT_GENERATED", keys, message, remedy)
    for name, path in workflows.items():
        if name not in deployed:
            message = f"no state machine of the template deploys {project.display_path(path)}"
            remedy = f"add one with DefinitionUri: {from_template(application, project.generated_file(name))}"
            where = Where(place=Place(application.template.source.file))
            yield Finding("NOT_DEPLOYED", CATALOG["NOT_DEPLOYED"][0], where, message, remedy)
