"""Telegram's updates as messages: total, so that whatever arrives is understood or recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)

from channels.button_values import read_button_value
from channels.contract import Capabilities
from channels.messages import (
    TEXT_MAX,
    Address,
    Choice,
    Contact,
    InboundContent,
    InboundMessage,
    Location,
    Media,
    Notice,
    Sender,
    Text,
    Unsupported,
    WindowGrant,
)
from channels.pieces import piece_edges
from channels.telegram.limits import BUSINESS, BUSINESS_MESSAGES, BUSINESS_WINDOW

#: Longest label kept, code points.
_LABEL_MAX: Final = 200
_WHOLE_TEXTS: Final = Capabilities(text_max=TEXT_MAX)
#: What a member's new state means; others change nothing about being reachable.
_MEMBER: Final = {"member": "followed", "kicked": "unfollowed", "left": "unfollowed"}
#: Fields of a message that are news about the chat rather than something somebody said.
_NEWS: Final = (
    "group_chat_created",
    "supergroup_chat_created",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "left_chat_member",
    "pinned_message",
    "message_auto_delete_timer_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "write_access_allowed",
    "boost_added",
    "chat_background_set",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_scheduled",
)


@dataclass(frozen=True, slots=True)
class Own:
    """What an account knows of itself."""

    account: str  #: as `bot.yml` names it
    bot_id: int  #: the number in the token
    username: str | None = None  #: without "@"; None: not known yet


def read_update(update: Update, own: Own, *, now: datetime) -> tuple[InboundMessage, ...]:
    """Return what an update says; nothing when it is none of the bot's business."""
    found = _Reader(update, own, now).read()
    return tuple(found)


class _Reader:
    """One update on its way to messages."""

    def __init__(self, update: Update, own: Own, now: datetime) -> None:
        self._update = update
        self._own = own
        self._now = now

    def read(self) -> Iterator[InboundMessage]:
        update = self._update
        if (message := update.message or update.business_message) is not None:
            yield from self._message(message)
        elif (edited := update.edited_message or update.edited_business_message) is not None:
            yield from self._edited(edited)
        elif update.callback_query is not None:
            yield from self._pressed(update.callback_query)
        elif update.my_chat_member is not None:
            yield from self._member(update.my_chat_member)
        elif update.message_reaction is not None:
            reaction = update.message_reaction
            by = reaction.user
            if by is not None and reaction.chat.type == "private":
                address = self._address(reaction.chat.id)
                data = {"what": "message_reaction"}
                yield self._inbound(address, _sender(by), Notice(name="other", data=data))

    def _message(self, message: Message) -> Iterator[InboundMessage]:
        if not self._is_meant(message):
            return
        address = self._of(message)
        sender = _sender(message.from_user) or Sender(id=str(message.chat.id))
        contents = list(self._contents(message))
        grants = _grants(message, self._now)
        for number, content in enumerate(contents):
            yield self._inbound(
                address, sender, content, at=message.date, part=number, grants=grants
            )

    def _contents(self, message: Message) -> Iterator[InboundContent]:
        if message.text is not None:
            yield from self._texts(message.text)
        elif (media := _media(message)) is not None:
            yield media
        elif message.contact is not None:
            shared = message.contact
            sender = message.from_user
            own = sender is not None and shared.user_id == sender.id
            name = " ".join(part for part in (shared.first_name, shared.last_name) if part)
            yield Contact(phone=shared.phone_number[:32], verified=own, name=name[:200] or None)
        elif message.location is not None:
            place = message.location
            yield Location(latitude=place.latitude, longitude=place.longitude)
        elif message.new_chat_members is not None:
            yield Notice(name="joined", data={})
        elif any(getattr(message, name) for name in _NEWS):
            yield Notice(name="other", data={"what": _kind(message)})
        else:
            yield Unsupported(what=_kind(message))

    def _texts(self, text: str) -> Iterator[InboundContent]:
        said = self._without_mention(text).strip()
        command, _, rest = said.partition(" ")
        if command.startswith("/"):
            word = command[1:].partition("@")[0]
            if word == "start":
                yield Notice(name="opened", data={"start": rest.strip()[:64]} if rest else {})
                return
            # A command is what its word says: /my_order is "my order".
            said = f"{word.replace('_', ' ')} {rest}".strip() or "/"
        if not said:  # the bot's name alone: somebody wants its attention
            yield Notice(name="opened", data={})
        for start, end in piece_edges(said, _WHOLE_TEXTS):
            yield Text(text=said[start:end])

    def _edited(self, message: Message) -> Iterator[InboundMessage]:
        if self._is_meant(message) and (text := message.text or message.caption) is not None:
            sender = _sender(message.from_user) or Sender(id=str(message.chat.id))
            data = {"message": str(message.message_id), "text": text[:TEXT_MAX]}
            yield self._inbound(self._of(message), sender, Notice(name="edited", data=data))

    def _pressed(self, query: CallbackQuery) -> Iterator[InboundMessage]:
        message = query.message
        if message is None or not query.data:
            return
        # A message that is too old to be shown has neither thread nor keyboard.
        seen = message if isinstance(message, Message) else None
        address = self._of(seen) if seen is not None else self._address(message.chat.id)
        keyboard = seen.reply_markup if seen is not None else None
        value = read_button_value(query.data)
        if not value:
            return
        choice = Choice(value=value[:200], label=_label(keyboard, query.data))
        sender = _sender(query.from_user) or Sender(id=str(message.chat.id))
        grants = _grants(seen, self._now) if seen is not None else ()
        yield self._inbound(address, sender, choice, grants=grants)

    def _member(self, changed: ChatMemberUpdated) -> Iterator[InboundMessage]:
        state = str(getattr(changed.new_chat_member, "status", ""))
        before = str(getattr(changed.old_chat_member, "status", ""))
        meaning = _MEMBER.get(state)
        if meaning is None or _MEMBER.get(before) == meaning:
            return
        name = "joined" if meaning == "followed" and changed.chat.type != "private" else meaning
        notice = Notice.model_validate({"name": name, "data": {"chat": changed.chat.type}})
        sender = _sender(changed.from_user) or Sender(id=str(changed.chat.id))
        address = self._address(changed.chat.id)
        yield self._inbound(address, sender, notice, at=changed.date)

    def _is_meant(self, message: Message) -> bool:
        """Tell whether a message speaks to the bot; people in groups also speak to each other."""
        sender = message.from_user
        if sender is not None and sender.id == self._own.bot_id:
            return False
        if message.chat.type == "private":
            return True
        if message.chat.type == "channel":
            return False
        answered = message.reply_to_message
        author = answered.from_user if answered is not None else None
        if author is not None and author.id == self._own.bot_id:
            return True
        if message.new_chat_members is not None:
            return any(member.id == self._own.bot_id for member in message.new_chat_members)
        text = message.text or message.caption or ""
        name = (self._own.username or "").lower()
        if text.startswith("/"):
            _, at, whose = text.split(maxsplit=1)[0].partition("@")
            return not at or whose.lower() == name
        return bool(name) and f"@{name}" in text.lower()

    def _without_mention(self, text: str) -> str:
        if not self._own.username:
            return text
        at = f"@{self._own.username}".lower()
        start = text.lower().find(at)
        if start < 0 or text.startswith("/"):
            return text
        return f"{text[:start]}{text[start + len(at) :]}"

    def _of(self, message: Message) -> Address:
        if message.business_connection_id:
            thread: str | None = f"{BUSINESS}{message.business_connection_id}"
        elif message.is_topic_message and message.message_thread_id:
            thread = str(message.message_thread_id)
        else:
            thread = None
        return self._address(message.chat.id, thread)

    def _address(self, chat: int, thread: str | None = None) -> Address:
        return Address(
            channel="telegram", account=self._own.account, peer=str(chat), thread=thread
        )

    def _inbound(
        self,
        address: Address,
        sender: Sender | None,
        content: InboundContent,
        *,
        at: datetime | None = None,
        part: int = 0,
        grants: tuple[WindowGrant, ...] = (),
    ) -> InboundMessage:
        number = str(self._update.update_id)
        return InboundMessage(
            external_id=number if part == 0 else f"{number}.{part}",
            address=address,
            sender=sender or Sender(id=address.peer),
            content=content,
            sent_at=at or self._now,
            window_grants=grants,
        )


