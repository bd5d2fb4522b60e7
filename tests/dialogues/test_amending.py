"""Acts that are changed afterwards: a corrected value reaches the ticket or the lead, once."""

from typing import Any

import pytest
from pydantic import JsonValue

from crm_store.leads import Lead
from crm_store.tickets import Ticket
from dialogues.action import ActionError, ActionTurn, load_action
from dialogues.amending import amend
from dialogues.executor import advance
from dialogues.state import Frame
from tests.dialogues.parcel_talks import WaitingTalk
from tests.dialogues.talks import NOW, Talk


def a_turn(talk: Talk, entries: list[tuple[str, dict[str, Any]]], source: str) -> ActionTurn:
    """Return what an action of `talk` may touch."""
    return ActionTurn(
        session=talk.session,
        bot=talk.bot,
        customer=talk.customer,
        conversation_id=talk.address.conversation_id,
        channel="webchat",
        language="en",
        source=source,
        words="",
        now=NOW,
        record=lambda kind, data: entries.append((kind, data)),
    )


def test_a_ticket_is_changed_and_the_same_again_is_no_change() -> None:
    """What is different now is told on the timeline; nothing is told twice."""
    talk = WaitingTalk()
    entries: list[tuple[str, dict[str, Any]]] = []
    action: Any = load_action("open_ticket")
    said: dict[str, JsonValue] = {"subject": "A leak", "description": "it leaks", "product": "cup"}
    results = action.run(a_turn(talk, entries, "t1"), said)
    said |= {"description": "it hums", "product": "kettle", "priority": "high"}

    for _ in range(2):
        action.amend(a_turn(talk, entries, "t2"), said, results)

    [ticket] = talk.rows(Ticket)
    assert (ticket.description, ticket.priority) == ("it hums", "high")
    assert ticket.details == {"product": "kettle"}
    assert [kind for kind, _ in entries] == ["ticket_opened", "ticket_changed"]
    assert entries[1][1] == {
        "number": ticket.number,
        "changed": ["description", "details", "priority"],
    }


def test_a_lead_is_weighed_again() -> None:
    """More pieces count more; a lead that staff accepted keeps its status."""
    talk = WaitingTalk()
    entries: list[tuple[str, dict[str, Any]]] = []
    action: Any = load_action("open_lead")
    said: dict[str, JsonValue] = {"need": "kettles", "quantity": 5, "email": "a@acme.example"}
    results = action.run(a_turn(talk, entries, "t1"), said)
    assert results["status"] == "new"

    said |= {"quantity": 500}
    action.amend(a_turn(talk, entries, "t2"), said, results)
    [lead] = talk.rows(Lead)
    assert (lead.status, lead.details["quantity"]) == ("qualified", 500)

    lead.status = "accepted"
    action.amend(a_turn(talk, entries, "t3"), said | {"quantity": 1}, results)
    assert (lead.status, lead.details["quantity"]) == ("accepted", 1)
    assert [kind for kind, _ in entries] == ["lead_opened", "lead_changed", "lead_changed"]


@pytest.mark.parametrize(
    ("name", "results"), [("open_ticket", {"number": "T-NONE"}), ("open_lead", {"lead": "x"})]
)
def test_what_is_not_there_cannot_be_changed(name: str, results: dict[str, JsonValue]) -> None:
    """Neither somebody else's nor one that never was."""
    talk = WaitingTalk()
    action: Any = load_action(name)
    said = {"subject": "a", "description": "b", "need": "c"}

    with pytest.raises(ActionError, match="not_found"):
        action.amend(a_turn(talk, [], "t"), said, results)


def test_a_flow_amends_what_its_step_did() -> None:
    """The frame keeps what the act returned, so the right ticket is changed."""
    talk = WaitingTalk()
    flow = talk.bot.flows["report"]
    frame = Frame(flow="report", flow_hash=flow.hash, path=(2,), slots={"problem": "it leaks"})
    frame.slots["urgency"] = "low"
    turn = talk.exchange(frame)

    advance(turn)
    assert frame.results[flow.names[(2,)]] == {"number": talk.rows(Ticket)[0].number}
    frame.slots = {**frame.slots, "problem": "it hums", "urgency": "high"}

    assert amend(turn, frame, flow, (2,))
    assert not amend(turn, frame, flow, (0,))

    [ticket] = talk.rows(Ticket)
    assert (ticket.description, ticket.priority) == ("it hums", "high")
    assert turn.entries[-1].kind == "ticket_changed"
