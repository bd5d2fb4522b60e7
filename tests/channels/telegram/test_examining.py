"""How an account stands, told so that it can be mended."""

import pytest

from channels.contract import ChannelError
from channels.simulators.faults import Fault
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import BotAccount
from channels.telegram.adapter import TelegramChannel, create
from tests.channels.telegram.conftest import options

PUBLIC = "https://bot.example"


def told(findings: object) -> list[tuple[str, str]]:
    """Return state and beginning of each finding."""
    return [(f.state, f.what[:34]) for f in findings]  # type: ignore[attr-defined] # a list of findings


async def test_from_nowhere_to_connected(channel: TelegramChannel) -> None:
    """A new account delivers nowhere; connecting mends it; another address is seen."""
    before = await channel.examine(PUBLIC)
    connected = await channel.connect(PUBLIC)
    after = await channel.examine(PUBLIC)
    elsewhere = await channel.examine("https://other.example")

    assert told(before)[1:] == [("fault", "Telegram delivers nowhere")]
    assert before[1].mend == "tributary doctor --connect"
    assert connected[0].what == (
        "Telegram delivers to https://bot.example/webhooks/telegram/kettle from now on"
    )
    assert {f.state for f in after} == {"fine"}
    assert elsewhere[1].state == "fault"


async def test_an_address_telegram_cannot_use(channel: TelegramChannel) -> None:
    """Plain http and odd ports are named before Telegram refuses them."""
    for address in ("http://bot.example", "https://bot.example:5000"):
        (finding,) = await channel.connect(address)
        assert finding.state == "fault"
        assert "443, 80, 88, 8443" in finding.what


async def test_what_else_is_wrong(
    simulator: TelegramSimulator, bot: BotAccount, channel: TelegramChannel, ada: Phone
) -> None:
    """A wrong name, kinds that are not sent, deliveries that fail, a token that was revoked."""
    await channel.connect(f"{simulator.url}/nobody")
    bot.username = "renamed_bot"
    bot.allowed = frozenset({"message"})
    await ada.say("hi")
    await simulator.settled()

    found = await channel.examine(None)
    simulator.faults.add("getMe", Fault("revoked"))
    revoked = await channel.examine(None)

    assert told(found)[1] == ("fault", "bot.yml calls the bot kettle_bot, ")
    assert any("TRIBUTARY_PUBLIC_URL" in f.what for f in found)
    assert any(f.what.startswith("the last delivery failed") for f in found)
    assert told(revoked) == [("fault", "Telegram does not know the token")]


async def test_reading_and_delivering_exclude_each_other(
    simulator: TelegramSimulator, bot: BotAccount, channel: TelegramChannel
) -> None:
    """An account that reads sees deliveries as a fault, and connecting ends them."""
    await channel.connect(PUBLIC)
    polling = create(options(simulator, mode="polling"))

    before = await polling.examine(None)
    await polling.connect(PUBLIC)
    after = await polling.examine(None)
    await polling.close()

    assert before[1].state == "fault"
    assert {f.state for f in after} == {"fine"}


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"secret": "short"}, "secret"),
        ({"token": "no-token"}, "token"),
        ({"mode": "telepathy"}, "mode"),
        ({"colour": "red"}, "colour"),
        ({"api_url": "ftp://x"}, "api_url"),
        ({"allow_networks": "everything"}, "allow_networks"),
    ],
)
async def test_a_wrong_option_stops_the_start(
    simulator: TelegramSimulator, more: dict[str, str], named: str
) -> None:
    """The account and the option are named, the secret's value is not."""
    with pytest.raises(ChannelError, match=named) as raised:
        create(options(simulator, **more))
    assert "kettle" in str(raised.value)
    assert "a-secret-of-24" not in str(raised.value)
