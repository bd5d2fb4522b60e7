"""What may not be said never surfaces: staff-only, expired, drafted, planned, retired texts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from bots.article_pages import ArticlePages
from bots.live_knowledge import read_edition
from bots.preparation import prepare_bot, read_folder
from crm_store.database import Database, utc_now
from knowledge_base.article_file import article_file
from knowledge_base.articles import Article
from knowledge_base.drafts import save_draft
from knowledge_base.prepare import build_knowledge
from knowledge_base.publishing import publish, retire
from knowledge_base.question import Question
from knowledge_base.revisions import Revision
from tests.knowledge_base.test_revisions import an_article

ZONE = ZoneInfo("Asia/Shanghai")
NOW = utc_now()
DAY = NOW.astimezone(ZONE).date()

#: How an article can be hidden, and the one way in which it is not.
WAYS = ("shown", "staff", "expired", "not_yet", "draft", "scheduled", "retired", "replaced")
#: Words of which each article has its own: nothing but the article brings them up.
SECRETS = ("zorvane", "quimbel", "drothil", "vexaron", "mulkior", "pristone", "gandrel", "wexford")
SUBJECTS = ("delivery", "returns", "invoices", "opening hours", "gift cards", "repairs")


def an_article_about(number: int, way: str) -> Article:
    """Make an article with a word of its own in its title, question and text."""
    secret, subject = SECRETS[number], SUBJECTS[number % len(SUBJECTS)]
    article = an_article(
        f"About {subject}: {secret} takes {number + 2} days.\n\n## Details\n\nAsk for {secret}.",
        id=f"article_{number}",
        title=f"How does {secret} {subject} work?",
        questions=(f"what about {secret} and {subject}",),
    )
    match way:
        case "staff":
            return replace(article, audience="staff")
        case "expired":
            return replace(article, valid_to=DAY - timedelta(days=1))
        case "not_yet":
            return replace(article, valid_from=DAY + timedelta(days=1))
    return article


def put(database: Database, ways: Mapping[int, str]) -> None:
    """Let the database hold just these articles."""
    with database.session() as session:
        session.execute(delete(Revision))
        for number, way in ways.items():
            article = an_article_about(number, way)
            draft = save_draft(session, article, by="ann", now=NOW)
            if way == "draft":
                continue
            at = NOW + timedelta(days=1) if way == "scheduled" else None
            publish(session, draft, by="ann", now=NOW, at=at)
            if way == "retired":
                retire(session, article.id, by="ann", now=NOW)
            if way == "replaced":
                other = replace(article, title="Something else?", questions=(), body="Else.")
                newer = save_draft(session, other, by="ann", now=NOW)
                publish(session, newer, by="ann", now=NOW)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ways=st.lists(st.sampled_from(WAYS), min_size=2, max_size=len(SECRETS)))
def test_what_may_not_be_said_never_surfaces(
    database: Database, tmp_path: Path, ways: list[str]
) -> None:
    """Not in an answer, a near question, a mended word, a list of titles or a page."""
    known = dict(enumerate(ways))
    put(database, known)
    edition = read_edition(database, ZONE, now=NOW)
    knowledge = build_knowledge(
        list(edition.articles.values()),
        encoder=None,
        cache_dir=tmp_path / "cache",
        out_of_scope=(),
        public_url_of=lambda article: f"/knowledge/{article.id}",
    )
    app = Starlette(
        routes=[
            Route(
                "/knowledge/{article}",
                ArticlePages(lambda: edition.pages, company={"en": "Shop"}).__call__,
            )
        ]
    )
    asked = [
        Question(text, "en")
        for number in known
        for text in (
            an_article_about(number, "shown").title,
            f"{SECRETS[number]}",
            f"tell me of {SECRETS[number][:-1]} please",
            f"how long does {SUBJECTS[number % len(SUBJECTS)]} take",
        )
    ]
    seen = [repr(result) for result in knowledge.search(asked)]
    seen += [article.title for article in knowledge.articles("en")]
    seen.append(repr(sorted(edition.pages)))
    with TestClient(app) as client:
        pages = {n: client.get(f"/knowledge/article_{n}", params={"lang": "en"}) for n in known}
    for number, way in known.items():
        surfaced = any(SECRETS[number] in text for text in [*seen, pages[number].text])
        assert surfaced == (way == "shown"), (number, way)
        assert (pages[number].status_code == 200) == (way in {"shown", "replaced"})


@pytest.mark.parametrize("way", ["staff", "expired", "not_yet"])
def test_what_may_not_be_said_is_in_no_model(tmp_path: Path, way: str) -> None:
    """A bot made of its folder alone neither learns nor answers what is hidden."""
    example = Path(__file__).parents[2] / "bots" / "library" / "moss_and_kettle"
    folder = copytree(example, tmp_path / "bot")
    for language in ("en", "zh"):
        article = replace(
            an_article_about(0, way), language=language, questions=("zorvane one", "zorvane two")
        )
        path = folder / "knowledge" / f"hidden.{language}.md"
        text = article_file(article).replace("How does zorvane", f"How does {language} zorvane")
        path.write_text(
            text.replace("zorvane one", f"zorvane {language} one").replace(
                "zorvane two", f"zorvane {language} two"
            ),
            encoding="utf-8",
        )
    _, articles, data = read_folder(folder)
    brain = prepare_bot(folder, encoder="none", cache=tmp_path / "cache", public_url="")

    assert any(article.id == "hidden" for article in articles)
    assert not any("zorvane" in example.text for example in data.examples)
    (result,) = brain.knowledge.search([Question("zorvane en one", "en")])
    assert "zorvane" not in repr(result)
    trained = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert trained
    assert not any(b"zorvane" in content for content in trained)
