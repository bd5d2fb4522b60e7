"""Slack's payloads as messages: total, so that whatever arrives is understood or recorded."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final

from pydantic import ValidationError

from channels.button_values import read_button_value
from channels.contract import Capabilities
from channels.messages import (
    TEXT_MAX,
    Address,
    Choice,
    InboundContent,
    InboundMessage,
    Media,
    Notice,
    Sender,
    Text,
)
from channels.pieces import piece_edges

Json = Mapping[str, Any]

_WHOLE_TEXTS: Final = Capabilities(text_max=TEXT_MAX)
#: Messages that a person wrote; other subtypes are news about the channel.
_WRITTEN: Final = {None, "", "file_share", "thread_broadcast", "me_message"}
#: <@U1>, <#C1|name>, <!here>, <https://a|label>
_REFERENCE: Final = re.compile(r"<([@#!]?)([^|<>]*)(?:\|([^<>]*))?>")
_FILE: Final = "slack-file:"


class Reader:
    """Reads the payloads of one account.

    Args:
        account: as `bot.yml` names it.
        now: time of receipt, for payloads that tell none.
    """

    def __init__(self, account: str, *, now: datetime) -> None:
        self._account = account
        self._now = now

    def read_notification(self, body: Json) -> tuple[InboundMessage, ...]:
        """Return the messages in an Events API payload."""
        event = body.get("event")
        key = body.get("event_id")
        if not isinstance(event, dict) or not isinstance(key, str):
            return ()
        return self._all(self._notified(event, key[:150], _own_id(body)))

    def read_action(self, body: Json) -> tuple[InboundMessage, ...]:
        """Return the pressed buttons of an interactive payload."""
        return self._all(self._pressed(body))

    def read_command(self, body: Json) -> tuple[InboundMessage, ...]:
        """Return what was asked by a slash command."""
        return self._all(self._commanded(body))

    @staticmethod
    def _all(found: Iterator[InboundMessage]) -> tuple[InboundMessage, ...]:
        try:
            return tuple(found)
        except (ValidationError, KeyError, TypeError, ValueError, AttributeError):
            return ()  # a shape that is not Slack's, under Slack's signature: nobody to answer

    def _notified(self, event: Json, key: str, own: str) -> Iterator[InboundMessage]:
        match event.get("type"):
            case "message":
                yield from self._message(event, key, own)
            case "app_mention":
                yield from self._said(event, key, own, thread=_thread(event, anchor=True))
            case "app_home_opened" if event.get("tab") == "messages" and event.get("channel"):
                notice = Notice(name="opened")
                yield self._inbound(key, event["channel"], None, event["user"], notice)
            case "member_joined_channel" if own and event.get("user") == own:
                by = event.get("inviter") or own
                yield self._inbound(key, event["channel"], None, by, Notice(name="joined"))
            case "reaction_added" | "reaction_removed" as kind:
                item = event.get("item") or {}
                if str(item.get("channel", "")).startswith("D"):
                    notice = Notice(name="other", data={"what": kind})
                    yield self._inbound(key, item["channel"], None, event["user"], notice)

    def _message(self, event: Json, key: str, own: str) -> Iterator[InboundMessage]:
        subtype = event.get("subtype")
        private = event.get("channel_type") == "im"
        # In a channel people also speak to each other: what is meant for the bot names it, or
        # answers in a thread that the bot began.
        answers = bool(own) and event.get("parent_user_id") == own
        if event.get("bot_id") or not (private or answers):
            return
        if subtype == "message_changed":
            yield from self._edited(event, key, own)
        elif subtype in _WRITTEN and event.get("user") and event.get("user") != own:
            yield from self._said(event, key, own, thread=_thread(event, anchor=False))

    def _edited(self, event: Json, key: str, own: str) -> Iterator[InboundMessage]:
        new, old = event.get("message") or {}, event.get("previous_message") or {}
        by = new.get("user")
        if not by or by == own or new.get("bot_id") or new.get("text") == old.get("text"):
            return  # links that unfold change a message too
        text = plain(str(new.get("text", "")), own)[:TEXT_MAX]
        notice = Notice(name="edited", data={"message": str(new.get("ts")), "text": text})
        yield self._inbound(key, event["channel"], None, by, notice)

    def _said(
        self, event: Json, key: str, own: str, *, thread: str | None
    ) -> Iterator[InboundMessage]:
        at = _time(event.get("ts")) or self._now
        contents = [*_texts(plain(str(event.get("text") or ""), own)), *_files(event)]
        if not contents:
            contents = [Notice(name="opened")]
        for number, content in enumerate(contents):
            part = key if number == 0 else f"{key}.{number}"
            yield self._inbound(part, event["channel"], thread, event["user"], content, at=at)

    def _pressed(self, body: Json) -> Iterator[InboundMessage]:
        place = (body.get("container") or {}).get("channel_id") or body["channel"]["id"]
        message = body.get("message") or {}
        thread = None if str(place).startswith("D") else message.get("thread_ts")
        who = body["user"]
        for action in body.get("actions") or ():
            value = read_button_value(str(action.get("value") or ""))
            if action.get("type") != "button" or not value:
                continue  # a button that opens a page tells of it too
            label = (action.get("text") or {}).get("text")
            name = who.get("name") or who.get("username")
            yield self._inbound(
                _action_key(body, action),
                place,
                thread,
                who["id"],
                Choice(value=value[:200], label=str(label)[:200] if label else None),
                name=name,
            )

    def _commanded(self, body: Json) -> Iterator[InboundMessage]:
        said = str(body.get("text") or "").strip()
        content = [*_texts(said)] or [Notice(name="opened")]
        key = hashlib.sha256(str(body["trigger_id"]).encode()).hexdigest()[:40]
        name = body.get("user_name")
        yield self._inbound(
            f"command.{key}", body["channel_id"], None, body["user_id"], content[0], name=name
        )

    def _inbound(
        self,
        key: str,
        place: str,
        thread: str | None,
        by: str,
        content: InboundContent,
        *,
        at: datetime | None = None,
        name: str | None = None,
    ) -> InboundMessage:
        return InboundMessage(
            external_id=key,
            address=Address(
                channel="slack", account=self._account, peer=str(place), thread=thread
            ),
            sender=Sender(id=str(by), name=name[:200] if name else None),
            content=content,
            sent_at=at or self._now,
        )


def plain(text: str, own: str) -> str:
    """Return Slack's text as people read it, without the bot's own name."""

    def read(match: re.Match[str]) -> str:
        kind, what, label = match.groups()
        if kind == "@":
            return "" if what == own else f"@{label or what}"
        if kind == "#":
            return f"#{label or what}"
        if kind == "!":
            return f"@{label or what.partition('^')[0]}"
        address = what.removeprefix("mailto:").removeprefix("tel:")
        return address if not label or label in {what, address} else f"{label} ({address})"

    return unescape(_REFERENCE.sub(read, text)).strip()


def file_url(key: str, url: str) -> str:
    """Return the address under which the adapter fetches a file; it needs the bot's token."""
    return f"{_FILE}{key}:{url}"[:2000]


