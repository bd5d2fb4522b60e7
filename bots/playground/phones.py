"""Phones: one customer's messenger each, from the finger to the provider's wire and back."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

from bots.accounts import open_account
from bots.playground.bubbles import Bubble, Words, of_slack, of_telegram, of_wechat
from channels.contract import Channel, ChannelSettings
from channels.examination import webhook_path

#: The account name of every phone's adapter.
ACCOUNT: Final = "playground"
#: Waiting between a provider's repeats, as a share of the real one's.
PACE: Final = 0.1
#: The simulators listen on this machine only.
_HERE: Final = "127.0.0.0/8"


class NoSuchButtonError(LookupError):
    """The phone shows no such button now."""


class Phone(Protocol):
    """A messenger in somebody's hand."""

    name: str  #: of the channel
    person: str  #: who holds it
    faults: tuple[str, ...]  #: what can be made to go wrong with the next reply

    async def start(self, base: str) -> Channel:
        """Start the provider, have it deliver to `base`, and return the account's adapter."""
        ...

    async def say(self, text: str) -> None:
        """Write."""
        ...

    async def press(self, label: str) -> None:
        """Press a button.

        Raises:
            NoSuchButtonError: there is none of that label.
        """
        ...

    def bubbles(self) -> list[Bubble]:
        """Return what is on the screen, oldest first."""
        ...

    def break_next(self, fault: str) -> None:
        """Let the next reply go wrong in this way."""
        ...

    async def close(self) -> None:
        """Stop the provider."""
        ...


class TelegramPhone:
    """Telegram by long polling or webhook: here by webhook."""

    name = "telegram"
    person = "Ada"
    faults: tuple[str, ...] = ("too_many", "bad_gateway", "server_error", "reset")

    def __init__(self) -> None:
        from channels.simulators.telegram.people import Phone as Client
        from channels.simulators.telegram.server import TelegramSimulator
        from channels.simulators.telegram.state import Person

        token = f"123456789:{secrets.token_urlsafe(26)[:35]}"
        self._simulator = TelegramSimulator(pace=PACE)
        self._bot = self._simulator.add_bot(token, "playground_bot")
        self._client = Client(self._simulator, self._bot, Person(4711, self.person))

    async def start(self, base: str) -> Channel:
        """Start a Bot API and have it deliver here."""
        await self._simulator.start()
        secret = secrets.token_urlsafe(24)
        options = {
            "token": self._bot.token,
            "secret": secret,
            "username": self._bot.username,
            "api_url": self._simulator.url,
            "allow_networks": _HERE,
        }
        channel = open_account(ChannelSettings(self.name, ACCOUNT, options))
        await channel.connect(base)  # type: ignore[attr-defined] # Telegram's can
        return channel

    async def say(self, text: str) -> None:
        """Write; the first time the bot is opened before."""
        if not self._client.person.started:
            await self._client.start()
        await self._client.say(text)

    async def press(self, label: str) -> None:
        """Press a button under a message."""
        try:
            await self._client.press(label)
        except LookupError as error:
            raise NoSuchButtonError(label) from error

    def bubbles(self) -> list[Bubble]:
        """Return the chat."""
        mine = self._client.person.id
        return [
            of_telegram(message, mine=message["from"]["id"] == mine)
            for message in self._client.chat.messages.values()
        ]

    def break_next(self, fault: str) -> None:
        """Let the next call of the Bot API go wrong."""
        _order(self._simulator.faults.add, fault)

    async def close(self) -> None:
        """Stop the Bot API."""
        await self._simulator.close()


class SlackPhone:
    """Slack by the Events API."""

    name = "slack"
    person = "Ben"
    faults: tuple[str, ...] = ("too_many", "bad_gateway", "server_error", "reset")

    def __init__(self) -> None:
        from channels.simulators.slack.people import Member
        from channels.simulators.slack.server import SlackSimulator
        from channels.simulators.slack.state import Workspace

        self._workspace = Workspace(secrets.token_hex(16), f"xoxb-{secrets.token_hex(12)}")
        self._simulator = SlackSimulator(self._workspace, pace=PACE)
        self._member = Member(self._simulator, "U0BEN", self.person)

    async def start(self, base: str) -> Channel:
        """Start a workspace and have it deliver here."""
        await self._simulator.start()
        self._simulator.notifications_url = base + webhook_path(self.name, ACCOUNT)
        self._simulator.interactions_url = self._simulator.notifications_url
        options = {
            "signing_secret": self._workspace.signing_secret,
            "bot_token": self._workspace.bot_token,
            "api_url": f"{self._simulator.url}/api",
            "allow_networks": _HERE,
        }
        return open_account(ChannelSettings(self.name, ACCOUNT, options))

    async def say(self, text: str) -> None:
        """Write to the app."""
        self._member.say(text)

    async def press(self, label: str) -> None:
        """Press a button in a message."""
        try:
            self._member.press(label)
        except LookupError as error:
            raise NoSuchButtonError(label) from error

    def bubbles(self) -> list[Bubble]:
        """Return the direct conversation."""
        return [
            of_slack(message, mine=message.get("user") == self._member.id)
            for message in self._member.place.messages
        ]

    def break_next(self, fault: str) -> None:
        """Let the next post go wrong."""
        _order(self._simulator.faults.add, fault)

    async def close(self) -> None:
        """Stop the workspace."""
        await self._simulator.close()


