"""Opening a session: who the visitor is from now on, and what their widget needs to begin."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from bots.webchat.origins import check_origin
from bots.webchat.parts import WebchatAccount, WebchatParts
from bots.webchat.places import issue_ticket
from bots.webchat.refusals import Refused, json_response
from bots.webchat.requests import read_object
from channels.messages import TEXT_MAX, Notice
from channels.webchat.adapter import address_of, inbound
from channels.webchat.frames import FrameError, SessionRequest, parse_session
from channels.webchat.tokens import (
    REQUIRED_LIFETIME,
    ROTATE_AFTER,
    VISITOR_LIFETIME,
    BadIdentityError,
    Identity,
    Visitor,
    issue_visitor_token,
    new_visitor,
    read_identity_token,
    read_visitor_token,
)
from crm_store import transcript
from crm_store.inbox import Arrival
from crm_store.stream_tickets import LIFETIME as TICKET_LIFETIME
from crm_store.transcript import Cursor


def read_identity(
    parts: WebchatParts, asked: SessionRequest, account: WebchatAccount
) -> Identity | None:
    """Return whom the host site vouches for, None when it does for nobody.

    Raises:
        Refused: its token is bad, or there is none where one is required.
    """
    if asked.identity_token is None:
        if account.identity == "required":
            raise Refused(403, "identity_required", "this widget is for signed-in customers only")
        return None
    try:
        return read_identity_token(
            asked.identity_token,
            secret=account.identity_secret,
            widget_key=account.widget_key,
            now=parts.clock(),
        )
    except BadIdentityError as error:
        raise Refused(401, "bad_identity", f"identity token refused: {error}") from error


def visitor_for(
    parts: WebchatParts, asked: SessionRequest, account: WebchatAccount, identity: Identity | None
) -> Visitor:
    """Return who the visitor was before, or somebody new.

    Somebody who was vouched for as another person is new: two people who share a browser must
    not read each other's conversation.
    """
    now = parts.clock()
    before = None
    if asked.visitor_token is not None:
        before = read_visitor_token(asked.visitor_token, key=parts.visitor_key, now=now)
    if before is None or before.widget_key != account.widget_key:
        return new_visitor(account.widget_key, now=now)
    if identity is not None and before.identity not in {None, identity.sub_hash}:
        return new_visitor(account.widget_key, now=now)
    return before


def _token(
    parts: WebchatParts, before: Visitor, after: Visitor, *, kept: str | None, lifetime: timedelta
) -> tuple[str, Visitor]:
    now = parts.clock()
    is_new = after.issued_at == after.expires_at
    if (
        kept is not None
        and not is_new
        and before == after
        and now - after.issued_at < ROTATE_AFTER
    ):
        return kept, after
    token = issue_visitor_token(after, key=parts.visitor_key, lifetime=lifetime, now=now)
    return token, replace(after, issued_at=now, expires_at=now + lifetime)


async def _tell_identity(
    parts: WebchatParts, visitor: Visitor, account: WebchatAccount, identity: Identity
) -> None:
    """Put what the host site vouches for into the conversation, once for each new fact."""
    facts = {"email": identity.email, "name": identity.name, "phone": identity.phone}
    external_id = f"identified:{identity.facts_hash}:{identity.issued}"
    data = {name: value for name, value in facts.items() if value is not None}
    notice = Notice(name="identified", data={"sub": identity.sub, "jti": external_id, **data})
    now = parts.clock()
    message = inbound(visitor, notice, account=account.account, external_id=external_id, now=now)
    await parts.ingest.submit(Arrival(message=message, received_at=now))


def _prepare(parts: WebchatParts, visitor: Visitor, account: WebchatAccount) -> tuple[Cursor, str]:
    conversation_id = address_of(account.account, visitor).conversation_id
    with parts.database.reading() as connection:
        ends = transcript.cursor(connection, conversation_id)
    return ends, issue_ticket(parts, visitor, account)


async def _check_rate(parts: WebchatParts, request: Request, visitor: Visitor) -> None:
    """Charge a known visitor for coming back, and the network address for a new one.

    Raises:
        Refused: there were too many.
    """
    if visitor.issued_at != visitor.expires_at:
        if (wait := parts.rates.ticket(visitor.id)) is not None:
            raise Refused(429, "rate_limited", "too many sessions", retry_after=wait)
        return
    address = request.client.host if request.client is not None else ""
    if (wait := await parts.rates.session(address)) is not None:
        raise Refused(429, "rate_limited", "too many sessions from this address", retry_after=wait)


async def open_session(parts: WebchatParts, request: Request) -> Response:
    """Answer `POST session`."""
    try:
        asked = parse_session(await read_object(parts, request))
    except FrameError as error:
        raise Refused.for_frame(error) from error
    account = parts.accounts.get(asked.widget_key)
    if account is None:
        raise Refused(404, "unknown_widget", "no widget has this `widget_key`")
    check_origin(parts, request.headers, account=account)
    identity = read_identity(parts, asked, account)
    before = visitor_for(parts, asked, account, identity)
    await _check_rate(parts, request, before)
    after = replace(before, language=asked.locale or before.language)
    if identity is not None:
        after = replace(after, identity=identity.sub_hash, facts=identity.facts_hash)
        if before.facts != identity.facts_hash:
            await _tell_identity(parts, after, account, identity)
    lifetime = REQUIRED_LIFETIME if account.identity == "required" else VISITOR_LIFETIME
    token, visitor = _token(parts, before, after, kept=asked.visitor_token, lifetime=lifetime)
    ends, ticket = await asyncio.to_thread(_prepare, parts, visitor, account)
    return json_response(_answer(parts, account, visitor, token=token, ends=ends, ticket=ticket))


def _answer(
    parts: WebchatParts,
    account: WebchatAccount,
    visitor: Visitor,
    *,
    token: str,
    ends: Cursor,
    ticket: str,
) -> dict[str, object]:
    language = account.language_for(visitor.language)
    face = account.faces[language]
    bot: dict[str, object] = {
        "name": face.name,
        "company": face.company,
        "greeting": face.greeting,
    }
    if face.starters:
        bot["starters"] = list(face.starters[:6])
    return {
        "visitor_token": token,
        "expires_at": visitor.expires_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "conversation_id": str(address_of(account.account, visitor).conversation_id),
        "cursor": ends.last_seq,
        "read": ends.read_seq,
        "language": language,
        "bot": bot,
        "limits": {"text_max": TEXT_MAX},
        "ticket": ticket,
        "ticket_expires_in": int(TICKET_LIFETIME.total_seconds()),
    }
