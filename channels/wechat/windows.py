"""Which free messages an inbound one brings: WeChat lets accounts speak when customers do.

The rights do not add up: a new one raises what is left to the larger number and the later time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from channels.messages import WindowGrant

#: Who writes: an official account or a mini-program's desk; WeChat grants them different rights.
AccountKind = Literal["official", "mini_program"]


class Right(NamedTuple):
    """So many messages for so long."""

    messages: int
    lasts: timedelta


#: Since 2023; it was 20 before.
_WROTE: Final = Right(5, timedelta(hours=48))
_TOUCHED: Final = Right(3, timedelta(minutes=1))
_ENTERED: Final = Right(2, timedelta(minutes=1))

#: By what the customer did. Menu clicks, also those on a menu in a message, count as touches.
_OFFICIAL: Final[Mapping[str, Right]] = {
    "message": _WROTE,
    "menu": _TOUCHED,
    "click": _TOUCHED,
    "scancode_push": _TOUCHED,
    "scancode_waitmsg": _TOUCHED,
    "subscribe": _TOUCHED,
    "scan": _TOUCHED,
}
_MINI_PROGRAM: Final[Mapping[str, Right]] = {"message": _WROTE, "user_enter_tempsession": _ENTERED}

RIGHTS: Final[Mapping[AccountKind, Mapping[str, Right]]] = {
    "official": _OFFICIAL,
    "mini_program": _MINI_PROGRAM,
}

#: Longest time in which an account may answer, seconds.
WINDOW_SECONDS: Final = int(_WROTE.lasts.total_seconds())


def grants(kind: AccountKind, did: str, *, at: datetime) -> tuple[WindowGrant, ...]:
    """Return what `did` at that time allows; nothing for most of what can be done.

    Args:
        kind: of the account it was done to.
        did: `message`, `menu` or the lower-case name of WeChat's event.
        at: when, UTC.
    """
    right = RIGHTS[kind].get(did)
    if right is None:
        return ()
    return (WindowGrant(messages=right.messages, until=at + right.lasts),)
