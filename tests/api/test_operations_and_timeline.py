"""The HTTP API and the operators' routes, over a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import httpx
import pytest
import uvicorn

from bots.app import create_app
from bots.node import Node
from crm_store import api_tokens
from crm_store.database import Database
from tests.builders import a_conversation, an_address, an_outbound, finish_turn


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a web node on any free port and return a client of it."""
    node = Node(Database(database_url), {}, brain=None, role="web")
    config = uvicorn.Config(create_app(node), access_log=False, log_config=None)
    server = uvicorn.Server(config)
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
def token(database: Database, now: datetime) -> str:
    """Return a valid API token."""
    with database.session() as session:
        return api_tokens.create_token(session, name="reports", now=now)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_timeline_is_read_page_by_page(
    api: httpx.AsyncClient, token: str, database: Database, now: datetime
) -> None:
    """A holder of a token reads all entries, oldest first within a page, none twice."""
    with database.session() as session:
        conversation = a_conversation(session, now=now)
        replies = [an_outbound(f"r{n}") for n in range(4)]
        finish_turn(session, conversation, 1, replies=replies, now=now)
        customer_id = conversation.customer_id
    path = f"/api/v1/customers/{customer_id}/timeline"
    whole = (await api.get(path, headers=_bearer(token))).json()
    pages: list[dict[str, object]] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = (await api.get(path, headers=_bearer(token), params=query)).json()
        pages = page["entries"] + pages
        if page["before"] is None:
            break
        query["before"] = page["before"]

    assert pages == whole["entries"]
    assert [entry["position"] for entry in pages] == [0, 1, 2, 3, 4]
    assert pages[0]["kind"] == "message_received"
    assert whole["before"] is None


async def test_only_holders_of_a_valid_token_are_answered(
    api: httpx.AsyncClient, token: str, database: Database, now: datetime
) -> None:
    """Without, with a wrong, with a revoked token: 401, and the same answer for each."""
    path = f"/api/v1/customers/{uuid4()}/timeline"
    assert (await api.get(path, headers=_bearer(token))).status_code == 404
    with database.session() as session:
        api_tokens.revoke_token(session, "reports", now=now)
    answers = [
        await api.get(path, headers=headers)
        for headers in (
            {},
            _bearer(token),
            _bearer("trb_wrong"),
            _bearer("x" * 5000),
            {"authorization": f"Basic {token}"},
        )
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "tributary token" in answers[0].json()["error"]["message"]
    assert answers[0].headers["www-authenticate"] == "Bearer"


async def test_wrong_requests_are_told_what_to_mend(api: httpx.AsyncClient, token: str) -> None:
    """Unknown customers are 404; a bad id, limit or cursor is 422 naming the field."""
    unknown = f"/api/v1/customers/{uuid4()}/timeline"
    headers = _bearer(token)
    assert (
        "no such customer" in (await api.get(unknown, headers=headers)).json()["error"]["message"]
    )
    for path, field in (
        ("/api/v1/customers/not-a-uuid/timeline", "customer_id"),
        (f"{unknown}?limit=0", "limit"),
        (f"{unknown}?limit=501", "limit"),
        (f"{unknown}?limit=many", "limit"),
        (f"{unknown}?before=x", "before"),
    ):
        answer = await api.get(path, headers=headers)
        assert answer.status_code == 422
        assert field in answer.json()["error"]["message"]


async def test_the_health_of_a_node_is_told(
    api: httpx.AsyncClient, database: Database, now: datetime
) -> None:
    """Alive and ready with each check named; metrics are there for callers on this machine."""
    with database.session() as session:
        a_conversation(session, address=an_address("waiting"), now=now)

    assert (await api.get("/healthz")).json() == {"status": "alive"}
    ready = await api.get("/readyz")
    assert ready.status_code == 200
    checks = ready.json()["checks"]
    assert checks["database"] == checks["migrations"] == {"ok": True}
    assert checks["backlog"]["items"] == 1
    metrics = await api.get("/metrics")
    assert "tributary_inbox_backlog" in metrics.text


async def test_metrics_are_not_for_strangers(api: httpx.AsyncClient, token: str) -> None:
    """A request that came through a proxy needs a token."""
    through_proxy = {"x-forwarded-for": "203.0.113.7"}

    assert (await api.get("/metrics", headers=through_proxy)).status_code == 401
    answer = await api.get("/metrics", headers=through_proxy | _bearer(token))
    assert answer.status_code == 200


async def test_webhooks_of_unknown_accounts_are_not_found(api: httpx.AsyncClient) -> None:
    """No account, no storage: 404 with an error body."""
    answer = await api.post("/webhooks/callback/nobody", content=b"{}")

    assert answer.status_code == 404
    assert answer.json()["error"]["message"]
