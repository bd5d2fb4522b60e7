"""Shared tokens: what providers lend is fetched by one process and used by all of them."""

import asyncio
import base64
from datetime import datetime
from typing import Final

import structlog
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.exc import SQLAlchemyError

from channels.tokens import Fetch, Token
from crm_store.channel_tokens import Sealed, keep_token, read_token
from crm_store.database import Database
from crm_store.exclusive import Exclusive

log = structlog.get_logger()

#: How often a process looks for the token that another one fetches, seconds.
LOOK_SECONDS: Final = 0.05
_PURPOSE: Final = b"tributary channel tokens"


class SharedTokens:
    """The tokens of all accounts, in the database, under a key that is not in it.

    Args:
        database: which all processes share.
        secret_key: which all processes share; with another one each fetches its own tokens.
    """

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database = database
        derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))
        self._known: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def token(
        self, name: str, fetch: Fetch, *, now: datetime, failed: str | None = None
    ) -> Token:
        """Return a token, see `TokenStore`; the database is asked only when none is at hand."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            known = self._known.get(name)
            if known is None or known.until <= now or known.value == failed:
                try:
                    known = await self._find(name, fetch, now, failed)
                except SQLAlchemyError as error:
                    # Without the database each process has a token of its own, which does no harm.
                    log.warning("tokens.not_shared", error=type(error).__name__)
                    known = await fetch(failed)
                self._known[name] = known
            return known

    async def _find(self, name: str, fetch: Fetch, now: datetime, failed: str | None) -> Token:
        exclusive = Exclusive(self._database, f"token:{name}")
        while True:
            mine = await asyncio.to_thread(exclusive.take)
            try:
                # Read under the lock: whoever had it before may have fetched one.
                kept = await asyncio.to_thread(self._read, name)
                if kept is not None and kept.until > now and kept.value != failed:
                    return kept
                if mine:
                    fetched = await fetch(failed)
                    await asyncio.to_thread(self._keep, name, fetched, now)
                    return fetched
            finally:
                if mine:
                    await asyncio.to_thread(exclusive.give_back)
            await asyncio.sleep(LOOK_SECONDS)

    def _read(self, name: str) -> Token | None:
        with self._database.reading() as connection:
            kept = read_token(connection, name)
        if kept is None:
            return None
        try:
            return Token(self._fernet.decrypt(kept.sealed.encode()).decode(), kept.until)
        except InvalidToken:  # kept under another key, before the secret key was changed
            return None

    def _keep(self, name: str, token: Token, now: datetime) -> None:
        sealed = Sealed(self._fernet.encrypt(token.value.encode()).decode(), token.until)
        with self._database.transaction() as connection:
            keep_token(connection, name, sealed, now=now)
