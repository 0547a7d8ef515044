"""The task tokens that states send, against the functions that get them.

Step Functions developer guide, "Wait for a callback with task token": the state waits until SendTaskSuccess or
SendTaskFailure gets the token, or until it times out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from workflow_dsl.agreement.common import Problem, found_in_state, template_uses_macros
from workflow_dsl.agreement.function_code.code_files import code_texts, fields_read
from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import FunctionCode, Template, references
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.definition.calls import CallSite, call_sites
from workflow_dsl.definition.json import leaves
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.python_files import python_file
from workflow_dsl.findings import Finding, Keys, closest
from workflow_dsl.regexes import lazy_regex


def unread_tokens(application: Application) -> Iterator[Finding]:
    """Task tokens that a state sends in a field that no function reads which gets them: nothing answers the state."""
    template = application.template
    if template_uses_macros(template):
        return
    for machine in application.machines:
        for state in machine.with_known_values.walk():
            for site in call_sites(state) if state.type == "Task" else ():
                sent = _sent(state, site)
                receivers = _receivers(machine, site) if sent else []
                if sent and receivers and all(code.is_complete for code in receivers):
                    yield from (found_in_state(machine, state, each) for each in _unread(sent, receivers, site))


class _Sent(NamedTuple):
    """The keys of a token in a state, and the name of its field."""

    keys: Keys
    name: str


# The parameter with what the receiver gets.
_MESSAGES = {("lambda", "invoke"): "Payload", ("sqs", "sendMessage"): "MessageBody"}


def _sent(state: State, site: CallSite) -> _Sent | None:
    """The one field of an object that has the token of a state which waits for it; None without one."""
    call = site.call
    message = _MESSAGES.get((call.service, call.action)) if call.pattern == ".waitForTaskToken" else None
    for field in ("Parameters", "Arguments"):
        content = dict_or_empty(state.fields.get(field)).get(message or "")
        if isinstance(content, dict):
            sent = [(keys, text) for keys, text in leaves(content) if _TOKEN.search(str(text))]
            names = [str(keys[-1]).removesuffix(".$") for keys, _ in sent]
            if len(sent) == 1:
                return _Sent((field, str(message), *sent[0][0]), names[0])
    return None


_TOKEN = lazy_regex(r"^\$\$\.Task\.Token$|^\{%\s*\$states\.context\.Task\.Token\s*%\}$")


def _receivers(machine: TemplateMachine, site: CallSite) -> list[FunctionCode]:
    """The functions that get a message: the called one, or those that poll the queue; none if others may get it."""
    template = machine.template
    target = template.resource_at(site.call.target or "", site.call.service)
    if target is None:
        return []
    codes = {code.logical_id: code for code in template.functions()}
    names = [target.logical_id] if target.type in FUNCTIONS else [*_polling(template, target.logical_id)]
    return [codes[name] for name in names] if all(name in codes for name in names) else []


def _polling(template: Template, queue: str) -> Iterator[str]:
    """The logical IDs of what gets the messages of a queue."""
    for resource in template.referrers(queue):
        if resource.type == "AWS::Lambda::EventSourceMapping":
            yield from references(resource.properties.get("FunctionName"))
        elif resource.type == "AWS::Pipes::Pipe":
            yield resource.logical_id
        for event in dict_or_empty(resource.properties.get("Events")).values():
            about = dict_or_empty(event)
            if about.get("Type") == "SQS" and queue in references(dict_or_empty(about.get("Properties")).get("Queue")):
                yield resource.logical_id


def _unread(sent: _Sent, receivers: list[FunctionCode], site: CallSite) -> Iterator[Problem]:
    """The problem of a token that is in no field which its receivers read."""
    read: frozenset[str] = frozenset()
    for code in receivers:
        texts = code_texts(code.folder)
        fields = fields_read(texts)
        is_answering = any(map(_ANSWERS.search, texts.values()))
        if not fields or not (is_answering or (site.call.service == "lambda" and _uses_fields_only(code))):
            return
        read |= fields
    if sent.name not in read:
        names = " and ".join(code.logical_id for code in receivers)
        near = closest(sent.name, read, least=0.7)
        remedy = f"send it as {near}, which the code reads" if near else f"read {sent.name}, and answer with it"
        message = f"the code of {names} never reads {sent.name}, which has the task token"
        yield Problem(sent.keys, message, remedy, "NEVER_ANSWERED")


_ANSWERS = lazy_regex(r"(?i)\bsend_?task_?(?:success|failure)")


def _uses_fields_only(code: FunctionCode) -> bool:
    """True if a handler in Python only takes fields of its event, so that what it does not take goes nowhere."""
    handler = find_handler(code)
    tree = python_file(handler.file).tree if handler.file and handler.file.suffix == ".py" else None
    name = code.handler.rpartition(".")[2]
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name] if tree else []
    if len(found) != 1 or not found[0].args.args or found[0].decorator_list:
        return False
    event = found[0].args.args[0].arg
    nodes = [*ast.walk(found[0])]
    taken = {
        id(node.value)
        for node in nodes
        if (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant))
        or (isinstance(node, ast.Attribute) and node.attr == "get")
    }
    return all(id(node) in taken for node in nodes if isinstance(node, ast.Name) and node.id == event)
