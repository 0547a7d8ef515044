"""`types`: the types of the input and output of each state."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from workflow_dsl.cli.common import (
    FOUND,
    application_if_any,
    application_of,
    format_option,
    json_value,
    problems_reported,
    report,
    say,
    template_option,
)
from workflow_dsl.findings import did_you_mean, short_list
from workflow_dsl.project import find_project
from workflow_dsl.records import replace


@click.command("types", short_help="Print the type of each state's input and output.")
@click.argument("name", metavar="NAME|FILE")
@click.option("--state", "chosen", metavar="STATE", multiple=True, help="Print only this state (repeatable).")
@format_option(
    "text", "typescript", "python", "json-schema", help="Print text, or declarations for handlers and tests."
)
@click.option(
    "--input",
    "samples",
    metavar="JSON|@FILE|-",
    multiple=True,
    help="Infer the type of the input from this example (repeatable).",
)
@template_option
def types(name: str, chosen: tuple[str, ...], format_: str, samples: tuple[str, ...], template: str | None) -> None:
    """Print the types of the input and output of each state, inferred from handlers' annotations, schemas and APIs.

    NAME is a workflow, a logical ID in the template, or a definition's file. `unknown` is a value that nothing
    declares. With --input, the type of the input is that of the examples: a field that one of them lacks is optional.
    """
    with problems_reported():
        from workflow_dsl.application.declarations import Declarations
        from workflow_dsl.shapes import flow_of
        from workflow_dsl.shapes.sources.samples import shape_of_samples
        from workflow_dsl.validation import check
        from workflow_dsl.views.types import lines_of

        project = find_project(Path.cwd())
        application = application_of(project, template) if template else application_if_any(project, name=name)
        machine = application.named(name)
        known = machine.with_known_values
        if report(finding for finding in check(known) if finding.severity == "error"):
            sys.exit(FOUND)  # the flow of values is that of a valid definition
        declared = Declarations(application).of(machine)
        if samples:
            inputs = [json_value(sample, "--input") for sample in samples]
            declared = replace(declared, input=shape_of_samples(inputs, "--input"))
        flow = flow_of(known, declared)
        states = list(flow.machine.walk())
        names = [state.name for state in states]
        for wanted in chosen:
            if wanted not in names:
                hint = did_you_mean(wanted, names) or f"the states are {short_list(names)}"
                raise click.UsageError(f"no state {wanted!r}; {hint}")
        for line in lines_of([flow.at(state) for state in states if not chosen or state.name in chosen], format_):
            say(line)
