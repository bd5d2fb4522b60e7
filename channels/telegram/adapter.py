"""The Telegram channel: webhook with a secret token or long polling, one call an attempt."""

import hmac
import re
from datetime import datetime
from typing import Final

import orjson
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramMigrateToChat
from aiogram.methods import AnswerCallbackQuery, GetUpdates
from aiogram.types import Update
from aiogram.utils.token import TokenValidationError
from pydantic import ValidationError

from channels.contract import (
    Accepted,
    Capabilities,
    ChannelSettings,
    Pulled,
    Received,
    Rejected,
    Retryable,
    SendResult,
    WebhookRequest,
)
from channels.examination import Finding
from channels.fetcher import SSRFProtectionError
from channels.json_body import JsonBodyError, read_object
from channels.messages import InboundMessage, OutboundMessage
from channels.options import Options
from channels.refusals import refused, unreadable
from channels.telegram import examining
from channels.telegram.api import API_URL, open_bot, outcome
from channels.telegram.limits import CAPABILITIES
from channels.telegram.updates import Own, read_update, unread_update
from channels.telegram.writing import Method, methods_of, plain_second_try

#: What Telegram lets a secret token be made of; shorter ones are too easy to guess.
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")
#: Where updates are read nobody shows a secret.
_ANY_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{0,256}")
#: Kinds of updates that are asked for.
UPDATES: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
)
#: How long a request for updates waits for one, seconds.
POLL_SECONDS: Final = 25
#: Updates of one request.
POLL_MOST: Final = 100

_HEADER: Final = "x-telegram-bot-api-secret-token"


