"""Socket Mode: Slack's deliveries over a socket that we open, for servers nobody can reach."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from channels.contract import Misconfigured, Retryable, SendResult
from channels.slack.outcomes import outcome_of_error

#: How long one look waits for something to come, seconds.
WAIT_SECONDS: Final = 25.0
#: Envelopes of one look.
MOST: Final = 100
#: How long connecting may take, seconds.
CONNECT_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """One delivery over the socket, to be acknowledged by its id."""

    id: str
    payload: dict[str, object]


class SlackLink:
    """The socket of one app; opened when first looked at, and again whenever it breaks.

    Args:
        app_token: of the app, with `connections:write`.
        api_url: where the Web API is, without a slash at the end.
    """

    def __init__(self, app_token: str, *, api_url: str) -> None:
        self._app_token = app_token
        self._api_url = api_url
        self._client: SocketModeClient | None = None
        self._arrived: asyncio.Queue[SocketModeRequest] = asyncio.Queue()

    async def look(self) -> list[Envelope] | SendResult:
        """Return what has come, waiting a while for it, or why nothing can come."""
        if (failure := await self._connected()) is not None:
            return failure
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                first = await self._arrived.get()
        except TimeoutError:
            return []
        requests = [first]
        while len(requests) < MOST and not self._arrived.empty():
            requests.append(self._arrived.get_nowait())
        return [Envelope(each.envelope_id, each.payload) for each in requests]

    async def acknowledge(self, envelopes: tuple[str, ...]) -> None:
        """Tell Slack that these are stored; what it does not hear it sends again."""
        for envelope in envelopes:
            if self._client is None:
                return
            try:
                await self._client.send_socket_mode_response(SocketModeResponse(envelope))
            except (ConnectionError, OSError, SlackClientError, AttributeError):
                return

    async def close(self) -> None:
        """Close the socket."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()  # type: ignore[no-untyped-call]

    async def _connected(self) -> SendResult | None:
        if self._client is not None:
            return None
        logger = logging.getLogger("channels.slack.link")
        logger.setLevel(logging.CRITICAL + 1)  # it logs addresses that hold tickets
        logger.propagate = False
        web = AsyncWebClient(base_url=f"{self._api_url}/", logger=logger, timeout=10)
        client = SocketModeClient(self._app_token, logger=logger, web_client=web)
        client.socket_mode_request_listeners.append(self._take)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                client.wss_uri = await client.issue_new_wss_url()
                await client.connect()  # type: ignore[no-untyped-call]
        except SlackApiError as error:
            await client.close()  # type: ignore[no-untyped-call]
            result = outcome_of_error(str(error.response.get("error", "")), None)
            if isinstance(result, Misconfigured):
                return Misconfigured("app_token: Slack does not take it; see Basic Information")
            return result
        except (TimeoutError, OSError, SlackClientError) as error:
            await client.close()  # type: ignore[no-untyped-call]
            return Retryable(type(error).__name__)
        self._client = client
        return None

    async def _take(self, _client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self._arrived.put_nowait(request)
