"""Transcript entries as the events a browser gets; a pure translation of stored messages."""

from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from pydantic import TypeAdapter, ValidationError

from channels.messages import OutboundContent, fallback_text

Event = dict[str, Any]

_CONTENT: Final[TypeAdapter[OutboundContent]] = TypeAdapter(OutboundContent)
_SAID: Final = frozenset({"text", "choice", "media", "location", "contact"})


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _present(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item is not None}


def _inbound(message: dict[str, Any], conversation_id: UUID) -> Event:
    content = message.get("content") or {}
    kind = content.get("kind")
    external_id = str(message.get("external_id", ""))
    if kind not in _SAID:
        return {"type": "note", "name": str(content.get("name") or kind or "unknown")}
    said = content.get("text") or content.get("label") or content.get("value") or ""
    return {
        "type": "message",
        # Inbound messages have no id of their own; this one is the same wherever it is made.
        "id": str(uuid5(conversation_id, external_id)),
        "from": "visitor",
        "client_msg_id": external_id,
        "content": _present(content),
        "fallback_text": str(said),
    }


def _outbound(message: dict[str, Any]) -> Event:
    try:
        content = _CONTENT.validate_python(message.get("content"))
    except ValidationError:
        # Written by another version: its number must not be missing from the transcript.
        return {"type": "note", "name": "unknown"}
    return {
        "type": "message",
        "id": str(message.get("id", "")),
        "from": "staff" if message.get("purpose") == "staff" else "bot",
        "content": content.model_dump(mode="json", exclude_none=True),
        "fallback_text": fallback_text(content),
    }


def event(
    *,
    seq: int,
    at: datetime,
    direction: Literal["in", "out"],
    message: dict[str, Any],
    conversation_id: UUID,
) -> Event:
    """Return a transcript entry as the visitor's browser gets it.

    Args:
        seq: its number in the conversation.
        at: when it was received or delivered.
        direction: "in" from the visitor (or the engine), "out" to them.
        message: an InboundMessage or OutboundMessage as JSON data.
        conversation_id: the conversation it belongs to.
    """
    body = _outbound(message) if direction == "out" else _inbound(message, conversation_id)
    return {"seq": seq, "at": _time(at), **body}
