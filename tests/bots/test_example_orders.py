"""The example company's order book: served with the bot, for whoever shows its token."""

from pathlib import Path

import httpx
import pytest

from bots.action_calls import ActionCaller
from bots.example_orders import OrderServer, example_orders
from dialogues.bot import load_bot, read_orders
from dialogues.later import ActionRequest, ActionResult
from tests.bots.test_action_calls import REQUEST

FOLDER = Path("bots/library/moss_and_kettle")


def test_an_order_is_told_to_holders_of_the_token_only() -> None:
    """No token, a wrong one, an unknown order and another path are refused, as JSON."""
    with OrderServer(read_orders(FOLDER / "orders.yml")) as server:
        shown = {"authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            good = client.get("/orders/mk-204518", headers=shown)
            refused = [
                client.get("/orders/MK-204518"),
                client.get("/orders/MK-204518", headers={"authorization": "Bearer x"}),
                client.get("/orders/MK-999999", headers=shown),
                client.get("/orders/a/b", headers=shown),
            ]

    assert good.json()["order"] == {
        "number": "MK-204518",
        "status": {"en": "on its way", "zh": "运输途中"},
        "eta": "2026-11-25",
        "items": ["Kettle One (moss green)", "Moss Pods Longjing green"],
    }
    assert [answer.status_code for answer in refused] == [401, 401, 404, 404]
    assert [answer.json()["error"] for answer in refused] == [
        "token",
        "token",
        "unknown_order",
        "path",
    ]


@pytest.mark.parametrize(
    ("language", "number", "expected"),
    [
        (
            "en",
            "MK-204601",
            {
                "status": "booked for delivery by appointment",
                "eta": "2026-11-30",
                "items": "Kettle Pro, Kettle Pro, Pro water filter",
            },
        ),
        ("zh", "MK-204533", {"status": "已签收", "eta": None}),
        ("en", "MK-999999", "not_found"),
    ],
)
def test_the_example_bot_looks_orders_up_over_http(
    language: str, number: str, expected: dict[str, object] | str
) -> None:
    """The action of its folder, the real server, in the customer's language."""
    with example_orders(FOLDER, {}) as server:
        assert server is not None
        caller = ActionCaller(
            load_bot(FOLDER), environment=server.environment, hosts=(server.host,)
        )
        request = ActionRequest(
            id=REQUEST.id,
            action="look_up_order",
            inputs={"number": number},
            language=language,
            gives_up_at=REQUEST.gives_up_at,
        )
        result = caller.run_request(request)

    if isinstance(expected, str):
        assert result == ActionResult(reason=expected)
    else:
        assert expected.items() <= result.values.items()


def test_a_real_order_system_takes_its_place(tmp_path: Path) -> None:
    """Neither a folder without orders nor one with a system of its own starts a server."""
    with example_orders(FOLDER, {"ORDERS_URL": "https://orders.example.com"}) as server:
        assert server is None
    with example_orders(tmp_path, {}) as server:
        assert server is None
