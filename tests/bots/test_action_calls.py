"""One attempt of a slow action against a real server: guarded, bounded, and understood."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bots.action_calls import ActionCaller, Again
from bots.retry_after import retry_after
from channels.fetcher import parse_hosts
from dialogues.action import ActionCall, ActionError, Input, Output
from dialogues.bot import Bot
from dialogues.http_action import HttpAction
from dialogues.later import ActionRequest, ActionResult
from tests.bots.partner import Partner, Reply, running_partner
from tests.dialogues.parcel_talks import parcels

REQUEST = ActionRequest(
    id=UUID(int=7),
    action="look_up_parcel",
    inputs={"number": "CS-1001"},
    language="en",
    gives_up_at=datetime(2030, 1, 1, tzinfo=UTC),
)
GOOD = {"status": {"en": "on its way"}, "eta": "2026-03-05", "weight": 1.5}


@pytest.fixture
def partner() -> Iterator[Partner]:
    """Run a partner."""
    with running_partner() as running:
        yield running


def a_caller(partner: Partner, bot: Bot | None = None, **changes: Any) -> ActionCaller:  # noqa: ANN401 - passed on
    """Return a caller that may reach the partner."""
    environment = {"PARCELS_URL": partner.url, "PARCELS_TOKEN": "s3cret"}
    made = {"environment": environment, "hosts": (partner.host,), **changes}
    return ActionCaller(bot or parcels(), **made)


async def once(caller: ActionCaller, request: ActionRequest = REQUEST) -> ActionResult | Again:
    """Make one attempt."""
    try:
        return await caller.call(request)
    finally:
        await caller.close()


async def test_an_order_is_looked_up_over_http(partner: Partner) -> None:
    """The request carries the token and the key; the outputs come back with their types."""
    partner.answer = lambda _n, _seen: Reply(data=GOOD)

    result = await once(a_caller(partner))

    assert result == ActionResult({"status": "on its way", "eta": "2026-03-05", "weight": 1.5})
    seen = partner.seen[0]
    assert (seen.method, seen.path) == ("GET", "/parcels/CS-1001?language=en")
    assert seen.headers["authorization"] == "Bearer s3cret"
    assert seen.headers["idempotency-key"] == str(REQUEST.id)


async def test_a_private_address_is_not_reached_unless_it_is_allowed(partner: Partner) -> None:
    """Nothing arrives there, the reason is told, and the log names no secret."""
    with capture_logs() as logs:
        result = await once(a_caller(partner, hosts=()))

    assert result == ActionResult(reason="not_allowed")
    assert partner.seen == []
    assert "s3cret" not in str(logs)


async def test_a_host_is_allowed_by_name_and_port(partner: Partner) -> None:
    """The same server under another name or port is not."""
    partner.answer = lambda _n, _seen: Reply(data=GOOD)
    environment = {"PARCELS_URL": f"http://LOCALHOST:{partner.port}", "PARCELS_TOKEN": "x"}
    for allowed, reached in (("localhost", 1), (f"localhost:{partner.port}", 2)):
        hosts, networks = parse_hosts(allowed)
        caller = a_caller(partner, environment=environment, hosts=hosts, networks=networks)
        assert isinstance(await once(caller), ActionResult)
        assert len(partner.seen) == reached
    for refused in ("127.0.0.1", "localhost:1", "10.0.0.0/8"):
        hosts, networks = parse_hosts(refused)
        caller = a_caller(partner, environment=environment, hosts=hosts, networks=networks)
        assert await once(caller) == ActionResult(reason="not_allowed")
    assert len(partner.seen) == 2


@pytest.mark.parametrize(
    "address",
    ["http://localhost:{port}", "http://[::ffff:127.0.0.1]:{port}", "http://0.0.0.0:{port}"],
)
async def test_other_spellings_of_this_machine_are_not_reached(
    partner: Partner, address: str
) -> None:
    """Allowing nothing means nothing, however it is written."""
    environment = {"PARCELS_URL": address.format(port=partner.port), "PARCELS_TOKEN": "x"}

    result = await once(a_caller(partner, environment=environment, hosts=()))

    assert partner.seen == []
    assert isinstance(result, ActionResult | Again)
    assert getattr(result, "reason", None) in {"not_allowed", "unreachable", "misconfigured"}


async def test_a_redirect_does_not_lead_inwards_or_carry_secrets(partner: Partner) -> None:
    """What is not allowed is not reached through one that is; headers stay with their origin."""
    with running_partner() as other:
        partner.answer = lambda _n, _seen: Reply(302, headers={"location": f"{other.url}/x"})
        assert await once(a_caller(partner)) == ActionResult(reason="not_allowed")
        assert other.seen == []

        other.answer = lambda _n, _seen: Reply(data=GOOD)
        await once(a_caller(partner, hosts=(partner.host, other.host)))
        assert "authorization" not in other.seen[0].headers

    partner.answer = lambda n, _seen: (
        Reply(data=GOOD) if _seen.path == "/new" else Reply(307, headers={"location": "/new"})
    )
    result = await once(a_caller(partner))
    assert isinstance(result, ActionResult)
    assert result.reason is None
    assert partner.seen[-1].headers["authorization"] == "Bearer s3cret"

    partner.answer = lambda _n, _seen: Reply(302, headers={"location": "/round"})
    assert await once(a_caller(partner)) == ActionResult(reason="misconfigured")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(404, {}), ActionResult(reason="not_found")),
        (Reply(200, {"closed": True}), ActionResult(reason="closed")),
        (Reply(401, {}), ActionResult(reason="refused")),
        (Reply(302, {}), ActionResult(reason="refused")),
        (Reply(200, raw=b"<html>"), ActionResult(reason="unfit_output")),
        (Reply(200, raw=b"x" * 300_000), ActionResult(reason="too_large")),
        (
            Reply(200, GOOD, headers={"content-encoding": "gzip"}),
            ActionResult(reason="too_large"),
        ),
        (Reply(500, {}), Again("unavailable", None, 3)),
        (Reply(503, {}, {"retry-after": "7"}), Again("unavailable", 7.0, 3)),
        (Reply(429, {}, {"retry-after": "2"}), Again("rate_limited", 2.0, 3)),
        (Reply(hangs_up=True), Again("unreachable", None, 3)),
        (Reply(seconds=1.5, data=GOOD), Again("timeout", None, 3)),
    ],
)
async def test_every_kind_of_answer_is_understood(
    partner: Partner, reply: Reply, expected: ActionResult | Again
) -> None:
    """What is final is final, what may pass is tried again, with the server's own pause."""
    partner.answer = lambda _n, _seen: reply
    started = time.monotonic()

    assert await once(a_caller(partner)) == expected
    assert time.monotonic() - started < 4


