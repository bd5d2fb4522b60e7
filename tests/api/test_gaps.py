"""The API of gaps refuses what it cannot do, and names the field that has to be mended."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn

from bots.app import create_app
from bots.brain import Brain
from bots.live_knowledge import LiveKnowledge, read_edition
from bots.node import Node
from crm_store.database import Database, utc_now
from dialogues.bot import load_bot
from knowledge_base import questions
from knowledge_base.articles import Article
from knowledge_base.drafts import save_draft
from knowledge_base.gap_decisions import decide_on
from knowledge_base.gathering import gather
from knowledge_base.prepare import build_knowledge
from knowledge_base.publishing import publish
from knowledge_base.questions import NewQuestion
from tests.api.test_operations_and_timeline import _bearer, api, token
from tests.dialogues.talks import FOLDER, interpreter_of
from tests.knowledge_base.test_gathering import GIFT_ZH, REPAIR, WORDS, ask

__all__ = ["api", "token"]

GAPS = "/api/v1/knowledge/gaps"


def an_article(name: str, title: str, body: str) -> Article:
    """Return an article staff wrote."""
    return Article(
        id=name,
        language="en",
        title=title,
        questions=(),
        body=body,
        audience="public",
        updated=utc_now().date(),
        tags=(),
        url=None,
        version="",
    )


@pytest.fixture
def gap(database: Database) -> UUID:
    """Return a gap about repairs; there is one about gifts as well."""
    ask(database, [*REPAIR, *GIFT_ZH], utc_now())
    gathered = gather(database, WORDS, now=utc_now())
    with database.session() as session:
        return next(key for key in gathered.opened if decide_on(session, key).language == "en")


@pytest.fixture
async def full(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a node that answers, and return a client of it."""
    database = Database(database_url)
    with database.session() as session:
        for name, title, body in (
            ("returns", "How do I return a kettle?", "Within 30 days."),
            ("lids", "Do you sell spare lids?", "Yes, for 9 euros."),
        ):
            draft = save_draft(session, an_article(name, title, body), by="ann", now=utc_now())
            publish(session, draft, by="ann", now=utc_now())
    bot = load_bot(FOLDER)
    edition = read_edition(database, bot.file.zone, now=utc_now())
    knowledge = build_knowledge(
        list(edition.articles.values()),
        encoder=None,
        cache_dir=tmp_path,
        out_of_scope=["Tell me a joke"],
        public_url_of=lambda article: f"https://shop.example/{article.id}",
    )
    brain = Brain(bot=bot, interpreter=interpreter_of(FOLDER), knowledge=knowledge)
    live = LiveKnowledge(
        database, zone=bot.file.zone, edition=replace(edition, knowledge=knowledge), rebuild=None
    )
    node = Node(database, {}, brain=brain, live=live)
    config = uvicorn.Config(create_app(node), access_log=False, log_config=None)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.01)
        yield client
    server.should_exit = True
    await serving
    listening.close()


async def test_only_holders_of_a_token_see_gaps(api: httpx.AsyncClient) -> None:
    """Nothing is told or done without one."""
    for method, path in (("GET", ""), ("GET", f"/{uuid4()}"), ("POST", f"/{uuid4()}/ignore")):
        assert (await api.request(method, f"{GAPS}{path}")).status_code == 401


