"""Web chat over HTTP: sessions, messages, sockets, event streams, polls and the widget's pages."""

from bots.webchat.parts import Face, Limits, WebchatAccount, WebchatParts
from bots.webchat.reads import Reads
from bots.webchat.routes import create_router
from bots.webchat.streams import Streams, poll_watched

__all__ = [
    "Face",
    "Limits",
    "Reads",
    "Streams",
    "WebchatAccount",
    "WebchatParts",
    "create_router",
    "poll_watched",
]
