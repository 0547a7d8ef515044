"""Random machines and inputs, to compare what the engine does with what the shapes say."""

from __future__ import annotations

from random import Random
from typing import Any

PATHS = [
    "$",
    "$.a",
    "$.b",
    "$.a.b",
    "$.c",
    "$.c[0]",
    "$.c[0].a",
    "$.c[*].a",
    "$.c[*]",
    "$.a.c",
    "$..a",
    "$.c[?(@.a == 1)]",
]
CALLS = [
    "States.Array($.a, $.b)",
    "States.ArrayLength($.c)",
    "States.JsonMerge($.a, $.b, false)",
    "States.ArrayGetItem($.c, 0)",
    "States.ArrayUnique($.c)",
    "States.Format('{}', $.a)",
    "States.ArrayPartition($.c, 2)",
]
QUERIES = [
    "$states.input",
    "$states.input.a",
    "$states.input.c.a",
    "$states.input.c[0]",
    "$states.input.c[a = 1]",
    "$states.input.a.b",
    "$states.input.c[]",
    "[$states.input.c.a]",
    "[$states.input.a, $states.input.b]",
    "{'a': $states.input.a, 'c': $states.input.c}",
    "$merge([{'b': 1}, $states.input.{'a': a}])",
    "$exists($states.input.a) ? $states.input.a : $states.input",
    "$states.input.c.{'a': a, 'b': $}",
    "$map($states.input.c, function($v) { {'a': $v} })",
    "$append($states.input.a, $states.input.b)",
    "$count($states.input.c) + 1",
    "$type($states.input.a) & 'x'",
    "$states.input.a ~> $string()",
    "$sort($states.input.c)",
    "$distinct($states.input.c)",
    "($x := $states.input.a; {'a': $x})",
    "$keys($states.input)",
    "$states.input.a = 1 or $not($exists($states.input.b))",
    "$states.input.*",
    "$lookup($states.input, 'a')",
    "$states.input.a[0]",
    "$filter($states.input.c, function($v) { $v.a = 1 })",
    "$states.input.c^(a)",
    "$states.input.c{a: b}",
    "-$states.input.a",
]
CONDITIONS = [
    "$exists($states.input.a)",
    "$states.input.a = 1",
    "$states.input.a != 'x'",
    "$exists($states.input.a) and $states.input.a.b = 2",
    "$not($exists($states.input.a.b))",
    "$states.input.b or $states.input.a = 'x'",
    "$boolean($states.input.a)",
    "1 = $states.input.b",
]
TESTS: list[dict[str, Any]] = [
    {"IsPresent": True},
    {"IsPresent": False},
    {"IsNull": True},
    {"IsString": True},
    {"IsNumeric": False},
    {"StringEquals": "x"},
    {"NumericEquals": 1},
    {"NumericLessThan": 2},
    {"BooleanEquals": True},
]


