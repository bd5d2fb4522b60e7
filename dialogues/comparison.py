"""Comparison: what a turn was expected to bring beside what it brought, one line a difference."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import JsonValue

from dialogues.expect import Expect
from dialogues.talk import Taken
from nlu.patterns import compile_pattern
from nlu.text import comparable

#: Longest value that is shown of what came.
_SHOWN_MAX: Final = 300

#: Expectations of one value, which must be the same.
_SAME: Final = (
    *("flow", "asks", "article", "near", "lead", "ticket", "feedback", "hand_off", "intent"),
    *("language", "outcome", "silent"),
)
#: Expectations of names in order, with others between them.
_IN_ORDER: Final = ("says", "commands", "acts", "timeline")
#: Expectations of names that are there, in any order.
_THERE: Final = ("starts", "ends", "cancels")
#: Expectations of names with values.
_VALUES: Final = ("slots", "entities", "consent")
#: Expectations of texts: contained in -> not contained in.
_TEXTS: Final = (("text", "not_text", "texts"), ("shows", "not_shows", "shown"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that does not hold."""

    key: str  #: e.g. `says` or `slots.quantity`
    expected: str
    came: str

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected}, but it was {self.came}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a turn brought, under the names that expectations use."""

    facts: Mapping[str, Any]
    texts: tuple[str, ...]
    shown: tuple[str, ...]  #: the replies as the channel shows them
    offered: tuple[tuple[str, str], ...]  #: value and label of every option


def seen(taken: Sequence[Taken], before: Sequence[str], after: Mapping[str, Any]) -> Seen:
    """Return what turns brought that are expected as one: one turn, or those while time passed.

    Args:
        taken: the turns.
        before: flows that were open before the first of them.
        after: the state after the last of them.
    """
    trace = [item for each in taken for item in each.result.trace if isinstance(item, dict)]
    entries = [entry for each in taken for entry in each.result.entries]
    data = {entry.kind: entry.data for entry in entries}
    frames = after.get("frames", [])
    stack = [frame["flow"] for frame in frames]
    commands = [str(item["command"]) for item in trace if "command" in item]
    said = [item["say"] for item in trace if "say" in item]
    ends = [item["ended"] for item in trace if "ended" in item]
    understanding = next((t.understanding for t in taken if t.understanding is not None), None)
    entities = understanding.entities if understanding is not None else ()
    begun = [item["flow"] for item in trace if item.get("command") == "StartFlow"]
    facts = {
        "flow": stack[-1] if stack else None,
        "stack": stack,
        "starts": [*begun, *(flow for flow in (*ends, *stack) if flow not in (*before, *begun))],
        "ends": ends,
        "cancels": _cancelled(commands, before, stack),
        "asks": frames[-1].get("asked") if frames else None,
        "says": said,
        "slots": _slots(frames) | _ended_slots(trace),
        "commands": commands,
        "acts": [item["act"] for item in trace if "act" in item],
        "article": data.get("article_cited", {}).get("article"),
        "near": any("near" in item for item in trace),
        "lead": data.get("lead_opened", {}).get("status"),
        "ticket": "ticket_opened" in data,
        "feedback": data.get("feedback_given", {}).get("rating"),
        "consent": {
            entry.data["purpose"]: entry.data["granted"]
            for entry in entries
            if entry.kind == "consent_recorded"
        },
        "hand_off": data.get("handoff_requested", {}).get("desk"),
        "intent": understanding.intent if understanding is not None else None,
        "language": taken[-1].result.language if taken else None,
        "entities": {entity.name: entity.value for entity in entities},
        "timeline": [entry.kind for entry in entries],
        "outcome": taken[-1].result.outcome if taken else None,
        "silent": not any(each.replies for each in taken),
    }
    return Seen(
        facts=facts,
        texts=tuple(text for each in taken for text in each.texts),
        shown=tuple(str(rendered) for each in taken for rendered in each.replies),
        offered=tuple((o.value, o.label) for each in taken for o in each.offered),
    )


def _slots(frames: Iterable[Mapping[str, Any]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for frame in frames:
        found |= frame.get("slots", {})
    return found


def _ended_slots(trace: Iterable[Mapping[str, Any]]) -> dict[str, JsonValue]:
    """Return the slots of flows that ended within the turn, as the trace kept them."""
    found: dict[str, JsonValue] = {}
    for item in trace:
        found |= item.get("ended_with", {})
    return found


def _cancelled(commands: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    if not {"CancelFlow", "StartOver"} & set(commands):
        return []
    return [flow for flow in before if flow not in after]


def differences(expect: Expect, came: Seen) -> Iterator[Difference]:
    """Yield each expectation that does not hold."""
    named = expect.model_fields_set
    facts = came.facts
    for key in _SAME:
        if key in named and facts[key] != getattr(expect, key):
            yield Difference(key, shown(getattr(expect, key)), shown(facts[key]))
    if "stack" in named and list(expect.stack) != facts["stack"]:
        yield Difference("stack", shown(expect.stack), shown(facts["stack"]))
    for key in _IN_ORDER:
        there = iter(facts[key])
        wanted = getattr(expect, key)
        if not all(name in there for name in wanted):
            order = " in this order" if len(wanted) > 1 else ""
            yield Difference(key, shown(wanted) + order, shown(facts[key]))
    for key in _THERE:
        if missing := [name for name in getattr(expect, key) if name not in facts[key]]:
            yield Difference(key, shown(missing), shown(facts[key]))
    for name in expect.not_says:
        if name in facts["says"]:
            yield Difference("not_says", f"{name} unsaid", shown(facts["says"]))
    yield from _value_differences(expect, facts)
    yield from _text_differences(expect, came)
    yield from _option_differences(expect, came)


def _value_differences(expect: Expect, facts: Mapping[str, Any]) -> Iterator[Difference]:
    for key in _VALUES:
        for name, wanted in getattr(expect, key).items():
            if name not in facts[key]:
                yield Difference(f"{key}.{name}", shown(wanted), "without a value")
            elif facts[key][name] != wanted:
                yield Difference(f"{key}.{name}", shown(wanted), shown(facts[key][name]))
    for name in expect.has_slots:
        if facts["slots"].get(name) is None:
            yield Difference(f"has_slots.{name}", "a value", "without a value")
    for name in expect.no_slots:
        if (value := facts["slots"].get(name)) is not None:
            yield Difference(f"no_slots.{name}", "no value", shown(value))


def _text_differences(expect: Expect, came: Seen) -> Iterator[Difference]:
    for key, not_key, place in _TEXTS:
        texts: tuple[str, ...] = getattr(came, place)
        for wanted in getattr(expect, key):
            if not any(wanted in text for text in texts):
                yield Difference(key, f"{shown(wanted)} in a reply", _said(texts))
        for unwanted in getattr(expect, not_key):
            if found := [text for text in texts if unwanted in text]:
                yield Difference(not_key, f"{shown(unwanted)} in no reply", _said(found))
    for wanted in expect.matches:
        if not any(_matches(wanted, text) for text in came.texts):
            yield Difference("matches", f"{wanted} in a reply", _said(came.texts))
    for unwanted in expect.not_matches:
        if found := [text for text in came.texts if _matches(unwanted, text)]:
            yield Difference("not_matches", f"{unwanted} in no reply", _said(found))


def _matches(expression: str, text: str) -> bool:
    return compile_pattern("", expression).exact.search(text) is not None


def _option_differences(expect: Expect, came: Seen) -> Iterator[Difference]:
    labels = [label for _, label in came.offered]
    for wanted in expect.options:
        if not any(_is_option(wanted, *option) for option in came.offered):
            yield Difference("options", f"{shown(wanted)} among them", shown(labels))
    for unwanted in expect.not_options:
        if any(_is_option(unwanted, *option) for option in came.offered):
            yield Difference("not_options", f"{shown(unwanted)} not among them", shown(labels))


def _is_option(wanted: str, value: str, label: str) -> bool:
    named = wanted == value or (value.startswith("slot:") and value.split(":", 2)[-1] == wanted)
    return named or comparable(wanted) == comparable(label) != ""


def shown(value: object) -> str:
    """Return a value as a test's file would state it, in one line."""
    if isinstance(value, list | tuple):
        return _cut(f"[{', '.join(map(shown, value))}]")
    if isinstance(value, str):
        return _cut(value) if value and value == value.strip() else _cut(repr(value))
    return _cut(orjson.dumps(value, default=str).decode())


def _said(texts: Sequence[str]) -> str:
    return shown([repr(text) for text in texts]) if texts else "silent"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 1]}…"
