"""Tokens: fetched when needed, renewed once when refused, never in a circle."""

import asyncio

import pytest

from channels import wechat
from channels.contract import (
    Accepted,
    ChannelSettings,
    Misconfigured,
    RateLimited,
    Retryable,
)
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.faults import Fault
from channels.tokens import MemoryTokens
from channels.wechat import WechatChannel
from tests.channels.wechat.conftest import options_of
from tests.channels.wechat.replies import PEER, SEND, TOKEN, calls, message, wrote
from tests.webchat.harness import Clock


@pytest.mark.parametrize("fault", [Fault("http", 502), Fault("reset"), Fault("reset_after")])
async def test_without_a_token_nothing_was_sent(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock, fault: Fault
) -> None:
    """A broken answer to the call for a token is no doubt about the message."""
    wrote(simulator, clock)
    simulator.faults.order(TOKEN, fault)

    assert isinstance(await channel.send(message("hello")), Retryable)
    assert await channel.send(message("hello")) == Accepted()


@pytest.mark.parametrize(
    "options", [{"app_secret": "wrong secret"}, {"app_id": "wx-unknown"}], ids=["secret", "id"]
)
async def test_wrong_secrets_are_named(
    simulator: WechatSimulator, options: dict[str, str]
) -> None:
    """An account that WeChat does not know says what to look at, and shows no secret."""
    channel = wechat.create(ChannelSettings("wechat", "shop", options_of(simulator, **options)))

    result = await channel.send(message("hello"))

    assert isinstance(result, Misconfigured)
    assert next(iter(options)) in result.cause
    assert "wrong secret" not in result.cause
    await channel.close()


async def test_a_revoked_token_is_fetched_anew_once(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """The customer gets the message though the token was revoked in between."""
    wrote(simulator, clock)
    assert await channel.send(message("one")) == Accepted()
    simulator.rules.tokens.revoke()

    assert await channel.send(message("two")) == Accepted()
    assert [body["force_refresh"] for body in calls(simulator, TOKEN)] == [False, False]


async def test_a_token_that_is_refused_but_given_out_is_renewed_by_force(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Force, which is rationed, is used only when asking gave the refused token again."""
    wrote(simulator, clock)
    assert await channel.send(message("one")) == Accepted()
    simulator.rules.tokens.spoil()

    assert await channel.send(message("two")) == Accepted()
    assert [body["force_refresh"] for body in calls(simulator, TOKEN)] == [False, False, True]


async def test_refused_tokens_do_not_go_round_for_ever(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Two refusals of two tokens are a fault of the account: staff must look."""
    wrote(simulator, clock)
    for code in (40001, 40014, 42001):
        clock.pass_by(seconds=31)
        simulator.faults.order(SEND, Fault("code", code), Fault("code", code))
        before = len(calls(simulator, SEND))

        assert isinstance(await channel.send(message("hello")), Misconfigured)
        assert len(calls(simulator, SEND)) - before == 2
        assert simulator.faults.left == 0


async def test_a_ration_that_is_used_up_is_waited_for(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Where no token can be forced and none came from elsewhere, the account waits."""
    wrote(simulator, clock)
    assert await channel.send(message("one")) == Accepted()
    simulator.rules.tokens.spoil()
    simulator.faults.order(TOKEN, Fault("none"), Fault("code", 45009))

    assert await channel.send(message("two")) == RateLimited(3600.0, scope="account")
    assert await channel.send(message("two")) == Accepted()


async def test_a_storm_of_refusals_fetches_one_token(
    simulator: WechatSimulator, clock: Clock
) -> None:
    """Two hundred sends through two adapters that share tokens find one renewal among them."""
    tokens = MemoryTokens()
    settings = ChannelSettings("wechat", "shop", options_of(simulator), tokens)
    channels = [wechat.create(settings) for _ in range(2)]
    wrote(simulator, clock)
    simulator.rules.peers[PEER].left = 1_000
    assert await channels[0].send(message("first")) == Accepted()
    simulator.rules.tokens.spoil()
    before = simulator.rules.tokens.fetched

    results = await asyncio.gather(*(channels[n % 2].send(message(str(n))) for n in range(200)))

    assert set(results) == {Accepted()}
    assert simulator.rules.tokens.fetched - before == 2  # one asks, finds the same, and forces
    assert len(simulator.rules.tokens.forced) == 1
    for channel in channels:
        await channel.close()
