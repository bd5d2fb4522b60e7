"""Coverage: which parts of a bot its conversations reached, read from the traces of turns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dialogues.bot import REPAIR_PREFIX, Bot
from dialogues.expect import COMMANDS
from dialogues.flow import Flow
from dialogues.places import place_name
from dialogues.step import Switch, asked_slot, branches
from dialogues.talk import Taken
from dialogues.value_checks import closed_values
from nlu.yaml_file import FaultyFileError, YamlFile

#: Parts that were reached, each as its kind and names.
Reached = frozenset[tuple[str, ...]]

#: The kinds of parts, in the order they are told.
KINDS: Final = ("flows", "steps", "branches", "responses", "commands")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that conversations can reach."""

    kind: str  #: of KINDS
    name: str  #: as people read it, e.g. `request_quote/3.then.0 (say discount_note)`
    group: str  #: language of a response, else ""
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was reached and what not."""

    parts: tuple[Part, ...]
    missed: tuple[Part, ...]

    @property
    def percent(self) -> float:
        """Share of parts that were reached, 0..100."""
        return _percent(len(self.parts), len(self.missed))

    def lines(self) -> list[tuple[str, int, int, float]]:
        """Return kind, parts, reached, percent of each kind; responses by language."""
        kinds = dict.fromkeys((part.kind, part.group) for part in self.parts)
        found: list[tuple[str, int, int, float]] = []
        for kind, group in kinds:
            every = sum((part.kind, part.group) == (kind, group) for part in self.parts)
            out = sum((part.kind, part.group) == (kind, group) for part in self.missed)
            name = f"{kind} ({group})" if group else kind
            found.append((name, every, every - out, _percent(every, out)))
        return found


def _percent(every: int, missed: int) -> float:
    return 100.0 if every == 0 else 100.0 * (every - missed) / every


def coverage(bot: Bot, reached: Iterable[Reached]) -> Coverage:
    """Return what of `bot` the conversations together reached."""
    every = frozenset[tuple[str, ...]]().union(*reached)
    parts = tuple(_parts(bot))
    return Coverage(parts, tuple(part for part in parts if part.key not in every))


def _parts(bot: Bot) -> Iterator[Part]:
    """Yield everything of the bot's own, kind by kind; what all bots share is not its to test."""
    own = [bot.flows[name] for name in bot.flow_paths]
    # A flow of repair is run by name and leaves no steps in the trace.
    walked = [flow for flow in own if not flow.id.startswith(REPAIR_PREFIX)]
    for flow in own:
        yield Part("flows", flow.id, "", ("flow", flow.id))
    for flow in walked:
        for path, step in flow.walked:
            place = place_name(path)
            name = f"{flow.id}/{place} ({_described(step)})"
            yield Part("steps", name, "", ("step", flow.id, place))
    for flow in walked:
        for path, step in flow.walked:
            for branch, _ in branches(step):
                if _is_covered_elsewhere(step, branch) or _is_empty(bot, flow, step, branch):
                    continue
                place = place_name((*path, branch))
                yield Part("branches", f"{flow.id}/{place}", "", ("branch", flow.id, place))
    for language in bot.languages:
        for flow_id, name in _responses(bot, own):
            shown = f"{flow_id}: {name}" if flow_id else name
            yield Part("responses", shown, language, ("response", flow_id, name, language))
    for name in COMMANDS:
        yield Part("commands", name, "", ("command", COMMANDS[name]))


def _is_covered_elsewhere(step: object, branch: str) -> bool:
    """Tell whether a branch is not in the file and is no way that flows may take by themselves.

    A way out that is not written is the shared one; an `if` without `else` just goes on.
    """
    every = dict(branches(step))
    return not every[branch] and (
        branch not in {"else", "found", "missing"} or not any(every.values())
    )


