"""Starts a server: an account with a project's state machines, and the application that answers requests."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workflow_dsl.application.application import Application, read_application
from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.findings import Finding
from workflow_dsl.local.stand_ins.mocks import check_mock_config
from workflow_dsl.local.stand_ins.network import Guard
from workflow_dsl.local.stand_ins.simulated_account import new_session
from workflow_dsl.project import find_project
from workflow_dsl.server.account import Account
from workflow_dsl.server.http import Application as HttpApplication
from workflow_dsl.server.live.schedules import begin, schedules_of
from workflow_dsl.server.live.terminal import ExecutionPrinter
from workflow_dsl.server.live.world import World
from workflow_dsl.server.persistence import Keeper, check_folder, load
from workflow_dsl.server.project import ProjectInAccount
from workflow_dsl.server.serving import ServerThread, bind, new_server, url_of
from workflow_dsl.server.settings import Settings
from workflow_dsl.server.shared_services import SharedServices
from workflow_dsl.server.state_machines import now

Print = Callable[[str], None]
_SECONDS_BEFORE_MOTO = 0.2


class Backend:
    """The parts of a server: the account, its executions, and the services that they call."""

    def __init__(self, application: Application, settings: Settings, show: Print | None) -> None:
        watch, log = (ExecutionPrinter(show), self._log) if show else (_nothing, _nothing)
        show = show or _nothing
        self.account = Account(settings.most_finished)
        endpoints = settings.endpoint_url, settings.endpoints
        self.services = SharedServices(self.account, application.template, *endpoints, report=show)
        self._show, self._is_real_time = show, settings.is_real_time
        if settings.mocks:
            check_mock_config(settings.mocks)
        if settings.persist:
            check_folder(settings.persist)
            load(self.account, settings.persist)
        self.project = ProjectInAccount(application, self.account, settings, self._report)
        self.world = World(
            self.account,
            services=self.services,
            functions_of=self.project.functions_of,
            is_real=settings.is_real_time,
            mocks=settings.mocks,
            prepare=self._start_services,
            watch=watch,
        )
        self._keeper = Keeper(self.account, settings.persist, self._later, show) if settings.persist else None
        self.http = HttpApplication(self.account, self.world.threads, others=self.services.answer, log=log)

    def begin(self, url: str) -> None:
        """Start moto with the template's resources, which takes time, once the server answers."""
        self.project.use(url)
        self._later(_SECONDS_BEFORE_MOTO, self._start_services)
        self._later(_SECONDS_BEFORE_MOTO, self._begin_schedules)

    def _begin_schedules(self) -> None:
        """Let the template's schedules start executions in real time; in virtual time say that they do not."""
        for schedule in schedules_of(self.project.template):
            machine = schedule.machine.rpartition(":")[2]
            try:
                if self._is_real_time:
                    begin(schedule, self.services.start_execution, self._later, now)
                else:
                    schedule.next(now())
                    self._show(f"{schedule.expression} starts {machine} only with --time real: {schedule.name}")
            except (ValueError, KeyError) as problem:
                self._show(f"{schedule.name} starts nothing: {problem}")

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        """Run long work in a thread after some seconds."""
        self.world.timer.after(seconds, lambda: self.world.threads.submit(work))

    def _start_services(self) -> None:
        with Guard():
            self.services.start()

    def close(self) -> None:
        """Stop everything that was started."""
        self.account.close()
        self.world.watch = _nothing  # an execution whose handler is ended has not failed
        if self._keeper:
            self._keeper.save()
        self.services.close()

    def _report(self, finding: Finding) -> None:
        self._show(f"{finding.severity}: {finding}")

    def _log(self, operation: str, code: str) -> None:
        self._show(f"{operation} {code}".rstrip())


def _nothing(*_: object) -> None:
    """Print nothing."""


def serve_forever(application: Application, settings: Settings, show: Print, *, is_quiet: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises OSError for a port that is in use."""
    listener = bind(settings.host, settings.port)
    try:
        backend = Backend(application, settings, None if is_quiet else show)
        server = new_server(backend.http)
        backend.begin(url_of(listener))
        # Histories stay, and executions leave no cycles: to look for some as often as Python does takes a fifth of the
        # time.
        gc.freeze()
        gc.set_threshold(50_000, 50, 50)
        show(f"Step Functions is at {url_of(listener)}; stop with Ctrl-C")
        try:
            server.run([listener])
        finally:
            backend.close()
    finally:
        listener.close()


class Server:
    """A server in this process, for tests: `with Server.of(folder) as server: server.client("stepfunctions")`.

    A local run in the same process resets moto, and with it the server's resources.
    """

    def __init__(self, application: Application, settings: Settings | None = None, show: Print | None = None) -> None:
        settings = settings or Settings()
        self.backend = Backend(application, settings, show)
        self._thread = ServerThread(self.backend.http, settings.host, settings.port)
        self.url = self._thread.url
        self.backend.begin(self.url)

    @classmethod
    def of(cls, folder: Path | str = ".", settings: Settings | None = None) -> Server:
        """Return a server of the project in a folder, or of an empty account. Raises FindingsError."""
        return cls(read_application(find_project(Path(folder))), settings)

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service at this server."""
        from botocore.config import Config

        # The host prefix of StartSyncExecution and TestState makes a name that no computer has.
        config = Config(
            inject_host_prefix=False, retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=50
        )
        credentials: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return new_session(LOCAL_REGION).client(service, endpoint_url=self.url, config=config, **credentials)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and everything that it started."""
        self._thread.close()
        self.backend.close()
