"""Names for execution paths, in the words of their states: "buys stock at 50", "gives up after 6 errors of Check"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, count
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.execution_paths import ExecutionPath
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.local.engine.choice import rule_matches
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.errors import TOO_MANY_FAILURES
from workflow_dsl.local.stand_ins.mocks import Throw
from workflow_dsl.regexes import lazy_regex

_MOST_VALUES = 4  # of a rule, by which paths are told apart
_LONGEST = 120  # characters of a function's name
# A capital after a small letter, or one that begins a word after an abbreviation; the s of URLs begins none.
_WORD_START = lazy_regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_EXISTS = lazy_regex(r"\$exists\(\s*\$states\.input((?:\.\w+)+)\s*\)")
# The verbs that states' names begin with most often; other names are nouns.
_VERBS = frozenset(
    """abort accept add announce approve archive ask assign book buy build calculate call cancel charge check
    clean clear close collect complete compute convert copy create debit delete deliver deny deploy describe
    detect dispatch download emit encrypt enrich evaluate execute export extract fail fetch filter finish
    generate get grant handle ignore import increment index insert invoke issue keep list load lock log mark
    merge move notify open pay pick place poll prepare process provision publish purchase push put query read
    rebalance receive record refund register reject release remove renew report request reserve reset resolve
    restore retry return reverse review revoke roll rollback run save scale schedule select sell send set
    ship skip sort split start stop store submit succeed sync terminate trade transform translate try unlock
    update upload use validate verify wait write""".split()
)


def sentence_of(exploration: Exploration, path: ExecutionPath) -> str:
    """Return what a path does, as a test's name says it: its faults first, else what it chooses."""
    return sentence_for(exploration.machine, path)


def sentences_of(exploration: Exploration, paths: list[ExecutionPath]) -> list[str]:
    """Return what each path does, told apart by the values that its last rule compares, as far as they differ."""
    sentences: list[str] = []
    for path in paths:
        ranked = [sentence_for(exploration.machine, path, rank) for rank in range(_MOST_VALUES)]
        sentences.append(next((sentence for sentence in ranked if sentence not in sentences), ranked[0]))
    return sentences


def sentence_for(machine: PreparedMachine, path: ExecutionPath, rank: int = 0) -> str:
    """Return what a path through a machine does, with the first value that a rule compares, or the one of a rank."""
    states = {state.name: state for state in machine.states()}
    parts = list(_faults(path, states))
    choices = list(_choices(path, states, rank))
    if not parts:
        parts = choices[-1:] or [_action(path.run.trail[-1])]
    elif choices and path.run.trail[-1] not in " ".join(parts):
        parts[-1] += f" when it {choices[-1]}"
    if path.run.status != "SUCCEEDED" and not _faults_of(path):
        parts[-1] += " and fails"
    return ", ".join(parts[:2])


def names_of_tests(exploration: Exploration, paths: list[ExecutionPath], taken: set[str]) -> list[str]:
    """Return a different name of a test function for each path: `test_it_buys_stock_at_50`."""
    names: dict[str, ExecutionPath] = {}
    for path, sentence in zip(paths, sentences_of(exploration, paths), strict=True):
        base = f"test_it_{identifier(sentence)}"
        if base in names:
            other = next((state for state in path.run.trail if state not in names[base].run.trail), None)
            base = f"{base}_with_{identifier(other)}" if other else base
        names[free_name(base, {*taken, *names})] = path
    return list(names)


def name_of_test(machine: PreparedMachine, path: ExecutionPath, taken: set[str]) -> str:
    """Return a name of a test function that is not taken."""
    return free_name(f"test_it_{identifier(sentence_for(machine, path))}", taken)


def free_name(name: str, taken: set[str]) -> str:
    """Return a name, with a number at its end if it is taken."""
    return next(
        candidate for candidate in chain([name], (f"{name}_{number}" for number in count(2))) if candidate not in taken
    )


def identifier(text: str) -> str:
    """Return a string as a part of a function's name."""
    text = re.sub(r"(?<!\w)-(?=\d)", "minus ", text.lower())
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:_LONGEST].rstrip("_")


def _faults_of(path: ExecutionPath) -> dict[str, list[Throw]]:
    faults = {
        name: [response for response in responses if isinstance(response, Throw)]
        for name, responses in path.scenario.responses.items()
    }
    return {name: throws for name, throws in faults.items() if throws}


def _faults(path: ExecutionPath, states: dict[str, PreparedState]) -> Iterator[str]:
    trail = path.run.trail
    retried: dict[str, str] = {}
    for name, throws in _faults_of(path).items():
        times = len(throws)
        error = throws[0].error if all(throw.error == throws[0].error for throw in throws) else ""
        errors = f"{_NUMBERS[times] if times < len(_NUMBERS) else times} {_error(error, times)}"
        many = f"{errors} of {name}"
        caught = [catcher["Next"] for catcher in states[name].catchers if catcher["Next"] in trail]
        if path.run.failed_in == name:
            yield f"gives up after {many}"
        elif caught and len(path.scenario.responses[name]) == times:
            yield f"{_action(caught[0])} after {many}"
        elif len(path.scenario.responses[name]) == times and not (
            states[name].scopes and path.run.status == "SUCCEEDED"
        ):
            yield f"{'fails' if path.run.error == TOO_MANY_FAILURES else 'goes on'} after {many}"
        else:
            retried[name] = errors if times > 1 else _a(_error(error, 1))
    if len(retried) == 1:
        yield from (f"retries {name} after {errors}" for name, errors in retried.items())
    elif retried:
        *names, last = retried
        yield f"retries {', '.join(names)} and {last}"


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _error(error: str, count: int) -> str:
    """The last word of an error's name: `busy` of Stock.Busy, `timeouts` of States.Timeout; `error` without a name."""
    words = _words(error.rpartition(".")[2]).removesuffix(" exception")
    noun = words if words.endswith(("error", "timeout", "failure", "failed")) else f"{words} error".strip()
    noun = noun.replace("failed", "failure")
    return noun if count == 1 else f"{noun}s"


