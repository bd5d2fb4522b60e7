"""What `tributary doctor` finds at WeChat, and how it says to mend it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels import wechat
from channels.contract import ChannelSettings
from channels.examination import Examinable, Finding
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.account import Account
from channels.simulators.wechat.faults import Fault
from channels.wechat.api import Api
from channels.wechat.examining import examine
from crm_store.database import utc_now
from tests.channels.wechat.conftest import options_of
from tests.channels.wechat.wire import PLAIN

URL = "https://bot.example"


@pytest.fixture
async def shop() -> AsyncIterator[WechatSimulator]:
    """Run WeChat on the real clock."""
    opened = WechatSimulator()
    await opened.start()
    yield opened
    await opened.stop()


async def found(simulator: WechatSimulator, url: str | None = URL, **more: str) -> list[Finding]:
    """Return the findings on an account."""
    channel = wechat.create(ChannelSettings("wechat", "shop", options_of(simulator, **more)))
    assert isinstance(channel, Examinable)
    try:
        return await channel.examine(url)
    finally:
        await channel.close()


async def test_a_good_account_is_fine(shop: WechatSimulator) -> None:
    """All is well, the address to enter is told, and no customer notices anything."""
    findings = await found(shop)

    assert [finding.state for finding in findings] == ["fine", "fine", "note"]
    assert "https://bot.example/webhooks/wechat/shop" in findings[-1].what
    assert shop.recorded.shown == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"app_id": "wx-other"}, "app_id"),
        ({"app_secret": "another secret"}, "AppSecret"),
        ({"allow_networks": ""}, "allow_networks"),
    ],
)
async def test_what_is_refused_is_mended(
    shop: WechatSimulator, options: dict[str, str], words: str
) -> None:
    """The first fault is named with what to do about it, and no secret is shown."""
    first = (await found(shop, **options))[0]

    assert first.state == "fault"
    assert words in first.mend
    assert "another secret" not in str(first)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("code", 40164), "whitelist"),
        (Fault("http", 502), "network"),
        (Fault("code", -1), ""),
    ],
)
async def test_the_way_to_wechat_is_examined(
    shop: WechatSimulator, fault: Fault, words: str
) -> None:
    """A missing whitelist entry and a broken network are told apart."""
    shop.faults.order("/cgi-bin/stable_token", fault)

    first = (await found(shop))[0]

    assert first.state == "fault"
    assert words in first.mend


async def test_an_account_that_may_not_write_is_told() -> None:
    """An account without the customer-service right learns that before its customers do."""
    simulator = WechatSimulator(Account(may_write=False, mode="plain"))
    await simulator.start()

    findings = await found(simulator, None)

    await simulator.stop()
    assert [finding.state for finding in findings] == ["fine", "fault", "note", "note"]
    assert "verified" in findings[1].mend
    assert "TRIBUTARY_PUBLIC_URL" in findings[-1].mend


@pytest.mark.parametrize("url", ["https://bot.example:8443", "http://bot.example:8000/"])
async def test_ports_that_wechat_does_not_call_are_told(shop: WechatSimulator, url: str) -> None:
    """WeChat calls 80 and 443 only."""
    assert (await found(shop, url))[-1].state == "fault"


@pytest.mark.parametrize(("minutes", "words"), [(10, "ahead"), (-10, "behind")])
async def test_a_wrong_clock_is_told(shop: WechatSimulator, minutes: int, words: str) -> None:
    """Callbacks would be refused as old or early, so the clock is compared with WeChat's."""
    channel = wechat.create(ChannelSettings("wechat", "shop", options_of(shop)))
    api: Api = channel._api
    now = utc_now() + timedelta(minutes=minutes)

    findings = await examine(api, PLAIN, account="shop", public_url=URL, now=now)

    await channel.close()
    assert any(f.state == "fault" and words in f.what for f in findings)
