"""WeChat's rules as its servers keep them: tokens, followers, and who may be written to when."""

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

#: How long a token is good, and the one before it after a forced renewal.
TOKEN_LIFE: Final = timedelta(hours=2)
_OLD_LIFE: Final = timedelta(minutes=5)
#: Forced renewals of a day, and the time between two.
FORCED_MAX: Final = 20
_FORCED_PAUSE: Final = timedelta(seconds=30)
#: The sign that somebody is typing is shown this long after the customer wrote.
_TYPING: Final = timedelta(seconds=30)

#: What each thing a customer does allows: messages and time.
_OFFICIAL: Final = {
    "message": (5, timedelta(hours=48)),
    "click": (3, timedelta(minutes=1)),
    "scancode_push": (3, timedelta(minutes=1)),
    "scancode_waitmsg": (3, timedelta(minutes=1)),
    "subscribe": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
}
_MINI_PROGRAM: Final = {
    "message": (5, timedelta(hours=48)),
    "user_enter_tempsession": (2, timedelta(minutes=1)),
}


@dataclass(slots=True)
class Peer:
    """One customer of the account as WeChat sees them."""

    follows: bool = True
    left: int = 0
    until: datetime | None = None
    wrote_at: datetime | None = None
    typing: bool = False


@dataclass(slots=True)
class Tokens:
    """The account's stable tokens."""

    current: str = ""
    until: datetime | None = None
    old: dict[str, datetime] = field(default_factory=dict)  #: value -> good until
    spoilt: bool = False  #: refused, but given out until a new one is forced
    fetched: int = 0
    forced: deque[datetime] = field(default_factory=deque)

    def give(self, *, force: bool, now: datetime) -> str | None:
        """Return the token to use; None: forced too often."""
        self.fetched += 1
        good = self.until is not None and self.until > now
        if good and not force:
            return self.current
        if force:
            while self.forced and self.forced[0] < now - timedelta(days=1):
                self.forced.popleft()
            early = bool(self.forced) and now - self.forced[-1] < _FORCED_PAUSE
            if early or len(self.forced) >= FORCED_MAX:
                return None
            self.forced.append(now)
        if self.current and good and not self.spoilt:
            self.old[self.current] = now + _OLD_LIFE
        self.current, self.until, self.spoilt = secrets.token_urlsafe(96), now + TOKEN_LIFE, False
        return self.current

    def refusal(self, value: str, *, now: datetime) -> int | None:
        """Return the error code for a token, None when it is good."""
        if not value:
            return 41001
        if self.old.get(value, now) > now:
            return None
        if value != self.current or self.spoilt or self.until is None:
            return 40001
        return None if self.until > now else 42001

    def revoke(self) -> None:
        """Let the token be refused; whoever asks next gets another."""
        self.current, self.until = "", None
        self.old.clear()

    def spoil(self) -> None:
        """Let the token be refused, though it is given out until a new one is forced."""
        self.spoilt = True
        self.old.clear()


class Rules:
    """Who may be told how much; rights do not add up, the larger and later one holds."""

    def __init__(self, kind: Literal["official", "mini_program"]) -> None:
        self._kind = kind
        self.peers: dict[str, Peer] = {}
        self.tokens = Tokens()

    def note(self, peer: str, did: str, *, now: datetime) -> None:
        """Note what a customer did."""
        known = self.peers.setdefault(peer, Peer())
        if did in {"subscribe", "unsubscribe"}:
            known.follows = did == "subscribe"
        if did == "message":
            known.wrote_at = now
        rights = _OFFICIAL if self._kind == "official" else _MINI_PROGRAM
        if (right := rights.get(did)) is None:
            return
        messages, lasts = right
        if known.until is None or known.until <= now:
            known.left, known.until = 0, now
        known.left, known.until = max(known.left, messages), max(known.until, now + lasts)

    def spend(self, peer: str, *, now: datetime) -> int | None:
        """Count one message to a customer; return the error code when it may not be sent."""
        known = self.peers.get(peer)
        if known is None:
            return 40003
        if not known.follows and self._kind == "official":
            return 43004
        if known.until is None or known.until <= now:
            return 45015
        if known.left == 0:
            return 45047
        known.left -= 1
        known.typing = False
        return None

    def type(self, peer: str, command: str, *, now: datetime) -> int | None:
        """Show or hide the sign of typing; return the error code when that may not be."""
        known = self.peers.get(peer)
        if known is None:
            return 40003
        if command not in {"Typing", "CancelTyping"}:
            return 45072
        if known.wrote_at is None or now - known.wrote_at > _TYPING:
            return 45080
        if command == "Typing" and known.typing:
            return 45081
        known.typing = command == "Typing"
        return None
