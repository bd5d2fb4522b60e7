"""Access tokens that providers lend for hours, and where an account's processes keep them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """What lets an account call its provider, for a while."""

    value: str = field(repr=False)
    until: datetime  #: UTC; fetched anew before


#: Fetches a token; given one that failed, another one than that.
Fetch = Callable[[str | None], Awaitable[Token]]


class TokenStore(Protocol):
    """Keeps tokens by name, fetched by one process or task at a time."""

    async def token(
        self, name: str, fetch: Fetch, *, now: datetime, failed: str | None = None
    ) -> Token:
        """Return a token that is good at `now` and is not the one that failed.

        Whoever finds none fetches it while all others wait for that one; what `fetch` raises
        goes to the caller and leaves everything as it was.

        Args:
            name: whose token; unique across channels and accounts.
            fetch: gets a token from the provider.
            now: UTC.
            failed: value of a token that the provider refused.
        """
        ...


class MemoryTokens:
    """Tokens of one process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def token(
        self, name: str, fetch: Fetch, *, now: datetime, failed: str | None = None
    ) -> Token:
        """Return a token, see `TokenStore`."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            kept = self._tokens.get(name)
            if kept is not None and kept.until > now and kept.value != failed:
                return kept
            self._tokens[name] = fetched = await fetch(failed)
            return fetched
