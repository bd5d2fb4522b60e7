"""Security headers: what every answer tells browsers to refuse.

Pages are built from our own files only: no inline script or style, no frames by strangers. A
route that needs other rules (the widget's page, framed by host sites) sets its own header, which
is kept.
"""

import re
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")

#: One year, as browsers' preload lists ask for.
HSTS: Final = "max-age=31536000; includeSubDomains"


def content_security_policy(host: str, *, ancestors: Iterable[str] = ()) -> str:
    """Return the policy of a page.

    Args:
        host: the `Host` the browser asked for; 'self' does not cover its sockets everywhere.
        ancestors: origins that may put the page in a frame; none: nobody may.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    framed = " ".join(sorted(ancestors)) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self'{sockets}",
            "img-src 'self' https: data:",
            "font-src 'self'",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {framed}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


class SecurityHeaders:
    """ASGI middleware that adds the headers to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                media_type = headers.get("content-type", "")
                self._complete(headers, host, page=media_type.startswith("text/html"))
                if scope["scheme"] == "https":
                    headers["strict-transport-security"] = HSTS
            await send(message)

        await self._app(scope, receive, complete)

    @staticmethod
    def _complete(headers: MutableHeaders, host: str, *, page: bool) -> None:
        # Data is not a page: it may load nothing at all.
        nothing = "default-src 'none'; frame-ancestors 'none'"
        defaults = {
            "content-security-policy": content_security_policy(host) if page else nothing,
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "cross-origin-resource-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        }
        for name, value in defaults.items():
            headers.setdefault(name, value)
