"""What a simulated workspace knows: its app, people, channels and messages."""

import itertools
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

#: Seconds since 1970 at which the simulated clock of messages begins.
_FIRST_TS: Final = 1_700_000_000


@dataclass(slots=True)
class Workspace:
    """One workspace with one app installed."""

    signing_secret: str
    bot_token: str
    app_token: str = "xapp-simulated"  # noqa: S105 - of a stand-in
    team: str = "T1"
    bot_id: str = "B0BOT"
    bot_member: str = "U0BOT"
    installed: bool = True
    scopes: frozenset[str] = frozenset({"chat:write", "im:history", "app_mentions:read"})
    people: dict[str, str] = field(default_factory=dict)  #: name of each, by id
    channels: dict[str, "Place"] = field(default_factory=dict)
    _ticks: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_ts(self) -> str:
        """Return the time stamp, which is also the id, of the next message."""
        return f"{_FIRST_TS}.{next(self._ticks):06d}"

    def direct(self, person: str) -> "Place":
        """Return somebody's conversation with the app."""
        key = f"D{person[1:]}"
        return self.channels.setdefault(key, Place(key, "im", members={person, self.bot_member}))


@dataclass(slots=True)
class Place:
    """A channel or a direct conversation."""

    id: str
    type: str  #: as payloads name it: im, channel, group, mpim
    members: set[str] = field(default_factory=set)
    archived: bool = False
    messages: list[Json] = field(default_factory=list)
