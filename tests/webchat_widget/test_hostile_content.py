"""Whatever a message holds, it is words on the page and never markup, script or a bad address."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.webchat_widget.payloads import ADDRESSES, MARKUP
from tests.webchat_widget.scripted import Content, ScriptedChat, text

pytestmark = pytest.mark.browser

AUDIT = """() => {
  const allowed = new Set(["DIV","SPAN","P","BR","STRONG","EM","CODE","UL","OL","LI","A","IMG",
    "TIME","H3","ARTICLE","FIGURE","FIGCAPTION","BUTTON"]);
  const faults = [];
  for (const node of document.querySelectorAll("#list *, #intro *")) {
    if (!allowed.has(node.tagName)) faults.push(node.tagName);
    for (const {name, value} of node.attributes) {
      if (/^on|^style$|^srcdoc$|^formaction$/i.test(name)) faults.push(name);
      if (name === "href" && !/^(https?|mailto|tel):/.test(value)) faults.push(value);
      if (name === "href" && node.rel !== "noopener noreferrer") faults.push(node.rel);
      const picture = /^(https:|data:image\\/(png|jpeg|gif|webp);)/;
      if (name === "src" && !picture.test(value)) faults.push(value);
      if (["href", "src"].includes(name) && /@evil|\\/\\/evil/.test(value)) faults.push(value);
    }
  }
  return faults;
}"""


def everywhere(words: str) -> list[Content]:
    """Return a message of each kind with `words` wherever words may stand."""
    options = [{"value": words[:200], "label": words[:200]}]
    return [
        text(words),
        {"kind": "choices", "text": words, "style": "quick_replies", "options": options},
        {"kind": "choices", "text": words, "style": "buttons", "options": options},
        {
            "kind": "card",
            "title": words[:200],
            "text": words,
            "link": {"label": words[:200], "url": "https://a.example/"},
            "options": options,
        },
        {"kind": "media", "url": "https://a.example/x.pdf", "mime": "text/html", "caption": words},
        {"kind": words[:50], "text": words},
    ]


def led_to(url: str) -> list[Content]:
    """Return a message of each kind that takes an address, with `url`."""
    return [
        text(f"[label]({url}) {url}"),
        {"kind": "choices", "text": "?", "options": [{"value": "a", "label": "b", "url": url}]},
        {
            "kind": "card",
            "title": "title",
            "text": "",
            "link": {"label": "link", "url": url},
            "image_url": url,
            "options": [{"value": "a", "label": "b", "url": url}],
        },
        {"kind": "media", "url": url, "mime": "image/png", "caption": "c"},
        {"kind": "media", "url": url, "mime": "application/pdf"},
    ]


def fill(chat: ScriptedChat, contents: list[Content], **values: str) -> None:
    """Put `contents` into the transcript before anybody looks."""
    for content in contents:
        seq = len(chat.events) + 1
        message = {"seq": seq, "type": "message", "id": str(seq), "at": "2026-01-02T03:04:05Z"}
        fallback = str(content.get("text", ""))
        chat.events.append(
            {**message, "from": "bot", "content": content} | {"fallback_text": fallback} | values
        )


def test_the_corpus_is_large_enough() -> None:
    """At least a hundred different payloads are tried."""
    assert len(set(MARKUP + ADDRESSES)) >= 100


@pytest.mark.parametrize("part", range(4))
def test_hostile_words_stay_words(page: Page, chat: ScriptedChat, origin: str, part: int) -> None:
    """Markup in any field runs nothing, makes no element and breaks no policy."""
    payloads = MARKUP[part::4]
    contents = [content for words in payloads for content in everywhere(words)]
    fill(chat, contents, name=payloads[0])
    chat.greeting, chat.bot_name, chat.starters = payloads[1], payloads[2], payloads[3:5]

    page.goto(f"{origin}/webchat/widget?key=demo")
    expect(page.locator("#list .message")).to_have_count(len(contents))

    assert page.evaluate(AUDIT) == []
    shown = page.locator("#list .message").first.locator(".text").inner_text()
    assert shown.strip()


def test_hostile_addresses_lead_nowhere(page: Page, chat: ScriptedChat, origin: str) -> None:
    """Only safe addresses become links, options or pictures."""
    contents = [content for url in ADDRESSES for content in led_to(url)]
    fill(chat, contents)

    page.goto(f"{origin}/webchat/widget?key=demo")
    expect(page.locator("#list .message")).to_have_count(len(contents))

    assert page.evaluate(AUDIT) == []
    for button in page.locator("#list button.option").all()[:5]:
        button.click()


def test_what_visitors_write_is_plain(page: Page, chat: ScriptedChat, origin: str) -> None:
    """A visitor's Markdown and markup come back exactly as typed."""
    page.goto(f"{origin}/webchat/widget?key=demo")
    words = "**a** [x](https://a.example) <img src=x onerror=alert(1)>"

    page.fill("#field", words)
    page.keyboard.press("Enter")

    expect(page.locator(".own .text")).to_have_text(words)
    expect(page.locator(".own a, .own strong, .own img")).to_have_count(0)


MALFORMED: list[dict[str, Any]] = [
    {"content": None},
    {"content": "text"},
    {"content": {"kind": "text"}},
    {"content": {"kind": "text", "text": 7}},
    {"content": {"kind": "choices", "text": "a", "options": "b"}},
    {"content": {"kind": "choices", "options": [None, 1, {}, {"label": 3}]}},
    {"content": {"kind": "card", "link": 7, "image_url": {}, "options": {}}},
    {"content": {"kind": "card", "link": {}}},
    {"content": {"kind": "media"}},
    {"content": {"kind": "__proto__"}, "fallback_text": 3},
    {"at": "yesterday"},
    {"at": None, "name": ["x"], "from": "staff"},
    {"type": "unheard_of"},
    {"from": "visitor", "content": None},
]


def test_malformed_events_do_not_stop_the_widget(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """After events that no server should send, the next ones still show."""
    for event in MALFORMED:
        fill(chat, [text("broken"), text("after")])
        chat.events[-2] |= event

    page.goto(f"{origin}/webchat/widget?key=demo")

    expect(page.get_by_text("after", exact=True)).to_have_count(len(MALFORMED))