def _is_empty(bot: Bot, flow: Flow, step: object, branch: str) -> bool:
    """Tell whether a branch is an `else` of a switch that has a case for every value."""
    if not isinstance(step, Switch) or branch != "else" or step.else_:
        return False
    closed = closed_values(bot, flow, step.switch)
    slot = flow.slots.get(step.switch)
    return closed is not None and set(closed) <= set(step.cases) and not (slot and slot.optional)


def _described(step: Any) -> str:  # noqa: ANN401 - one of Step
    data = step.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    kind = next(iter(key for key in data if key != "id"), "")
    value = data.get(kind)
    return f"{kind} {value}" if isinstance(value, str) else kind


def _responses(bot: Bot, own: Sequence[Flow]) -> Iterator[tuple[str, str]]:
    for flow in own:
        if not flow.id.startswith(REPAIR_PREFIX):
            yield from ((flow.id, name) for name in flow.responses)
    try:
        data = YamlFile.read(bot.folder / "responses.yml").data
    except FaultyFileError:  # there need not be one
        return
    yield from (("", name) for name in data if not name.startswith("label_"))


def reached(bot: Bot, taken: Sequence[Taken], before: Sequence[str]) -> set[tuple[str, ...]]:
    """Return what turns reached.

    Args:
        bot: the bot.
        taken: the turns.
        before: flows that were open before the first of them.
    """
    found: set[tuple[str, ...]] = set()
    open_flow = before[-1] if before else ""
    for each in taken:
        trace = [item for item in each.result.trace if isinstance(item, dict)]
        found |= _reached(bot, trace, open_flow, each.result.language)
        frames = each.result.state.get("frames", [])
        open_flow = frames[-1]["flow"] if frames else ""
    return found


def _reached(
    bot: Bot, trace: Sequence[Mapping[str, Any]], open_flow: str, language: str
) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    previous: tuple[str, str] | None = None  #: flow and place of the step that ran before
    for item in trace:
        if "command" in item:
            found.add(("command", item["command"]))
            open_flow = item["flow"] if item["command"] == "StartFlow" else open_flow
        places = _places(bot, item)
        for flow_id, place in places:
            open_flow = flow_id
            found |= {("flow", flow_id), *_around(flow_id, place)}
        if previous is not None and (places or "ended" in item):
            found.update(_passed_over(bot, previous, places))
        previous = places[-1] if places else (None if "ended" in item else previous)
        if "repair" in item:
            found.add(("flow", f"{REPAIR_PREFIX}{item['repair']}"))
        if "say" in item:
            flow = bot.flows.get(open_flow)
            own = flow is not None and item["say"] in flow.responses
            found.add(("response", open_flow if own else "", item["say"], language))
    return found


def _places(bot: Bot, item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the flow and place of the steps that one item of a trace is about."""
    if "step" in item:
        flow_id, _, place = item["step"].partition("/")
        return [(flow_id, place)]
    if "ask" in item and (flow := bot.flows.get(item.get("flow", ""))) is not None:
        asking = [p for p, step in flow.walked if asked_slot(step) == item["ask"]]
        return [(flow.id, place_name(path)) for path in asking]
    return []


def _around(flow_id: str, place: str) -> Iterator[tuple[str, ...]]:
    """Yield the step at a place and every branch it stands in."""
    yield ("step", flow_id, place)
    parts = place.split(".")
    for end in range(2, len(parts), 2):
        yield ("branch", flow_id, ".".join(parts[:end]))
        yield ("step", flow_id, ".".join(parts[: end - 1]))


def _passed_over(
    bot: Bot, previous: tuple[str, str], places: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, ...]]:
    """Yield the branch without steps that was taken, when the step before has one.

    It leaves no trace of its own: what ran next does not stand in any other branch of the step.
    """
    flow_id, place = previous
    flow = bot.flows.get(flow_id)
    path = {place_name(p): p for p, _ in flow.walked}.get(place) if flow is not None else None
    if flow is None or path is None:
        return
    inside = any(f == flow_id and p.startswith(f"{place}.") for f, p in places)
    for branch, steps in branches(flow.step_at(path)):
        if not steps and not inside:
            yield ("branch", flow_id, f"{place}.{branch}")