class WechatPhone:
    """WeChat: an official account in safe mode, everything encrypted."""

    name = "wechat"
    person = "陈晨"
    faults: tuple[str, ...] = ("too_many", "bad_gateway", "reset")

    _PEER: Final = "oChenChen_of_the_playground"
    _SEND: Final = "/cgi-bin/message/custom/send"

    def __init__(self) -> None:
        from channels.simulators.wechat import WechatSimulator

        self._simulator = WechatSimulator(time_scale=PACE)
        self._said: list[tuple[int, str]] = []  #: how many were shown before, and the words
        self._doing: set[asyncio.Task[object]] = set()

    async def start(self, base: str) -> Channel:
        """Start a WeChat and have it deliver here."""
        await self._simulator.start()
        account = self._simulator.account
        options = {
            "app_id": account.app_id,
            "app_secret": account.app_secret,
            "token": account.token,
            "mode": account.mode,
            "encoding_aes_key": account.encoding_aes_key,
            "kind": account.kind,
            "api_base": self._simulator.url,
            "allow_networks": _HERE,
        }
        channel = open_account(ChannelSettings(self.name, ACCOUNT, options))
        self._simulator.connect(base + webhook_path(self.name, ACCOUNT))
        return channel

    async def say(self, text: str) -> None:
        """Write to the account."""
        self._note(text)
        self._go(self._simulator.say(self._PEER, text))

    async def press(self, label: str) -> None:
        """Press an option of a menu; WeChat sends its words with its id."""
        for shown in reversed(self._simulator.recorded.shown):
            menu = shown.body.get("msgmenu") or {}
            for option in menu.get("list") or ():
                if option["content"] == label:
                    self._note(label)
                    self._go(self._simulator.say(self._PEER, label, menu_id=str(option["id"])))
                    return
        raise NoSuchButtonError(label)

    def bubbles(self) -> list[Bubble]:
        """Return what was written and shown, in order."""
        shown = [
            of_wechat(each.body, key=f"in{number}")
            for number, each in enumerate(self._simulator.recorded.shown)
            if each.peer == self._PEER
        ]
        found: list[Bubble] = []
        said: Sequence[tuple[int, str]] = self._said
        for number, (before, text) in enumerate(said):
            found += shown[len([b for b in found if not b.mine]) : before]
            found.append(Bubble(mine=True, words=(Words(text),), key=f"out{number}"))
        return found + shown[len([b for b in found if not b.mine]) :]

    def break_next(self, fault: str) -> None:
        """Let the next customer-service message go wrong."""
        from channels.simulators.wechat.faults import Fault

        kinds = {
            "too_many": Fault("code", 45011),
            "bad_gateway": Fault("http", 502),
            "reset": Fault("reset_after"),
        }
        self._simulator.faults.order(self._SEND, kinds[fault])

    async def close(self) -> None:
        """Stop the WeChat."""
        for task in list(self._doing):
            task.cancel()
        await asyncio.gather(*self._doing, return_exceptions=True)
        await self._simulator.stop()

    def _note(self, text: str) -> None:
        before = sum(each.peer == self._PEER for each in self._simulator.recorded.shown)
        self._said.append((before, text))

    def _go(self, work: Coroutine[Any, Any, object]) -> None:
        # WeChat waits for the account's answer; the customer's finger does not.
        task = asyncio.create_task(work)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)


def _order(add: Callable[..., None], fault: str) -> None:
    from channels.simulators.faults import Fault

    add("*", Fault(fault, seconds=2))  # type: ignore[arg-type] # one of the phone's own faults


def all_phones() -> list[Phone]:
    """Return one phone of each kind; the libraries behind them are loaded now, not before."""
    return [WechatPhone(), TelegramPhone(), SlackPhone()]
