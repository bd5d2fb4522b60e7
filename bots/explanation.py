"""Explanations: one turn as data a person can follow, from the message to what was sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from channels.messages import (
    Address,
    Choice,
    Contact,
    InboundContent,
    Location,
    Media,
    OutboundContent,
    Text,
    fallback_text,
)
from crm_store.turns import TurnRecord

#: Code points of a text that an explanation repeats; inbound ones are never longer.
TEXT_MAX: Final = 4_000

_INBOUND: Final[TypeAdapter[InboundContent]] = TypeAdapter(InboundContent)
_OUTBOUND: Final[TypeAdapter[OutboundContent]] = TypeAdapter(OutboundContent)
_EXCHANGED: Final = frozenset({"message_received", "notice_received", "message_sent"})
#: Notes of the trace that are told under another heading than the steps.
_ELSEWHERE: Final = frozenset({"understood", "command", "search", "say", "joined", "joins"})

#: What became of a slot in a turn, by the command that did it.
_SLOT_COMMANDS: Final[Mapping[str, str]] = {
    "FillSlot": "filled",
    "CorrectSlot": "corrected",
    "RejectValue": "did not fit",
}


class MessageRead(BaseModel):
    """One message or notice of the customer, as plain data."""

    seq: int
    kind: str = Field(description="text, choice, media, location, contact, notice, unsupported")
    text: str = Field(description="what was written or pressed, else a word for what came")
    content: dict[str, Any]
    received_at: datetime | None
    attempts: int = Field(description="how often taking the turn failed before")


class IntentRead(BaseModel):
    """One candidate meaning."""

    name: str
    confidence: float = Field(description="calibrated probability, 0..1")


class EntityRead(BaseModel):
    """A typed span of the text."""

    name: str
    start: int
    end: int
    text: str | None = Field(description="the words, null when the message is gone")
    value: JsonValue
    unit: str | None = None
    role: str | None = None
    group: str | None = None


class UnderstandingRead(BaseModel):
    """What the text was understood to mean."""

    outcome: str = Field(description="clear, ambiguous or unknown")
    interpreter: str
    language: str
    score: float | None = Field(description="how sure that it means anything known, 0..1")
    intents: list[IntentRead] = Field(description="best first")
    clauses: list[list[IntentRead]] = Field(
        description="of a message that may mean several things: those of each part, in order"
    )
    entities: list[EntityRead]
    sentiment: float
    frustration: float | None
    abuse: float | None


class Noted(BaseModel):
    """A command, or a step taken, with what is known of it."""

    what: str
    name: str | None = None
    details: dict[str, JsonValue] = {}


class SlotRead(BaseModel):
    """What a turn did to a slot, and the value the conversation holds now."""

    name: str
    how: str = Field(description="filled, corrected, did not fit, asked, given at the start")
    value: JsonValue = Field(description="as the state holds it now; null when it holds none")
    held: bool = Field(description="whether the state still holds the slot")


class SearchRead(BaseModel):
    """One question to the knowledge base."""

    outcome: str = Field(description="answered, offered or declined")
    article: str | None
    version: str | None
    score: float | None
    near: list[tuple[str, float]] = Field(description="articles that come close, with scores")
    read_as: str = Field("", description="the question that was searched, when it was read so")
    ways: list[str] = Field(default_factory=list, description="why: spelling, synonym, follow_up")
    topic: str | None = Field(None, description="article that a follow-up goes on about")


class EffectRead(BaseModel):
    """A change in the CRM: an entry of the timeline."""

    kind: str
    actor: str
    at: datetime
    data: dict[str, Any]


class SaidRead(BaseModel):
    """One reply, with the response it came from."""

    response: str | None = Field(description="id; `answer` for a cited article")
    text: str
    options: list[str] = Field(description="labels of what could be pressed")
    article: str | None = None
    version: str | None = None


class SendRead(BaseModel):
    """What became of one reply on its way out."""

    id: UUID
    channel: str
    purpose: str
    state: str = Field(description="queued, sending, sent, refused, dead or unknown")
    reason: str | None = Field(description="why refused, dead or tried again")
    attempts: int
    queued_at: datetime
    not_before: datetime | None = Field(description="of a queued one: when it is tried next")
    sent_at: datetime | None
    seq: int | None = Field(description="its number in the transcript, once sent")
    receipts: list[str] = Field(description="ids the provider gave it")


class Explanation(BaseModel):
    """One turn, from the message to what was sent."""

    conversation_id: UUID
    address: str
    channel: str
    seq: int
    state: Literal["done", "waiting"]
    outcome: str | None
    at: datetime | None
    customer_id: UUID | None
    owner: str = Field(description="who has the conversation now")
    messages: list[MessageRead] = Field(description="several when a burst was taken as one")
    answered_with: int | None = Field(description="the later message it was taken as one with")
    understanding: UnderstandingRead | None
    commands: list[Noted]
    steps: list[Noted]
    slots: list[SlotRead]
    searches: list[SearchRead]
    effects: list[EffectRead]
    said: list[SaidRead]
    sends: list[SendRead]
    given_up: list[str] = Field(description="why it, or a reply, was dead-lettered")


def explain(record: TurnRecord) -> Explanation:
    """Return what is stored about a turn in the order in which it happened."""
    turn = record.turn or {}
    notes = [note for note in turn.get("trace") or () if isinstance(note, dict)]
    messages = [_message(item) for item in record.items]
    where = record.conversation
    address = Address.model_construct(
        **{name: where[name] for name in ("channel", "account", "peer", "thread")}
    )
    return Explanation(
        conversation_id=where["id"],
        address=str(address),
        channel=where["channel"],
        seq=record.seq,
        state="done" if turn else "waiting",
        outcome=turn.get("outcome"),
        at=turn.get("at"),
        customer_id=turn.get("customer_id") or where["customer_id"],
        owner=where["owner"],
        messages=messages,
        answered_with=next((n["joins"] for n in notes if isinstance(n.get("joins"), int)), None),
        understanding=_understanding(turn.get("understanding"), messages),
        commands=[_noted(note, "command") for note in notes if "command" in note],
        steps=[_noted(note) for note in notes if note and not _ELSEWHERE & note.keys()],
        slots=list(_slots(notes, where["state"])),
        searches=[_search(note) for note in notes if "search" in note],
        effects=[
            EffectRead.model_validate(entry)
            for entry in record.entries
            if entry["kind"] not in _EXCHANGED
        ],
        said=_said(record, notes),
        sends=[_send(row) for row in record.sends],
        given_up=[f"{letter['kind']}: {letter['reason']}" for letter in record.letters],
    )


def inbound_text(message: Mapping[str, Any] | None) -> tuple[str, str, dict[str, Any]]:
    """Return kind, words and content of a stored inbound message; it may be of any version."""
    content = (message or {}).get("content")
    data = content if isinstance(content, dict) else {}
    kind = str(data.get("kind", "unknown"))
    try:
        read = _INBOUND.validate_python(data)
    except ValidationError:
        return kind, f"({kind})", data
    match read:
        case Text(text=text):
            words = text
        case Choice():
            words = read.label or read.value
        case Media():
            words = read.caption or f"({read.mime})"
        case Location():
            words = f"({read.latitude:.4f}, {read.longitude:.4f})"
        case Contact():
            words = f"({read.phone})"
        case _:
            words = f"({data.get('name') or data.get('what') or kind})"
    return kind, words[:TEXT_MAX], data


def _message(item: Mapping[str, Any]) -> MessageRead:
    kind, words, content = inbound_text(item["message"])
    return MessageRead(
        seq=item["seq"],
        kind=kind,
        text=words,
        content=content,
        received_at=item["received_at"],
        attempts=item["attempts"],
    )


def _understanding(
    data: Mapping[str, Any] | None, messages: Sequence[MessageRead]
) -> UnderstandingRead | None:
    if not data:
        return None
    whole = "\n".join(message.text for message in messages if message.kind == "text")
    entities = [
        EntityRead(
            **{name: entity.get(name) for name in EntityRead.model_fields if name != "text"},
            text=whole[entity["start"] : entity["end"]] or None,
        )
        for entity in data.get("entities", ())
    ]
    return UnderstandingRead(
        outcome=data["outcome"],
        interpreter=data["interpreter"],
        language=data["language"],
        score=data.get("score"),
        intents=_intents(data.get("intents", ())),
        clauses=[_intents(clause) for clause in data.get("clauses", ())],
        entities=entities,
        sentiment=data.get("sentiment", 0.0),
        frustration=data.get("frustration"),
        abuse=data.get("abuse"),
    )


def _intents(ranked: Iterable[tuple[str, float]]) -> list[IntentRead]:
    return [IntentRead(name=name, confidence=confidence) for name, confidence in ranked]


def _noted(note: Mapping[str, Any], what: str | None = None) -> Noted:
    """Return a note of the trace: what it is about comes first in it."""
    what = what or next(iter(note))
    details = {
        key: value
        for key, value in note.items()
        # Values of a flow that ended are customers' own; the timeline tells what became of them.
        if key not in {what, "ended_with"} and value not in (None, [], {})
    }
    if isinstance(note.get("ended_with"), dict) and note["ended_with"]:
        details["slots"] = sorted(note["ended_with"])
    name = note[what]
    return Noted(what=what, name=None if name in (None, True) else str(name), details=details)


def _slots(notes: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> Iterator[SlotRead]:
    held: dict[str, JsonValue] = {}
    for frame in state.get("frames", ()):
        held |= frame.get("slots", {})
    told: dict[str, str] = {}
    for note in notes:
        if (command := str(note.get("command"))) == "StartFlow":
            told |= dict.fromkeys(note.get("slots", ()), "given at the start")
        elif command in _SLOT_COMMANDS:
            told[str(note.get("slot"))] = _SLOT_COMMANDS[command]
        elif isinstance(asked := note.get("ask"), str):
            told.setdefault(asked, "asked")
    for name, how in told.items():
        yield SlotRead(name=name, how=how, value=held.get(name), held=name in held)


def _search(note: Mapping[str, Any]) -> SearchRead:
    return SearchRead(
        outcome=note["search"],
        article=note.get("article"),
        version=note.get("version"),
        score=note.get("score"),
        near=[(str(article), score) for article, score in note.get("candidates", ())],
        read_as=str(note.get("read_as", "")),
        ways=[str(way) for way in note.get("ways", ())],
        topic=note.get("topic"),
    )


def _said(record: TurnRecord, notes: Sequence[Mapping[str, Any]]) -> list[SaidRead]:
    """Return the replies in order; which response each came from, the trace tells by place."""
    sources = [note for note in notes if "say" in note]
    placed = {note.get("reply", number): note for number, note in enumerate(sources)}
    sent = [entry["data"] for entry in record.entries if entry["kind"] == "message_sent"]
    contents = [data.get("content") for data in sent] or [
        row["message"].get("content") for row in record.sends
    ]
    said: list[SaidRead] = []
    for place, content in enumerate(contents):
        source = placed.get(place, {})
        options = content.get("options", ()) if isinstance(content, dict) else ()
        said.append(
            SaidRead(
                response=source.get("say"),
                text=outbound_text(content),
                options=[str(option.get("label")) for option in options],
                article=source.get("article"),
                version=source.get("version"),
            )
        )
    return said


def outbound_text(content: object) -> str:
    """Return a stored reply as plain text, without its options; it may be of any version."""
    try:
        read = _OUTBOUND.validate_python(content)
    except ValidationError:
        return ""
    return fallback_text(read.model_copy(update={"options": ()}))[:TEXT_MAX]


def _send(row: Mapping[str, Any]) -> SendRead:
    return SendRead(
        id=row["id"],
        channel=row["channel"],
        purpose=row["purpose"],
        state=row["state"],
        reason=row["reason"],
        attempts=row["attempts"],
        queued_at=row["created_at"],
        not_before=row["not_before"] if row["state"] == "queued" else None,
        sent_at=row["sent_at"],
        seq=row["stream_seq"],
        receipts=[str(each) for each in row["provider_ids"] or ()],
    )
