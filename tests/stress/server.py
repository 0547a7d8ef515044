"""A part about `serve`: 32 clients with executions, task tokens, stops, redrives and redeploys at random."""

from __future__ import annotations

import json
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from workflow_dsl.application.application import read_application
from workflow_dsl.project import Project
from workflow_dsl.server import Server, Settings

_CLIENTS = 32
_KEPT = 2_000
_SECONDS = 30  # for an execution to end
_ROLE = "arn:aws:iam::111111111111:role/r"
_ITEM = {
    "StartAt": "P",
    "States": {"P": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($, 1)"}, "End": True}},
}


def server(random: Random, count: int) -> Iterator[str]:
    """Executions of 32 clients at once: each has its own answer, none is lost, and the server does not grow."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(read_application(Project(Path(folder))), Settings(most_finished=_KEPT)) as running,
    ):
        running.backend.account.long_poll = 0.2  # seconds that a client waits for a task that another may take
        world = _World(running)
        seeds = [random.random() for _ in range(count)]
        before = threading.active_count()
        with ThreadPoolExecutor(_CLIENTS) as clients:
            yield from (fault for faults in clients.map(world.use, range(count), seeds) for fault in faults)
        account = running.backend.account
        if len(account.executions) > _KEPT or any(each.status == "RUNNING" for each in account.executions.values()):
            yield f"server: {len(account.executions)} executions are left"
        if world.tokens or threading.active_count() - before > 4 * _CLIENTS:
            yield f"server: {len(world.tokens)} tokens and {threading.active_count()} threads are left"


class _World:
    """What the clients share: the state machines, the activity, and the tokens that nobody has answered."""

    def __init__(self, running: Server) -> None:
        self.call = running.client("stepfunctions")
        activity = self.call.create_activity(name="work")["activityArn"]
        self.activity = activity
        self.tokens: deque[str] = deque()
        task = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 600, "End": True}
        nested = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": "arn:aws:states:us-east-1:111111111111:stateMachine:quick",
                "Input.$": "$",
            },
            "OutputPath": "$.Output",
            "End": True,
        }
        each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": _ITEM, "End": True}
        self.machines = {
            "quick": self._create("quick", _quick(0)),
            "asking": self._create("asking", {"StartAt": "T", "States": {"T": task}}),
            "nested": self._create("nested", {"StartAt": "N", "States": {"N": nested}}),
            "map": self._create("map", {"StartAt": "M", "States": {"M": each}}),
        }

    def _create(self, name: str, definition: Any) -> str:
        made = self.call.create_state_machine(name=name, definition=json.dumps(definition), roleArn=_ROLE)
        return str(made["stateMachineArn"])

    def use(self, number: int, seed: float) -> list[str]:
        """Perform one action of a client, and return its faults."""
        random = Random(seed)
        name = random.choice((*self.machines, "redeploy"))
        try:
            return [f"server {number}, {name}: {fault}" for fault in _ACTIONS[name](self, number, random)]
        except Exception as problem:  # whatever it is, it is the fault
            return [f"server {number}, {name}: {type(problem).__name__}: {problem}"]

    def start(self, name: str, number: int) -> str:
        value = {"n": number, "items": [number, 2, 3]}
        request = {"stateMachineArn": self.machines[name], "name": f"{name}-{number}", "input": json.dumps(value)}
        return str(self.call.start_execution(**request)["executionArn"])

    def ended(self, arn: str) -> Any:
        """The execution once it has ended."""
        wait = threading.Event()
        for _ in range(_SECONDS * 100):
            execution = self.call.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            wait.wait(0.01)
        raise AssertionError(f"{arn} has not ended")


def _quick(version: int) -> Any:
    """A definition whose versions answer alike."""
    state = {"Type": "Pass", "Comment": f"version {version}", "Parameters": {"n.$": "$.n"}, "End": True}
    return {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": state}}


def _redeploy(world: _World, number: int, random: Random) -> Iterator[str]:
    definition = json.dumps(_quick(number))
    world.call.update_state_machine(stateMachineArn=world.machines["quick"], definition=definition)
    yield from _run("quick", lambda number: {"n": number})(world, number, random)


def _run(name: str, expected: Callable[[int], Any]) -> Callable[[_World, int, Random], Iterator[str]]:
    def act(world: _World, number: int, random: Random) -> Iterator[str]:
        execution = world.ended(world.start(name, number))
        answer = execution["status"], json.loads(execution.get("output", "null"))
        if answer != ("SUCCEEDED", expected(number)):
            yield f"{answer}, {execution.get('error')}: {execution.get('cause')}"

    return act


def _ask(world: _World, number: int, random: Random) -> Iterator[str]:
    """Start a task, and answer one: perhaps that of another client; or stop or fail it, and redrive it."""
    arn, ending = world.start("asking", number), random.choice(("answer", "answer", "stop", "fail"))
    if ending == "stop":
        world.call.stop_execution(executionArn=arn, error="Stopped")
        execution = world.ended(arn)
        if execution["status"] != "SUCCEEDED":  # unless another client has answered its task before
            if (execution["status"], execution["error"]) != ("ABORTED", "Stopped"):
                yield f"{execution['status']} after a stop"
            world.call.redrive_execution(executionArn=arn)
    answers = threading.Thread(target=_answer, args=(world, arn, ending == "fail"))
    answers.start()
    execution = world.ended(arn)
    answers.join()
    if execution["status"] == "FAILED" and execution["error"] == "Refused":
        world.call.redrive_execution(executionArn=arn)
        _answer(world, arn, False)
        execution = world.ended(arn)
    output = json.loads(execution.get("output", "null"))
    if (execution["status"], output and output["n"]) != ("SUCCEEDED", number):
        yield f"{execution['status']}, {execution.get('error')}: {execution.get('cause')}"
    history = world.call.get_execution_history(executionArn=arn, maxResults=1_000)["events"]
    if [event["id"] for event in history] != [*range(1, len(history) + 1)]:
        yield "the IDs of the events are not 1, 2, 3"


def _answer(world: _World, arn: str, fails: bool) -> None:
    """Answer tasks, of whatever execution they are, until this one has ended."""
    while world.call.describe_execution(executionArn=arn)["status"] == "RUNNING":
        task = _poll(world)
        if task is None:
            continue
        try:
            world.call.send_task_heartbeat(taskToken=task["taskToken"])
            if fails and json.loads(task["input"])["n"] == int(arn.rpartition("-")[2]):
                world.call.send_task_failure(taskToken=task["taskToken"], error="Refused")
            else:
                world.call.send_task_success(taskToken=task["taskToken"], output=task["input"])
        except world.call.exceptions.TaskTimedOut:
            continue  # its execution was stopped meanwhile


def _poll(world: _World) -> Any:
    task = world.call.get_activity_task(activityArn=world.activity)
    return task if task.get("taskToken") else None


_ACTIONS: dict[str, Callable[[_World, int, Random], Iterator[str]]] = {
    "quick": _run("quick", lambda number: {"n": number}),
    "nested": _run("nested", lambda number: {"n": number}),
    "map": _run("map", lambda number: [{"n": number + 1}, {"n": 3}, {"n": 4}]),
    "asking": _ask,
    "redeploy": _redeploy,
}
