"""The AWS services of an account: moto, started once with the template's resources, for all executions together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from workflow_dsl.application.template import Template
from workflow_dsl.local.stand_ins.moto_gateway import answer_with_moto
from workflow_dsl.local.stand_ins.resources import Resources
from workflow_dsl.local.stand_ins.services import BotoServices
from workflow_dsl.local.stand_ins.simulated_account import call_at, environment_restored
from workflow_dsl.server import api, model
from workflow_dsl.server.account import Account
from workflow_dsl.server.event_starts import create_rules, rules_start
from workflow_dsl.server.interception import answer_session, release_session


class SharedServices(BotoServices):
    """Services that all executions and clients share; calls of Step Functions are the account's.

    `endpoints` are the URLs of services by their boto3 names that neither moto nor the endpoint answers.
    """

    def __init__(
        self,
        account: Account,
        template: Template,
        endpoint_url: str | None = None,
        endpoints: Mapping[str, str] | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(endpoint_url)
        self._account, self._template, self._url = account, template, endpoint_url
        self._endpoints, self._report = endpoints or {}, report
        self._starting = threading.RLock()
        self._has_started = False

    def start(self) -> None:
        """Start moto, and create the template's resources; another thread waits until it is done.

        What cannot be started is reported once. A call that needs it says what is missing.
        """
        with self._starting:
            if self._has_started:
                return
            self._has_started = True
            try:
                self._start()
            except Exception as problem:  # of moto, which raises anything, or its absence
                self._report(f"moto: {problem}")

    def _start(self) -> None:
        super().start()
        answer_session(self.session, self._account)
        if self._url:
            self._resources.enter_context(environment_restored())
            call_at(self._url)
        else:
            self._resources.enter_context(rules_start(self.start_execution))
            Resources(self, self._template).create()
            create_rules(self.client, self._template)

    def start_execution(self, machine: str, value: str) -> None:
        """Start an execution for an event. As in the service, a failure to start it is not reported."""
        api.call(self._account, "StartExecution", model.to_json({"stateMachineArn": machine, "input": value}))

    def client(self, service: str) -> Any:
        """Return a boto3 client for a service by its boto3 name."""
        self.start()
        return super().client(service)

    def _new_client(self, session: Any, service: str) -> Any:
        if service in self._endpoints:
            return session.client(service, endpoint_url=self._endpoints[service])
        # A client of Step Functions that another run of this process made does not know this account.
        return session.client(service) if service == "stepfunctions" else super()._new_client(session, service)

    def close(self) -> None:
        """Stop moto if it was started."""
        with self._starting:
            if self._has_started:
                release_session(self.session)
                super().close()
            self._has_started = True  # no late call starts it again

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return the answer of moto to a request of another service; an error where an endpoint has them."""
        if self._url:
            return 501, {}, api.error("NotImplementedException", f"other services are at {self._url}")[1]
        self.start()
        return answer_with_moto(method, path, headers, body)
