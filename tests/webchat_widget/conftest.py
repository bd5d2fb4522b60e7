"""A scripted server and a visitor's page for the widget's tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.webchat_widget.scripted import ScriptedChat, serving

# Back-off draws from Math.random: near zero, so that tests wait for events and not for luck.
IMPATIENT = "Math.random = () => 0.02;"


@pytest.fixture
def chat() -> ScriptedChat:
    """One conversation, not yet begun."""
    return ScriptedChat()


@pytest.fixture
def origin(chat: ScriptedChat) -> Iterator[str]:
    """The address of the server that speaks for `chat`."""
    with serving(chat) as address:
        yield address


@pytest.fixture
def page(browser: Browser, chat: ScriptedChat) -> Iterator[Page]:
    """A page of a fresh visitor; fails when a script of ours failed or the policy was broken."""
    visitor = browser.new_context(locale="en-GB", viewport={"width": 400, "height": 700})
    visitor.add_init_script(IMPATIENT)
    visitor.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())
    shown = visitor.new_page()
    faults: list[str] = []

    def dismissed(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on("console", lambda said: faults.append(said.text) if breaks(said.text) else None)
    shown.on("dialog", dismissed)
    yield shown
    visitor.close()
    assert (faults, chat.violations) == ([], [])


def breaks(words: str) -> bool:
    """Tell whether a console message reports a broken policy."""
    return "Content Security Policy" in words or "TrustedHTML" in words or "Refused to" in words
