"""The local definition as CloudFormation creates it in a stack; a value that only the account has is a placeholder."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflow_dsl.account.stack import DeployedStack
from workflow_dsl.account.stack_values import StackValues
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import is_intrinsic, placeholder_name
from workflow_dsl.application.template.values import TemplateValues
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, is_known, is_placeholder, substitute
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import FindingsError, Keys
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

# Values of Secrets Manager and Systems Manager (CloudFormation user guide, "Dynamic references").
_DYNAMIC_REFERENCE = lazy_regex(r"\{\{resolve:[^}]*\}\}")
_NO_VALUE = object()  # AWS::NoValue removes the property or the item that has it
PREFIX = "Stack."  # of placeholders for values that only the account has


class StackDefinition(Record):
    """A definition in a stack, and the places whose type the template does not decide.

    A parameter is a string in the template and may become a number in the definition: SAM resolves a Ref to its value
    (serverless-application-model, pull request 1619), CloudFormation keeps the string. A number in an Fn::If becomes a
    string: SAM makes a substitution of every other intrinsic function (the same, state_machine_generator.py).
    """

    document: Json
    untyped: frozenset[Keys] = frozenset()


def template_in_stack(template: Template, stack: DeployedStack) -> Template:
    """Return a template with the physical IDs, the parameters and the pseudo parameters of a stack."""
    return template.in_stack(stack.physical_ids, stack.parameters, stack.arn)


def definition_in_stack(machine: TemplateMachine, stack: DeployedStack, account_values: StackValues) -> StackDefinition:
    """Return the definition of a state machine as a deployment creates it in a stack."""
    template = template_in_stack(machine.template, stack)
    resolver = _Resolver(template.values, account_values)
    substitutions = {
        name: resolver.of(value, ()) for name, value in template.substitutions_of(machine.logical_id).items()
    }
    known = {
        name: value for name, value in substitutions.items() if value is not _NO_VALUE and not is_placeholder(value)
    }
    resolver.untyped.clear()
    document = _document(machine, resolver)
    return StackDefinition(substitute(document, known), frozenset(resolver.untyped))


def _document(machine: TemplateMachine, resolver: _Resolver) -> Json:
    definition = machine.resource.definition
    if isinstance(definition, Mapping) and machine.compiled is None:
        return resolver.of(dict(definition), ())
    if isinstance(definition, str) and machine.compiled is None:
        text = resolver.of(machine.properties.get("DefinitionString"), ())
        try:
            document = read_source(text).document if isinstance(text, str) else None
        except FindingsError:  # a value that only the account has makes it JSON
            document = None
        resolver.untyped.clear()
        if isinstance(document, dict):
            return document
    return machine.definition.document()


class _Resolver:
    """Resolves intrinsic functions; what cannot be known becomes a placeholder."""

    def __init__(self, values: TemplateValues, account_values: StackValues) -> None:
        self._account_values = account_values
        self._values = values.without_invented(self._unknown)
        self._intrinsics: Mapping[str, Callable[[Json], Json]] = {"Fn::If": self._if, "Fn::ImportValue": self._import}
        self.untyped: set[Keys] = set()

    def of(self, value: Json, keys: Keys) -> Json:
        """Return a value as it is in the stack; `keys` are those of its place in the definition."""
        if isinstance(value, dict):
            return self._of_intrinsic(value, keys) if is_intrinsic(value) else self._of_object(value, keys)
        if isinstance(value, list):
            items: list[Json] = []
            for item in value:
                resolved = self.of(item, (*keys, len(items)))
                items += [] if resolved is _NO_VALUE else [resolved]
            return items
        return _without_dynamic_references(value) if isinstance(value, str) else value

    def _of_object(self, value: Mapping[str, Json], keys: Keys) -> dict[str, Json]:
        members = ((name, self.of(member, (*keys, name))) for name, member in value.items())
        return {name: member for name, member in members if member is not _NO_VALUE}

    def _of_intrinsic(self, value: Mapping[str, Json], keys: Keys) -> Json:
        [(name, operand)] = value.items()
        if value == {"Ref": "AWS::NoValue"}:
            return _NO_VALUE
        self.untyped.add(keys)
        if name in self._intrinsics:
            return self.of(self._intrinsics[name](operand), keys)
        resolved = self._values.of({name: self._prepared(operand)})
        resolved = _without_dynamic_references(resolved) if isinstance(resolved, str) else resolved
        return UnquotedPlaceholder(resolved) if is_placeholder(resolved) else resolved

    def _prepared(self, operand: Json) -> Json:
        """An operand of an intrinsic function with its conditions and imports resolved."""
        if isinstance(operand, dict):
            name = next(iter(operand), "")
            if len(operand) == 1 and name in self._intrinsics:
                return self._prepared(self._intrinsics[name](operand[name]))
            return {name: self._prepared(member) for name, member in operand.items()}
        return [self._prepared(item) for item in operand] if isinstance(operand, list) else operand

    def _if(self, operand: Json) -> Json:
        holds = self._values.holds(operand[0]) if isinstance(operand, list) and len(operand) == 3 else None
        return _placeholder(placeholder_name(operand)) if holds is None else operand[1 if holds else 2]

    def _import(self, operand: Json) -> Json:
        name = self._values.of(self._prepared(operand))
        if not is_known(name):
            return _placeholder(placeholder_name(name))
        value = self._account_values.export(name)
        return _placeholder(name) if value is None else value

    def _unknown(self, name: str) -> str:
        value = self._account_values.attribute(name)
        return _placeholder(name) if value is None else value


def _placeholder(name: str) -> UnquotedPlaceholder:
    return UnquotedPlaceholder(f"${{{PREFIX}{name}}}")


def _without_dynamic_references(text: str) -> str:
    if "{{resolve:" not in text:
        return text
    replaced = _DYNAMIC_REFERENCE.sub(lambda match: _placeholder(placeholder_name(match[0])), text)
    return UnquotedPlaceholder(replaced) if is_placeholder(replaced) else replaced
