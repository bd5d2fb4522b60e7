"""Who was given which answer, and telling them of a correction, over the API."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select

from bots.app import create_app
from bots.node import Node
from channels import callback
from channels.contract import ChannelSettings
from crm_store.database import Database, utc_now
from crm_store.outbox import OutboxItem
from tests.api.test_operations_and_timeline import _bearer, token
from tests.dialogues.test_answer_corrections import NEW, OLD, cite, put, someone

__all__ = ["token"]

ROOT = "/api/v1/knowledge/articles/returns"
OPTIONS = {"secret": "sixteen characters and more", "url": "https://partner.test/"}


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a web node that has an account, and return a client of it."""
    account = callback.create(ChannelSettings("callback", "partner", OPTIONS))
    accounts = {("callback", "partner"): account}
    node = Node(Database(database_url), accounts, brain=None, role="web")
    server = uvicorn.Server(uvicorn.Config(create_app(node), access_log=False, log_config=None))
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.01)
        yield client
    server.should_exit = True
    await serving
    listening.close()


@pytest.fixture
def corrected(database: Database) -> Database:
    """Two people were given a text that was corrected since."""
    now = utc_now() - timedelta(hours=1)
    with database.session() as session:
        old = put(session, OLD, now)
        for name, passage in (("ann", 0), ("ben", 1)):
            cite(session, someone(session, name, now), old, now + timedelta(minutes=1), passage)
        put(session, NEW, now + timedelta(minutes=4))
    return database


async def test_those_who_were_given_the_old_text_are_told_once(
    api: httpx.AsyncClient, token: str, corrected: Database
) -> None:
    """Seen first, then told; asking again tells nobody twice."""
    query = {"language": "en", "since": "1"}
    headers = _bearer(token)
    seen = (await api.get(f"{ROOT}/correction", headers=headers, params=query)).json()
    assert sorted(str(r["exclusion"]) for r in seen["recipients"]) == ["None", "unchanged"]
    (open_one,) = [r for r in seen["recipients"] if r["exclusion"] is None]
    assert (open_one["old"], open_one["new"]) == ("You have 30 days.", "You have 14 days.")

    body = {"text": "Not {old} but {new}"}
    for expected in ([True], []):
        told = await api.post(f"{ROOT}/correction", headers=headers, params=query, json=body)
        assert [r["sent"] for r in told.json()["recipients"] if r["sent"]] == expected
    with corrected.session() as session:
        assert session.scalar(select(func.count()).select_from(OutboxItem)) == 1
        (message,) = session.scalars(select(OutboxItem.message))
    assert message["content"]["text"] == "Not You have 30 days. but You have 14 days."


async def test_answers_are_read_with_the_revision_they_came_from(
    api: httpx.AsyncClient, token: str, corrected: Database
) -> None:
    """Page by page, newest first."""
    headers = _bearer(token)
    first = (await api.get(f"{ROOT}/answers", headers=headers, params={"limit": 1})).json()
    query = {"limit": 1, "before": first["before"]}
    second = (await api.get(f"{ROOT}/answers", headers=headers, params=query)).json()
    third = await api.get(f"{ROOT}/answers", headers=headers, params={"before": second["before"]})

    answers = [*first["answers"], *second["answers"]]
    assert [answer["revision"] for answer in answers] == [1, 1]
    assert len({answer["customer_id"] for answer in answers}) == 2
    assert third.json() == {"answers": [], "before": None}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/correction?language=en&since=2", None, 409),
        ("/correction?language=zh&since=1", None, 409),
        ("/correction?language=en&since=0", None, 422),
        ("/correction?language=en", None, 422),
        ("/correction?language=en&since=1", {"text": ""}, 422),
        ("/correction?language=en&since=1", {"text": "x" * 3001}, 422),
        ("/correction?language=en&since=1", {"text": "a\0"}, 422),
        ("/correction?language=en&since=1", {"text": "x" * 20_000}, 413),
        (f"/answers?before={uuid4()}", None, 404),
        ("/answers?version=%27", None, 422),
        ("/answers?limit=0", None, 422),
    ],
)
async def test_a_bad_request_is_refused(
    api: httpx.AsyncClient,
    token: str,
    corrected: Database,
    path: str,
    body: dict[str, str] | None,
    status: int,
) -> None:
    """What cannot be done is told, and nobody is written to."""
    method = "GET" if body is None else "POST"
    refused = await api.request(method, f"{ROOT}{path}", headers=_bearer(token), json=body)

    assert refused.status_code == status, refused.text
    assert refused.json()["error"]["message"]
    with corrected.session() as session:
        assert session.scalar(select(func.count()).select_from(OutboxItem)) == 0


async def test_nobody_without_a_token_reads_or_tells(api: httpx.AsyncClient) -> None:
    """Who asked what is nobody else's business."""
    for method, path in (
        ("GET", "/answers"),
        ("GET", "/correction?language=en&since=1"),
        ("POST", "/correction?language=en&since=1"),
    ):
        answer = await api.request(method, f"{ROOT}{path}", json={"text": "x"})
        assert answer.status_code == 401, path
