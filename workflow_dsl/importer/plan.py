"""The functions of a workflow module as data: which states are created, how they are linked, what is returned."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State, TransitionTarget
from workflow_dsl.findings import Keys
from workflow_dsl.importer.code import Atom, Call, Items, Node
from workflow_dsl.importer.comments import Comments
from workflow_dsl.importer.conditions import condition_of
from workflow_dsl.importer.inlining import Body, Statement, inlined, with_start
from workflow_dsl.importer.names import Names
from workflow_dsl.importer.regions import Region, regions_of
from workflow_dsl.importer.states import Arguments, StateWriter, refused
from workflow_dsl.records import Record, replace

_MOST_IN_LINE = 3  # states of a branch that is written where its Parallel or Map is


class FunctionPlan(Record):
    """A function: its name, its parameters, the class of its value, and its body."""

    name: str
    parameters: tuple[tuple[str, str], ...]  # the variable and the class of each
    returns: str
    body: Body
    comments: tuple[str, ...] = ()


def commented_places(machine: Machine) -> frozenset[Keys]:
    """Return the keys of what gets a statement, and so can have comments: states and Choice rules."""
    states = list(machine.walk())
    rules = ((*state.keys, "Choices", index) for state in states for index, _ in state.items_of("Choices"))
    return frozenset((*(state.keys for state in states), *rules))


def plan(
    machine: Machine, writer: StateWriter, names: Names, comments: Comments = MappingProxyType({})
) -> list[FunctionPlan]:
    """Return the functions of a module, `build` first. Raises FindingsError for what Python cannot express.

    `comments` are those of the commented_places().
    """
    variables = {state.keys: names.new(state.name) for state in machine.walk()}
    functions: list[FunctionPlan] = []
    waiting = [_Part("build", machine)]
    for part in waiting:
        scope = _Scope(part, writer, variables, names, comments)
        functions.append(scope.function())
        waiting += scope.parts
    return functions


class _Part(Record):
    """A machine, or a region of one, that is written as a function."""

    name: str
    machine: Machine
    region: Region | None = None

    @property
    def start(self) -> State:
        """The first state."""
        if self.region is not None:
            return self.region.head
        return state_in(self.machine, self.machine.start_at, (*self.machine.keys, "StartAt"))

    @property
    def exits(self) -> tuple[State, ...]:
        """The states that it leads to, which are created outside."""
        return self.region.exits if self.region else ()


def state_in(machine: Machine, name: Json, keys: Keys) -> State:
    """Return the state of a transition. Raises FindingsError if the machine has no such state."""
    if not isinstance(name, str) or name not in machine.states:
        raise refused(keys, f"transitions to {name!r}, which is not a state here", "choose a state at the same level")
    return machine.states[name]


class _Scope:
    """The function of one part."""

    def __init__(
        self, part: _Part, writer: StateWriter, variables: Mapping[Keys, str], names: Names, comments: Comments
    ) -> None:
        self.part, self.machine, self.writer, self.names = part, part.machine, writer, names
        self.variables, self.comments = variables, comments
        self.created: list[Statement] = []
        self.links: list[Statement] = []
        self.parts: list[_Part] = []
        outside = {state.name for state in part.exits}
        self.linked, self.begun, self.done = set(outside), set(outside), set(outside)
        self.regions: dict[str, _Part] = {}

    def function(self) -> FunctionPlan:
        """Return the function; `parts` are then those that are written as functions of their own."""
        order = self.divided(self.flow())
        for state in order:
            self.create(state)
        start = self.chain(self.part.start)
        for state in order:
            if state.type == "Choice":
                self.link_choice(state)
        for state in order:
            self.link_rest(state)
        is_top = self.machine.owner is None and self.part.region is None
        value = Call("Workflow", (("", start), *self.writer.machine(self.machine))) if is_top else start
        body = inlined(Body(tuple(self.created), tuple(self.links), value))
        classes = {
            created.target: created.value.function for created in body.created if isinstance(created.value, Call)
        }
        returns = body.value.function if isinstance(body.value, Call) else classes[body.value.flat()]
        parameters = tuple((self.variable(state), str(state.type)) for state in self.part.exits)
        if is_top:
            body = with_start(body, self.names.new("start"))
        comments = self.comments.get((), ()) if is_top else ()
        return FunctionPlan(self.part.name, parameters, returns, body, comments)

    def divided(self, order: list[State]) -> list[State]:
        """Return the states of this function; those of a region get a function of their own."""
        regions = regions_of(self.machine, self.part.start, [state.name for state in order])
        self.regions = {
            head: _Part(self.names.new(f"then {head}", "part"), self.machine, region)
            for head, region in regions.items()
        }
        self.parts += self.regions.values()
        self.linked |= regions.keys()
        elsewhere = {name for region in regions.values() for name in region.members}
        return [state for state in order if state.name not in elsewhere]

    def node(self, state: State) -> Node:
        """Return the variable of a state, or the call of the function that creates it."""
        part = self.regions.get(state.name)
        if part is None:
            return Atom(self.variable(state))
        return Call(part.name, tuple(("", Atom(self.variable(each))) for each in part.exits))

    def state(self, name: Json, keys: Keys) -> State:
        """Return the state of a transition."""
        return state_in(self.machine, name, keys)

    def variable(self, state: State) -> str:
        """Return the variable of a state."""
        return self.variables[state.keys]

    def flow(self) -> list[State]:
        """Return the states in the order of a run. Raises FindingsError for one that no transition leads to."""
        members = self.part.region.members if self.part.region else self.machine.states.keys()
        order: dict[str, State] = {}
        waiting = [self.part.start]
        while waiting:
            state = waiting.pop()
            if state.name in order or state.name not in members:
                continue
            order[state.name] = state
            waiting += [self.state(target.name, (*state.keys, *target.keys)) for target in reversed(_in_flow(state))]
        for name in members:
            if name not in order:
                keys = self.machine.states[name].keys
                raise refused(
                    keys, "is never reached: no transition leads to it", "remove it, or add a transition to it"
                )
        return list(order.values())

    def create(self, state: State) -> None:
        """Add the statement that creates a state, after those that its catchers and its branches need."""
        if state.name in self.begun:
            return
        self.begun.add(state.name)
        catchers = state.items_of("Catch")
        targets = [self.state(item.get("Next"), (*state.keys, "Catch", at, "Next")) for at, item in catchers]
        for target in targets:
            self.create(target)
        arguments = self.writer.state(state)
        arguments += self.branches(state)
        catches = [self.catch(state, at, item, target) for (at, item), target in zip(catchers, targets, strict=True)]
        is_early = all(target.name in self.done for target in targets)
        if "Catch" in state.fields and is_early:
            arguments.append(("catch", catches[0] if len(catches) == 1 else Items(tuple(catches))))
        elif catches:
            self.links += [Statement(Call(f"{self.variable(state)}.add_catch", (("", catch),))) for catch in catches]
        self.done.add(state.name)
        self.created.append(self.statement(state, Call(str(state.type), tuple(arguments))))

    def statement(self, state: State, value: Node) -> Statement:
        """Return the statement that creates a state."""
        return Statement(value, self.variable(state), self.comments.get(state.keys, ()))

    def catch(self, state: State, index: int, fields: Mapping[str, Json], target: State) -> Node:
        """Return a catcher."""
        block = self.writer.block("Catch", fields, self.writer.values(state.fields), (*state.keys, "Catch", index))
        return replace(block, arguments=(("", Atom(self.variable(target))), *block.arguments))

    def branches(self, state: State) -> Arguments:
        """Return the arguments for the machines in a state."""
        branches: list[Node] = []
        arguments: Arguments = []
        for machine in state.nested:
            part = machine.keys[len(state.keys)]
            if part == "Branches":
                branches.append(self.nested_machine(machine, state, "Branch"))
            else:
                name = "item_processor" if part == "ItemProcessor" else "iterator"
                arguments.append((name, self.nested_machine(machine, state, "ItemProcessor")))
        return [*arguments, *([("branches", Items(tuple(branches)))] if branches else [])]

    def nested_machine(self, machine: Machine, owner: State, block: str) -> Node:
        """Return a machine in a state: its only state, or a call of the function that returns its states."""
        states = _in_line(machine)
        if states:
            for state in states:
                self.created.append(self.statement(state, Call(str(state.type), tuple(self.writer.state(state)))))
            nodes: tuple[Node, ...] = tuple(Atom(self.variable(state)) for state in states)
            start = nodes[0] if len(nodes) == 1 else Call("Chain", (("", Items(nodes)),))
        else:
            of_map = block == "ItemProcessor"
            name = self.names.new(f"{owner.name} item" if of_map else f"{machine.start_at} branch", "branch")
            self.parts.append(_Part(name, machine))
            start = Call(name)
        arguments = self.writer.machine(machine)
        return Call(block, (("", start), *arguments)) if arguments else start

    def chain(self, first: State) -> Node:
        """Return a state with those that follow it and are not linked yet, as a Chain."""
        states = self.run(first)
        names = tuple(map(self.node, states))
        return names[0] if len(names) == 1 else Call("Chain", (("", Items(names)),))

    def run(self, first: State) -> list[State]:
        """Link a state with those that follow it, until one that is linked, or that has no one next state."""
        states, seen = [first], {first.name}
        while (last := states[-1]).name not in self.linked and last.type != "Choice" and "Next" in last.fields:
            following = self.state(last.fields["Next"], (*last.keys, "Next"))
            self.linked.add(last.name)
            if following.name in seen:
                self.link(last, following)
                break
            states.append(following)
            seen.add(following.name)
        return states

    def link(self, state: State, *following: State) -> None:
        """Add `state.next(following)`, with several states as a Chain."""
        nodes = tuple(map(self.node, following))
        node = nodes[0] if len(nodes) == 1 else Call("Chain", (("", Items(nodes)),))
        self.links.append(Statement(Call(f"{self.variable(state)}.next", (("", node),))))

    def link_choice(self, state: State) -> None:
        """Add the rules of a Choice and its default."""
        variable, values = self.variable(state), self.writer.values(state.fields)
        for at, rule in state.items_of("Choices"):
            keys = (*state.keys, "Choices", at)
            options = [name for name in ("Comment", "Output", "Assign") if name in rule]
            condition = {name: value for name, value in rule.items() if name not in ("Next", *options)}
            text = condition.get("Condition")
            is_expression = isinstance(text, str) and list(condition) == ["Condition"] and values.is_jsonata
            node = values.scalar(text) if is_expression else condition_of(condition)
            target = self.chain(self.state(rule.get("Next"), (*keys, "Next")))
            arguments = [(name.lower(), values.template(rule[name])) for name in options]
            call = Call(f"{variable}.add_choice", (("", node), ("", target), *arguments))
            self.links.append(Statement(call, comments=self.comments.get(keys, ())))
        if "Default" in state.fields:
            target = self.chain(self.state(state.fields["Default"], (*state.keys, "Default")))
            self.links.append(Statement(Call(f"{variable}.default_choice", (("", target),))))

    def link_rest(self, state: State) -> None:
        """Link a state that no Chain has linked, such as the target of a catcher."""
        if state.name in self.linked or state.type == "Choice" or "Next" not in state.fields:
            return
        at = len(self.links)
        states = self.run(state)
        if len(states) > 1:
            loops, self.links[at:] = self.links[at:], []
            self.link(*states)
            self.links += loops


def _in_line(machine: Machine) -> list[State]:
    """The states of a small machine without a choice, a catcher or a loop, in order; none of another machine."""
    if len(machine.states) > _MOST_IN_LINE:
        return []
    states: list[State] = []
    name = machine.start_at
    while isinstance(name, str) and name in machine.states:
        state = machine.states[name]
        if state in states or state.type == "Choice" or "Catch" in state.fields or state.nested:
            return []
        states.append(state)
        name = state.fields.get("Next")
    return states if len(states) == len(machine.states) and name is None else []


_FLOW = ("Next", "Choices", "Default", "Catch")


def _in_flow(state: State) -> list[TransitionTarget]:
    """The transitions of a state in the order of reading: next, rules, default, catchers."""
    return sorted(state.targets, key=lambda target: _FLOW.index(str(target.keys[0])))
