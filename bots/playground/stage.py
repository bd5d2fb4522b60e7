"""The stage: the phones and their accounts, opened when somebody first looks."""

import asyncio
from typing import Final

import structlog

from bots.node import Node
from bots.playground.phones import Phone, all_phones

log = structlog.get_logger()

#: Hosts under which the playground is shown: this machine's own.
LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Stage:
    """All phones of one node.

    Args:
        node: that takes their messages in and answers them.
        base: where the node listens, without a slash at the end.
    """

    def __init__(self, node: Node, *, base: str) -> None:
        self._node = node
        self._base = base
        self._phones: dict[str, Phone] = {}
        self._opening = asyncio.Lock()

    async def phones(self) -> dict[str, Phone]:
        """Return the phones by channel; the first call opens them, which takes some seconds."""
        async with self._opening:
            if not self._phones:
                self._phones = await self._open()
        return self._phones

    async def close(self) -> None:
        """Put everything away."""
        for phone in self._phones.values():
            await phone.close()
        self._phones = {}

    async def _open(self) -> dict[str, Phone]:
        # Loading the providers' libraries would hold up everybody else's messages.
        phones = await asyncio.to_thread(all_phones)
        for phone in phones:
            channel = await phone.start(self._base)
            self._node.adopt(channel)
        log.info("playground.opened", phones=[phone.name for phone in phones])
        return {phone.name: phone for phone in phones}
