"""The AWS services of an account: moto, started once with the template's resources, for all executions together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from workflow_dsl.application.template import Template
from workflow_dsl.local.stand_ins.moto_gateway import answer_with_moto
from workflow_dsl.local.stand_ins.resources import create_resources
from workflow_dsl.local.stand_ins.services import BotoServices
from workflow_dsl.local.stand_ins.simulated_account import call_at, environment_restored


class SharedServices(BotoServices):
    """Services that all executions and clients share; `on_start` is called once moto, or the endpoint, is in use."""

    def __init__(
        self, template: Template, endpoint_url: str | None = None, on_start: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(endpoint_url)
        self._template, self._url, self._on_start = template, endpoint_url, on_start
        self._starting = threading.RLock()
        self._has_started = False

    def start(self) -> None:
        """Start moto, and create the template's resources; another thread waits until it is done."""
        with self._starting:
            if self._has_started:
                return
            self._has_started = True
            super().start()
            if self._url:
                self._resources.enter_context(environment_restored())
                call_at(self._url)
            else:
                create_resources(self, self._template)
            self._on_start()

    def client(self, service: str) -> object:
        """Return a boto3 client for a service by its boto3 name."""
        self.start()
        return super().client(service)

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return the answer of moto to a request of another service."""
        self.start()
        return answer_with_moto(method, path, headers, body)
