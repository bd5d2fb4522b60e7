"""Web chat, our own channel: wire format, tokens and adapter (docs/webchat-protocol.md)."""

from channels.webchat.adapter import WebchatChannel, create

__all__ = ["WebchatChannel", "create"]
