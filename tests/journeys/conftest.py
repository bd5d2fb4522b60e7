"""The real server, as `make run` starts it, and a real Chromium in front of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from crm_store.database import Database

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
IDENTITY_SECRET = "the secret the host site signs with"


@dataclass
class Server:
    """A running `tributary serve`."""

    origin: str
    database_url: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `tributary` command on the same database."""
        return subprocess.run(
            [sys.executable, "-m", "bots", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example bot, served as a newcomer would."""
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    url = f"sqlite:///{folder}/tributary.db"
    environment = os.environ | {
        "TRIBUTARY_DATABASE_URL": url,
        "TRIBUTARY_WEBCHAT_SESSIONS_PER_HOUR": "1000",
        "TRIBUTARY_WEBCHAT_BURST": "20",
        "TRIBUTARY_WEBCHAT_IDENTITY_SECRET": IDENTITY_SECRET,
        "TRIBUTARY_SECRET_KEY": "a key of the tests, 32 characters or more",
        "PYTHONPATH": str(ROOT),
    }
    output = (folder / "output.txt").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "bots", "serve", "--port", str(port)],
        env=environment,
        cwd=ROOT,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    origin = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{origin}/readyz", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            text = (folder / "output.txt").read_text()
            assert process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.2)
        yield Server(origin, url, dict(environment), process)
    finally:
        process.terminate()
        process.wait(15)
        output.close()


@pytest.fixture
def store(server: Server) -> Iterator[Database]:
    """The served database, for looking at what was written."""
    database = Database(server.database_url)
    yield database
    database.close()


class Chat:
    """One visitor's browser with the chat open on the example company's page."""

    def __init__(self, browser: Browser, origin: str, *, locale: str = "en-GB") -> None:
        self.faults: list[str] = []
        self.visitor = browser.new_context(
            locale=locale, viewport={"width": 1100, "height": 800}, reduced_motion="reduce"
        )
        self.origin = origin
        self.page = self._open()

    def _open(self) -> Page:
        page = self.visitor.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._hear(said.text))
        page.goto(f"{self.origin}/")
        page.click("button.launch")
        expect(self._frame(page).locator("#status")).to_have_attribute(
            "data-state", "online", timeout=15_000
        )
        return page

    def _hear(self, words: str) -> None:
        if "Content Security Policy" in words or "Refused to" in words:
            self.faults.append(words)

    @staticmethod
    def _frame(page: Page) -> FrameLocator:
        return page.frame_locator("iframe")

    @property
    def frame(self) -> FrameLocator:
        """The chat."""
        return self._frame(self.page)

    @property
    def replies(self) -> int:
        """How many messages of the bot are shown."""
        return self.frame.locator("#list .message.bot").count()

    def say(self, text: str) -> None:
        """Type a message and send it."""
        self.frame.locator("#field").fill(text)
        self.frame.locator("#field").press("Enter")

    def ask(self, text: str) -> str:
        """Say something and return the newest reply."""
        before = self.replies
        self.say(text)
        return self.reply(before)

    def reply(self, before: int) -> str:
        """Return the newest message of the bot once there are more than `before`."""
        newest = self.frame.locator("#list .message.bot").nth(before)
        expect(newest).to_be_visible(timeout=15_000)
        return newest.inner_text()

    def press(self, label: str) -> str:
        """Press an option and return the newest reply."""
        before = self.replies
        self.frame.get_by_role("button", name=label, exact=True).last.click()
        return self.reply(before)

    def transcript(self) -> list[str]:
        """Return everything that was said, in order."""
        return self.frame.locator("#list .message").all_inner_texts()

    def come_back(self) -> None:
        """Close the tab and open the page again."""
        self.page.close()
        self.page = self._open()

    def leave(self) -> None:
        """Close the browser and check that nothing was wrong with the page."""
        self.visitor.close()
        assert self.faults == []


@pytest.fixture
def chat(browser: Browser, server: Server) -> Iterator[Chat]:
    """An English visitor."""
    opened = Chat(browser, server.origin)
    yield opened
    opened.leave()


@pytest.fixture
def chinese_chat(browser: Browser, server: Server) -> Iterator[Chat]:
    """A Chinese visitor."""
    opened = Chat(browser, server.origin, locale="zh-CN")
    yield opened
    opened.leave()