async def test_gaps_are_read_page_by_page(
    api: httpx.AsyncClient, token: str, database: Database, gap: UUID
) -> None:
    """The cursor leads to the next page and ends."""
    headers = _bearer(token)
    first = (await api.get(GAPS, headers=headers, params={"limit": 1})).json()
    second = (
        await api.get(GAPS, headers=headers, params={"limit": 1, "after": first["after"]})
    ).json()
    third = (
        await api.get(GAPS, headers=headers, params={"limit": 1, "after": second["after"]})
    ).json()

    assert [len(page["gaps"]) for page in (first, second, third)] == [1, 1, 0]
    assert first["gaps"][0]["id"] == str(gap)
    assert third["after"] is None
    whole = (await api.get(f"{GAPS}/{gap}", headers=headers)).json()
    assert whole["gap"]["people"] == 3
    assert {row["question"] for row in whole["asked"]} == set(REPAIR)


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/ignore", b"{", 400, "not JSON"),
        ("/ignore", b"[]", 422, "body"),
        ("/ignore", b"{}", 422, "reason"),
        ("/ignore", b'{"reason": "x", "until_people": 0}', 422, "until_people"),
        ("/ignore", b'{"reason": "x", "because": "y"}', 422, "because"),
        ("/ignore", b'{"reason": "' + b"x" * 1_100_000 + b'"}', 413, "bytes"),
        ("/draft", b'{"article_id": "A b", "body": "x"}', 422, "id: "),
        ("/draft", b'{"article_id": "a", "body": " "}', 422, "body: "),
        ("/draft", b'{"article_id": "a", "body": "x", "title": "?"}', 422, "title: "),
        ("/reopen", b"{}", 409, "it is open already"),
        ("/link", b"{}", 503, "--role all"),
        ("/merge", b'{"others": []}', 422, "others"),
        ("/split", b'{"questions": ["x"]}', 422, "questions.0"),
    ],
)
async def test_what_is_wrong_is_named(
    api: httpx.AsyncClient,
    token: str,
    gap: UUID,
    path: str,
    body: bytes,
    status: int,
    message: str,
) -> None:
    """Status and message tell what to mend; the gap stays as it is."""
    headers = _bearer(token)
    answer = await api.post(f"{GAPS}/{gap}{path}", headers=headers, content=body)

    assert answer.status_code == status, answer.text
    assert message in answer.json()["error"]["message"]
    read = (await api.get(f"{GAPS}/{gap}", headers=headers)).json()
    assert read["gap"]["status"] == "open"


async def test_what_is_not_there_is_not_found(api: httpx.AsyncClient, token: str) -> None:
    """An unknown gap, and a path that is no id."""
    headers = _bearer(token)
    assert (await api.get(f"{GAPS}/{uuid4()}", headers=headers)).status_code == 404
    assert (await api.get(f"{GAPS}/x", headers=headers)).status_code == 422
    body = {"reason": "x"}
    answer = await api.post(f"{GAPS}/{uuid4()}/ignore", headers=headers, json=body)
    assert answer.status_code == 404


async def test_answers_that_would_change_have_to_be_confirmed(
    full: httpx.AsyncClient, token: str, database: Database, gap: UUID, now: datetime
) -> None:
    """409 with the replay, and nothing is published until somebody agrees."""
    asked = "Do you sell any spare lids?"
    with database.transaction() as connection:
        new = NewQuestion(uuid4(), 1, 0, uuid4(), "webchat", asked, "en", "answered", now)
        questions.record(connection, [new])
    headers = _bearer(token)
    body: dict[str, Any] = {"article_id": "returns", "questions": [asked, REPAIR[0]]}
    refused = await full.post(f"{GAPS}/{gap}/link", headers=headers, json=body)
    told = refused.json()
    unknown = await full.post(f"{GAPS}/{gap}/link", headers=headers, json={"article_id": "moon"})
    none = await full.post(f"{GAPS}/{gap}/publish", headers=headers)

    assert refused.status_code == 409, refused.text
    assert "confirm" in told["error"]["message"]
    assert told["replay"]["flips"] == 1
    assert [c["effect"] for c in told["replay"]["changes"]][:1] == ["moved"]
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (
        422,
        "article_id: no article 'moon' is published in 'en'",
    )
    assert none.status_code == 422
    agreed = await full.post(f"{GAPS}/{gap}/link", headers=headers, json={**body, "confirm": True})
    assert agreed.status_code == 200, agreed.text
    assert agreed.json()["gap"]["status"] == "linked"
    again = await full.post(f"{GAPS}/{gap}/link", headers=headers, json=body)
    assert again.status_code == 409
