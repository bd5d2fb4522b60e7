"""The routes of web chat: docs/webchat-protocol.md, from URL to answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bots.ingest import StoreUnavailableError
from bots.webchat.event_stream import poll_events, stream_events
from bots.webchat.origins import add_cors, is_allowed, origin_refused, preflight
from bots.webchat.pages import create_page_routes
from bots.webchat.parts import WebchatParts
from bots.webchat.places import issue_ticket
from bots.webchat.posting import post
from bots.webchat.refusals import Refused, json_response, unavailable
from bots.webchat.requests import authenticate, read_object
from bots.webchat.sessions import open_session
from bots.webchat.socket import Socket
from channels.webchat.adapter import address_of
from channels.webchat.frames import FrameError, parse_message, parse_read, parse_typing
from crm_store.stream_tickets import LIFETIME as TICKET_LIFETIME

log = structlog.get_logger()

PREFIX: Final = "/webchat/v1"

Call = Callable[[WebchatParts, Request], Awaitable[Response]]


async def issue_stream_ticket(parts: WebchatParts, request: Request) -> Response:
    """Answer `POST ticket`."""
    visitor, account = authenticate(parts, request)
    if (wait := parts.rates.ticket(visitor.id)) is not None:
        raise Refused(429, "rate_limited", "too many tickets; wait a moment", retry_after=wait)
    ticket = await asyncio.to_thread(issue_ticket, parts, visitor, account)
    lifetime = int(TICKET_LIFETIME.total_seconds())
    return json_response({"ticket": ticket, "ticket_expires_in": lifetime})


async def post_message(parts: WebchatParts, request: Request) -> Response:
    """Answer `POST messages`."""
    visitor, account = authenticate(parts, request)
    try:
        said = parse_message(await read_object(parts, request))
    except FrameError as error:
        raise Refused.for_frame(error) from error
    stored = await post(parts, said, visitor=visitor, account=account)
    answer = {
        "client_msg_id": said.client_msg_id,
        "seq": stored.seq,
        "duplicate": stored.duplicate,
    }
    return json_response(answer, 202)


async def post_typing(parts: WebchatParts, request: Request) -> Response:
    """Answer `POST typing`; it is checked and not stored."""
    authenticate(parts, request)
    try:
        parse_typing(await read_object(parts, request))
    except FrameError as error:
        raise Refused.for_frame(error) from error
    return Response(status_code=204)


async def post_read(parts: WebchatParts, request: Request) -> Response:
    """Answer `POST read`."""
    visitor, account = authenticate(parts, request)
    try:
        read = parse_read(await read_object(parts, request))
    except FrameError as error:
        raise Refused.for_frame(error) from error
    parts.reads.mark(address_of(account.account, visitor).conversation_id, read.seq)
    return Response(status_code=204)


def _guarded(parts: WebchatParts, call: Call) -> Callable[[Request], Awaitable[Response]]:
    """Return `call` behind the check of origins, its refusals as answers browsers may read."""

    async def endpoint(request: Request) -> Response:
        allowed = is_allowed(parts, request.headers)
        try:
            if not allowed:
                raise origin_refused()
            if request.method == "OPTIONS":
                response = preflight()
            else:
                response = await call(parts, request)
        except Refused as refused:
            response = refused.response()
            allowed = allowed and refused.code != "origin_not_allowed"
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("webchat.store_failed", error=type(error).__name__)
            response = unavailable().response()
        add_cors(response, request.headers, allowed=allowed)
        return response

    return endpoint


#: Routes are tried in this order, so the busiest comes first.
_CALLS: Final[dict[str, tuple[str, Call]]] = {
    "/messages": ("POST", post_message),
    "/session": ("POST", open_session),
    "/ticket": ("POST", issue_stream_ticket),
    "/typing": ("POST", post_typing),
    "/read": ("POST", post_read),
    "/events": ("GET", poll_events),
    "/events/stream": ("GET", stream_events),
}


def create_router(parts: WebchatParts) -> APIRouter:
    """Return all routes of web chat, its pages included.

    They are plain Starlette routes: a message costs no dependency solving and no model of its
    own, which is most of what a FastAPI route costs.
    """

    async def stream(websocket: WebSocket) -> None:
        await Socket(parts, websocket).run()

    router = APIRouter()
    for path, (method, call) in _CALLS.items():
        endpoint = _guarded(parts, call)
        router.routes.append(Route(PREFIX + path, endpoint, methods=[method, "OPTIONS"]))
    router.routes.append(WebSocketRoute(f"{PREFIX}/stream", stream))
    router.routes.extend(create_page_routes(parts))
    return router
