"""Examination of an account: what a provider thinks of it, and what to mend."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    state: Literal["fine", "note", "fault"]
    what: str  #: what was looked at and seen; never a secret
    mend: str = ""  #: what to do about it


@runtime_checkable
class Examinable(Protocol):
    """An adapter that can ask its provider how the account stands."""

    async def examine(self, public_url: str | None) -> list[Finding]:
        """Return what was found; asks the provider, changes nothing, never raises.

        Args:
            public_url: how providers reach us; None: nobody said.
        """
        ...


@runtime_checkable
class Connectable(Protocol):
    """An adapter that can tell its provider where to deliver."""

    async def connect(self, public_url: str) -> list[Finding]:
        """Have messages delivered to us from now on, and return what came of it."""
        ...


def webhook_path(channel: str, account: str) -> str:
    """Return the path at which an account's messages are delivered."""
    return f"/webhooks/{channel}/{account}"
