"""The articles of the knowledge base over the API, on a real server and both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_store.database import Database
from knowledge_base.drafts import save_draft
from knowledge_base.publishing import publish
from knowledge_base.revisions import FOLDER, article_of, live_articles, revision
from tests.api.test_operations_and_timeline import _bearer, api, token
from tests.knowledge_base.test_revisions import an_article

__all__ = ["api", "token"]

BODY = {"language": "en", "title": "How do I return it?", "body": "Within **30 days**."}
ROOT = "/api/v1/knowledge"
RETURNS = f"{ROOT}/articles/returns"


async def write(api: httpx.AsyncClient, token: str, **fields: object) -> httpx.Response:
    """Save a text."""
    body = {**BODY, **fields}
    return await api.post(f"{RETURNS}/revisions", headers=_bearer(token), json=body)


async def test_a_text_is_written_published_changed_and_restored(
    api: httpx.AsyncClient, token: str
) -> None:
    """The whole life of an article, with who did what."""
    headers, english = _bearer(token), {"language": "en"}
    drafted = await write(api, token, note="first", questions=["return policy"], tags=["returns"])
    assert drafted.status_code == 201
    assert (drafted.json()["status"], drafted.json()["number"]) == ("draft", 1)
    said = await api.get(f"{ROOT}/live", headers=headers)
    assert said.json()["articles"] == []

    path = f"{RETURNS}/revisions/1/publish"
    published = await api.post(path, headers=headers, params=english, json={})
    assert published.json()["status"] == "published"
    assert published.json()["published_by"] == "token:reports"
    second = await write(api, token, body="Within 14 days.", publish=True, follows=1)
    assert second.json()["status"] == "published"

    path = f"{RETURNS}/revisions/1/restore"
    restored = await api.post(path, headers=headers, params=english)
    assert (restored.json()["number"], restored.json()["body"]) == (3, BODY["body"])
    told = (await api.get(f"{RETURNS}/revisions", headers=headers)).json()["revisions"]
    assert [(r["number"], r["status"]) for r in told] == [
        (3, "published"),
        (2, "retired"),
        (1, "retired"),
    ]
    assert told[1]["live_until"] == told[0]["live_from"]
    one = await api.get(f"{RETURNS}/revisions/2", headers=headers, params=english)
    assert one.json() == told[1]

    gone = await api.post(f"{RETURNS}/retire", headers=headers)
    assert [r["number"] for r in gone.json()["revisions"]] == [3]
    again = await api.post(f"{RETURNS}/retire", headers=headers)
    assert again.status_code == 404
    then = {"at": told[1]["live_from"]}
    said = await api.get(f"{ROOT}/live", headers=headers, params=then)
    assert [a["version"] for a in said.json()["articles"]] == [told[1]["version"]]


async def test_a_planned_text_is_listed_with_its_time(api: httpx.AsyncClient, token: str) -> None:
    """What goes live by itself is seen beforehand."""
    await write(api, token, publish=True)
    await write(api, token, body="Within 14 days.")
    at = datetime.now(UTC) + timedelta(days=1)
    path = f"{RETURNS}/revisions/2/publish"
    planned = await api.post(
        path, headers=_bearer(token), params={"language": "en"}, json={"at": at.isoformat()}
    )
    assert planned.json()["status"] == "scheduled"

    listed = (await api.get(f"{ROOT}/articles", headers=_bearer(token))).json()
    (line,) = listed["articles"]
    assert (line["live"], line["newest"], line["drafts"]) == (1, 2, [])
    assert line["planned"] == [{"number": 2, "at": planned.json()["publish_at"]}]
    assert listed["generation"] == 1


async def test_articles_are_listed_page_by_page(
    api: httpx.AsyncClient, token: str, database: Database, now: datetime
) -> None:
    """Every article and language comes once, and can be chosen by status, source and words."""
    with database.session() as session:
        for number in range(5):
            for language in ("en", "zh"):
                article = an_article(
                    id=f"a{number}", language=language, title=f"100% of {number}?"
                )
                source = FOLDER if number == 0 else None
                draft = save_draft(session, article, by="x", now=now, source=source)
                if number != 4:
                    publish(session, draft, by="x", now=now)

    async def pages(**query: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        params: dict[str, Any] = {"limit": 3, **query}
        while True:
            page = await api.get(f"{ROOT}/articles", headers=_bearer(token), params=params)
            found += [(a["article_id"], a["language"]) for a in page.json()["articles"]]
            if page.json()["after"] is None:
                return found
            params["after"] = page.json()["after"]

    everything = [(f"a{n}", language) for n in range(5) for language in ("en", "zh")]
    assert await pages() == everything
    assert await pages(source="folder") == everything[:2]
    assert await pages(status="draft") == everything[8:]
    assert await pages(source="staff", language="zh", words="100% OF 2") == [("a2", "zh")]
    assert await pages(words="1_0") == []


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"title": ""}, 422, "title"),
        ({"title": "\0"}, 422, "title"),
        ({"body": "a\0"}, 422, "body"),
        ({"body": "x" * (4 * 1024 * 1024 + 1)}, 422, "body"),
        ({"body": "x" * (18 * 1024 * 1024)}, 413, "bytes"),
        ({"questions": ["ok", "?"]}, 422, "questions.1"),
        ({"language": "no language"}, 422, "language"),
        ({"audience": "all"}, 422, "audience"),
        ({"url": "javascript:alert(1)"}, 422, "url"),
        ({"valid_from": "2026-02-02", "valid_to": "2026-02-01"}, 422, "valid_to"),
        ({"unknown": 1}, 422, "unknown"),
        ({"follows": 7}, 409, "revision 0"),
    ],
)
async def test_a_bad_text_is_refused_by_field(
    api: httpx.AsyncClient, token: str, fields: dict[str, Any], status: int, message: str
) -> None:
    """Nothing of it is stored, and the answer says what to mend."""
    refused = await write(api, token, **fields)

    assert refused.status_code == status, refused.text
    assert message in refused.json()["error"]["message"]
    found = await api.get(f"{RETURNS}/revisions", headers=_bearer(token))
    assert found.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/articles/%00/revisions",
        "/articles/UPPER/revisions",
        "/articles/returns/revisions/0?language=en",
        "/articles/returns/revisions/99999999999?language=en",
        "/articles/returns/revisions/1?language=%00",
        "/articles?words=%00",
        "/articles?status=gone",
        "/articles?limit=0",
        "/live?at=yesterday",
        "/live?at=2026-01-01T00:00:00",
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    api: httpx.AsyncClient, token: str, path: str
) -> None:
    """Strange paths and queries are the caller's fault, never ours."""
    assert (await api.get(f"{ROOT}{path}", headers=_bearer(token))).status_code == 422


