"""The moves of Parallel and Map: through their branches and items, and to the catchers of errors from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflow_dsl.exploration.search import states
from workflow_dsl.exploration.search.faults import Fault, attempts_of, catcher_of, handling_of
from workflow_dsl.exploration.search.flow import Flow
from workflow_dsl.exploration.search.goals import faults_inside
from workflow_dsl.exploration.search.moves import End, Move, Run, Scopes, Step, after_failure, fault_moves, succeeding
from workflow_dsl.exploration.search.symbols import Fields, Items, Known, Leaf, Symbol, get, leaves_of, reads_of
from workflow_dsl.exploration.search.worlds import Call, Need, World
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.records import replace

_MOST_REPEATED = 10  # attempts of a whole Parallel or Map
FILE = "rows of "  # the source of the items that an ItemReader reads


def container_moves(state: PreparedState) -> list[Move]:
    """Return the moves of a Parallel or Map."""
    goals: list[Element] = [] if state.next is None else [("transition", state.name, state.next)]
    moves = [Move(state.next, _through(1), tuple(goals))]
    if state.type == "Map":
        moves += [
            Move(state.next, _through(count), (("items", state.name, count),), is_normal=False, is_rare=True)
            for count in (0, 2)
        ]
        moves += [Move(state.next, _through(count), tuple(goals), is_normal=False) for count in (0, 2, 3)]
    return [*moves, *fault_moves(state, _fault)]


Inside = Callable[[World, "Element | None"], Iterator[tuple[End, "tuple[Symbol, ...]"]]]


def _through(count: int) -> Run:
    """The path through all branches, or through so many items."""

    def run(scopes: Scopes, state: PreparedState, flow: Flow, world: World, goal: Element | None) -> Iterator[Step]:
        for end, results in _through_scopes(scopes, state, flow, world, goal, count):
            if end.is_failure:
                for after, flow_after, target in _failed(state, flow, world, end):
                    yield replace(after, is_reached=end.is_reached), flow_after, target
                continue
            output, after_flow, needs = states.output_of(state, flow, _result(state, results))
            for after, flow_after, target in succeeding(after_flow, end.world, output, needs, state.next):
                yield replace(after, is_reached=end.is_reached), flow_after, target

    return run


def _through_scopes(
    scopes: Scopes, state: PreparedState, flow: Flow, world: World, goal: Element | None, count: int
) -> Iterator[tuple[End, tuple[Symbol, ...]]]:
    walk = _through_branches if state.type == "Parallel" else _through_items
    yield from walk(scopes, state, flow, world, goal, count)


def _result(state: PreparedState, results: tuple[Symbol, ...]) -> Symbol:
    if state.type == "Map" and "Resource" in state.fields.get("ResultWriter", {}):
        return Known({"MapRunArn": "arn", "ResultWriterDetails": {"Bucket": "bucket", "Key": "key"}})
    return Items(results)


def _failed(state: PreparedState, flow: Flow, before: World, end: End) -> Iterator[Step]:
    """Yield the steps after an error from inside, which comes again in every attempt."""
    attempts = attempts_of(state, end.error)
    if attempts > _MOST_REPEATED:
        before.budget.is_open = True
        return
    world = _repeated(before, end.world, attempts)
    yield from after_failure(state, catcher_of(state, end.error), flow, world, end.error, Known(""))


def _repeated(before: World, after: World, times: int) -> World:
    """Return a world in which the calls since another one are made so often."""
    calls = dict(after.calls)
    for name, all_calls in after.calls.items():
        new = all_calls[len(before.calls.get(name, ())) :]
        calls[name] = (*all_calls, *(new * (times - 1)))
    return replace(after, calls=calls)


def _goal_inside(scopes: Scopes, state: PreparedState, branch: int, goal: Element | None) -> Element | None:
    if goal is None or scopes.plan.inner_target(goal, state.scopes[branch]) is None:
        return None
    return goal


def _through_branches(
    scopes: Scopes, state: PreparedState, flow: Flow, world: World, goal: Element | None, _: int
) -> Iterator[tuple[End, tuple[Symbol, ...]]]:
    data, needs = states.effective_input(state, flow)

    def walk(
        number: int, world: World, results: tuple[Symbol, ...], *, reached: bool
    ) -> Iterator[tuple[End, tuple[Symbol, ...]]]:
        if number == len(state.scopes):
            yield End(world, reached), results
            return
        inner = _goal_inside(scopes, state, number, goal)
        for end in scopes.scope(state.scopes[number], flow.with_data(data), world, inner):
            now = reached or (inner is not None and end.is_reached)
            if end.is_failure:
                beside = _with_later_branches(scopes, state, number + 1, flow.with_data(data), end.world)
                yield replace(end, is_reached=now, world=beside), ()
            else:
                yield from walk(number + 1, end.world, (*results, end.output), reached=now)

    for ready in world.assuming_all(needs):
        yield from walk(0, ready, (), reached=False)


def _with_later_branches(scopes: Scopes, state: PreparedState, number: int, flow: Flow, world: World) -> World:
    """Return a world with what the branches from a number on need, so that none of them fails before another one."""
    for scope in state.scopes[number:]:
        world = next((end.world for end in scopes.scope(scope, flow, world, None)), world)
    return world


def _through_items(
    scopes: Scopes, state: PreparedState, flow: Flow, world: World, goal: Element | None, count: int
) -> Iterator[tuple[End, tuple[Symbol, ...]]]:
    data, needs = (flow.data, ()) if state.is_jsonata or "ItemReader" in state.fields else _map_input(state, flow)
    inner = _goal_inside(scopes, state, 0, goal)

    def walk(
        number: int, items: list[Symbol], world: World, results: tuple[Symbol, ...], *, reached: bool
    ) -> Iterator[tuple[End, tuple[Symbol, ...]]]:
        if number == len(items):
            yield End(world, reached), results
            return
        inside, value, more = _iteration(state, flow, data, items, number)
        following = number + 1
        if "ItemBatcher" in state.fields:
            following = min(number + _batch_size(state), len(items))
            value, more = _batch(state, flow, data, items, range(number, following))
        within = inside.child(value) if state.is_distributed else inside.with_data(value)
        for ready in world.assuming_all(more):
            for end, now in _iterations(
                scopes, state, within, ready, inner, reached=reached, is_last=following == len(items)
            ):
                if end.is_failure and not _TOLERATES & {*state.fields}:
                    yield replace(end, is_reached=now), ()
                else:
                    yield from walk(following, items, end.world, (*results, end.output), reached=now)

    for ready in world.assuming_all((*needs, *states.settings(state, flow))):
        for items, after in _items_of(state, flow.with_data(data), ready, count):
            yield from walk(0, items, after, (), reached=False)


_TOLERATES = {"ToleratedFailureCount", "ToleratedFailurePercentage"}


def _iterations(
    scopes: Scopes,
    state: PreparedState,
    flow: Flow,
    world: World,
    goal: Element | None,
    *,
    reached: bool,
    is_last: bool,
) -> Iterator[tuple[End, bool]]:
    """Yield the ends of an iteration, each with True once one has reached the goal; any of them may."""
    aims = [None] if goal is None or reached else [goal] if is_last else [goal, None]
    for aim in aims:
        for end in scopes.scope(state.scopes[0], flow, world, aim):
            yield end, reached or (aim is not None and end.is_reached)


def _iteration(
    state: PreparedState, flow: Flow, data: Symbol, items: list[Symbol], number: int
) -> tuple[Flow, Symbol, tuple[Need, ...]]:
    """The flow inside the iteration of an item, its input, and the conditions of that."""
    item = Fields({"Index": Known(number), "Value": items[number], "Source": Known("STATE_DATA")})
    inside = replace(flow, item=item)
    return inside, *states.iteration_input(state, inside, data, items[number])


def _batch(
    state: PreparedState, flow: Flow, data: Symbol, items: list[Symbol], numbers: range
) -> tuple[Symbol, tuple[Need, ...]]:
    """The input of a batch of items, and the conditions of that."""
    iterations = [_iteration(state, flow, data, items, number) for number in numbers]
    value, last = states.batch(state, flow, data, Items(tuple(item for _, item, _ in iterations)))
    return value, (*(need for _, _, needs in iterations for need in needs), *last)


def _batch_size(state: PreparedState) -> int:
    size = state.fields["ItemBatcher"].get("MaxItemsPerBatch")
    return size if isinstance(size, int) else 1


def _map_input(state: PreparedState, flow: Flow) -> tuple[Symbol, tuple[Need, ...]]:
    return states.effective_input(state, flow)


def _items_of(state: PreparedState, flow: Flow, world: World, count: int) -> Iterator[tuple[list[Symbol], World]]:
    """Yield the items of a Map, so many if the sources can give as many."""
    if "ItemReader" in state.fields:
        source = f"{FILE}{state.name}"
        after = world.with_source(source, [{} for _ in range(count)]).reading(state.name, count)
        yield [Leaf(source, (number,)) for number in range(count)], after
        return
    symbol = states.items_symbol(state, flow)
    if not isinstance(symbol, (Items, Known)):
        yield from _items_so_many(symbol, world, count)
    elif count or world.value(symbol) == []:
        yield from _fixed_items(symbol, world)


def _fixed_items(symbol: Items | Known, world: World) -> Iterator[tuple[list[Symbol], World]]:
    if isinstance(symbol, Items):
        yield list(symbol.items), world
    elif isinstance(symbol.value, list):
        yield [Known(value) for value in symbol.value], world


def _items_so_many(symbol: Symbol, world: World, count: int) -> Iterator[tuple[list[Symbol], World]]:
    """Yield the items of a list that the sources can give in any length."""
    need = Need(
        lambda tried: _has_length(tried.value(symbol), count),
        reads_of(symbol),
        tuple(leaves_of(symbol)),
        (count, *getattr(symbol, "constants", ())),
    )
    is_possible = False
    for after in _with_length(symbol, need, world, count):
        is_possible = True
        yield [get(symbol, number) for number in range(count)], after
    if not is_possible and count == 1:
        yield from _as_they_are(symbol, world)


def _with_length(symbol: Symbol, need: Need, world: World, count: int) -> Iterator[World]:
    """Return the worlds in which a list has a length: for a value of a source, an empty list is extended first."""
    if not isinstance(symbol, Leaf) or world.keeps(need):
        return world.assuming(need)
    trial = world.choose(symbol, [])
    if count:
        trial = trial.choose(Leaf(symbol.source, (*symbol.path, count - 1)), {})
    is_free = trial.keeps(need) and all(map(trial.keeps, trial.needs))
    return trial.assuming(need) if is_free else world.assuming(need)


def _as_they_are(symbol: Symbol, world: World) -> Iterator[tuple[list[Symbol], World]]:
    """Yield the items of a list whose length the sources do not change freely."""
    is_list = Need(lambda tried: isinstance(tried.value(symbol), list), reads_of(symbol), tuple(leaves_of(symbol)))
    for ready in world.assuming(is_list):
        length = len(ready.value(symbol))
        yield [get(symbol, number) for number in range(min(length, 20))], ready


def _has_length(value: object, count: int) -> bool:
    return isinstance(value, (list, dict)) and len(value) == count


def _fault(fault: Fault) -> Run:
    """An error of a Parallel or Map: from a task inside it, or else in place of the whole state."""

    def run(scopes: Scopes, state: PreparedState, flow: Flow, world: World, goal: Element | None) -> Iterator[Step]:
        for failing in _failing(scopes, state, flow, world, fault):
            if fault.retrier is not None:
                for end, after, target in _through(1)(scopes, state, flow, failing, None):
                    if target == state.next and not end.is_failure:
                        yield replace(end, is_reached=False), after, target
            else:
                yield from after_failure(state, fault.catcher, flow, failing, fault.error, Known(""))

    return run


def _failing(scopes: Scopes, state: PreparedState, flow: Flow, world: World, fault: Fault) -> Iterator[World]:
    """Yield worlds in which a Parallel or Map has failed as often as a fault says."""
    for inner in faults_inside(state, fault.error):
        for end, _ in _through_scopes(scopes, state, flow, world, inner, 1):
            if end.is_failure and end.is_reached and _is_like(state, end.error, fault):
                yield _repeated(world, end.world, fault.times)
                break
    for ready in _started(state, flow, world):
        source = f"{state.name}#{len(ready.calls.get(state.name, ()))}"
        yield ready.with_source(source, "").with_call(state.name, Call(source, fault.error, repeats=fault.times))


def _started(state: PreparedState, flow: Flow, world: World) -> Iterator[World]:
    """Yield worlds in which a Parallel or Map starts: its input, its settings and its items have values."""
    data, needs = (flow.data, ()) if state.is_jsonata and state.type == "Map" else states.effective_input(state, flow)
    for ready in world.assuming_all((*needs, *states.settings(state, flow))):
        if state.type == "Map" and "ItemReader" not in state.fields:
            yield from (after for _, after in _items_of(state, flow.with_data(data), ready, 1))
        else:
            yield ready


def _is_like(state: PreparedState, error: str | None, fault: Fault) -> bool:
    if fault.retrier is not None:
        return error == fault.error
    return handling_of(state, error) == handling_of(state, fault.error)
