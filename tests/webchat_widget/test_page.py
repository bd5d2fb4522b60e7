"""The widget on a host page: button, badge, keyboard, languages, narrow screens."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.webchat_widget.scripted import Content, ScriptedChat, text

pytestmark = pytest.mark.browser


def with_replies(content: Content) -> list[Content]:
    """Answer with quick replies, buttons after a choice."""
    options = [{"value": str(n), "label": f"Option {n}"} for n in range(1, 4)]
    style = "buttons" if content["kind"] == "choice" else "quick_replies"
    return [{"kind": "choices", "text": "Which?", "style": style, "options": options}]


def embed(page: Page, origin: str) -> FrameLocator:
    """Open the host page and the chat on it."""
    page.set_viewport_size({"width": 1000, "height": 760})
    page.goto(f"{origin}/host")
    page.click("button.launch")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#status")).to_have_attribute("data-state", "online")
    return frame


def test_the_frame_is_loaded_only_when_wanted(page: Page, origin: str) -> None:
    """A page view that never opens the chat loads nothing but the button."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{origin}/host")
    expect(page.locator("button.launch")).to_be_visible()

    assert [url.removeprefix(origin) for url in asked] == ["/host", "/webchat/loader.js"]


def test_the_host_page_gets_one_name(page: Page, origin: str) -> None:
    """The loader leaves window.Tributary and nothing else."""
    page.goto(f"{origin}/webchat/widget?key=demo")
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    page.goto(f"{origin}/host")
    page.wait_for_function("window.Tributary")

    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - before <= {"Tributary"}
    assert page.evaluate("Object.keys(Tributary)") == ["open", "close", "identify", "logout", "on"]


def test_unread_messages_show_on_the_button(page: Page, chat: ScriptedChat, origin: str) -> None:
    """The badge counts while the chat is closed and clears when it is opened."""
    embed(page, origin)
    page.click("button.launch")
    heard = "window.heard = []; Tributary.on('unread', (count) => window.heard.push(count)); 0"
    page.evaluate(heard)

    chat.say(text("one"))
    chat.say(text("two"))
    expect(page.locator(".badge")).to_have_text("2")
    expect(page.locator("button.launch")).to_have_attribute(
        "aria-label", "Open chat (2 unread messages)"
    )
    page.click("button.launch")

    expect(page.locator(".badge")).to_be_hidden()
    page.wait_for_function("window.heard.at(-1) === 0")


