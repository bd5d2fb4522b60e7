"""Webhooks: HTTP in, stored, then acknowledged; all web-framework code of that path."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from bots.ingest import Ingest, StoreUnavailableError
from bots.passive_answers import Delivery, PassiveAnswers
from channels.contract import BODY_MAX, Answer, Channel, PassiveChannel, WebhookRequest
from crm_store.database import utc_now
from crm_store.inbox import Arrival

log = structlog.get_logger()


class BodyTooLargeError(Exception):
    """The request's body is larger than is read."""


async def read_body(request: Request, *, most: int = BODY_MAX) -> bytes:
    """Return the body, reading no more than allowed.

    Raises:
        BodyTooLargeError: it has more than `most` bytes.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise BodyTooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


class Webhooks:
    """The endpoint `/webhooks/{channel}/{account}`."""

    def __init__(
        self,
        accounts: Mapping[tuple[str, str], Channel],
        ingest: Ingest,
        *,
        passive: PassiveAnswers | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._ingest = ingest
        self._passive = passive
        self._clock = clock

    async def __call__(self, request: Request) -> Response:
        """Verify, store, then acknowledge one delivery."""
        key = (request.path_params["channel"], request.path_params["account"])
        account = self._accounts.get(key)
        if account is None or account.capabilities().delivered_by_commit:
            return Response(b'{"error":{"message":"no such account"}}', 404)
        try:
            body = await read_body(request)
        except BodyTooLargeError:
            return Response(b'{"error":{"message":"body too large"}}', 413)
        now, started = self._clock(), time.monotonic()
        delivered = WebhookRequest(
            method=request.method,
            query=dict(request.query_params),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        received = account.receive(delivered, now=now)
        if received.reason:
            log.info(
                "webhook.refused", channel=key[0], status=received.status, reason=received.reason
            )
        raw = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
        answer: Answer | None = None
        try:
            for message in received.messages:
                arrival = Arrival(message=message, received_at=now, raw=raw)
                place = await self._ingest.submit(arrival)
                if self._passive and isinstance(account, PassiveChannel) and account.passive:
                    answer = await self._passive.answer(
                        Delivery(account, delivered, message, place, now, started)
                    )
        except StoreUnavailableError:
            return Response(
                b'{"error":{"message":"not stored, deliver again"}}',
                503,
                headers={"retry-after": "2"},
                media_type="application/json",
            )
        if answer is not None:
            return Response(answer.body, media_type=answer.media_type)
        return Response(received.body, received.status, media_type=received.media_type)
