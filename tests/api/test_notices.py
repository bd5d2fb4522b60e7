"""Telling a conversation what happened outside, over a real server."""

from datetime import datetime
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from crm_store.database import Database
from crm_store.inbox import InboxItem
from tests.api.test_operations_and_timeline import _bearer, api, token
from tests.builders import a_conversation

__all__ = ["api", "token"]

BODY = {"name": "payment_received", "data": {"amount": 12.5, "paid": True, "note": "thanks"}}


@pytest.fixture
def path(database: Database, now: datetime) -> str:
    """Return the path of a conversation's notices."""
    with database.session() as session:
        return f"/api/v1/conversations/{a_conversation(session, now=now).id}/notices"


def _told(database: Database) -> list[dict[str, object]]:
    with database.reading() as connection:
        found = connection.execute(select(InboxItem.message).order_by(InboxItem.seq)).scalars()
        return [m["content"] for m in found if m["content"]["kind"] == "notice"]


async def test_a_notice_is_stored_once_however_often_it_is_told(
    api: httpx.AsyncClient, token: str, database: Database, path: str
) -> None:
    """The key makes the difference, and who told it is kept."""
    headers = {**_bearer(token), "idempotency-key": "pay-1"}
    first = await api.post(path, headers=headers, json=BODY)
    again = await api.post(path, headers=headers, json=BODY)
    other = await api.post(path, headers={**headers, "idempotency-key": "pay-2"}, json=BODY)

    assert [r.status_code for r in (first, again, other)] == [202, 202, 202]
    assert [r.json()["duplicate"] for r in (first, again, other)] == [False, True, False]
    assert again.json()["seq"] == first.json()["seq"]
    told = _told(database)
    assert len(told) == 2
    assert told[0]["name"] == "told"
    assert told[0]["data"] == {
        "notice": "payment_received",
        "from": "reports",
        "data": '{"amount":12.5,"paid":true,"note":"thanks"}',
    }


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 422, "body"),
        (b'{"name": "Payment"}', 422, "name"),
        (b'{"name": "paid", "data": {"a": {"b": 1}}}', 422, "data.a"),
        (b'{"name": "paid", "data": {"A b": 1}}', 422, "data"),
        (b'{"name": "paid", "more": 1}', 422, "more"),
        (b'{"name": "paid", "data": {"a": "' + b"x" * 1001 + b'"}}', 422, "data.a"),
        (b'{"name": "paid", "data": {"a": "' + b"x" * 20_000 + b'"}}', 413, "16384"),
        (b'{"name": "paid", "data": {"a": NaN}}', 400, "not JSON"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"[" * 10_000, 400, "not JSON"),
    ],
)
async def test_a_bad_notice_is_refused_with_what_to_mend(
    api: httpx.AsyncClient,
    token: str,
    database: Database,
    path: str,
    body: bytes,
    status: int,
    message: str,
) -> None:
    """Nothing of it is stored, and nothing is our fault."""
    headers = {**_bearer(token), "idempotency-key": "k"}
    response = await api.post(path, headers=headers, content=body)

    assert response.status_code == status
    assert message in response.json()["error"]["message"]
    assert _told(database) == []


async def test_only_holders_of_a_token_tell_things(
    api: httpx.AsyncClient, token: str, path: str
) -> None:
    """Without a token 401; without a key 422; of no conversation 404."""
    key = {"idempotency-key": "k"}
    assert (await api.post(path, headers=key, json=BODY)).status_code == 401
    assert (await api.post(path, headers=_bearer(token), json=BODY)).status_code == 422
    nowhere = f"/api/v1/conversations/{uuid4()}/notices"
    found = await api.post(nowhere, headers={**_bearer(token), **key}, json=BODY)
    assert found.status_code == 404
    assert (
        await api.post(
            "/api/v1/conversations/x/notices", headers={**_bearer(token), **key}, json=BODY
        )
    ).status_code == 422
