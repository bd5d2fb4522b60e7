"""A visitor's conversation survives every way in which a line can break."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.webchat_widget.scripted import Content, ScriptedChat, text

pytestmark = pytest.mark.browser

DIALOGUE = ["one", "two", "three"]
#: Frames the dialogue needs however its receipts fall together.
FRAMES_LEAST = 14


def two_answers(content: Content) -> list[Content]:
    """Answer each message with a text and a question."""
    words = content.get("text") or content.get("label")
    options = [{"value": "y", "label": "Yes"}, {"value": "n", "label": "No"}]
    return [text(f"re {words}"), {"kind": "choices", "text": "Good?", "options": options}]


def open_widget(page: Page, origin: str, extra: str = "") -> None:
    """Open the widget as a page of its own and wait until it is online."""
    page.goto(f"{origin}/webchat/widget?key=demo{extra}")
    expect(page.locator("#status")).to_have_attribute("data-state", "online")


def say(page: Page, words: str) -> None:
    """Type and send."""
    page.fill("#field", words)
    page.keyboard.press("Enter")


def transcript(page: Page) -> list[str]:
    """Return all bubbles as `who: words`, top to bottom."""
    lines: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("#list .message")].map((node) => {
          const who = node.classList.contains("own") ? "own: " : "bot: ";
          return who + node.querySelector(".text").innerText.trim();
        })"""
    )
    return lines


def expected(lines: list[str]) -> list[str]:
    """Return the transcript that `two_answers` makes of `lines`."""
    return [
        line for words in lines for line in (f"own: {words}", f"bot: re {words}", "bot: Good?")
    ]


def hold_dialogue(page: Page) -> None:
    """Say the dialogue, each line after the answer to the one before."""
    for count, words in enumerate(DIALOGUE, start=1):
        say(page, words)
        expect(page.locator(".bot .options.replies")).to_have_count(count)
    expect(page.locator(".own[data-state=sent]")).to_have_count(len(DIALOGUE))


