"""Runs of a project's workflows: with the template's handlers, substitutions, other state machines and resources.

The template's tables, queues, topics and buckets are in moto, anew for each run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cached_property
from typing import Literal, Protocol, TypedDict, Unpack

from workflow_dsl.agreement.references import wrong_reference
from workflow_dsl.application.application import Application
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.resource_types import BUCKET
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.lambda_functions.template_functions import TemplateFunctions
from workflow_dsl.local.one_state.inspection import StateTest
from workflow_dsl.local.one_state.testing import StateTestOptions, test_state
from workflow_dsl.local.option_types import check_option_types
from workflow_dsl.local.runner import NO_INPUT, Definition, Run, ServiceFunctions, run
from workflow_dsl.local.stand_ins.known_names import functions_of, unknown_functions
from workflow_dsl.local.stand_ins.mocks import Mock
from workflow_dsl.local.stand_ins.network import Guard
from workflow_dsl.local.stand_ins.resources import TABLE_TYPES, Resources
from workflow_dsl.local.stand_ins.services import BotoServices, FakeServices, Services, services_of_run
from workflow_dsl.local.stand_ins.simulated_account import call_at, environment_restored, turn
from workflow_dsl.local.stand_ins.table_items import Items, put_items
from workflow_dsl.local.type_checks import contradictions


class RunOptions(TypedDict, total=False):
    """The options of a run that `workflow_dsl.local.run` has too, with the same meaning.

    `functions` replace the template's of the same name, logical ID or placeholder. `services` answers service calls;
    those that a mapping does not answer go to moto or the endpoint. `workflows` are the template's other state
    machines by default.
    """

    functions: Mapping[str, Handler | Function] | None
    services: Services | ServiceFunctions | None
    name: str | None
    start_time: datetime | None
    clock: Callable[[], datetime] | None
    mocks: Mapping[str, Mock] | None
    workflows: Mapping[str, Definition] | None
    context: Mapping[str, Json] | None
    seed: int | str | None
    watch: Callable[[int, Event], None] | None


class RunWorkflow(Protocol):
    """The type of the pytest fixture `run_workflow`: `def test_it_buys(run_workflow: RunWorkflow) -> None`."""

    def __call__(
        self,
        workflow: str,
        input: Json = NO_INPUT,
        *,
        objects: Mapping[str, str | bytes] | None = None,
        tables: Items | None = None,
        type: Literal["STANDARD", "EXPRESS"] | None = None,
        **options: Unpack[RunOptions],
    ) -> Run:
        """Run a workflow of the project; see ProjectRunner.run."""


class ProjectRunner:
    """Runs the workflows of an application. With an endpoint, AWS services are called there, not in moto.

    `lambda_endpoint` is the URL where functions are called that cannot run here, or all of them with
    `lambda_endpoint_for="all"`.
    """

    def __init__(
        self,
        application: Application,
        endpoint_url: str | None = None,
        *,
        lambda_endpoint: str | None = None,
        lambda_endpoint_for: Literal["others", "all"] = "others",
    ) -> None:
        self._application = application
        self._endpoint_url = endpoint_url
        at_endpoint = (lambda_endpoint, lambda_endpoint_for)
        self._template_functions = TemplateFunctions(application.template, endpoint_url, *at_endpoint)

    @property
    def _template(self) -> Template:
        return self._application.template

    def run(
        self,
        workflow: str,
        input: Json = NO_INPUT,
        *,
        objects: Mapping[str, str | bytes] | None = None,
        tables: Items | None = None,
        type: Literal["STANDARD", "EXPRESS"] | None = None,
        **options: Unpack[RunOptions],
    ) -> Run:
        """Run a workflow, by any name that `Application.named` takes, and return the ended execution.

        `objects` are put into the template's buckets first: `{"s3://MarketBucket/prices.csv": "symbol,price"}`.
        `tables` are the items that its tables have first: `{"TradeTable": [{"id": "1", "price": 5}]}`. `type` is the
        template's by default. Raises FindingsError, and TypeError for an option of a wrong type.
        """
        check_option_types(objects=objects, tables=tables, type=type, **options)
        machine = self._machine_named(workflow)
        functions, services = options.get("functions") or {}, options.get("services")
        self._refuse_wrong_references(machine, functions)
        if not options.get("workflows"):  # others may call functions that the template does not have
            self._refuse_unknown_functions(machine, functions)
        options["workflows"] = options.get("workflows") or _Startable(self._application)
        options["functions"] = self._with_stand_ins(machine, functions)
        with self._services() as (own, resources):
            self._put(own, objects or {})
            self._put_items(own, tables or {})
            options["services"] = FakeServices(services, own) if isinstance(services, Mapping) else services or own
            execution = run(
                machine.with_local_values,
                input,
                machine_name=machine.workflow or machine.resource.name,
                type=type or machine.resource.type,
                **options,
            )
            execution.tables.update(resources.items() if resources else {})
        return execution

    def contradictions(self, workflow: str, execution: Run) -> list[str]:
        """Return how the values of a run differ from what is declared, each difference as a line."""
        return contradictions(execution, self._declarations.of(self._machine_named(workflow), with_events=False))

    @cached_property
    def _declarations(self) -> Declarations:
        return Declarations(self._application)

    def test_state(
        self,
        workflow: str,
        state: str,
        input: Json = NO_INPUT,
        *,
        functions: Mapping[str, Handler | Function] | None = None,
        services: Services | ServiceFunctions | None = None,
        **options: Unpack[StateTestOptions],
    ) -> StateTest:
        """Test one state of a workflow by itself, and return how it ends; see `workflow_dsl.local.test_state`.

        Without a mock, the state calls the template's functions and moto or the endpoint, as in `run`. Raises
        FindingsError.
        """
        machine = self._machine_named(workflow)
        is_mocked = options.get("mock") is not None
        if not is_mocked:
            self._refuse_wrong_references(machine, functions or {})
        with nullcontext((FakeServices({}), None)) if is_mocked else self._services() as (own, _):
            return test_state(
                machine.with_local_values,
                input,
                name=state,
                functions=self._with_stand_ins(machine, functions or {}),
                services=FakeServices(services, own) if isinstance(services, Mapping) else services or own,
                workflows=_Startable(self._application),
                **options,
            )

    def _machine_named(self, workflow: str) -> TemplateMachine:
        """The state machine of a name; no other thread runs a workflow while its module is compiled."""
        with turn():
            return self._application.named(workflow)

    def name_of(self, workflow: str) -> str:
        """The name that all names of a state machine share: that of its definition's file, else its logical ID."""
        machine = self._application.all_named(workflow)[0]
        return machine.workflow or machine.logical_id

    def _refuse_wrong_references(self, machine: TemplateMachine, functions: Mapping[str, object]) -> None:
        """Raises FindingsError for references to resources that the template lacks, unless a function replaces them."""
        if self._application.has_template:
            targets = [
                reference for reference in machine.reference_targets.values() if reference.logical_id not in functions
            ]
            findings = [finding for target in targets if (finding := wrong_reference(self._template, target))]
            if findings:
                raise FindingsError(findings)

    def _refuse_unknown_functions(self, machine: TemplateMachine, functions: Mapping[str, object]) -> None:
        """Raises FindingsError for a name that stands in for nothing; without a template nothing else could run."""
        if functions and self._application.has_template:
            placeholders = [*machine.placeholders, *machine.reference_targets]
            known = functions_of(self._template, placeholders) | {*machine.local_substitutions.values()}
            others = (other.definition for other in self._application.machines)
            findings = unknown_functions(functions, known, machine.with_local_values, others)
            if findings:
                raise FindingsError(findings)

    def _with_stand_ins(
        self, machine: TemplateMachine, functions: Mapping[str, Handler | Function]
    ) -> dict[str, Handler | Function]:
        """The template's functions, replaced by those of the caller, also by the ARN that a placeholder has."""
        aliases = {target.logical_id: placeholder for placeholder, target in machine.reference_targets.items()}
        aliases |= machine.local_substitutions
        aliases |= self._template_functions.names
        stand_ins = {aliases.get(name, name): function for name, function in functions.items()}
        return {**self._template_functions.called_by(machine.with_local_values), **functions, **stand_ins}

    @contextmanager
    def _services(self) -> Iterator[tuple[BotoServices, Resources | None]]:
        """AWS services, also for the handlers' own calls, and in moto the template's resources."""
        services = services_of_run(self._endpoint_url)
        with turn(), environment_restored(), Guard(services.urls):
            try:
                if self._endpoint_url:
                    call_at(self._endpoint_url)
                    yield services, None
                else:
                    resources = Resources(services, self._template)
                    with resources.created_when_needed():
                        yield services, resources
            finally:
                services.close()

    def _put(self, services: BotoServices, objects: Mapping[str, str | bytes]) -> None:
        """Put objects into buckets, each under its URL; a bucket goes by its logical ID or its name."""
        buckets = {bucket.logical_id: self._template.values.name(bucket) for bucket in self._buckets()}
        for url, content in objects.items():
            bucket, _, key = url.removeprefix("s3://").partition("/")
            name = buckets.get(bucket, bucket)
            exists = self._endpoint_url is not None or name in buckets.values()
            if not url.startswith("s3://") or not key or not exists:
                choices = f"write s3://BUCKET/KEY; the template has {', '.join(buckets) or 'no bucket'}"
                remedy = did_you_mean(bucket, buckets) or choices
                message = f"cannot upload to {url}: no such bucket in the template"
                raise FindingsError([Finding("NO_BUCKET", "error", Where(), message, remedy)])
            body = content.encode() if isinstance(content, str) else content
            services.client("s3").put_object(Bucket=name, Key=key, Body=body)

    def _put_items(self, services: BotoServices, tables: Items) -> None:
        """Put items into tables; a table goes by its logical ID or its name."""
        if tables:
            resources = self._template.of_types(*TABLE_TYPES)
            names = {resource.logical_id: self._template.values.name(resource) for resource in resources}
            put_items(services.client("dynamodb"), tables, names, has_others=self._endpoint_url is not None)

    def _buckets(self) -> list[Resource]:
        return list(self._template.of_types(BUCKET))


class _Startable(Mapping[str, Definition]):
    """The definitions that `states:startExecution` may start, by the name that their ARN ends with."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._machines = {machine.resource.name: machine.logical_id for machine in application.machines}

    def __getitem__(self, name: str) -> Definition:
        return self._application.named(self._machines[name]).with_local_values

    def __iter__(self) -> Iterator[str]:
        return iter(self._machines)

    def __len__(self) -> int:
        return len(self._machines)
