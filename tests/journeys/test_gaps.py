"""What nobody could answer is written by staff, tried, published, and told to who asked."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from crm_store import api_tokens
from crm_store.database import utc_now
from tests.journeys.test_live_articles import Fleet, fleet, small_bot

__all__ = ["fleet", "small_bot"]

LEND = ["Do you lend tandem bikes?", "Can you lend me tandem bikes?"]
LEND_ZH = ["双人自行车怎么租借？", "怎么租借双人自行车"]
ELSE = "Who won the cycling race in Ghent?"
GAPS = "/api/v1/knowledge/gaps"
TEXT = "Yes: tandem bikes can be borrowed for a weekend for 55 euros."


@dataclass
class Visitor:
    """One visitor of web chat over HTTP."""

    origin: str
    said: int = 0
    after: int = 0
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"{self.origin}/webchat/v1", timeout=30)
        opened = self.client.post("/session", json={"widget_key": "demo"})
        self.client.headers["Authorization"] = f"Bearer {opened.json()['visitor_token']}"

    def ask(self, text: str) -> str:
        """Write something and return what the bot says to it."""
        self.said += 1
        content = {"kind": "text", "text": text}
        body = {"client_msg_id": f"m{self.said}", "content": content}
        assert self.client.post("/messages", json=body).status_code == 202
        return self.hear()

    def hear(self, wait: int = 20) -> str:
        """Return what the bot says next, "" when it says nothing in time."""
        until = time.monotonic() + wait
        said = ""
        while not said and time.monotonic() <= until:
            page = self.client.get("/events", params={"after": self.after, "wait": min(wait, 10)})
            for entry in page.json()["events"]:
                self.after = entry["seq"]
                said += str(entry["fallback_text"]) if entry.get("from") == "bot" else ""
        return said


@dataclass
class Staff:
    """A program with a token that looks after gaps."""

    client: httpx.Client

    def get(self, path: str = "", **query: str) -> dict[str, Any]:
        """Read something."""
        found = self.client.get(f"{GAPS}{path}", params=query)
        assert found.status_code == 200, found.text
        read: dict[str, Any] = found.json()
        return read

    def post(self, path: str, status: int = 200, **body: str) -> dict[str, Any]:
        """Decide something."""
        done = self.client.post(f"{GAPS}{path}", json=body)
        assert done.status_code == status, done.text
        read: dict[str, Any] = done.json()
        return read


@pytest.fixture
def visit(fleet: Fleet) -> Iterator[Callable[[], Visitor]]:
    """Return what opens web chat as one more visitor."""
    with ExitStack() as stack:

        def opened() -> Visitor:
            visitor = Visitor(fleet.origin)
            stack.callback(visitor.client.close)
            return visitor

        yield opened


@pytest.fixture
def staff(fleet: Fleet) -> Iterator[Staff]:
    """Return staff with a token, at a process that answers."""
    with fleet.database.session() as session:
        token = api_tokens.create_token(session, name="editor", now=utc_now())
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=fleet.ready[-1], headers=headers, timeout=60) as client:
        yield Staff(client)


def _wait_for(fleet: Fleet, generation: int) -> None:
    until = time.monotonic() + 10
    while min(fleet.generations()) <= generation:
        assert time.monotonic() < until, "the publication was not noticed"


@pytest.mark.timeout(600)
def test_a_gap_is_closed_and_its_askers_are_told(
    fleet: Fleet, staff: Staff, visit: Callable[[], Visitor]
) -> None:
    """Asked by people, queued, drafted, replayed, published, answered, and told once."""
    english = [visit() for _ in range(2)]
    chinese = [visit() for _ in range(3)]
    for number, visitor in enumerate(english):
        assert TEXT not in visitor.ask(LEND[number])
    for number, visitor in enumerate(chinese):
        visitor.ask(LEND_ZH[number % 2])
    visit().ask(ELSE)

    staff.post("/gather")
    queued = staff.get(queue="write")
    assert [(gap["language"], gap["people"]) for gap in queued["gaps"]] == [
        ("zh", 3),
        ("en", 2),
        ("en", 1),
    ]
    assert queued["waiting"] == 0
    gap = queued["gaps"][1]
    path = f"/{gap['id']}"
    whole = staff.get(path)
    assert sorted(whole["wordings"]) == sorted(LEND)

    drafted = staff.post(f"{path}/draft", 201, article_id="tandems", body=TEXT)
    assert (drafted["number"], drafted["gap"]["status"]) == (1, "drafted")
    shown = staff.get(f"{path}/replay")
    assert {change["question"] for change in shown["changes"]} >= set(LEND)
    assert (shown["gained"], shown["flips"]) == (2, 0)
    generation = max(fleet.generations())
    staff.post(f"{path}/publish")
    _wait_for(fleet, generation)

    assert TEXT in visit().ask(LEND[0])
    found = staff.get(f"{path}/askers")
    assert (found["can_be_told"], len(found["askers"])) == (2, 2)
    assert len(staff.post(f"{path}/tell")["told"]) == 2
    assert staff.post(f"{path}/tell")["told"] == []
    for number, visitor in enumerate(english):
        told = visitor.hear()
        assert LEND[number] in told
        assert TEXT in told
        assert visitor.hear(wait=1) == ""
    assert {asker["exclusion"] for asker in staff.get(f"{path}/askers")["askers"]} == {"told"}
    made = [(each["kind"], each["decided_by"]) for each in staff.get(path)["decisions"]]
    assert made == [("tell", "token:editor")] * 2 + [("write", "token:editor")]