def test_a_socket_cut_at_any_frame_changes_nothing(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """Whichever frame the line breaks at, the transcript is the same and nothing is sent twice."""
    chat.script = two_answers
    open_widget(page, origin)
    hold_dialogue(page)
    frames = chat.frames
    assert transcript(page) == expected(DIALOGUE)
    assert frames >= FRAMES_LEAST

    for kill_at in range(1, frames + 1):
        chat.forget_token()
        chat.frames, chat.kill_at = 0, kill_at
        page.evaluate("localStorage.clear()")
        page.goto(f"{origin}/webchat/widget?key=demo")
        hold_dialogue(page)

        assert transcript(page) == expected(DIALOGUE), f"cut at frame {kill_at}"
        assert chat.visitor_texts() == DIALOGUE, f"cut at frame {kill_at}"
        if chat.frames <= kill_at:
            # Receipts that fell together needed fewer frames: this time nothing was cut.
            assert kill_at > FRAMES_LEAST


def test_a_resumed_line_carries_the_cursor(page: Page, chat: ScriptedChat, origin: str) -> None:
    """After a cut only what is new is asked for."""
    open_widget(page, origin)
    say(page, "one")
    expect(page.locator(".bot .text")).to_have_count(2)  # the greeting and the answer

    chat.cut()
    chat.say(text("later"))

    expect(page.get_by_text("later", exact=True)).to_have_count(1)
    assert chat.hellos == [0, 2]


@pytest.mark.parametrize("ladder", ["stream", "poll"])
def test_without_sockets_the_conversation_goes_on(
    page: Page, chat: ScriptedChat, origin: str, ladder: str
) -> None:
    """Where sockets fail, server-sent events or long polls bring the same transcript."""
    chat.script = two_answers
    chat.sockets_work, chat.streams_work = False, ladder == "stream"
    open_widget(page, origin)

    hold_dialogue(page)
    chat.say(text("unasked"))

    expect(page.get_by_text("unasked", exact=True)).to_have_count(1)
    assert transcript(page) == [*expected(DIALOGUE), "bot: unasked"]
    assert chat.posted == len(DIALOGUE)


def test_what_is_typed_offline_is_sent_once(page: Page, chat: ScriptedChat, origin: str) -> None:
    """Messages wait in the browser, over a reload too, and go out once and in order."""
    open_widget(page, origin)
    page.context.set_offline(True)
    chat.cut()
    say(page, "first")
    say(page, "second")
    expect(page.locator("#status")).to_have_attribute("data-state", "offline")
    expect(page.locator(".own[data-state=waiting]")).to_have_count(2)
    assert chat.visitor_texts() == []

    page.context.set_offline(False)

    expect(page.locator(".own[data-state=sent]")).to_have_count(2)
    assert chat.visitor_texts() == ["first", "second"]
    assert transcript(page)[-1] == "bot: You said: second"


def test_an_unsent_message_outlives_the_page(page: Page, chat: ScriptedChat, origin: str) -> None:
    """What could not be sent before the tab closed is sent when the visitor returns."""
    open_widget(page, origin)
    chat.sockets_work = chat.posts_work = False
    chat.cut()
    say(page, "still here")
    expect(page.locator("#notice")).to_contain_text("busy")
    expect(page.locator(".own[data-state=sending]")).to_have_count(1)
    page.goto("about:blank")

    chat.sockets_work = chat.posts_work = True
    open_widget(page, origin)

    expect(page.get_by_text("You said: still here")).to_have_count(1)
    assert chat.visitor_texts() == ["still here"]


def test_a_refused_message_can_be_tried_again(page: Page, chat: ScriptedChat, origin: str) -> None:
    """A message the server refuses says so and goes out again when asked."""
    open_widget(page, origin)
    chat.refuse_next = [{"code": "bad_content", "message": "no"}]
    say(page, "hello")
    expect(page.locator(".own[data-state=failed]")).to_have_count(1)

    page.click("button.retry")

    expect(page.locator(".own[data-state=sent]")).to_have_count(1)
    assert chat.visitor_texts() == ["hello"]


def test_a_rate_limit_is_counted_down_and_obeyed(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """Too fast a visitor sees how long it takes; the message goes out by itself."""
    open_widget(page, origin)
    chat.refuse_next = [{"code": "rate_limited", "message": "slower", "retry_after": 2}]
    say(page, "hello")

    expect(page.locator("#notice")).to_contain_text("A little fast")
    expect(page.locator("#said")).to_contain_text("2 s")
    expect(page.locator(".own[data-state=sent]")).to_have_count(1)
    expect(page.locator("#notice")).to_be_hidden()
    assert chat.visitor_texts() == ["hello"]


def test_an_expired_token_starts_a_new_conversation(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """The visitor is told, and what they say next is answered."""
    open_widget(page, origin)
    say(page, "old")
    expect(page.get_by_text("You said: old")).to_have_count(1)

    chat.forget_token()
    chat.cut()
    expect(page.locator("#notice")).to_contain_text("earlier conversation has ended")
    say(page, "new")

    expect(page.get_by_text("You said: new")).to_have_count(1)
    assert transcript(page) == ["own: new", "bot: You said: new"]


def test_a_cursor_ahead_of_the_server_is_reset(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """A server restored from a backup makes the page forget what it thinks it has."""
    open_widget(page, origin)
    say(page, "one")
    expect(page.get_by_text("You said: one")).to_have_count(1)

    chat.events = chat.events[:1]
    chat.cut()

    expect(page.get_by_text("You said: one")).to_have_count(0)
    assert transcript(page) == ["own: one"]


def test_events_out_of_order_are_fetched_again(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """A gap in the numbers is filled from the server before anything after it shows."""
    open_widget(page, origin)
    chat.skip = {2}  # what the socket leaves out

    for words in ("first", "second", "third"):
        chat.say(text(words))

    expect(page.locator("#list .message .text")).to_have_text(["first", "second", "third"])


def test_two_tabs_show_one_conversation(page: Page, chat: ScriptedChat, origin: str) -> None:
    """What is said in one tab stands in the other, once."""
    open_widget(page, origin)
    other = page.context.new_page()
    open_widget(other, origin)

    say(page, "from here")

    for tab in (page, other):
        expect(tab.get_by_text("You said: from here")).to_have_count(1)
        expect(tab.locator(".own")).to_have_count(1)
    other.close()


def test_reading_is_told_and_typing_too(page: Page, chat: ScriptedChat, origin: str) -> None:
    """The server learns what was seen and when the visitor writes."""
    open_widget(page, origin)
    page.locator("#field").press_sequentially("abc")
    page.locator("#field").fill("")
    chat.say(text("news"))
    expect(page.get_by_text("news", exact=True)).to_have_count(1)

    chat.say(text("more"))
    expect(page.get_by_text("more", exact=True)).to_have_count(1)
    assert chat.typing == [True, False]
    assert chat.read >= 1


def test_day_and_time_are_the_visitors(page: Page, chat: ScriptedChat, origin: str) -> None:
    """Messages stand under their day, with times in the visitor's zone and language."""
    stamp = "2026-01-02T03:04:05Z"
    message = {"seq": 1, "type": "message", "id": "1", "at": stamp, "from": "bot"}
    chat.events.append(message | {"content": text("hello")})
    open_widget(page, origin)

    expect(page.locator(".day")).to_have_text(re.compile("2 January 2026|January 2, 2026"))
    expect(page.locator("#list time")).to_have_attribute("datetime", "2026-01-02T03:04:05.000Z")
