"""WeChat's interfaces for accounts: calls with a token, answers as what they mean.

One call is one attempt. The only thing done again is a call whose token had expired, once, with
another token: WeChat had not looked at the call before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import orjson
from pydantic import JsonValue

from channels.contract import Ambiguous, Misconfigured, RateLimited, Retryable, SendResult
from channels.fetcher import Answer, AnswerTooLargeError, SSRFProtectionError, fetch
from channels.tokens import Token, TokenStore
from channels.wechat.outcomes import TOKEN_CODES, result_of

#: Where the interfaces are, unless an account says otherwise.
BASE: Final = "https://api.weixin.qq.com"
#: Largest answer that is read, bytes; media have their own limit.
ANSWER_MAX: Final = 1024 * 1024
MEDIA_MAX: Final = 20 * 1024 * 1024
#: A token is not used in the last seconds of its life; WeChat keeps the old one good for 300.
_SPARE: Final = timedelta(seconds=120)
#: Shortest life of a token that is believed, so that a wrong answer does not fetch for ever.
_LIFE_MIN: Final = timedelta(seconds=30)


def _now() -> datetime:
    return datetime.now(UTC)


class CallError(Exception):
    """A call that did not do what it should; `result` says what that means for a message."""

    def __init__(self, result: SendResult, *, code: int | None = None) -> None:
        super().__init__(f"errcode {code}" if code is not None else type(result).__name__)
        self.result = result
        self.code = code


@dataclass(frozen=True, slots=True)
class File:
    """A picture or recording, with its type."""

    body: bytes
    mime: str


class Api:
    """The interfaces of one account.

    Args:
        app_id: of the account.
        app_secret: of the account; it goes to `base` only, and into no message or log.
        client: the guarded one.
        tokens: where the account's token is kept.
        base: address of the interfaces.
        clock: tells the time, UTC.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        *,
        client: httpx.AsyncClient,
        tokens: TokenStore,
        base: str = BASE,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._app_id = app_id
        self._secret = app_secret
        self._client = client
        self._tokens = tokens
        self._base = base.rstrip("/")
        self._clock = clock

    async def post(self, path: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Call an interface and return its answer.

        Args:
            path: of the interface, e.g. `/cgi-bin/message/custom/send`.
            body: sent as UTF-8; WeChat refuses escaped characters.

        Raises:
            CallError: it was refused, or nobody knows whether it was done.
        """
        content = orjson.dumps(body)
        headers = {"content-type": "application/json; charset=utf-8"}
        answer = await self._call("POST", path, content=content, headers=headers)
        return _object(answer)

    async def get(self, path: str, **query: str) -> dict[str, JsonValue]:
        """Ask an interface that only reads and return its answer.

        Raises:
            CallError: it was refused or did not answer.
        """
        return _object(await self._call("GET", path, query=query))

    async def date(self) -> str:
        """Ask for next to nothing and return when WeChat says it answered, as HTTP has it.

        Raises:
            CallError: the account's secrets are refused, or nobody answers.
        """
        answer = await self._call("GET", "/cgi-bin/getcallbackip")
        return str(answer.headers.get("date", ""))

    async def upload(self, file: File, *, kind: str) -> str:
        """Upload a file for three days and return its media id.

        Args:
            file: what to upload.
            kind: `image`, `voice`, `video` or `thumb`.

        Raises:
            CallError: WeChat does not take it.
        """
        name = f"file.{file.mime.rpartition('/')[2].replace('mpeg', 'mp3')}"
        files = {"media": (name, file.body, file.mime)}
        answer = _object(
            await self._call("POST", "/cgi-bin/media/upload", query={"type": kind}, files=files)
        )
        media_id = answer.get("media_id") or answer.get("thumb_media_id")
        if not isinstance(media_id, str) or not media_id:
            raise CallError(Ambiguous("WeChat's answer to an upload has no media_id"))
        return media_id

    async def download(self, media_id: str) -> File:
        """Return a file that a customer sent.

        Raises:
            CallError: it is gone or too large.
        """
        answer = await self._call(
            "GET", "/cgi-bin/media/get", query={"media_id": media_id}, most=MEDIA_MAX
        )
        mime = answer.headers.get("content-type", "").partition(";")[0].strip()
        return File(answer.body, mime or "application/octet-stream")

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        most: int = ANSWER_MAX,
    ) -> Answer:
        failed: str | None = None
        while True:
            token = await self._tokens.token(
                self._app_id, self._fetch_token, now=self._clock(), failed=failed
            )
            request = self._client.build_request(
                method,
                f"{self._base}{path}",
                params={"access_token": token.value, **(query or {})},
                content=content,
                headers=headers,
                files=files,
            )
            answer = await self._send(request, most=most)
            code = _code(answer)
            if code == 0:
                return answer
            if code not in TOKEN_CODES or failed is not None:
                raise CallError(result_of(code), code=code)
            failed = token.value

    async def _fetch_token(self, failed: str | None) -> Token:
        """Ask for the account's stable token; for a fresh one only when that is what failed.

        Fresh ones are rationed to 20 a day, and another process may have got one already.
        """
        token = await self._stable_token(force=False)
        if token.value != failed:
            return token
        try:
            return await self._stable_token(force=True)
        except CallError as error:
            # Forced too soon after another one was: that one is what there is to use.
            token = await self._stable_token(force=False)
            if not isinstance(error.result, RateLimited) or token.value == failed:
                raise
            return token

    async def _stable_token(self, *, force: bool) -> Token:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        request = self._client.build_request(
            "POST",
            f"{self._base}/cgi-bin/stable_token",
            content=orjson.dumps(body),
            headers={"content-type": "application/json; charset=utf-8"},
        )
        try:
            answer = await self._send(request, most=ANSWER_MAX)
        except CallError as error:
            # Asking for a token sends nobody anything: whatever was meant can be tried again.
            if isinstance(error.result, Ambiguous):
                raise CallError(Retryable(f"no token: {error.result.cause}")) from error
            raise
        if code := _code(answer):
            raise CallError(result_of(code), code=code)
        data = _object(answer)
        value, seconds = data.get("access_token"), data.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(seconds, int):
            raise CallError(Retryable("WeChat's answer has no token"))
        life = max(timedelta(seconds=min(seconds, 7200)) - _SPARE, _LIFE_MIN)
        return Token(value, self._clock() + life)

    async def _send(self, request: httpx.Request, *, most: int) -> Answer:
        try:
            answer = await fetch(self._client, request, most=most)
        except SSRFProtectionError as error:
            cause = "api_base may not be reached: see allow_networks"
            raise CallError(Misconfigured(cause)) from error
        except AnswerTooLargeError as error:
            raise CallError(Ambiguous("WeChat's answer is too large")) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise CallError(Retryable(type(error).__name__)) from error
        except httpx.HTTPError as error:
            raise CallError(Ambiguous(type(error).__name__)) from error
        if answer.status == 429:
            raise CallError(RateLimited(60.0, scope="account"))
        if answer.status >= 300:
            raise CallError(Ambiguous(f"WeChat answers HTTP {answer.status}"))
        return answer


def _code(answer: Answer) -> int:
    """Return the `errcode` of an answer; 0 where there is none, as in a file."""
    if not answer.body.lstrip().startswith(b"{"):
        return 0
    try:
        code = orjson.loads(answer.body).get("errcode", 0)
    except orjson.JSONDecodeError:
        return 0
    return code if isinstance(code, int) else 0


def _object(answer: Answer) -> dict[str, JsonValue]:
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise CallError(Ambiguous("WeChat's answer is not JSON"))
    return value
