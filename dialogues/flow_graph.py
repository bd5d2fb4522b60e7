"""The graph of flows: which leads to which, and what goes round in circles or is never started."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from dialogues.bot import REPAIR_FOLDER, REPAIR_PREFIX
from dialogues.checking import REPAIR_INTENTS, Check, is_repair, step_key
from dialogues.flow import Flow, StepPath
from dialogues.response_checks import offered
from dialogues.state import DEPTH_MAX
from dialogues.step import Call, Link, Set, Wait, asked_slot, branches

#: Circles of links that are looked at; no bot has as many.
_CIRCLES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class _Edge:
    """A link or call, and what happens in its flow on the way there in any case."""

    source: str
    target: str
    path: StepPath
    calls: bool
    asked: frozenset[str]  #: slots asked for, unless they are known
    forgotten: frozenset[str]  #: slots set to nothing
    waits: bool


def check_graph(check: Check, intents: Collection[str] | None) -> None:
    """Note flows that never start, lead back to themselves, or call too deep."""
    own = check.own()
    edges = [edge for flow in own for edge in _edges(flow)]
    circular = _check_calls(check, edges) | _check_links(check, edges)
    _check_triggers(check, own, intents)
    _check_dead(check, own, edges, circular)


def _edges(flow: Flow) -> list[_Edge]:
    found: list[_Edge] = []
    _walk(flow.id, flow.steps, (), frozenset(), frozenset(), waits=False, found=found)
    return found


def _walk(
    source: str,
    steps: tuple[Any, ...],
    prefix: StepPath,
    asked: frozenset[str],
    forgotten: frozenset[str],
    *,
    waits: bool,
    found: list[_Edge],
) -> None:
    for index, step in enumerate(steps):
        path = (*prefix, index)
        if isinstance(step, Link | Call):
            target = step.link if isinstance(step, Link) else step.call
            calls = isinstance(step, Call)
            found.append(_Edge(source, target, path, calls, asked, forgotten, waits))
        if (slot := asked_slot(step)) is not None:
            asked |= {slot}
        for name, nested in branches(step):
            # Only a wait that is over has a way out.
            late = waits or isinstance(step, Wait)
            _walk(source, nested, (*path, name), asked, forgotten, waits=late, found=found)
        if isinstance(step, Wait):
            waits = True
        if isinstance(step, Set):
            forgotten |= {name for name, value in step.set.items() if value is None}


def _reached(start: Collection[str], edges: list[_Edge]) -> set[str]:
    seen: set[str] = set()
    todo = set(start)
    while todo:
        flow = todo.pop()
        seen.add(flow)
        todo |= {edge.target for edge in edges if edge.source == flow} - seen
    return seen


def _check_calls(check: Check, edges: list[_Edge]) -> set[str]:
    """Report calls that come back to their own flow, and chains of calls that are too long."""
    circular: set[str] = set()
    for edge in edges:
        if edge.calls and edge.source in _reached([edge.target], edges):
            circular.add(edge.source)
            key = (*step_key(edge.path), "call")
            message = "leads back to this flow, which would call itself without end"
            check.add(check.bot.flows[edge.source], key, message)
    if circular:
        return circular
    for edge in edges:
        depth = 1 + _depth(edge.target, edges, frozenset()) if edge.calls else 0
        # Only where the chain begins: a call further in is a part of it.
        begins = not any(other.target == edge.source for other in edges if other.calls)
        if begins and depth + 1 > DEPTH_MAX:
            key = (*step_key(edge.path), "call")
            message = f"begins a chain of {depth} calls, but at most {DEPTH_MAX - 1} may nest"
            check.add(check.bot.flows[edge.source], key, message)
    return set()


def _depth(flow: str, edges: list[_Edge], seen: frozenset[str]) -> int:
    """Return how many calls at most nest from `flow` on."""
    if flow in seen:
        return 0
    return max(
        (
            int(edge.calls) + _depth(edge.target, edges, seen | {flow})
            for edge in edges
            if edge.source == flow
        ),
        default=0,
    )


def _check_links(check: Check, edges: list[_Edge]) -> set[str]:
    """Report flows that lead back to themselves without ever waiting for anybody."""
    links = [edge for edge in edges if not edge.calls and edge.target in check.bot.flows]
    circular: dict[str, _Edge] = {}
    for index, circle in enumerate(_circles(links)):
        if index >= _CIRCLES_MAX:
            break
        if not _pauses(check, circle):
            circular.update({edge.source: edge for edge in circle})
    for source, edge in circular.items():
        message = "leads back to this flow without asking anything"
        check.add(check.bot.flows[source], step_key(edge.path), message)
    return set(circular)


def _circles(links: list[_Edge]) -> Iterator[list[_Edge]]:
    """Yield the circles of links, each once, from its alphabetically first flow."""

    def onward(start: str, way: list[_Edge]) -> Iterator[list[_Edge]]:
        here = way[-1].target if way else start
        for edge in links:
            if edge.source != here:
                continue
            if edge.target == start:
                yield [*way, edge]
            elif edge.target > start and all(edge.target != each.source for each in way):
                yield from onward(start, [*way, edge])

    for start in sorted({edge.source for edge in links}):
        yield from onward(start, [])


def _pauses(check: Check, circle: list[_Edge]) -> bool:
    """Tell whether something is asked or awaited on the way round: what is known is carried on."""
    if any(edge.waits for edge in circle):
        return True
    slots = [set(check.bot.flows[edge.source].slots) for edge in circle]
    forgotten = {slot for edge in circle for slot in edge.forgotten}
    carried = set.intersection(*slots) - forgotten
    return any(slot not in carried for edge in circle for slot in edge.asked)


def _check_triggers(check: Check, own: list[Flow], intents: Collection[str] | None) -> None:
    taken: dict[str, str] = {}
    for flow in own:
        for index, intent in enumerate(flow.triggers):
            key = ("triggers", index)
            if intents is not None and intent not in intents:
                check.add(flow, key, f"no intent is called {intent!r}")
            if intent in REPAIR_INTENTS:
                check.add(flow, key, f"{intent} always means repair and starts no flow")
            if intent in taken:
                check.add(flow, key, f"{intent} starts the flow {taken[intent]!r} already")
            taken.setdefault(intent, flow.id)
        name = flow.id.removeprefix(REPAIR_PREFIX)
        if is_repair(flow) and not (REPAIR_FOLDER / f"{name}.yml").exists():
            check.add(flow, ("id",), f"no shared flow is called {flow.id!r}")


def _check_dead(check: Check, own: list[Flow], edges: list[_Edge], circular: set[str]) -> None:
    """Report flows that nothing starts, however long the way to them is."""
    begins = {flow.id for flow in own if flow.triggers or is_repair(flow)}
    alive = _reached(begins | _offered(check), edges)
    for flow in own:
        if flow.id not in alive and flow.id not in circular:
            message = "nothing starts this flow: no triggers, and no link or call to it"
            check.add(flow, ("id",), message)


def _offered(check: Check) -> set[str]:
    """Return the flows that can be pressed somewhere."""
    responses = [*check.bot.responses.values()]
    responses += [r for flow in check.bot.flows.values() for r in flow.responses.values()]
    return {
        value.removeprefix("flow:")
        for response in responses
        for value in offered(response)
        if value.startswith("flow:")
    }
