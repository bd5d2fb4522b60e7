"""Faults a simulator plays when it is told to, each for a number of calls."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

#: `too_many`: 429 that names a pause; `bad_gateway`: 502 with a page; `hang`: no answer;
#: `reset`: the call has its effect, then the connection breaks; `revoked`: the secret is unknown.
FaultKind = Literal["too_many", "bad_gateway", "server_error", "hang", "reset", "revoked"]

#: How long a hanging call is held, seconds.
HANG_SECONDS: Final = 120.0
_PAGE: Final = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call."""

    kind: FaultKind
    seconds: int = 1  #: the pause that `too_many` asks for


class Faults:
    """The faults that wait for their calls, by the name of the call; "*" stands for any."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, call: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` calls of this name go wrong."""
        self._waiting[call].extend([fault] * times)

    def take(self, call: str) -> Fault | None:
        """Return the fault of this call, if one waits."""
        for name in (call, "*"):
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return None

    def clear(self) -> None:
        """Let everything go right again."""
        self._waiting.clear()


def bad_gateway() -> web.Response:
    """Return the page of a broken proxy."""
    return web.Response(text=_PAGE, status=502, content_type="text/html")


async def hang(request: web.Request) -> web.Response:
    """Hold the call until the other side gives up."""
    await asyncio.sleep(HANG_SECONDS)
    return reset(request)


def reset(request: web.Request) -> web.Response:
    """Break the connection instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
