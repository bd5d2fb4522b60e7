"""A WeChat of one account on this machine, and the adapter that speaks with it."""

from collections.abc import AsyncIterator, Callable

import pytest

from channels.contract import ChannelSettings
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.account import Account
from channels.wechat import WechatChannel, create
from tests.webchat.harness import Clock

Open = Callable[..., WechatChannel]


def options_of(simulator: WechatSimulator, **more: str) -> dict[str, str]:
    """Return the options of an account as bot.yml has them."""
    account = simulator.account
    options = {
        "app_id": account.app_id,
        "app_secret": account.app_secret,
        "token": account.token,
        "mode": account.mode,
        "kind": account.kind,
        "api_base": simulator.url,
        "allow_networks": "127.0.0.0/8",
    }
    if account.mode != "plain":
        options["encoding_aes_key"] = account.encoding_aes_key
    return options | more


@pytest.fixture
def clock() -> Clock:
    """Return a time that moves when a test says so."""
    return Clock()


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[WechatSimulator]:
    """Run WeChat for an official account in safe mode."""
    opened = WechatSimulator(Account(), clock=clock, time_scale=0.05)
    await opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
async def channel(simulator: WechatSimulator) -> AsyncIterator[WechatChannel]:
    """Return the adapter of the simulated account."""
    opened = create(ChannelSettings("wechat", "shop", options_of(simulator)))
    yield opened
    await opened.close()
