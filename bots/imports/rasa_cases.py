"""One test of Rasa's as one of our conversations: its steps and assertions, as far as they map."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nlu.annotations import parse_example
from nlu.patterns import PatternError, compile_pattern
from nlu.rasa_names import SHARED, our_name

#: What is told when something is left: (what, why).
Leave = Callable[[str, str], None]

#: Assertions that need a model to judge a text.
_JUDGED: Final = ("generative_response_is_relevant", "generative_response_is_grounded")


#: Keys of a step that are read elsewhere, or say what holds here anyway: order is compared.
_READ: Final = frozenset({"user", "intent", "entities", "assertion_order_enabled"})


class UnmappableError(Exception):
    """A test has a step without which the rest means nothing; the message says which."""


def name_of(rasa_name: object) -> str:
    """Return a name of Rasa's in our spelling."""
    return our_name(str(rasa_name)).replace("/", "_")


@dataclass
class Turn:
    """One turn of a conversation that is being made."""

    said: dict[str, Any]
    expect: dict[str, Any] = field(default_factory=dict)

    def add(self, key: str, *values: object) -> None:
        """Add values to an expectation that is a list."""
        listed = self.expect.setdefault(key, [])
        listed += [value for value in values if value not in listed]

    def fill(self, slot: object, value: object) -> None:
        """Expect a slot's value; none for null."""
        if value is None:
            self.add("no_slots", name_of(slot))
        else:
            self.expect.setdefault("slots", {})[name_of(slot)] = value

    def data(self) -> dict[str, Any]:
        """Return the turn as a file states it."""
        return {**self.said, **({"expect": self.expect} if self.expect else {})}


def turns_of(steps: object, leave: Leave) -> list[dict[str, Any]]:
    """Return the turns of a test.

    Raises:
        UnmappableError: a step has no form here and the others need it.
    """
    turns: list[Turn] = []
    for step in steps if isinstance(steps, list) else ():
        if not isinstance(step, Mapping):
            message = "a step that is no mapping"
            raise UnmappableError(message)
        if "user" in step or "intent" in step:
            turns.append(_said(step))
        elif not turns:
            leave("steps", "before the customer said anything")
            continue
        _expect(step, turns[-1], leave)
    if not turns:
        message = "nobody says anything"
        raise UnmappableError(message)
    return [turn.data() for turn in turns]


def _said(step: Mapping[str, Any]) -> Turn:
    if "user" not in step:
        message = f"the intent {step['intent']} without the words of a customer"
        raise UnmappableError(message)
    text = str(step["user"] or "").strip()
    if text.startswith("/"):
        return Turn({"press": _pressed(text)})
    try:
        # Stories mark entities, end-to-end tests do not; both keep a message in one line.
        line = " ".join(text.split())
        plain = parse_example(line)[0] if "intent" in step else line
    except ValueError as error:
        message = f"a message whose annotation is not valid: {text[:80]}"
        raise UnmappableError(message) from error
    if not plain or len(plain) > 4000:
        message = "a message without words, or with more than 4000 characters"
        raise UnmappableError(message)
    turn = Turn({"user": plain})
    if step.get("intent"):
        intent = our_name(str(step["intent"]))
        turn.expect["intent"] = SHARED.get(intent, intent)
    return turn


def _pressed(payload: str) -> str:
    """Return the option that a button's payload `/SetSlots(name=value)` stands for."""
    inside = payload.removeprefix("/SetSlots(").removesuffix(")")
    slot, equals, value = inside.partition("=")
    if payload == f"/SetSlots({inside})" and equals and "," not in value:
        return f"slot:{name_of(slot)}:{value.strip()}"
    message = f"a button's payload that has no form here: {payload[:80]}"
    raise UnmappableError(message)


