"""Who calls the API: the holder of a token, looked up by its hash."""

import asyncio
from dataclasses import dataclass

from fastapi import HTTPException
from starlette.requests import Request

from crm_store import api_tokens
from crm_store.database import Database

#: Longest token that is looked at.
_TOKEN_MAX = 200


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a route."""

    name: str  #: of the token


def _look_up(database: Database, token: str) -> Principal | None:
    with database.session() as session:
        row = api_tokens.holder(session, token)
        return Principal(row.name) if row is not None else None


async def token_holder(request: Request) -> Principal:
    """Return the holder of the request's bearer token.

    Raises:
        HTTPException: 401 without a valid one.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    principal = None
    if scheme.lower() == "bearer" and 0 < len(token) <= _TOKEN_MAX:
        principal = await asyncio.to_thread(_look_up, request.app.state.database, token)
    if principal is None:
        raise HTTPException(
            401,
            "send `Authorization: Bearer <token>`; `tributary token create NAME` makes one",
            headers={"www-authenticate": "Bearer"},
        )
    return principal
