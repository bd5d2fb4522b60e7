"""What web chat is made of: its accounts, its limits and the things it works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from bots.ingest import Ingest
from bots.rates import Rates
from bots.transcripts import Transcripts
from bots.webchat.reads import Reads
from bots.webchat.streams import Streams
from channels.contract import ChannelError
from channels.webchat.tokens import SECRET_MIN, visitor_key
from crm_store.database import Database, utc_now


@dataclass(frozen=True, slots=True)
class Face:
    """How the bot presents itself in one language."""

    name: str
    company: str
    greeting: str
    starters: tuple[str, ...] = ()  #: offered before the first message


@dataclass(frozen=True, slots=True)
class WebchatAccount:
    """One widget: who may embed it, and who must be known to use it."""

    account: str
    widget_key: str  #: public; names the widget in host pages
    faces: Mapping[str, Face]  #: by language (BCP-47), the default one first
    origins: frozenset[str] = frozenset()  #: exact origins of host pages, besides our own
    identity_secret: str | None = field(default=None, repr=False)
    identity: Literal["optional", "required"] = "optional"

    def __post_init__(self) -> None:
        """Refuse what cannot work, before anybody relies on it."""
        if not self.faces:
            message = f"web chat account {self.account}: no language has a greeting"
            raise ChannelError(message)
        if self.identity_secret is not None and len(self.identity_secret) < SECRET_MIN:
            message = (
                f"web chat account {self.account}: the identity secret must have at least "
                f"{SECRET_MIN} characters"
            )
            raise ChannelError(message)
        if self.identity == "required" and self.identity_secret is None:
            message = (
                f"web chat account {self.account}: an identity is required, but no secret set"
            )
            raise ChannelError(message)

    def language_for(self, locale: str | None) -> str:
        """Return which of the bot's languages suits a browser's locale best."""
        if locale is not None:
            if locale in self.faces:
                return locale
            primary = locale.split("-")[0].lower()
            for language in self.faces:
                if language.split("-")[0].lower() == primary:
                    return language
        return next(iter(self.faces))


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and sizes of streams; in seconds where not said otherwise."""

    heartbeat: float = 25.0  #: a socket silent for two of these is closed
    hello: float = 10.0  #: until the first frame
    wait_max: float = 25.0  #: longest a poll is held open
    send: float = 10.0  #: a reader this slow is cut off; the transcript waits in the store
    body: float = 10.0  #: until a request's body is complete
    streams_per_visitor: int = 10  #: beyond, the oldest is replaced
    bad_frames_max: int = 20  #: refused frames that close a socket; one is forgiven in 5 s
    frames_burst: float = 60  #: frames of any kind a socket may send at once
    frames_per_second: float = 10.0


@dataclass(frozen=True)
class WebchatParts:
    """Everything the routes need; made once, where the application is put together."""

    database: Database
    ingest: Ingest
    transcripts: Transcripts
    accounts: Mapping[str, WebchatAccount]  #: by widget key
    secret_key: str = field(repr=False)  #: signs visitor tokens
    rates: Rates
    streams: Streams
    reads: Reads
    #: Seconds to wait when messages come faster than they are worked off, else None.
    overloaded: Callable[[], float | None] = lambda: None
    #: Origins under which browsers reach this server, when it is told.
    own_origins: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = utc_now

    @cached_property
    def visitor_key(self) -> bytes:
        """The key of visitor tokens."""
        return visitor_key(self.secret_key)

    @cached_property
    def by_account(self) -> dict[str, WebchatAccount]:
        """The same accounts by their name."""
        return {account.account: account for account in self.accounts.values()}

    @cached_property
    def known_origins(self) -> frozenset[str]:
        """Every origin that may talk to any of the accounts."""
        return self.own_origins.union(*(a.origins for a in self.accounts.values()))