def _expect(step: Mapping[str, Any], turn: Turn, leave: Leave) -> None:
    """Add what a step or its assertions expect of the turn."""
    for key, value in step.items():
        match key:
            case "metadata":
                leave("steps", "metadata of messages: a channel delivers it")
            case "utter":
                turn.add("says", name_of(value))
            case "bot":
                turn.add("text", str(value))
            case "action":
                _action(str(value), turn)
            case "slot_was_set" | "slot_was_not_set":
                _assertion({key: value}, turn, leave)
            case "assertions":
                for assertion in _items(value):
                    _assertion(assertion, turn, leave)
            case _ if key not in _READ:
                message = f"a step with {key!r}, which has no form here"
                raise UnmappableError(message)


def _items(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _action(name: str, turn: Turn) -> None:
    if name.startswith("utter_"):
        turn.add("says", name_of(name))
    elif name != "action_listen":
        turn.add("acts", name_of(name))


def _slots(value: object) -> Iterator[tuple[str, bool, object]]:
    """Yield name, whether a value is given, and the value of each slot of one entry."""
    if isinstance(value, Mapping):
        if "name" in value and set(value) <= {"name", "value"}:
            yield str(value["name"]), "value" in value, value.get("value")
        else:
            yield from ((str(name), True, each) for name, each in value.items())
    else:
        yield str(value), False, None


def _slot_was_set(value: object, turn: Turn) -> None:
    for name, given, wanted in _slots(value):
        if given:
            turn.fill(name, wanted)
        else:
            turn.add("has_slots", name_of(name))


def _slot_was_not_set(value: object, turn: Turn, leave: Leave) -> None:
    for name, given, unwanted in _slots(value):
        if given and unwanted is not None:
            leave("assertions", "slot_was_not_set with a value: no_slots means any value")
        elif given:
            turn.add("has_slots", name_of(name))
        else:
            turn.add("no_slots", name_of(name))


def _assertion(assertion: object, turn: Turn, leave: Leave) -> None:
    for kind, value in assertion.items() if isinstance(assertion, Mapping) else ():
        match kind:
            case "flow_started":
                _flows_started(value, turn, leave)
            case "flow_completed" | "flow_cancelled":
                flow = value.get("flow_id") if isinstance(value, Mapping) else value
                turn.add("ends" if kind == "flow_completed" else "cancels", name_of(flow))
                if isinstance(value, Mapping) and value.get("flow_step_id"):
                    leave("assertions", f"flow_step_id of {kind}: only the flow is compared")
            case "pattern_clarification_contains":
                turn.add("commands", "clarify")
                turn.add("options", *(f"flow:{name_of(flow)}" for flow in _items(value)))
            case "action_executed":
                _action(str(value), turn)
            case "slot_was_set":
                for slot in _items(value):
                    _slot_was_set(slot, turn)
            case "slot_was_not_set":
                for slot in _items(value):
                    _slot_was_not_set(slot, turn, leave)
            case "bot_uttered" | "bot_did_not_utter":
                _uttered(value, turn, leave, negated=kind == "bot_did_not_utter")
            case _:
                why = "needs a model to judge a text" if kind in _JUDGED else "has no form here"
                leave("assertions", f"{kind} {why}")


def _flows_started(value: object, turn: Turn, leave: Leave) -> None:
    if not isinstance(value, Mapping):
        turn.add("starts", *map(name_of, _items(value)))
    elif value.get("operator", "all") == "all" or len(_items(value.get("flow_ids"))) == 1:
        turn.add("starts", *map(name_of, _items(value.get("flow_ids"))))
    else:
        leave("assertions", "flow_started with `operator: any`")


def _uttered(value: object, turn: Turn, leave: Leave, *, negated: bool) -> None:
    prefix = "not_" if negated else ""
    for key, wanted in value.items() if isinstance(value, Mapping) else ():
        match key:
            case "utter_name":
                turn.add(f"{prefix}says", name_of(wanted))
            case "text_matches":
                expression = str(wanted)
                try:
                    compile_pattern("", expression)
                except PatternError:
                    leave("assertions", "text_matches with an expression RE2 has not")
                    continue
                turn.add(f"{prefix}matches", expression)
            case "buttons":
                titles = [each.get("title") for each in _items(wanted) if isinstance(each, dict)]
                turn.add(f"{prefix}options", *(str(title) for title in titles if title))
            case _:
                leave("assertions", f"bot_uttered with {key!r} has no form here")
