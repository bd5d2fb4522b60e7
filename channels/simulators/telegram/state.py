"""What a simulated Telegram knows: bots, people, chats, messages and updates."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

#: First number of updates; real ones begin anywhere.
_FIRST_UPDATE: Final = 700_000_001


@dataclass(slots=True)
class Webhook:
    """Where a bot wants its updates delivered."""

    url: str
    secret: str = ""
    connections: int = 40
    last_error: str = ""


@dataclass(slots=True)
class BotAccount:
    """One bot with its updates that were not confirmed yet."""

    token: str
    username: str
    name: str = "Simulated bot"
    webhook: Webhook | None = None
    updates: list[Json] = field(default_factory=list)
    next_update: int = _FIRST_UPDATE
    allowed: frozenset[str] | None = None  #: None: the usual kinds
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    commands: list[Json] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The number in the token."""
        return int(self.token.partition(":")[0])

    def as_user(self) -> Json:
        """Return the bot as the API shows it."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }


@dataclass(slots=True)
class Person:
    """Somebody with a Telegram account."""

    id: int
    first_name: str = "Ada"
    language: str = "en"
    phone: str = "+8613800138000"
    started: bool = False  #: whether a bot may write first
    blocked: bool = False

    def as_user(self) -> Json:
        """Return the person as the API shows them."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language,
        }


@dataclass(slots=True)
class Chat:
    """A private chat or a group, with what was said in it."""

    id: int
    type: str = "private"
    title: str | None = None
    moved_to: int | None = None  #: the supergroup it became
    kicked: bool = False
    messages: dict[int, Json] = field(default_factory=dict)
    next_message: int = 1
    sent_at: list[float] = field(default_factory=list)  #: of the bot's messages, monotonic

    def as_chat(self, person: Person | None) -> Json:
        """Return the chat as the API shows it."""
        chat: Json = {"id": self.id, "type": self.type}
        if self.title is not None:
            chat["title"] = self.title
        if person is not None and self.type == "private":
            chat["first_name"] = person.first_name
        return chat

    def add(self, message: Json) -> Json:
        """Number a message, keep it and return it."""
        stored = {"message_id": self.next_message, "date": int(time.time()), **message}
        self.messages[self.next_message] = stored
        self.next_message += 1
        return stored


class World:
    """All bots, people and chats."""

    def __init__(self) -> None:
        self.bots: dict[str, BotAccount] = {}
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, bytes] = {}
        self.questions: dict[str, bool] = {}  #: pressed buttons: whether they were answered
        self.connections: dict[str, Json] = {}  #: business connections by id

    def chat(self, chat_id: int) -> Chat | None:
        """Return a chat, a person's private one being made when needed."""
        if chat_id not in self.chats and chat_id in self.people:
            self.chats[chat_id] = Chat(chat_id)
        return self.chats.get(chat_id)

    def shown(self, chat: Chat) -> Json:
        """Return a chat as the API shows it."""
        return chat.as_chat(self.people.get(chat.id))