def _words(text: str) -> str:
    """A name as words: `too many requests` of TooManyRequests, `noaa data` of NOAAData, `list urls` of ListURLs."""
    return re.sub(r"[_\-\s]+", " ", _WORD_START.sub(" ", text)).strip().lower()


def _action(state: str) -> str:
    """The name of a state as what the workflow does: `buys stock` of Buy Stock, `goes to Public` of Public."""
    first, _, rest = _words(state).partition(" ")
    if first not in _VERBS or rest.endswith("ed"):
        return f"goes to {state}"
    ending = "es" if first.endswith(("s", "sh", "ch", "x", "o")) else "s"
    verb = f"{first[:-1]}ies" if first.endswith("y") and first[-2:-1] not in "aeiou" else f"{first}{ending}"
    return f"{verb} {rest}".strip()


def _choices(path: ExecutionPath, states: dict[str, PreparedState], rank: int) -> Iterator[str]:
    trail = path.run.trail
    inputs = _inputs(path)
    for number, name in enumerate(trail[:-1]):
        if states[name].type == "Choice":
            is_known = name in inputs  # that of a child execution is not in the history
            condition = _condition(states[name], trail[number + 1], inputs[name], rank) if is_known else ""
            yield f"{_action(trail[number + 1])} {condition}".strip()


def _inputs(path: ExecutionPath) -> dict[str, Json]:
    """The input of each state at its last entry."""
    details = [event.get("stateEnteredEventDetails") for event in path.run.history]
    return {detail["name"]: json.loads(detail["input"]) for detail in details if detail}


def _condition(state: PreparedState, target: str, data: Json, rank: int) -> str:
    """The value that a Choice compares to go to a state: `at 50`, `for paid`, `without stock_price`."""
    rules = state.fields["Choices"]
    own = [each for each in rules if each["Next"] == target] or rules  # all of them lead to the Default
    if state.is_jsonata:
        rule, paths = own[0], [*_paths_in(own[0].get("Condition"))]
    else:
        rule = next((candidate for candidate in own if _matches(candidate, data)), own[0])
        paths = [*_variables(_deciding(rule, data)), *_variables(_comparisons(rule))]
    variables = [variable for variable in dict.fromkeys(paths) if variable.startswith("$.")]
    if not variables:
        return ""
    variable = variables[min(rank, len(variables) - 1)]
    name = re.split(r"[.\[]", variable)[-1].strip("]'")
    try:
        value = parse_path(variable).read(data, dict, {})
    except (PathNotFound, EvaluationProblem):
        return f"without {name}"
    if variable in _tested_for_presence(state, rule):
        return f"with {name}"
    if isinstance(value, bool) or value is None:
        return f"if {name} is {json.dumps(value)}"
    if isinstance(value, (int, float)):
        return f"at {value}"
    return f"for {value}" if isinstance(value, str) and len(value) < 30 else ""


def _variables(comparisons: Iterable[Any]) -> Iterator[str]:
    yield from (comparison["Variable"] for comparison in comparisons)


def _matches(rule: Any, data: Json) -> bool:
    """True for a rule that holds for the input of its Choice, as far as it reads nothing else."""

    def read(path: str) -> Json:
        return parse_path(path).read(data, dict, {})

    def is_present(path: str) -> bool:
        with suppress(PathNotFound):
            read(path)
            return True
        return False

    with suppress(PathNotFound, EvaluationProblem):
        return rule_matches(rule, read, is_present)
    return False


def _deciding(rule: Any, data: Json) -> Iterator[Any]:
    """Yield the comparisons that make a rule true or false: one that is true for an Or, or false for an And."""
    parts = rule.get("And", rule.get("Or", [rule["Not"]] if "Not" in rule else ()))
    is_true = _matches(rule, data)
    for part in parts:
        if "Not" in rule or is_true is ("And" in rule) or _matches(part, data) is is_true:
            yield from _deciding(part, data)
    yield from [rule] if "Variable" in rule else ()


def _comparisons(rule: Any) -> Iterator[Any]:
    for part in rule.get("And", rule.get("Or", [rule["Not"]] if "Not" in rule else ())):
        yield from _comparisons(part)
    yield from [rule] if "Variable" in rule else ()


def _tested_for_presence(state: PreparedState, rule: Any) -> set[str]:
    """The paths of which a rule asks only if they are there."""
    if state.is_jsonata:
        condition = rule.get("Condition")
        there = [f"${path}" for path in _EXISTS.findall(expression_in(condition) or "")]
        return {path for path in there if there.count(path) == [*_paths_in(condition)].count(path)}
    asked = {comparison["Variable"] for comparison in _comparisons(rule) if "IsPresent" in comparison}
    return asked - {comparison["Variable"] for comparison in _comparisons(rule) if "IsPresent" not in comparison}


def _paths_in(condition: Any) -> Iterator[str]:
    paths = re.findall(r"\$states\.input((?:\.\w+)+)", expression_in(condition) or "")
    yield from (f"${path}" for path in paths)
