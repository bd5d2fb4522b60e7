"""What an action is: named inputs and outputs, and a run that may be repeated without effect."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.orm import Session

from crm_store.customers import Customer
from dialogues.action_values import Input, Output
from dialogues.bot import Bot
from dialogues.http_action import HttpAction
from dialogues.later import ActionRequest

if TYPE_CHECKING:
    import httpx

__all__ = ["Action", "ActionCall", "ActionError", "ActionForm", "ActionTurn", "Input", "Output"]

ACTION_FOLDER = Path(__file__).parent / "actions"

#: How long a slow action in Python is tried again, unless its module says otherwise.
UP_TO: Final = timedelta(minutes=2)


class ActionError(Exception):
    """The action could not be done; the flow's `on_failure` goes on.

    Args:
        reason: a short name, which `save: {reason: slot}` keeps for the flow.
    """

    def __init__(self, reason: str = "failed") -> None:
        super().__init__(reason)
        self.reason = reason


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


@dataclass(frozen=True, slots=True)
class ActionCall:
    """Everything one attempt of a slow action may touch: the world outside, but no store."""

    request: ActionRequest  #: its id is the idempotency key
    bot: Bot
    client: "httpx.AsyncClient"  #: reaches public and allowed addresses only
    environment: Mapping[str, str]  #: where secrets are


class Action(Protocol):
    """A module in `dialogues/actions/`; its file name is its name.

    A slow one says `SLOW = True` and has `call` instead of `run`. One that can change what it did
    before also has `amend(turn, inputs, results) -> None`.
    """

    INPUTS: Mapping[str, Input]
    OUTPUTS: Mapping[str, Output]
    #: True: run again when a value it took is corrected in the same flow.
    REPEATABLE: bool

    def run(self, turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Do it; the same source has no second effect.

        Raises:
            ActionError: it cannot be done.
        """
        ...


@dataclass(frozen=True, slots=True)
class ActionForm:
    """What flows need to know of an action, wherever it comes from."""

    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    repeatable: bool
    slow: bool  #: runs outside the turn
    up_to: timedelta = UP_TO  #: only of slow ones: how long it is tried


@cache
def load_action(name: str) -> Action | None:
    """Return the action in Python called `name`, or None when there is no such module."""
    if not name.isidentifier() or find_spec(f"dialogues.actions.{name}") is None:
        return None
    return cast(Action, importlib.import_module(f"dialogues.actions.{name}"))


def is_slow(action: Action) -> bool:
    """Tell whether an action in Python runs outside the turn."""
    return bool(getattr(action, "SLOW", False))


def form_of(bot: Bot, name: str) -> ActionForm | None:
    """Return the form of the action called `name`; one of the bot's own folder comes first."""
    if (own := bot.actions.get(name)) is not None:
        return _form_over_http(own)
    action = load_action(name)
    if action is None:
        return None
    return ActionForm(
        inputs=action.INPUTS,
        outputs=action.OUTPUTS,
        repeatable=action.REPEATABLE,
        slow=is_slow(action),
        up_to=getattr(action, "UP_TO", UP_TO),
    )


def _form_over_http(action: HttpAction) -> ActionForm:
    return ActionForm(
        inputs={name: given.kind for name, given in action.inputs.items()},
        outputs={name: given.kind for name, given in action.outputs.items()},
        repeatable=action.repeatable,
        slow=True,
        up_to=action.up_to,
    )


def action_names(bot: Bot | None = None) -> list[str]:
    """Return the names of all actions there are, those of the bot's own folder among them."""
    shared = {path.stem for path in ACTION_FOLDER.glob("[a-z]*.py")}
    return sorted(shared | set(bot.actions if bot is not None else ()))


def text(value: JsonValue) -> str | None:
    """Return `value` as text, None when it is empty."""
    return None if value is None or value == "" else str(value)