async def test_nobody_listening_is_tried_again(partner: Partner) -> None:
    """A refused connection is no end."""
    partner.close()
    try:
        assert await once(a_caller(partner)) == Again("unreachable", None, 3)
    finally:
        partner._server = SimpleNamespace(  # type: ignore[assignment] # closed already
            shutdown=lambda: None, server_close=lambda: None
        )


async def test_an_action_that_left_the_folder_fails_by_name(partner: Partner) -> None:
    """A request of an earlier version of the bot ends, and harms nobody."""
    result = await once(a_caller(partner), replace(REQUEST, action="look_up_ship"))

    assert result == ActionResult(reason="unknown_action")


async def test_what_is_not_set_is_told_by_name(partner: Partner) -> None:
    """Names are told, values never."""
    caller = a_caller(partner, environment={"PARCELS_URL": partner.url})

    assert caller.unset() == {"look_up_parcel": ["PARCELS_TOKEN"]}
    assert await once(caller) == ActionResult(reason="misconfigured")
    assert partner.seen == []


def test_the_tests_of_a_bot_get_the_result_at_once(partner: Partner) -> None:
    """One attempt, from synchronous code; what would be tried again is a failure."""
    partner.answer = lambda n, _seen: Reply(data=GOOD) if n == 1 else Reply(503, {})

    assert a_caller(partner).run_request(REQUEST).values["status"] == "on its way"
    assert a_caller(partner).run_request(REQUEST) == ActionResult(reason="unavailable")


class Slow:
    """An action in Python that runs outside the turn."""

    SLOW = True
    SECONDS = 0.2
    ATTEMPTS = 2
    INPUTS = {"number": Input(required=True)}  # noqa: RUF012 - as a module has it
    OUTPUTS = {"parity": Output("choice", choices=("odd", "even"))}  # noqa: RUF012 - as above
    REPEATABLE = True

    @staticmethod
    async def call(call: ActionCall, inputs: dict[str, Any]) -> dict[str, Any]:
        """Do what the number says."""
        match inputs["number"]:
            case "error":
                reason = "sold_out"
                raise ActionError(reason)
            case "slow":
                import asyncio

                await asyncio.sleep(5)
            case "broken":
                raise ConnectionResetError
            case "wrong":
                return {"parity": "neither"}
        return {"parity": "odd", "other": str(call.request.id)}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1", ActionResult({"parity": "odd"})),
        ("error", ActionResult(reason="sold_out")),
        ("slow", Again("timeout", None, 2)),
        ("broken", Again("unreachable", None, 2)),
        ("wrong", ActionResult(reason="unfit_output")),
    ],
)
async def test_a_slow_action_in_python_is_held_to_the_same(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, number: str, expected: ActionResult | Again
) -> None:
    """Typed outputs, a time-out, retries for connections, reasons for failures."""
    monkeypatch.setattr("dialogues.action.load_action", lambda _name: Slow)
    monkeypatch.setattr("bots.action_calls.load_action", lambda _name: Slow)

    request = replace(REQUEST, action="count", inputs={"number": number})

    assert await once(a_caller(partner), request) == expected


def test_retry_after_is_read_in_both_forms() -> None:
    """Seconds or a date; nonsense is none, and nobody makes us wait for ever."""
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def read(text: str) -> float | None:
        return retry_after({"retry-after": text}, now=now)

    assert [read("5"), read("-3"), read("nan"), read("soon"), read("")] == [5, 0, None, None, None]
    assert read("Mon, 02 Mar 2026 09:00:30 GMT") == 30
    assert read("1e9") == timedelta(hours=1).total_seconds()


def test_allowed_hosts_are_hosts_ports_and_networks() -> None:
    """Anything else stops the start, with what was meant."""
    hosts, networks = parse_hosts("crm.internal, 127.0.0.1:8010,10.0.0.0/8, [::1]:80")

    assert [(h.host, h.port) for h in hosts] == [
        ("crm.internal", None),
        ("127.0.0.1", 8010),
        ("::1", 80),
    ]
    assert [str(network) for network in networks] == ["10.0.0.0/8"]
    for wrong in ("http://x", "x:99999", "10.0.0.0/99", "a b"):
        with pytest.raises(ValueError):  # noqa: PT011 - the message is pydantic's or ipaddress's
            parse_hosts(wrong)


def test_an_action_states_what_it_allows() -> None:
    """The model of the file is strict about what it does not know."""
    with pytest.raises(ValueError, match="extra"):
        HttpAction.model_validate({"id": "x", "url": "https://x.example", "verify": False})
