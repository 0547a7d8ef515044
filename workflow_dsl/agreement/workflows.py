"""The project's workflows and definitions against those that the template deploys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.common import as_note, finding_at, from_template
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.resource_types import definition_property
from workflow_dsl.definition.files import DEFINITION_SUFFIXES, identity, is_below, read_file
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


def definitions_beside(application: Application) -> Iterator[Finding]:
    """Definitions beside those that the template deploys, which no other file near the template names.

    generate reports those in its own folder.
    """
    template, home = application.template, application.template.path.parent
    deployed = [machine.resource.definition for machine in application.machines]
    files = [path for path in deployed if isinstance(path, Path) and path.name.endswith(_ENDINGS)]
    known = {identity(path) for path in files}
    generated = application.project and identity(application.project.root / application.project.generated)
    if not all(path.is_file() for path in files):  # a misspelt name is another finding
        return
    for folder in dict.fromkeys(path.parent for path in files if is_below(path, home)):
        others = [path for path in sorted(folder.glob("*")) if path.name.endswith(_ENDINGS)]
        for path in others if identity(folder) != generated else ():
            if identity(path) not in known and not _is_named_in(home, path.name):
                message = f"no state machine of {template.path.name} deploys it"
                remedy = f"add one with DefinitionUri: {from_template(application, path)}"
                where = Where(place=Place(str(Path(template.source.file).parent / from_template(application, path))))
                yield as_note(Finding("NOT_DEPLOYED", CATALOG["NOT_DEPLOYED"][0], where, message, remedy))


_ENDINGS = tuple(f".asl{suffix}" for suffix in DEFINITION_SUFFIXES)
_NAMING = (*DEFINITION_SUFFIXES, ".template", ".py", ".js", ".ts", ".tf", ".toml", ".sh", "")
_MOST_FILES, _MOST_BYTES = 200, 1_000_000


def _is_named_in(folder: Path, name: str) -> bool:
    """True if a file in or just below a folder may name another: a template, a script, or the code of another tool."""
    near = (path for pattern in ("*", "*/*") for path in sorted(folder.glob(pattern)))
    files = [path for path in near if path.suffix in _NAMING and not path.name.endswith(_ENDINGS) and path.is_file()]
    return len(files) > _MOST_FILES or any(name.encode() in _content(path) for path in files)


def _content(path: Path) -> bytes:
    try:
        return read_file(path, most=_MOST_BYTES)
    except OSError:  # a larger file, such as a lock file
        return b""
