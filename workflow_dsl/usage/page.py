"""The page of a project's state machines, as Markdown: picture, states, functions, permissions and what starts each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.deployment import Deployed, Stack
from workflow_dsl.permissions import least_privilege
from workflow_dsl.project import Project
from workflow_dsl.template.triggers import Trigger, triggers_of
from workflow_dsl.usage.shown import markdown
from workflow_dsl.usage.uses import Use, unused_functions, uses_of

_HEAD = """\
# State machines

Which state machine uses which function, what starts it, and what its role needs. `workflow-dsl generate` makes this
page from the template, the workflows and the functions, and `generate --check` says when it is no longer true.
"""


def page(project: Project, stack: Stack, at: Path) -> str:
    """The page, for a file at `at`, from the project's root on: its links lead from there."""
    uses, triggers = uses_of(stack), triggers_of(stack.template)
    functions = list(dict.fromkeys(use.target for use in uses if use.call.service == "lambda" and use.target))
    by_function = [(name, _states(name, uses), _code(name, uses, at)) for name in functions]
    not_called = [(name, _started(name, triggers) or "nothing", "") for name in unused_functions(stack, uses)]
    parts = [_HEAD, markdown(("Function", "Called by", "Code"), [*by_function, *not_called])]
    for deployed in stack.machines:
        own = [use for use in uses if use.machine == deployed.resource.logical_id]
        parts += ["\n".join(_chapter(project, deployed, own, triggers, at))]
    return "\n".join(parts)


def _states(name: str, uses: list[Use]) -> str:
    return "; ".join(f"{use.machine}: {use.state}" for use in uses if use.target == name)


def _started(name: str, triggers: list[Trigger]) -> str:
    return "; ".join(str(each) for each in triggers if each.target == name)


def _code(name: str, uses: list[Use], at: Path) -> str:
    """A link to a function's file, without the line, which every edit of the file would move."""
    file = next((use.code.file for use in uses if use.target == name and use.code), "")
    return _linked(Path(file), at) if file else ""


def _linked(path: Path, at: Path) -> str:
    return f"[{path.as_posix()}]({_link(path, at)})"


def _link(path: Path, at: Path) -> str:
    return Path(os.path.relpath(path, at.parent)).as_posix().replace(" ", "%20")


def _chapter(project: Project, deployed: Deployed, uses: list[Use], triggers: list[Trigger], at: Path) -> Iterator[str]:
    logical_id, workflow = deployed.resource.logical_id, deployed.workflow
    yield f"## {logical_id}\n"
    if deployed.written.fields.get("Comment"):
        yield f"{deployed.written.fields['Comment']}\n"
    source = project.workflows / f"{workflow}.py"
    is_ours = bool(workflow) and (project.root / source).is_file()
    if is_ours:
        definition = project.generated / f"{workflow}.asl.json"
        yield f"{_linked(source, at)}, deployed as {_linked(definition, at)}\n"
        yield f"![{logical_id}]({_link(project.generated / f'{workflow}.svg', at)})\n"
    started = _started(logical_id, triggers)
    yield f"Started by: {started or 'no event of the template'}.\n"
    if uses:
        rows = [(use.state, use.calls, ", ".join(use.through), use.target) for use in uses]
        yield markdown(("State", "Calls", "Through", "Function or resource"), rows)
    needed = [(_code_in(actions), _code_in(resources)) for actions, resources in least_privilege(deployed)]
    yield f"Its role needs{':' if needed else ' nothing.'}\n"
    if needed:
        yield markdown(("Actions", "Resources"), needed)


def _code_in(texts: list[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)