def test_the_keyboard_is_enough(page: Page, chat: ScriptedChat, origin: str) -> None:
    """Open, write, choose with arrows and close without a mouse; focus returns to the button."""
    chat.script = with_replies
    page.set_viewport_size({"width": 1000, "height": 760})
    page.goto(f"{origin}/host")
    page.locator("button.launch").focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#field")).to_be_focused()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(frame.locator(".replies .option")).to_have_count(3)
    expect(frame.locator("#field")).to_be_focused()

    for _ in range(8):
        page.keyboard.press("Shift+Tab")
        if frame.locator(".replies .option:focus").count():
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(frame.get_by_text("Option 2", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(frame.locator(".actions .option")).to_have_count(3)
    page.keyboard.press("Escape")

    assert chat.visitor_texts() == ["hello", "Option 2"]
    expect(page.locator("button.launch")).to_be_focused()
    expect(page.locator(".box")).not_to_have_class("box open")


def test_quick_replies_vanish_and_buttons_stay(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """Used quick replies cannot be pressed again; buttons can."""
    chat.script = with_replies
    page.goto(f"{origin}/webchat/widget?key=demo")
    page.fill("#field", "hello")
    page.keyboard.press("Enter")
    page.get_by_text("Option 1", exact=True).click()
    expect(page.locator(".actions")).to_have_count(1)

    expect(page.locator(".replies")).to_be_hidden()
    expect(page.locator(".replies .option").first).to_have_attribute("aria-disabled", "true")
    page.locator(".actions").get_by_text("Option 3").click()

    expect(page.locator(".actions")).to_have_count(2)
    assert chat.visitor_texts() == ["hello", "Option 1", "Option 3"]


def test_a_pressed_starter_leaves_the_focus_in_the_chat(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """What vanishes under the focus hands it to the text field, not to the top of the page."""
    chat.starters = ["Where is my order?"]
    page.goto(f"{origin}/host")
    page.locator("button.launch").press("Enter")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Where is my order?").press("Enter")

    expect(frame.locator("#starters")).to_be_hidden()
    expect(frame.locator("#field")).to_be_focused()


def test_a_person_is_kept_apart_from_the_next_one(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """Signing out leaves nothing of what was typed, not even an unsent draft."""
    page.goto(f"{origin}/host")
    page.locator("button.launch").press("Enter")
    frame = page.frame_locator("iframe")
    frame.locator("#field").fill("my account number is")
    chat.forget_token()
    page.evaluate("Tributary.logout()")

    expect(frame.locator("#field")).to_have_value("")


def test_new_messages_never_move_the_focus(page: Page, chat: ScriptedChat, origin: str) -> None:
    """What arrives leaves the visitor where they are, on the page or in the log."""
    frame = embed(page, origin)
    page.locator("#before").focus()

    chat.say(text("news"))
    expect(frame.get_by_text("news", exact=True)).to_have_count(1)

    expect(page.locator("#before")).to_be_focused()


def test_enter_while_composing_sends_nothing(page: Page, chat: ScriptedChat, origin: str) -> None:
    """Chinese input takes its candidate with Enter; Shift+Enter breaks the line."""
    page.goto(f"{origin}/webchat/widget?key=demo")
    press = """(options) => field.dispatchEvent(new KeyboardEvent("keydown",
      {key: "Enter", bubbles: true, cancelable: true, ...options}))"""
    page.fill("#field", "ni hao")
    page.evaluate(press, {"isComposing": True})
    page.evaluate(press, {"keyCode": 229})
    expect(page.locator("#field")).to_have_value("ni hao")
    page.focus("#field")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("x")
    expect(page.locator("#field")).to_have_value("ni hao\nx")

    page.evaluate(press, {})

    expect(page.locator("#field")).to_have_value("")
    expect(page.locator(".own .text")).to_have_text("ni hao\nx")


def test_too_long_a_text_is_counted_and_not_sent(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """The counter tells what is over the limit of 4,000 characters; emoji count once."""
    page.goto(f"{origin}/webchat/widget?key=demo")
    page.fill("#field", "🍵" * 4001)

    expect(page.locator("#counter")).to_have_text("1 characters too many")
    expect(page.locator("#send")).to_be_disabled()
    page.fill("#field", "🍵" * 4000)
    expect(page.locator("#send")).to_be_enabled()


def test_chinese_labels_follow_the_switch(page: Page, chat: ScriptedChat, origin: str) -> None:
    """The switch changes labels at once, asks the server for its texts, and is remembered."""
    page.goto(f"{origin}/webchat/widget?key=demo")
    page.select_option("#language", "zh-Hant")

    expect(page.locator("#field")).to_have_attribute("placeholder", "請輸入訊息…")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("#status")).to_have_text("在線")
    page.reload()
    expect(page.locator("#field")).to_have_attribute("placeholder", "請輸入訊息…")
    assert "zh-Hant" in [session.get("locale") for session in chat.sessions]


def test_the_chat_fills_a_narrow_screen(page: Page, chat: ScriptedChat, origin: str) -> None:
    """At 320 pixels the chat covers the page, fits its width and can be closed."""
    long = "word" * 60
    chat.events.append(
        {
            "seq": 1,
            "type": "message",
            "id": "1",
            "at": "2026-01-02T03:04:05Z",
            "from": "bot",
            "content": text(f"{long} https://a.example/{long}"),
        }
    )
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(f"{origin}/host")
    page.click("button.launch")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#list .message")).to_have_count(1)

    box = page.locator("iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 320, "height": 568}
    assert frame.locator("html").evaluate("(node) => node.scrollWidth") == 320
    assert frame.locator("#log").evaluate("(node) => node.scrollWidth <= node.clientWidth")
    frame.locator("#close").click()
    expect(page.locator("button.launch")).to_be_visible()


def test_a_draft_of_the_page_is_put_but_not_sent(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """A suggestion on the example page opens the chat with its words in the field."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{origin}/")
    page.wait_for_function("window.Tributary")
    page.get_by_text("How do I return a product?").click()
    frame = page.frame_locator("iframe")

    expect(frame.locator("#field")).to_have_value("How do I return a product?")
    assert chat.visitor_texts() == []
    page.get_by_role("button", name="中文").click()
    expect(frame.locator("#field")).to_have_attribute("placeholder", "请输入消息…")
    expect(page.locator("h1")).to_have_text("每片茶叶， 都有自己的温度。", use_inner_text=True)


def test_a_page_that_lies_about_its_origin_is_not_heard(
    page: Page, chat: ScriptedChat, origin: str
) -> None:
    """Messages from a window or origin other than the embedding page's change nothing."""
    embed(page, origin)
    forged = """() => {
      const inner = document.createElement("iframe");
      inner.src = "/webchat/widget?key=other";
      document.body.append(inner);
      const {contentWindow} = inner;
      for (const type of ["close", "unread"]) {
        window.dispatchEvent(new MessageEvent("message",
          {data: {tributary: 1, type, count: 9}, origin: location.origin, source: contentWindow}));
        window.dispatchEvent(new MessageEvent("message",
          {data: {tributary: 1, type, count: 9}, origin: "https://evil.example"}));
      }
    }"""
    frame = page.frame_locator("iframe[title=Chat]")
    page.evaluate(forged)
    inner = """() => window.dispatchEvent(new MessageEvent("message", {
      data: {tributary: 1, type: "open", draft: "forged"},
      origin: "https://evil.example", source: parent}))"""
    frame.locator("body").evaluate(inner)

    expect(page.locator(".box")).to_have_class("box open")
    expect(page.locator(".badge")).to_be_hidden()
    expect(frame.locator("#field")).to_have_value("")


def test_the_log_is_a_live_region(page: Page, chat: ScriptedChat, origin: str) -> None:
    """Screen readers hear new messages, not the history, and every control has a name."""
    page.goto(f"{origin}/webchat/widget?key=demo")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_have_attribute("aria-live", "polite")

    unnamed = """() => {
      const name = (node) =>
        node.getAttribute("aria-label") || node.labels?.[0]?.innerText || node.innerText;
      const controls = [...document.querySelectorAll("button, select, textarea, a")];
      return controls.filter((node) => !name(node).trim()).length;
    }"""
    assert page.evaluate(unnamed) == 0


def test_logout_forgets_the_visitor(page: Page, chat: ScriptedChat, origin: str) -> None:
    """After logout the old conversation is gone from the page and from the browser."""
    frame = embed(page, origin)
    frame.locator("#field").fill("secret")
    page.keyboard.press("Enter")
    expect(frame.get_by_text("You said: secret")).to_have_count(1)

    chat.forget_token()
    page.evaluate("Tributary.logout()")
    expect(frame.locator("#list .message")).to_have_count(0)
    expect(frame.locator("#status")).to_have_attribute("data-state", "online")

    assert "visitor_token" not in chat.sessions[-1]
