"""A seeded fault: a reply is marked sent before the call that sends it."""

import asyncio

from bots.senders import NetworkSender
from channels.contract import Accepted
from crm_store.outbox import Claimed


def bend() -> None:
    """Settle first, then send."""

    async def attempt(self: NetworkSender, item: Claimed) -> None:
        await asyncio.to_thread(self._settle, item, Accepted(()))
        await asyncio.sleep(0.05)
        address = item.message.address
        await self._accounts[address.channel, address.account].send(item.message)

    NetworkSender._attempt = attempt  # type: ignore[method-assign]