def _texts(text: str) -> Iterator[InboundContent]:
    for start, end in piece_edges(text, _WHOLE_TEXTS):
        yield Text(text=text[start:end])


def _files(event: Json) -> Iterator[InboundContent]:
    for file in event.get("files") or ():
        size = file.get("size")
        yield Media(
            url=file_url(str(file.get("id", "")), str(file.get("url_private", ""))),
            mime=str(file.get("mimetype") or "application/octet-stream")[:100],
            size=size if isinstance(size, int) and size >= 0 else None,
            caption=str(file["title"])[:200] if file.get("title") else None,
        )


def _thread(event: Json, *, anchor: bool) -> str | None:
    """Return the thread a message is in; with `anchor` one begins at it."""
    thread = event.get("thread_ts") or (event.get("ts") if anchor else None)
    return str(thread) if thread else None


def _own_id(body: Json) -> str:
    for each in body.get("authorizations") or ():
        if isinstance(each, dict) and each.get("is_bot"):
            return str(each.get("user_id") or "")
    return ""


def _time(ts: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(str(ts)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _action_key(body: Json, action: Json) -> str:
    """Return what tells one press from another; Slack gives it no id of its own."""
    parts = (
        (body.get("team") or {}).get("id"),
        body["user"]["id"],
        (body.get("container") or {}).get("message_ts"),
        action.get("action_id"),
        action.get("action_ts"),
    )
    return "action." + hashlib.sha256(repr(parts).encode()).hexdigest()[:40]
