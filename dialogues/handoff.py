"""Hand-off: the bot gives a conversation to a desk, stays silent, and may be called back."""

from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from crm_store.database import JsonObject
from crm_store.handoffs import Handoff, request_handoff
from dialogues import stack
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.opening_hours import in_words, spoken_names
from dialogues.responses import option
from dialogues.state import Frame

Reason = Literal["asked", "flow", "cannot_handle", "dead_letter"]


def hand_over(
    x: Exchange,
    *,
    desk: str | None = None,
    reason: Reason = "asked",
    last: tuple[Flow, Frame] | None = None,
) -> None:
    """Queue the conversation for a desk with what people need to know, and tell the customer.

    Args:
        x: the turn.
        desk: where to; the bot's first when None.
        reason: why.
        last: the flow that ends with this hand-off, when one does.
    """
    desk = _speaking(x, desk or x.bot.default_desk)
    handoff, _ = request_handoff(
        x.session,
        x.customer.id,
        conversation_id=x.conversation_id,
        desk=desk,
        reason=reason,
        summary=summary(x, last),
        source=x.source,
        now=x.now,
    )
    x.owner = "queue"
    x.owner_epoch += 1
    x.state.handoff = str(handoff.id)
    x.state.queue_noted = False
    x.state.failures = 0
    if reason == "asked":
        x.asked.follow("handed_over")
    x.note(hand_off=desk, reason=reason)
    x.record("handoff_requested", {"handoff": str(handoff.id), "desk": desk, "reason": reason})
    x.repair(
        "human",
        slots=_prospects(x, desk),
        options=[option(x.bot, "bot", "label_bot", x.language)],
    )


def _speaking(x: Exchange, desk: str) -> str:
    """Return `desk`, or one where the customer's language is spoken, if possible open now."""
    desks, zone = x.bot.file.desks, x.bot.file.zone
    if desk not in desks or desks[desk].speaks(x.language):
        return desk
    speaking = [name for name, each in desks.items() if each.speaks(x.language)]
    at_work = [name for name in speaking if desks[name].is_open(x.now, zone)]
    return next(iter(at_work or speaking), desk)


def _prospects(x: Exchange, name: str) -> dict[str, JsonValue]:
    """Return what the customer may expect: when somebody answers, and in which language."""
    desk, zone = x.bot.file.desks.get(name), x.bot.file.zone
    if desk is None:
        return {}
    prospects: dict[str, JsonValue] = {"open": desk.is_open(x.now, zone)}
    opens = desk.opens_at(x.now, zone)
    if opens is not None and opens > x.now:
        prospects["opens"] = in_words(opens, x.now.astimezone(zone), x.language)
    if not desk.speaks(x.language):
        prospects["speaks"] = spoken_names(desk.languages, x.language)
    return prospects


def summary(x: Exchange, last: tuple[Flow, Frame] | None = None) -> JsonObject:
    """Return what a person needs to take over: goal, values, last messages, searches, language."""
    frame = last[1] if last is not None else stack.wanted(x.state)
    slots = frame.slots if last is not None and frame is not None else stack.known(x.state)
    flow = x.bot.flows.get(frame.flow) if frame is not None else None
    return {
        "goal": frame.flow if frame is not None else None,
        "title": x.goal(flow) if flow is not None else None,
        "slots": dict(slots),
        "messages": [dict(line) for line in x.state.history],
        "searches": list(x.state.searches),
        "corrections": list(x.state.notes),
        "language": x.language,
        "channel": x.channel,
    }


def wait_in_queue(x: Exchange) -> None:
    """Tell a customer who writes while waiting that they are in the queue; once, then silence."""
    if not x.state.queue_noted:
        x.state.queue_noted = True
        x.say("in_queue", options=[option(x.bot, "bot", "label_bot", x.language)])


def take_back(x: Exchange) -> None:
    """Return a queued conversation to the bot, because the customer wants that."""
    handoff = x.session.get(Handoff, UUID(x.state.handoff)) if x.state.handoff else None
    if handoff is not None and handoff.status == "queued":
        handoff.status = "returned"
        handoff.updated_at = x.now
    x.owner = "bot"
    x.owner_epoch += 1
    x.state.handoff = None
    x.state.queue_noted = False
    x.note(hand_off=None)
    x.record(
        "handoff_returned", {"handoff": str(handoff.id) if handoff else None}, actor="customer"
    )
    x.say("back_to_bot")
