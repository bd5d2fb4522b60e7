"""Turn lines: a conversation's turns as a list, one line for each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from bots.explanation import inbound_text
from crm_store.turns import joined_before


class TurnLine(BaseModel):
    """One turn in the list of a conversation's."""

    seq: int
    at: datetime
    outcome: str
    customer_id: UUID
    kind: str
    text: str
    joined: list[int] = Field(description="earlier messages that were taken as one with it")
    intent: str | None = Field(description="the likeliest meaning, clear or not")
    confidence: float | None
    commands: list[str]
    said: list[str] = Field(description="ids of the responses")


def turn_line(row: Mapping[str, Any]) -> TurnLine:
    """Return a row of `crm_store.turns.page` as one line of a list."""
    notes = [note for note in row["trace"] if isinstance(note, dict)]
    kind, words, _ = inbound_text(row["message"])
    ranked = (row["understanding"] or {}).get("intents") or [(None, None)]
    return TurnLine(
        seq=row["seq"],
        at=row["at"],
        outcome=row["outcome"],
        customer_id=row["customer_id"],
        kind=kind,
        text=words,
        joined=joined_before(row["trace"]),
        intent=ranked[0][0],
        confidence=ranked[0][1],
        commands=[str(note["command"]) for note in notes if "command" in note],
        said=[str(note["say"]) for note in notes if "say" in note],
    )
