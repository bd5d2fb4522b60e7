"""Places: where a reader stands in a conversation, and the tickets that open streams."""

from dataclasses import dataclass
from uuid import UUID

from bots.webchat.parts import WebchatAccount, WebchatParts
from channels.webchat.adapter import address_of
from channels.webchat.frames import LOCALE
from channels.webchat.tokens import Visitor
from crm_store import stream_tickets, transcript


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on."""

    start: int  #: number after which events follow
    last: int  #: number of the newest event there is
    reset: bool  #: what the reader has is of no use: it must forget everything


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom a ticket let in, and where they go on reading."""

    conversation_id: UUID
    account: WebchatAccount
    visitor: Visitor
    place: Place


def place_of(parts: WebchatParts, conversation_id: UUID, cursor: int) -> Place:
    """Return where a reader who has everything up to `cursor` goes on; reads the store."""
    with parts.database.reading() as connection:
        ends = transcript.cursor(connection, conversation_id)
    pruned = max(0, ends.first_seq - 1)
    if cursor > ends.last_seq or 0 < cursor < pruned:
        return Place(start=pruned, last=ends.last_seq, reset=True)
    return Place(start=max(cursor, pruned), last=ends.last_seq, reset=False)


def issue_ticket(parts: WebchatParts, visitor: Visitor, account: WebchatAccount) -> str:
    """Return a ticket for one stream of this visitor; writes the store.

    The visitor's language rides on it, so that what is said on the socket carries it too.
    """
    address = address_of(account.account, visitor)
    with parts.database.transaction() as connection:
        ticket = stream_tickets.issue(
            connection,
            conversation_id=address.conversation_id,
            account=account.account,
            peer=visitor.id,
            now=parts.clock(),
        )
    return f"{ticket}.{visitor.language}" if visitor.language else ticket


def redeem_ticket(parts: WebchatParts, ticket: str, *, cursor: int) -> Admitted | None:
    """Use a ticket up and return whom it admits; None when it is no good. Writes the store."""
    opaque, _, language = ticket.partition(".")
    now = parts.clock()
    with parts.database.transaction() as connection:
        found = stream_tickets.redeem(connection, opaque, now=now)
    account = parts.by_account.get(found[1]) if found is not None else None
    if found is None or account is None:
        return None
    visitor = Visitor(
        found[2],
        account.widget_key,
        issued_at=now,
        expires_at=now,
        # The client hands it back, so it may have been changed on the way.
        language=language if LOCALE.fullmatch(language) else None,
    )
    return Admitted(found[0], account, visitor, place_of(parts, found[0], cursor))
