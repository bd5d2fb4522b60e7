"""The turns of a conversation and their explanations over the HTTP API."""

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
from tests.desk import ADA, Desk
from tests.dialogues.talks import FakeInterpreter, corner_shop

BASE = f"/api/v1/conversations/{ADA.conversation_id}/turns"
HOSTILE = "<script>alert(1)</script> \x1b[31m \u202e'; DROP TABLE turns; --"


@pytest.fixture
async def api(
    database_url: str, database: Database, now: datetime
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a web node on any free port; return a client of it that holds a token."""
    with database.session() as session:
        token = api_tokens.create_token(session, name="reports", now=now)
    node = Node(Database(database_url), {}, brain=None, role="web")
    server = uvicorn.Server(uvicorn.Config(create_app(node), access_log=False, log_config=None))
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.01)
        yield client
    server.should_exit = True
    await serving
    listening.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a desk with the corner shop's bot, to which a stranger wrote."""
    opened = Desk(database, corner_shop(), FakeInterpreter(corner_shop()))
    opened.say("hello", "I want a quote for 50 kettles", HOSTILE, "cancel", "thanks")
    return opened


async def test_turns_are_read_page_by_page(api: httpx.AsyncClient, desk: Desk) -> None:
    """All turns, oldest first within a page, none twice, and an end."""
    whole = (await api.get(BASE)).json()
    assert [turn["seq"] for turn in whole["turns"]] == [1, 2, 3, 4, 5]
    assert whole["before"] is None
    first = whole["turns"][1]
    assert first["text"] == "I want a quote for 50 kettles"
    assert (first["intent"], first["confidence"]) == ("request_quote", 0.95)
    assert (first["commands"], first["said"]) == (["StartFlow"], ["ask_company"])

    pages: list[int] = []
    query = {"limit": "2"}
    while True:
        page = (await api.get(BASE, params=query)).json()
        pages = [turn["seq"] for turn in page["turns"]] + pages
        if page["before"] is None:
            break
        query["before"] = str(page["before"])
    assert pages == [1, 2, 3, 4, 5]


async def test_a_turn_is_explained(api: httpx.AsyncClient, desk: Desk) -> None:
    """Everything about one turn is in one answer; hostile texts in it are data."""
    answer = await api.get(f"{BASE}/2/explanation")
    told = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert told["understanding"]["intents"][0]["name"] == "request_quote"
    assert told["said"][0]["response"] == "ask_company"
    assert told["sends"][0]["state"] == "queued"

    hostile = (await api.get(f"{BASE}/3/explanation")).json()
    assert hostile["messages"][0]["text"] == HOSTILE


async def test_strangers_are_told_nothing(api: httpx.AsyncClient, desk: Desk) -> None:
    """Without a token, or with another's, whatever is asked for: 401 and the same words."""
    paths = (BASE, f"{BASE}/2/explanation", f"{BASE}/999/explanation")
    answers = [
        await api.get(path, headers={"authorization": authorization})
        for path in paths
        for authorization in ("", "Bearer trb_wrong", "Bearer " + "x" * 4000, "Basic abc")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


async def test_what_does_not_exist_or_fit_is_told(api: httpx.AsyncClient, desk: Desk) -> None:
    """404 for unknown conversations and numbers; 422 naming what does not fit; never a 500."""
    unknown = f"/api/v1/conversations/{uuid4()}/turns"
    for path in (unknown, f"{unknown}/1/explanation", f"{BASE}/6/explanation"):
        answer = await api.get(path)
        assert answer.status_code == 404
        assert "no such conversation" in answer.json()["error"]["message"]
    for path, field in (
        ("/api/v1/conversations/x/turns", "conversation_id"),
        (f"{BASE}?limit=0", "limit"),
        (f"{BASE}?limit=201", "limit"),
        (f"{BASE}?before=0", "before"),
        (f"{BASE}?before={2**63}", "before"),
        (f"{BASE}/0/explanation", "seq"),
        (f"{BASE}/{2**63}/explanation", "seq"),
        (f"{BASE}/one/explanation", "seq"),
    ):
        answer = await api.get(path)
        assert answer.status_code == 422
        assert field in answer.json()["error"]["message"]
    assert (await api.get(f"{BASE}/{2**63 - 1}/explanation")).status_code == 404


async def test_the_routes_are_documented(api: httpx.AsyncClient) -> None:
    """The OpenAPI document has both routes with their schemas and refusals."""
    document = (await api.get("/openapi.json")).json()

    for path in ("turns", "turns/{seq}/explanation"):
        route = document["paths"][f"/api/v1/conversations/{{conversation_id}}/{path}"]["get"]
        assert {"200", "401", "404", "422"} <= route["responses"].keys()
        assert route["description"]
    assert "frustration" in document["components"]["schemas"]["UnderstandingRead"]["properties"]
