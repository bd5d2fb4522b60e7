"""Refusals: how a delivery is turned away that is not believed or not read."""

import orjson

from channels.contract import BODY_MAX, Received, WebhookRequest


def refused(status: int, reason: str) -> Received:
    """Return the answer to a delivery that stores nothing; `reason` repeats nothing of it."""
    body = orjson.dumps({"error": {"message": reason}})
    return Received(status=status, body=body, reason=reason)


def unreadable(request: WebhookRequest) -> Received | None:
    """Return the answer to what is not posted, or too large to be read at all."""
    if request.method != "POST":
        return refused(405, "post here")
    if len(request.body) > BODY_MAX:
        return refused(413, f"a body may have {BODY_MAX} bytes")
    return None