class Machines:
    """A source of random machines."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0

    def value(self, depth: int = 3) -> Any:
        """A JSON value with the names that paths read."""
        kind = self.random.randrange(8) if depth else self.random.randrange(4)
        if kind < 4:
            return self.random.choice([1, 2, "x", "y", None, True])
        if kind == 4:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        names = self.random.sample("abcd", self.random.randrange(4))
        return {name: self.value(depth - 1) for name in names}

    def machine(self, depth: int = 2) -> dict[str, Any]:
        """A machine of a few states, each with transitions to later ones."""
        names = [self._name() for _ in range(self.random.randrange(1, 5))]
        states = {name: self._state(names[index + 1 :], depth) for index, name in enumerate(names)}
        return {"StartAt": names[0], "States": _reached(names[0], states)}

    def _name(self) -> str:
        self.count += 1
        return f"S{self.count}"

    def _state(self, later: list[str], depth: int) -> dict[str, Any]:
        end: dict[str, Any] = {"Next": self.random.choice(later)} if later else {"End": True}
        kind = self.random.randrange(10)
        if kind == 0 and later:
            return self._choice(later)
        if kind == 1 and depth:
            return self._with_fields(
                {"Type": "Map", **self._items(), "ItemProcessor": self.machine(depth - 1)}, end, later
            )
        if kind == 2 and depth:
            branches = [self.machine(depth - 1) for _ in range(self.random.randrange(1, 3))]
            return self._with_fields({"Type": "Parallel", "Branches": branches}, end, later)
        if kind in (3, 4, 5):
            return {"Type": "Pass", "QueryLanguage": "JSONata", "Output": self._output(), **end}
        if kind == 6 and later:
            return self._query_choice(later)
        if kind == 7 and depth:
            fail = {"Type": "Fail", "Error": "E", "Cause": "c"}
            name = self._name()
            broken = {"Type": "Parallel", "Branches": [{"StartAt": name, "States": {name: fail}}]}
            return self._with_fields(broken, end, later)
        return self._with_fields({"Type": "Pass"}, end, later)

    def _items(self) -> dict[str, Any]:
        return self.random.choice(
            [{}, {"ItemsPath": "$.c"}, {"ItemsPath": "$.c", "ItemSelector": {"a.$": "$$.Map.Item.Value"}}]
        )

    def _output(self) -> Any:
        text = f"{{% {self.random.choice(QUERIES)} %}}"
        return self.random.choice([text, {"a": text, "c": f"{{% {self.random.choice(QUERIES)} %}}"}])

    def _with_fields(self, state: dict[str, Any], end: dict[str, Any], later: list[str]) -> dict[str, Any]:
        state |= end
        if self.random.random() < 0.5 and state["Type"] != "Map":
            state["Parameters"] = self._template()
        if self.random.random() < 0.2 and state["Type"] == "Pass":
            state["Result"] = self.value()
        if self.random.random() < 0.4:
            state["ResultPath"] = self.random.choice([None, "$.a", "$.b.c", "$.c"])
        for field in ("InputPath", "OutputPath"):
            if self.random.random() < 0.15:
                state[field] = self.random.choice([None, "$.a", "$.c"])
        if state["Type"] != "Pass" and later:
            catcher = {"ErrorEquals": ["States.ALL"], "Next": self.random.choice(later)}
            state["Catch"] = [catcher | self.random.choice([{}, {"ResultPath": "$.a"}, {"ResultPath": None}])]
        return state

    def _template(self) -> dict[str, Any]:
        names = self.random.sample("abcd", self.random.randrange(1, 4))
        return {f"{name}.$": self.random.choice(PATHS + CALLS) for name in names} | {"e": self.value(2)}

    def _choice(self, later: list[str]) -> dict[str, Any]:
        rules = [{**self._rule(1), "Next": self.random.choice(later)} for _ in range(self.random.randrange(1, 3))]
        return {"Type": "Choice", "Choices": rules, "Default": self.random.choice(later)}

    def _rule(self, depth: int) -> dict[str, Any]:
        kind = self.random.randrange(6) if depth else 0
        if kind in (4, 5):
            return {self.random.choice(["And", "Or"]): [self._rule(depth - 1) for _ in range(2)]}
        if kind == 3:
            return {"Not": self._rule(depth - 1)}
        return {"Variable": self.random.choice(["$.a", "$.b", "$.a.b", "$.c[0]"]), **self.random.choice(TESTS)}

    def _query_choice(self, later: list[str]) -> dict[str, Any]:
        rule = {"Condition": f"{{% {self.random.choice(CONDITIONS)} %}}", "Next": self.random.choice(later)}
        return {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [rule], "Default": self.random.choice(later)}


def _reached(start: str, states: dict[str, Any]) -> dict[str, Any]:
    """The states that transitions reach."""
    names, waiting = {start}, [start]
    while waiting:
        state = states[waiting.pop()]
        targets = [state.get("Next"), state.get("Default")]
        targets += [each["Next"] for each in (*state.get("Choices", []), *state.get("Catch", []))]
        waiting += [name for name in targets if name and name not in names]
        names.update(name for name in targets if name)
    return {name: state for name, state in states.items() if name in names}
