"""All that `generate` makes, before any of it is written: definitions, pictures and the page of state machines."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from workflow_dsl.agreement import cross_check, reported_placeholders
from workflow_dsl.application.machines import Stack, project_stack
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.generation.files import Artifact, definition, drift, orphans, outdated
from workflow_dsl.project import Project
from workflow_dsl.validation import check
from workflow_dsl.views.diagram import to_mermaid, to_svg
from workflow_dsl.views.page import page_of


@dataclass(frozen=True, slots=True)
class Build:
    """A workflow as far as it got: no machine where an author's mistake kept it from being compiled."""

    name: str
    machine: Machine | None
    findings: list[Finding]
    seconds: float


@dataclass(frozen=True)
class Generation:
    """Workflows built, and what the template says of them.

    Where template, workflows and functions disagree, definitions are written all the same, for they do not depend on
    the template; pictures and page do, and are neither written nor compared until that is mended.
    """

    project: Project
    builds: list[Build]
    stack: Stack | None = None
    disagreements: list[Finding] = field(default_factory=list)

    @cached_property
    def machines(self) -> Mapping[str, Machine]:
        return {build.name: build.machine for build in self.builds if build.machine}

    @property
    def is_drawn(self) -> bool:
        """Whether nothing keeps pictures and page from being true."""
        return not any(finding.severity == "error" for finding in self.disagreements)

    @cached_property
    def artifacts(self) -> Mapping[str, list[Artifact]]:
        """The files of each workflow: its definition, and its picture as SVG and Mermaid."""
        return {name: self._artifacts(name) for name in self.machines}

    def _artifacts(self, name: str) -> list[Artifact]:
        machine, deployed = self.machines[name], self.stack.deploying(name) if self.stack else None
        if not self.is_drawn:
            return [definition(self.project, name, machine)]
        drawn = deployed.local if deployed else machine
        file = self.project.generated_file(name)
        pictures = {".svg": to_svg(drawn, name), ".mmd": to_mermaid(drawn)}
        return [
            definition(self.project, name, machine),
            *(Artifact(file.with_name(f"{name}{suffix}"), text) for suffix, text in pictures.items()),
        ]

    @cached_property
    def page(self) -> Artifact | None:
        """The page of state machines, where the project wants one and has a template."""
        at = self.project.overview
        if not at or not self.stack or not self.is_drawn:
            return None
        return Artifact(self.project.root / at, page_of(self.project, self.stack, at))

    def drift(self, name: str) -> Iterator[Finding]:
        """Where a workflow's files are not what it makes; of its pictures only where its definition is."""
        text, *pictures = self.artifacts[name]
        yield from drift(self.project, name, self.machines[name])
        if text.is_current:
            yield from (outdated(self.project, each) for each in pictures if not each.is_current)

    def stale(self) -> list[Finding]:
        """Where what is written is not what workflows and template make."""
        found = [finding for name in self.machines for finding in self.drift(name)]
        return [*found, outdated(self.project, self.page)] if self.page and not self.page.is_current else found

    def obstacles(self) -> list[Finding]:
        """What keeps all of it from being deployed: errors, and where there is none, files that are not current."""
        found = [*(each for build in self.builds for each in build.findings), *self.disagreements]
        errors = [each for each in found if each.severity == "error"]
        return errors or [*orphans(self.project), *self.stale()]


def generation(
    project: Project, paths: Iterable[Path], compiled: Callable[[Path], Machine], ignore: Collection[str] = ()
) -> Generation:
    """Compiles and checks workflows, each as the template deploys it, with the warnings in `ignore` left out."""
    builds = [_build(path, compiled) for path in paths]
    machines = {build.name: build.machine for build in builds if build.machine}
    try:
        stack = project_stack(project, machines)
    except FindingsError as problem:
        return Generation(project, [_checked(build, None, {}, ignore) for build in builds], None, [*problem.findings])
    found = [*cross_check(stack), *(each for deployed in stack.machines for each in deployed.problems)] if stack else []
    if stack is None and project.overview:
        found = [_no_template(project)]
    reported = reported_placeholders(found)
    checked = [_checked(build, stack, reported, ignore) for build in builds]
    return Generation(project, checked, stack, [finding for finding in found if finding.code not in ignore])


def _no_template(project: Project) -> Finding:
    message = f"is not there, and {project.overview} is made of it"
    remedy = "write it, or take overview away from [tool.workflow-dsl]"
    return Finding("TEMPLATE", "error", Where(place=Place(str(project.template))), message, remedy)


def _build(path: Path, compiled: Callable[[Path], Machine]) -> Build:
    started = time.perf_counter()
    try:
        machine = compiled(path)
    except FindingsError as problem:
        return Build(path.stem, None, list(problem.findings), time.perf_counter() - started)
    return Build(path.stem, machine, [], time.perf_counter() - started)


def _checked(build: Build, stack: Stack | None, reported: Mapping[str, set[str]], ignore: Collection[str]) -> Build:
    """A build with what is wrong with its machine; nothing is said of what the placeholders in doubt stand for."""
    if build.machine is None:
        return build
    started = time.perf_counter()
    deployed = stack.deploying(build.name) if stack else None
    if deployed is None:
        found = check(build.machine, ignore=ignore)
    else:
        known = deployed.substitutions
        if known is not None:
            known = {**known, **dict.fromkeys(reported.get(deployed.resource.logical_id, ()))}
        found = check(build.machine, type=deployed.resource.type, substitutions=known, ignore=ignore)
    return Build(build.name, build.machine, found, build.seconds + time.perf_counter() - started)
