"""Requests: their body within bounds, their visitor, their numbers; refused where they are not."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from bots.webchat.origins import check_origin
from bots.webchat.parts import WebchatAccount, WebchatParts
from bots.webchat.refusals import Refused, unauthorized
from channels.webchat.frames import FRAME_MAX, INTEGER_MAX, FrameError, load_object
from channels.webchat.tokens import Visitor, read_visitor_token

#: Digits of the largest number that is read from a query.
DIGITS_MAX: Final = len(str(INTEGER_MAX))


def _too_large() -> Refused:
    return Refused(413, "too_large", f"send at most {FRAME_MAX} bytes at once")


async def read_object(parts: WebchatParts, request: Request) -> dict[str, object]:
    """Return the JSON object a request carries; reading stops where it grows too large.

    Raises:
        Refused: it is too large, too slow or no JSON object.
    """
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:DIGITS_MAX]) > FRAME_MAX:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(parts.limits.body):
            async for chunk in request.stream():
                body += chunk
                if len(body) > FRAME_MAX:
                    raise _too_large()
    except TimeoutError as error:
        raise Refused(408, "too_slow", "the body did not arrive in time") from error
    except ClientDisconnect as error:
        raise Refused(400, "bad_json", "the body is not complete") from error
    try:
        return load_object(bytes(body))
    except FrameError as error:
        raise Refused.for_frame(error) from error


def authenticate(parts: WebchatParts, request: Request) -> tuple[Visitor, WebchatAccount]:
    """Return the visitor whose token a request carries, and the account it is for.

    Raises:
        Refused: no good token, or one this page's origin may not use.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    visitor = None
    if scheme.lower() == "bearer":
        now = parts.clock()
        visitor = read_visitor_token(token.strip(), key=parts.visitor_key, now=now)
    account = parts.accounts.get(visitor.widget_key) if visitor is not None else None
    if visitor is None or account is None:
        raise unauthorized()
    check_origin(parts, request.headers, account=account)
    if account.identity == "required" and visitor.identity is None:
        raise unauthorized()
    return visitor, account


def query_number(request: Request, name: str, *, default: int = 0) -> int:
    """Return a whole number of the query.

    Raises:
        Refused: it is none, or too large.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    number = number_of(text)
    if number is None:
        raise Refused(400, "bad_query", f"`{name}` must be a whole number, not negative")
    return number


def number_of(text: str) -> int | None:
    """Return the whole number that `text` is, or None."""
    if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX:
        number = int(text)
        return number if number <= INTEGER_MAX else None
    return None
