"""The writer's client: the `openai` library, which leaves through the one guarded way out."""

from typing import Final

import httpx
import httpx2
from openai import AsyncOpenAI

from channels.fetcher import AnswerTooLargeError, fetch

#: Largest answer that is read, in bytes.
ANSWER_MAX: Final = 128 * 1024
#: Headers of the library that are sent on; the rest tells about this machine.
_SENT: Final = frozenset({"content-type", "accept", "user-agent"})


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Carries the library's requests over our own client, which decides what may be reached.

    Args:
        client: from `channels.fetcher.guarded_client`.
        key: of the server; None: none is sent.
    """

    def __init__(self, client: httpx.AsyncClient, key: str | None) -> None:
        self._client = client
        self._key = key

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return its whole answer, which is small or refused."""
        headers = {name: value for name, value in request.headers.items() if name in _SENT}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key}"
        sent = self._client.build_request(
            request.method, str(request.url), headers=headers, content=await request.aread()
        )
        try:
            answer = await fetch(self._client, sent, most=ANSWER_MAX)
        except (httpx.HTTPError, AnswerTooLargeError) as error:
            # The library knows its own errors only; ours is the cause.
            raise httpx2.TransportError(type(error).__name__, request=request) from error
        kept = {"content-type": answer.headers.get("content-type", "")}
        if "retry-after" in answer.headers:
            kept["retry-after"] = answer.headers["retry-after"]
        return httpx2.Response(answer.status, headers=kept, content=answer.body, request=request)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()


def open_client(client: httpx.AsyncClient, *, url: str, key: str | None) -> AsyncOpenAI:
    """Return the library's client for the server at `url`, without retries of its own.

    Nothing is read from the environment: the arguments it would look up there are all given.
    """
    return AsyncOpenAI(
        base_url=url,
        api_key=key or "none",
        admin_api_key="",
        organization="",
        project="",
        webhook_secret="",
        max_retries=0,
        http_client=httpx2.AsyncClient(
            transport=GuardedTransport(client, key), trust_env=False, timeout=None
        ),
    )
