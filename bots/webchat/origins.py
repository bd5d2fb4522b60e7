"""Origins: which pages may talk to web chat. CORS does not protect sockets, so all pass here.

A request without `Origin` comes from no other site's page: browsers name the origin of every
socket, every cross-origin call and every POST. Such requests are let through, because whatever
they do needs a token or ticket that browsers never add by themselves. Sockets must name it.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response

from bots.webchat.parts import WebchatAccount, WebchatParts
from bots.webchat.refusals import Refused

CORS: Final[Mapping[str, str]] = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, last-event-id",
    "access-control-max-age": "600",
}


def _is_own(origin: str, host: str) -> bool:
    # The origin names the very host that was asked. Only for addresses and localhost: a name
    # could be another site's, made to point here (DNS rebinding).
    split = urlsplit(origin)
    if split.scheme not in {"http", "https"} or split.netloc != host:
        return False
    name = split.hostname or ""
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_allowed(
    parts: WebchatParts, headers: Headers, *, account: WebchatAccount | None = None
) -> bool:
    """Return whether the request's origin may talk to `account`, or to any while it is unknown."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    listed = parts.known_origins if account is None else account.origins | parts.own_origins
    if origin in listed:
        return True
    try:
        return _is_own(origin, headers.get("host", ""))
    except ValueError:
        return False


def check_origin(
    parts: WebchatParts, headers: Headers, *, account: WebchatAccount | None = None
) -> None:
    """Refuse pages that are not on the list.

    Raises:
        Refused: the origin may not talk to this account.
    """
    if not is_allowed(parts, headers, account=account):
        raise origin_refused()


def origin_refused() -> Refused:
    """Return the refusal of a page that is not on the list."""
    return Refused(
        403,
        "origin_not_allowed",
        "this page's origin is not on the widget's list; its owner can add it to `origins`",
    )


def add_cors(response: Response, headers: Headers, *, allowed: bool) -> None:
    """Let the asking page read the answer, and only that page, and only when it is `allowed`."""
    response.headers.add_vary_header("Origin")
    origin = headers.get("origin")
    if origin is not None and allowed:
        response.headers["access-control-allow-origin"] = origin
        response.headers["access-control-expose-headers"] = "Retry-After"


def preflight() -> Response:
    """Return the answer to a browser that asks before it calls."""
    return Response(status_code=204, headers=dict(CORS))
