"""What an action is: named inputs and outputs, and a run that may be repeated without effect."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.orm import Session

from crm_store.customers import Customer
from dialogues.bot import Bot

ACTION_FOLDER = Path(__file__).parent / "actions"


class ActionError(Exception):
    """The action could not be done; the flow's `on_failure` goes on."""


@dataclass(frozen=True, slots=True)
class Input:
    """One named value an action takes."""

    required: bool = False


@dataclass(frozen=True, slots=True)
class ActionTurn:
    """Everything an action may touch: the store, who it is about, and where it stands."""

    session: Session
    bot: Bot
    customer: Customer
    conversation_id: UUID
    channel: str
    language: str
    source: str  #: names this step of this turn, the same when the turn is repeated
    words: str  #: what the customer just wrote, as evidence
    now: datetime  #: UTC
    record: Callable[[str, dict[str, Any]], None]  #: kind, data: adds a timeline entry


class Action(Protocol):
    """A module in `dialogues/actions/`; its file name is its name.

    One that can change what it did before also has `amend(turn, inputs, results) -> None`.
    """

    INPUTS: Mapping[str, Input]
    OUTPUTS: frozenset[str]
    #: True: run again when a value it took is corrected in the same flow.
    REPEATABLE: bool

    def run(self, turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Do it; the same source has no second effect.

        Raises:
            ActionError: it cannot be done.
        """
        ...


@cache
def load_action(name: str) -> Action | None:
    """Return the action called `name`, or None when there is no such file."""
    if not (ACTION_FOLDER / f"{name}.py").is_file():
        return None
    return cast(Action, importlib.import_module(f"dialogues.actions.{name}"))


def action_names() -> list[str]:
    """Return the names of all actions there are."""
    return sorted(path.stem for path in ACTION_FOLDER.glob("[a-z]*.py"))


def text(value: JsonValue) -> str | None:
    """Return `value` as text, None when it is empty."""
    return None if value is None or value == "" else str(value)