class TelegramChannel:
    """One bot's account.

    Args:
        account: as `bot.yml` names it.
        bot: the bot of the account's token.
        secret: what Telegram shows with each delivery.
        polls: whether updates are read rather than delivered.
        username: the bot's, to know when a group speaks to it.
    """

    name = "telegram"

    def __init__(
        self, account: str, *, bot: Bot, secret: str, polls: bool, username: str | None
    ) -> None:
        self.account = account
        self.bot = bot
        self.pulls = polls
        self._secret = secret.encode()
        self._own = Own(account, bot.id, username)
        self._moved: dict[int, int] = {}

    def capabilities(self) -> Capabilities:
        """Return what Telegram can show."""
        return CAPABILITIES

    def receive(self, request: WebhookRequest, *, now: datetime) -> Received:
        """Verify and normalise one delivered update."""
        if (answer := unreadable(request)) is not None:
            return answer
        shown = request.headers.get(_HEADER, "").encode("utf-8", "replace")
        if not self._secret or not hmac.compare_digest(shown, self._secret):
            return refused(401, f"{_HEADER} is missing or wrong")
        try:
            data = read_object(request.body)
        except JsonBodyError as error:
            return refused(400, str(error))
        number = data.get("update_id")
        if not isinstance(number, int) or isinstance(number, bool):
            return refused(400, "update_id: must be a number")
        return Received(messages=self._messages(data, now), body=_answer(data))

    async def send(self, message: OutboundMessage) -> SendResult:
        """Show one piece of `message`; refused markup is tried once more as plain text."""
        address = message.address
        if not address.peer.lstrip("-").isdecimal():
            return Rejected("none", "the peer is no Telegram chat")
        chat_id = int(address.peer)
        chat_id = self._moved.get(chat_id, chat_id)
        methods = methods_of(message.content, chat_id=chat_id, thread=address.thread)
        if message.part >= len(methods):
            return Accepted()
        method = methods[message.part]
        result = await self._call(method, chat_id)
        if result == Rejected("plain", "entities"):
            result = await self._call(plain_second_try(method), chat_id)
        if isinstance(result, Accepted):
            return Accepted(result.ids, more=message.part + 1 < len(methods))
        return result

    async def pull(self, cursor: str | None, *, now: datetime) -> Pulled:
        """Wait for updates from `cursor` on; asking with the next one drops them at Telegram."""
        offset = int(cursor) if cursor is not None and cursor.lstrip("-").isdecimal() else None
        request = GetUpdates(
            offset=offset, limit=POLL_MOST, timeout=POLL_SECONDS, allowed_updates=list(UPDATES)
        )
        try:
            updates = await self.bot(request, request_timeout=POLL_SECONDS + 10)
        except (AiogramError, SSRFProtectionError) as error:
            return Pulled(failure=outcome(error))
        messages: list[tuple[InboundMessage, str]] = []
        questions: list[str] = []
        for update in updates:
            raw = update.model_dump_json(exclude_none=True, by_alias=True)
            found = read_update(update, self._own, now=now)
            messages += [(message, raw) for message in found]
            if update.callback_query is not None:
                questions.append(update.callback_query.id)
        after = str(updates[-1].update_id + 1) if updates else cursor
        return Pulled(messages=tuple(messages), cursor=after, receipts=tuple(questions))

    async def acknowledge(self, pulled: Pulled) -> None:
        """Stop the little clocks on the buttons that were pressed; failures do no harm."""
        for question in pulled.receipts:
            try:
                await self.bot(AnswerCallbackQuery(callback_query_id=question))
            except (AiogramError, SSRFProtectionError):
                continue

    async def examine(self, public_url: str | None) -> list[Finding]:
        """Return how the account stands at Telegram."""
        return await examining.examine(
            self.bot,
            account=self.account,
            polls=self.pulls,
            username=self._own.username,
            wanted=UPDATES,
            public_url=public_url,
        )

    async def connect(self, public_url: str) -> list[Finding]:
        """Have updates delivered here, or nowhere where they are read."""
        if self.pulls:
            return await examining.disconnect(self.bot)
        return await examining.connect(
            self.bot,
            account=self.account,
            secret=self._secret.decode(),
            wanted=UPDATES,
            public_url=public_url,
        )

    async def close(self) -> None:
        """Close connections."""
        await self.bot.session.close()

    def _messages(self, data: dict[str, object], now: datetime) -> tuple[InboundMessage, ...]:
        # Where Telegram is ahead of our library, what came is recorded rather than sent for ever.
        try:
            update = Update.model_validate(data)
            if not update.model_extra:
                return read_update(update, self._own, now=now)
        except (ValidationError, ValueError, OverflowError):
            pass
        return unread_update(data, self._own, now=now)

    async def _call(self, method: Method, chat_id: int) -> SendResult:
        try:
            sent = await self.bot(method)
        except TelegramMigrateToChat as error:
            self._moved[chat_id] = error.migrate_to_chat_id
            return Retryable("the group became a supergroup")
        except (AiogramError, SSRFProtectionError) as error:
            return outcome(error)
        return Accepted((str(sent.message_id),))


def _answer(data: dict[str, object]) -> bytes:
    """Return the answer to a delivery; to a pressed button one that stops its little clock."""
    query = data.get("callback_query")
    key = query.get("id") if isinstance(query, dict) else None
    if not isinstance(key, str):
        return b"{}"
    return orjson.dumps({"method": "answerCallbackQuery", "callback_query_id": key[:64]})


def create(settings: ChannelSettings) -> TelegramChannel:
    """Make the channel of one account.

    Raises:
        ChannelError: an option is missing, unknown or wrong.
    """
    options = Options(settings)
    token = options.take("token")
    mode = options.take_one_of("mode", ("webhook", "polling"))
    form = _SECRET if mode == "webhook" else _ANY_SECRET
    secret = options.take_form("secret", form, "needs 16 to 256 letters, digits, _ or -")
    username = options.take("username").removeprefix("@") or None
    base = options.take_address("api_url", API_URL)
    client = options.open_client()
    options.end()
    try:
        bot = open_bot(token, client, base=base)
    except TokenValidationError as error:
        mend = "is not one of BotFather's (123456789:letters)"
        raise options.wrong("token", mend) from error
    return TelegramChannel(
        settings.account, bot=bot, secret=secret, polls=mode == "polling", username=username
    )
