"""Two web and two worker processes on PostgreSQL and Redis behave as one."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bots.scale_out import Deployment, listening, relay


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """Run what `make scale` runs."""
    with Deployment() as running:
        yield running


@pytest.mark.timeout(600)
async def test_a_conversation_survives_the_loss_of_a_web_and_a_worker_process(
    deployment: Deployment,
) -> None:
    """Answers keep coming, in order and without a gap, with half of the processes killed."""
    ports = [web.port for web in deployment.webs]
    async with (
        listening(relay(ports), host="127.0.0.1", port=0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/webchat/v1", timeout=60) as visitor,
    ):
        opened = await visitor.post("/session", json={"widget_key": "demo"})
        assert opened.status_code == 200, opened.text
        visitor.headers["Authorization"] = f"Bearer {opened.json()['visitor_token']}"

        before = await _ask(visitor, "m1", "How do I return a product?", after=0)
        deployment.webs[0].kill()
        deployment.workers[0].kill()
        after = await _ask(visitor, "m2", "请问怎么退货？", after=before[-1]["seq"])

    events = [*before, *after]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event.get("client_msg_id") for event in events if event.get("from") == "visitor"] == [
        "m1",
        "m2",
    ]


async def _ask(
    visitor: httpx.AsyncClient, message_id: str, text: str, *, after: int
) -> list[dict[str, Any]]:
    """Send a text; return the events from `after` to the bot's answer."""
    content = {"kind": "text", "text": text}
    sent = await visitor.post("/messages", json={"client_msg_id": message_id, "content": content})
    assert sent.status_code == 202, sent.text
    events: list[dict[str, Any]] = []
    deadline = time.monotonic() + 25
    while not any(
        event.get("from") == "bot" for event in events if event["seq"] > sent.json()["seq"]
    ):
        page = await visitor.get("/events", params={"after": after, "wait": 25})
        assert page.status_code == 200, page.text
        # A process whose supervisor was killed ends what it serves with an empty page, and leaves.
        assert page.json()["events"] or time.monotonic() < deadline, "no answer within 25 s"
        events += page.json()["events"]
        after = max(after, *(event["seq"] for event in events)) if events else after
    return events