async def test_what_another_source_owns_is_refused_with_where_to_change_it(
    api: httpx.AsyncClient, token: str, database: Database, now: datetime
) -> None:
    """An article of the bot's folder is changed in its file."""
    with database.session() as session:
        draft = save_draft(session, an_article(), by="x", now=now, source=FOLDER)
        publish(session, draft, by="x", now=now)

    refused = await write(api, token)
    assert refused.status_code == 409
    assert "knowledge/returns" in refused.json()["error"]["message"]


async def test_nobody_without_a_token_sees_or_changes_articles(api: httpx.AsyncClient) -> None:
    """Drafts, history and staff articles are not for the public."""
    for method, path in (
        ("GET", "/articles"),
        ("GET", "/live"),
        ("GET", "/articles/returns/revisions"),
        ("GET", "/articles/returns/revisions/1?language=en"),
        ("POST", "/articles/returns/revisions"),
        ("POST", "/articles/returns/revisions/1/publish?language=en"),
        ("POST", "/articles/returns/revisions/1/restore?language=en"),
        ("POST", "/articles/returns/retire"),
    ):
        answer = await api.request(method, f"{ROOT}{path}", json=BODY)
        assert answer.status_code == 401, path


async def test_a_text_may_hold_anything_people_write(
    api: httpx.AsyncClient, token: str, database: Database
) -> None:
    """Traditional Chinese, emoji and markup are kept to the letter."""
    title, body = "怎樣退貨？", "退貨請在 **30 日**內 🫖 <script>alert('；')</script>"
    saved = await write(api, token, language="zh-Hant", title=title, body=body, publish=True)

    assert saved.status_code == 201
    with database.session() as session:
        row = revision(session, "returns", "zh-Hant", 1)
        assert row is not None
        (live,) = live_articles(session, datetime.now(UTC).date())
        assert article_of(row) == live
        assert (live.title, live.body) == (title, body)
