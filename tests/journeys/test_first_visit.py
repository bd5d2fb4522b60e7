"""The main job, as a newcomer sees it: the real server, the example company, a real browser."""

import re

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from crm_store.conversations import Conversation, Turn
from crm_store.customers import Customer
from crm_store.database import Database
from crm_store.feedback import Feedback
from crm_store.handoffs import Handoff
from crm_store.leads import Lead
from crm_store.tickets import Ticket
from tests.journeys.conftest import Chat, Server

pytestmark = pytest.mark.browser


def test_questions_are_answered_from_cited_articles(chat: Chat, server: Server) -> None:
    """A question in English and one in Chinese get their article, whose page opens."""
    answer = chat.ask("How do I return a product?")

    assert "30 days" in answer
    link = chat.frame.get_by_role("link", name="Source").last
    page = httpx.get(link.get_attribute("href") or "")
    assert page.status_code == 200
    assert "How do I return a product?" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]

    answer = chat.ask("怎么退货？")

    assert "30 天" in answer
    link = chat.frame.get_by_role("link", name="来源").last
    assert "lang=zh" in (link.get_attribute("href") or "")


def test_traditional_chinese_is_understood(chinese_chat: Chat) -> None:
    """The same question in Traditional characters gets the same article."""
    assert "30 天" in chinese_chat.ask("請問怎麼退貨？")


def test_an_order_is_looked_up_in_the_order_book(chat: Chat) -> None:
    """The visitor is told that it is being looked up, and then what another system knows."""
    said = chat.ask("Where is my order MK-204518?")

    assert "MK-204518" in said
    expect(chat.frame.locator("#list")).to_contain_text("on its way", timeout=15_000)


def test_a_quote_becomes_a_qualified_lead(chat: Chat, store: Database) -> None:
    """What the first sentence tells is not asked again, and the lead stands with its score."""
    said = chat.ask("I want a quote for 200 Kettle Pros")
    assert "product" not in said.lower()
    expect(chat.frame.locator("#list")).to_contain_text(re.compile("company", re.IGNORECASE))
    chat.ask("Bluebird Studios Ltd")
    chat.ask("Anna Li")
    chat.ask("anna.journey@bluebird.example")
    said = chat.press("This month")

    assert "anna.journey@bluebird.example" in said
    with store.session() as session:
        customer = session.scalars(
            select(Customer).where(Customer.email == "anna.journey@bluebird.example")
        ).one()
        lead = session.scalars(select(Lead).where(Lead.customer_id == customer.id)).one()
    assert lead.status == "qualified"
    assert lead.score > 0
    assert lead.reasons
    assert customer.company == "Bluebird Studios Ltd"


def test_a_problem_gets_a_ticket_number(chinese_chat: Chat, store: Database) -> None:
    """A reported problem ends with a ticket number that is in the store."""
    chat = chinese_chat
    chat.ask("我要报修")
    chat.press("壶一号")
    chat.ask("壶底漏水，桌上都是水")
    chat.press("还能用")
    chat.ask("跳过")
    before = chat.replies
    chat.say("wang.journey@qingshan.example")
    expect(chat.frame.locator("#list")).to_contain_text(re.compile(r"T-[A-Z2-9]{6}"))
    assert chat.replies > before

    number = re.search(r"T-[A-Z2-9]{6}", "\n".join(chat.transcript()))
    assert number is not None
    with store.session() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number[0])).one()
    assert ticket.status == "open"


def test_an_answer_is_rated_once(chat: Chat, store: Database) -> None:
    """Pressing Helpful thanks and leaves one rating about the article."""
    chat.ask("How do I descale my kettle?")
    chat.press("Helpful")

    with store.session() as session:
        found = session.scalars(select(Feedback).where(Feedback.about.like("article:%"))).all()
    assert [feedback.rating for feedback in found] == [5]


def test_nonsense_gets_an_honest_no(chat: Chat, store: Database) -> None:
    """Nonsense is declined, a person is offered, and pressing that calls one."""
    said = chat.ask("qwrtz blorf")
    assert "Source" not in said
    assert "Talk to a person" in said

    chat.press("Talk to a person")

    with store.session() as session:
        handoffs = session.scalars(select(Handoff).where(Handoff.status == "queued")).all()
    assert len(handoffs) == 1


def test_near_questions_are_offered(chat: Chat) -> None:
    """What the articles do not quite say brings their near questions as buttons."""
    chat.ask("can the kettle do my tax return")

    assert chat.frame.locator("#list button").count() >= 1


def test_a_closed_tab_loses_nothing(chat: Chat) -> None:
    """The tab is closed before the answer; back again, the transcript is whole and in order."""
    chat.ask("hello")
    chat.say("How long is the warranty?")
    chat.page.wait_for_timeout(30)
    chat.come_back()

    expect(chat.frame.locator("#list")).to_contain_text("2 years", timeout=15_000)
    said = chat.transcript()
    question = next(n for n, text in enumerate(said) if "How long is the warranty?" in text)
    answer = next(n for n, text in enumerate(said) if "2 years" in text)
    assert question < answer
    assert sum("How long is the warranty?" in text.split("\n")[0] for text in said) <= 2


def test_the_timeline_tells_all(chat: Chat, server: Server, store: Database) -> None:
    """Every exchange stands on the timeline once, for the command and for a token's holder."""
    chat.ask("What payment methods do you take?")
    with store.session() as session:
        newest = session.scalars(select(Customer).order_by(Customer.created_at.desc())).first()
        assert newest is not None
    token = server.command("token", "create", "journey").stdout.strip()
    path = f"{server.origin}/api/v1/customers/{newest.id}/timeline"

    assert httpx.get(path).status_code == 401
    answer = httpx.get(path, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    kinds = [entry["kind"] for entry in answer.json()["entries"]]
    assert kinds.count("message_received") == 1
    assert kinds.count("message_sent") >= 1
    assert "article_cited" in kinds
    printed = server.command("timeline", str(newest.id))
    assert "What payment methods do you take?" in printed.stdout
    assert server.command("ledger").returncode == 0


def test_any_answer_is_explained(chat: Chat, server: Server, store: Database) -> None:
    """The page of a turn names meaning, article with version and score, and what was sent."""
    chat.ask("What payment methods do you take?")
    with store.session() as session:
        key = session.scalars(
            select(Conversation.id).order_by(Conversation.created_at.desc())
        ).first()
        number = session.scalars(
            select(Turn.seq).where(Turn.conversation_id == key, Turn.understanding.is_not(None))
        ).first()

    page = server.command("why", str(key), str(number)).stdout

    for words in ("What payment methods", "ask_knowledge", "AnswerQuestion", "article_cited"):
        assert words in page
    assert re.search(r"Searches +answered +\w+ +\d\.\d\d +version \w+", page)
    assert re.search(r"Sends +sent +as \d+", page)
