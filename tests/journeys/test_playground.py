"""The playground: a newcomer without any account tries every channel in one page."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bots.serving import is_rehearsal
from bots.settings import Settings
from tests.journeys.conftest import Server

pytestmark = pytest.mark.browser

#: What each phone's customer asks, and words of the answer.
TALKS = {
    "wechat": ("怎么退货？", "30 天"),
    "telegram": ("How do I return a product?", "30 days"),
    "slack": ("What does the Kettle One cost?", "109"),
}


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The opened page, in a window of its own, without a fault in its console."""
    window = browser.new_context(viewport={"width": 1440, "height": 980})
    faults: list[str] = []
    opened = window.new_page()
    opened.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{server.origin}/playground")
    expect(opened.locator(".phone")).to_have_count(3, timeout=60_000)
    yield opened
    window.close()
    assert faults == []


def phone(page: Page, name: str) -> Locator:
    """Return one phone."""
    return page.locator(f".phone.{name}")


def say(page: Page, name: str, text: str) -> None:
    """Type on a phone and send."""
    phone(page, name).locator("input").fill(text)
    phone(page, name).get_by_role("button", name="Send").click()


@pytest.mark.parametrize("name", list(TALKS))
def test_each_phone_is_answered_over_its_wire(page: Page, name: str) -> None:
    """What is asked on a phone is answered on it, and stands on the timeline."""
    question, answer = TALKS[name]
    say(page, name, question)

    expect(phone(page, name).locator(".bubble:not(.mine)").last).to_contain_text(
        answer, timeout=30_000
    )
    entry = page.locator("#entries li", has_text=question).first
    expect(entry).to_contain_text(f"{name} · customer")


def test_buttons_of_telegram_are_pressed(page: Page) -> None:
    """A button under an answer does what it says."""
    say(page, "telegram", "How do I return a product?")
    telegram = phone(page, "telegram")
    telegram.get_by_role("button", name="Helpful", exact=True).last.click(timeout=30_000)

    expect(telegram.locator(".bubble:not(.mine)").last).to_have_text(
        re.compile("Good to hear|Glad that helped"), timeout=30_000
    )


def test_a_reply_arrives_through_a_broken_gateway(page: Page) -> None:
    """With a fault switched on the reply is tried again, and comes all the same."""
    slack = phone(page, "slack")
    before = slack.locator(".bubble:not(.mine)").count()
    slack.locator("select").select_option("server_error")
    expect(slack.locator("output")).to_contain_text("next reply")
    say(page, "slack", "My kettle shows E2")

    expect(slack.locator(".bubble:not(.mine)")).not_to_have_count(before, timeout=30_000)
    expect(slack.locator(".bubble:not(.mine)").last).to_contain_text("E2", timeout=30_000)


def test_what_customers_write_is_never_markup(page: Page) -> None:
    """Tags and links that would run something are words on the screen and on the timeline."""
    text = '<img src=x onerror="document.title=1"> [x](javascript:alert(1))'
    say(page, "telegram", text)

    expect(phone(page, "telegram").locator(".bubble.mine").last).to_have_text(text)
    expect(page.locator("#entries li", has_text="onerror").first).to_be_visible(timeout=30_000)
    assert page.title().startswith("Playground")
    assert page.locator('a[href^="javascript"]').count() == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_only_this_machine_plays(server: Server, headers: dict[str, str], status: int) -> None:
    """Other names for this server and pages of other sites are refused."""
    answer = httpx.get(f"{server.origin}/playground/state", headers=headers, timeout=60)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("telegram/say", b"{", 422),
        ("telegram/say", b'{"value": ""}', 422),
        ("telegram/say", b'{"value": 5}', 422),
        ("telegram/say", b'{"value": "' + b"x" * 4001 + b'"}', 422),
        ("telegram/say", b"x" * 40_000, 422),
        ("telegram/press", b'{"value": "no such button"}', 409),
        ("telegram/break", b'{"value": "everything"}', 404),
        ("telegram/dance", b'{"value": "now"}', 404),
        ("fax/say", b'{"value": "hi"}', 404),
    ],
)
def test_bad_requests_are_named(server: Server, path: str, body: bytes, status: int) -> None:
    """What a phone cannot do is refused with a sentence, never a fault of ours."""
    answer = httpx.post(f"{server.origin}/playground/{path}", content=body, timeout=60)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_server_others_reach_has_no_playground() -> None:
    """With an outer address, or listening beyond this machine, it is not there."""
    outer = Settings(public_url="https://chat.example.com")
    inner = Settings(public_url=None)

    assert is_rehearsal(inner, "127.0.0.1")
    assert not is_rehearsal(inner, "0.0.0.0")
    assert not is_rehearsal(outer, "127.0.0.1")
