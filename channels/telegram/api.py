"""The way to the Bot API: aiogram's methods over the one guarded client, errors as outcomes."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, cast

import httpx
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile

from channels.contract import (
    Accepted,
    Ambiguous,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
    WindowClosed,
)
from channels.fetcher import AnswerTooLargeError, SSRFProtectionError, fetch

#: Where Telegram itself is.
API_URL: Final = "https://api.telegram.org"
#: Largest answer that is read, bytes.
ANSWER_MAX: Final = 8 * 1024 * 1024
#: Pause after a refusal for too many messages that names none, seconds.
RETRY_AFTER_DEFAULT: Final = 5.0
RETRY_AFTER_MAX: Final = 3600.0

#: What Telegram says when a peer cannot be reached, and what would change that.
_UNREACHABLE: Final = {
    "bot was blocked by the user": "the customer unblocks the bot",
    "user is deactivated": "never: the account was deleted",
    "bot can't initiate conversation": "the customer writes to the bot first",
    "bot was kicked": "the bot is added to the chat again",
    "chat not found": "the customer writes to the bot first",
    "not enough rights to send": "the chat's owner lets the bot write",
    "have no rights to send": "the chat's owner lets the bot write",
    "need administrator rights": "the chat's owner lets the bot write",
    "chat_write_forbidden": "the chat's owner lets the bot write",
    "topic_closed": "the topic is opened again",
    "message thread not found": "the topic is made again",
}
_WINDOW: Final = ("business_peer_invalid", "business connection", "business_peer_usage_missing")


class NotConnectedError(AiogramError):
    """No connection came about: nothing was sent."""


class NoAnswerError(AiogramError):
    """The request was sent and no answer read: it may have had its effect."""


class GuardedSession(BaseSession):
    """aiogram's requests over an HTTP client of ours, one attempt each.

    Args:
        client: from `channels.fetcher.guarded_client`.
        base: where the Bot API is, without a slash at the end.
    """

    def __init__(self, client: httpx.AsyncClient, *, base: str = API_URL) -> None:
        super().__init__(api=TelegramAPIServer.from_base(base), json_dumps=_dumps)
        self._client = client

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram passes it
    ) -> TelegramType:
        """Make one request.

        Raises:
            NotConnectedError: nothing was sent.
            NoAnswerError: it may have been sent.
            SSRFProtectionError: the address may not be reached.
            AiogramError: what was answered is an error.
        """
        files: dict[str, InputFile] = {}
        fields = {
            key: prepared
            for key, value in method.model_dump(warnings=False).items()
            if (prepared := self.prepare_value(value, bot=bot, files=files))
        }
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        limit = httpx.USE_CLIENT_DEFAULT if timeout is None else httpx.Timeout(timeout)
        request = self._client.build_request("POST", url, data=fields, timeout=limit)
        try:
            read = await fetch(self._client, request, most=ANSWER_MAX)
        except SSRFProtectionError:
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            # The address holds the token: only the kind of failure may be told.
            raise NotConnectedError(type(error).__name__) from None
        except (httpx.HTTPError, AnswerTooLargeError) as error:
            raise NoAnswerError(type(error).__name__) from None
        content = read.body.decode("utf-8", "replace")
        answer = self.check_response(bot, method, read.status, content)
        return cast(TelegramType, answer.result)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 - aiogram passes it
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Read a file in pieces."""
        async with self._client.stream("GET", url, headers=headers, timeout=timeout) as response:
            if raise_for_status:
                response.raise_for_status()
            async for chunk in response.aiter_bytes(chunk_size):
                yield chunk

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()


def open_bot(token: str, client: httpx.AsyncClient, *, base: str = API_URL) -> Bot:
    """Return the bot of `token`.

    Raises:
        aiogram.utils.token.TokenValidationError: it is no token.
    """
    session = GuardedSession(client, base=base)
    return Bot(token, session=session, default=DefaultBotProperties())


def outcome(error: Exception) -> SendResult:
    """Return what a failed call means, whatever `GuardedSession` raised."""
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return meaning(error)
    if "too many requests" in _said(error):
        return RateLimited(RETRY_AFTER_DEFAULT, "chat")
    return Ambiguous(type(error).__name__)


def _said(error: Exception) -> str:
    return str(getattr(error, "message", "")).lower()


def _slow_down(error: Exception) -> SendResult:
    return RateLimited(min(float(getattr(error, "retry_after", 1)), RETRY_AFTER_MAX), "chat")


def _not_sent(error: Exception) -> SendResult:
    return Retryable(type(error).__name__)


def _forbidden(error: Exception) -> SendResult:
    return Unreachable(_until(_said(error)) or "the customer writes to the bot again")


def _bad_request(error: Exception) -> SendResult:
    said = _said(error)
    if (until := _until(said)) is not None:
        return Unreachable(until)
    if any(text in said for text in _WINDOW):
        return WindowClosed("the customer's next message to the business account")
    if "message is not modified" in said:
        return Accepted()
    if "too long" in said:
        return Rejected("split", "message is too long")
    if "can't parse entities" in said or "entity" in said:
        return Rejected("plain", "entities")
    if "wrong file identifier" in said or "failed to get http url content" in said:
        return Rejected("reupload", "file")
    return Rejected("none", said[:120])


def _until(said: str) -> str | None:
    return next((until for text, until in _UNREACHABLE.items() if text in said), None)


def _undecoded(error: Exception) -> SendResult:
    """Return what an answer that is not the API's means: a proxy's page, or news in a true one."""
    data = getattr(error, "data", None)
    if isinstance(data, dict) and data.get("ok") is True:
        return Accepted()
    # A page of a broken gateway says nothing of whether the request went through.
    return Ambiguous("the answer is not the Bot API's")


#: What each kind of error means; the first kind that fits counts.
_MEANINGS: Final[tuple[tuple[type[Exception], Callable[[Exception], SendResult]], ...]] = (
    (TelegramRetryAfter, _slow_down),
    (NotConnectedError, _not_sent),
    (TelegramServerError, _not_sent),
    (TelegramMigrateToChat, _not_sent),
    (TelegramForbiddenError, _forbidden),
    (TelegramBadRequest, _bad_request),
    (TelegramEntityTooLarge, lambda _: Rejected("split", "entity too large")),
    (TelegramUnauthorizedError, lambda _: Misconfigured("Telegram does not know the token")),
    (TelegramNotFound, lambda _: Misconfigured("Telegram does not know the token")),
    (TelegramConflictError, lambda _: Misconfigured("another program uses the token")),
    (ClientDecodeError, _undecoded),
    (SSRFProtectionError, lambda _: Misconfigured("the Bot API's address may not be reached")),
)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
