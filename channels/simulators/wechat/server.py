"""The simulator: an account's interfaces as a server, and its customers as methods."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from channels.fetcher import guarded_client, parse_networks
from channels.simulators.wechat.account import Account
from channels.simulators.wechat.calling import Caller, Fields, Try
from channels.simulators.wechat.interfaces import Interfaces, Shown

#: Largest file that is taken, bytes.
_FILE_MAX: Final = 10 * 1024 * 1024
#: Accounts reach a simulator on this machine only.
_HERE: Final = "127.0.0.0/8"


def _now() -> datetime:
    return datetime.now(UTC)


class WechatSimulator:
    """WeChat for one account.

    Args:
        account: what WeChat knows of it.
        clock: tells the time, UTC.
        time_scale: how much shorter than WeChat's all waiting is.
    """

    def __init__(
        self,
        account: Account | None = None,
        *,
        clock: Callable[[], datetime] = _now,
        time_scale: float = 1.0,
    ) -> None:
        self.account = account or Account()
        self._interfaces = Interfaces(self.account, clock=clock, tell=self._tell)
        self.rules = self._interfaces.rules
        self.faults = self._interfaces.faults
        self.recorded = self._interfaces.recorded
        self.url = ""  #: of its interfaces, once started
        self.clock = clock
        self._time_scale = time_scale
        self._client = guarded_client(allow=parse_networks(_HERE), timeout=60)
        self._caller: Caller | None = None
        self._later: set[asyncio.Task[list[Try]]] = set()
        self._runner: web.AppRunner | None = None

    async def start(self, *, port: int = 0) -> None:
        """Serve the interfaces on this machine."""
        app = web.Application(client_max_size=_FILE_MAX + 64 * 1024)
        app.add_routes(self._interfaces.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """End all callbacks under way and the server."""
        for task in list(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        await self._client.aclose()

    def connect(self, url: str) -> None:
        """Let callbacks go to `url`, the account's address."""
        self._caller = Caller(
            url,
            token=self.account.token,
            key=self.account.key,
            mode=self.account.mode,
            as_json=self.account.as_json,
            client=self._client,
            clock=self.clock,
            time_scale=self._time_scale,
        )

    @property
    def caller(self) -> Caller:
        """What calls the account's address.

        Raises:
            RuntimeError: no address was given.
        """
        if self._caller is None:
            message = "connect the simulator to the account's address first"
            raise RuntimeError(message)
        return self._caller

    # What customers do.

    async def say(self, peer: str, text: str, *, menu_id: str | None = None) -> list[Try]:
        """Let a customer write, or press an option of a menu in a message."""
        fields: dict[str, Any] = {"Content": text}
        if menu_id is not None:
            fields["bizmsgmenuid"] = menu_id
        did = "message" if menu_id is None else "click"
        return await self.send(peer, "text", did=did, **fields)

    async def send(
        self, peer: str, kind: str, *, did: str = "message", **fields: "str | Fields"
    ) -> list[Try]:
        """Let a customer send a message of any kind."""
        self.rules.note(peer, did, now=self.clock())
        own = {"MsgType": kind, **fields, "MsgId": str(next(self._interfaces.numbers))}
        return await self.deliver(peer, own)

    async def do(self, peer: str, name: str, **fields: "str | Fields") -> list[Try]:
        """Let a customer do something that is no message, e.g. `subscribe`."""
        self.rules.note(peer, name.lower(), now=self.clock())
        return await self.deliver(peer, {"MsgType": "event", "Event": name, **fields})

    async def deliver(self, peer: str, fields: Fields) -> list[Try]:
        """Call the account's address with a payload of this customer."""
        seconds = str(int(self.clock().timestamp()))
        whole = {
            "ToUserName": self.account.original_id,
            "FromUserName": peer,
            "CreateTime": seconds,
            **fields,
        }
        tries = await self.caller.call(whole)
        last = tries[-1]
        if last.outcome == "reply" and last.reply is not None:
            await self._interfaces.show(peer, dict(last.reply), passive=True)
        elif last.outcome != "taken":
            self.recorded.banners.append(peer)
        return tries

    async def shown_to(self, peer: str, *, count: int) -> list[Shown]:
        """Wait until a customer sees so many messages, and return all they see."""

        def enough() -> bool:
            return len(self._shown(peer)) >= count

        changed = self._interfaces.changed
        async with changed:
            await changed.wait_for(enough)
        return self._shown(peer)

    def _shown(self, peer: str) -> list[Shown]:
        return [shown for shown in self.recorded.shown if shown.peer == peer]

    def keep(self, body: bytes, mime: str) -> str:
        """Keep a file that a customer sends, and return its media id."""
        media_id = secrets.token_urlsafe(32)
        self._interfaces.media[media_id] = (body, mime)
        return media_id

    def forget_media(self) -> None:
        """Lose all uploaded files, as WeChat does after three days."""
        self._interfaces.media.clear()

    async def settled(self) -> None:
        """Wait until all reports on messages were delivered."""
        await asyncio.gather(*self._later)

    def _tell(self, peer: str, name: str, fields: dict[str, Any]) -> None:
        """Report to the account what became of a message, a moment later."""
        if self._caller is None:
            return
        whole = {"MsgType": "event", "Event": name, **fields}
        task = asyncio.create_task(self.deliver(peer, whole))
        self._later.add(task)
        task.add_done_callback(self._later.discard)