def unread_update(data: dict[str, Any], own: Own, *, now: datetime) -> tuple[InboundMessage, ...]:
    """Return what can be told of an update of a shape that is not known: that it came.

    An update that has no chat concerns nobody's conversation and gives nothing.
    """
    number = data.get("update_id")
    for kind, payload in data.items():
        chat = payload.get("chat") if isinstance(payload, dict) else None
        peer = chat.get("id") if isinstance(chat, dict) else None
        if isinstance(number, int) and isinstance(peer, int) and abs(peer) < 2**53:
            return (
                InboundMessage(
                    external_id=str(number)[:200],
                    address=Address(channel="telegram", account=own.account, peer=str(peer)),
                    sender=Sender(id=str(peer)),
                    content=Notice(name="other", data={"what": kind[:64]}),
                    sent_at=now,
                ),
            )
    return ()


def _sender(user: User | None) -> Sender | None:
    if user is None:
        return None
    language = user.language_code
    return Sender(
        id=str(user.id),
        name=user.full_name.strip()[:200] or None,
        language=language[:35] if language else None,
    )


def _grants(message: Message, now: datetime) -> tuple[WindowGrant, ...]:
    if not message.business_connection_id:
        return ()
    return (WindowGrant(messages=BUSINESS_MESSAGES, until=now + BUSINESS_WINDOW),)


def _label(keyboard: InlineKeyboardMarkup | None, data: str) -> str | None:
    if keyboard is None:
        return None
    for row in keyboard.inline_keyboard:
        for button in row:
            if button.callback_data == data:
                return button.text[:_LABEL_MAX]
    return None


#: For each kind of file: its MIME type when the update does not tell it.
_FILES: Final[dict[str, str]] = {
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "document": "application/octet-stream",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "voice": "audio/ogg",
    "sticker": "image/webp",
}


def _media(message: Message) -> Media | None:
    caption = message.caption[:TEXT_MAX] if message.caption else None
    if message.photo:
        largest = message.photo[-1]
        return Media(
            url=file_url(largest.file_id),
            mime="image/jpeg",
            size=largest.file_size,
            caption=caption,
        )
    for name, mime in _FILES.items():
        file = getattr(message, name)
        if file is not None:
            stated = getattr(file, "mime_type", None)
            return Media(
                url=file_url(file.file_id),
                mime=(stated or mime)[:100],
                size=file.file_size,
                caption=caption,
            )
    return None


def file_url(file_id: str) -> str:
    """Return the address under which the adapter fetches a file; it holds no secret."""
    return f"telegram-file:{file_id[:1900]}"


def _kind(message: Message) -> str:
    """Return what a message is, by the name of the field that holds it."""
    ignored = {"message_id", "date", "chat", "from_user", "sender_chat", "via_bot"}
    told = (
        name
        for name in type(message).model_fields
        if name not in ignored
        and not name.startswith(("is_", "has_", "forward", "reply"))
        and getattr(message, name)
    )
    extra = message.model_extra or {}
    return next(told, next(iter(extra), "message"))[:64]
