"""The order book of an example company: a tiny JSON API over a bot folder's `orders.yml`.

It stands for the system a company has already, so that an example bot looks orders up as a real
one does: over HTTP, with a token. It listens on this machine only.
"""

import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from channels.fetcher import AllowedHost
from dialogues.bot import Order, read_orders

#: Environment names under which the bot's actions find the server and its token.
URL_NAME: Final = "ORDERS_URL"
TOKEN_NAME: Final = "ORDERS_TOKEN"  # noqa: S105 - the name of it

FILE: Final = "orders.yml"


class OrderServer:
    """`GET /orders/{number}` with a bearer token.

    Args:
        orders: by number.
        token: what callers must show; default: a fresh one.
        port: on 127.0.0.1; 0: any free one.
    """

    def __init__(
        self, orders: Mapping[str, Order], *, token: str | None = None, port: int = 0
    ) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self._server = _Server(("127.0.0.1", port), _Door)
        self._server.orders = orders
        self._server.token = self.token
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="orders", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> AllowedHost:
        """What has to be allowed so that actions reach it."""
        return AllowedHost("127.0.0.1", self.port)

    @property
    def environment(self) -> dict[str, str]:
        """What the bot's actions read."""
        return {URL_NAME: self.url, TOKEN_NAME: self.token}

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    orders: Mapping[str, Order]
    token: str


class _Door(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        """Answer one order."""
        shown = self.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), self.server.token.encode()):
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "token"})
            return
        parts = urlsplit(self.path).path.split("/")
        if len(parts) != 3 or parts[1] != "orders":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "path"})
            return
        number = unquote(parts[2]).strip().upper()
        order = self.server.orders.get(number)
        if order is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "unknown_order"})
            return
        self._answer(HTTPStatus.OK, {"order": {"number": number, **order.model_dump(mode="json")}})

    def _answer(self, status: HTTPStatus, data: Mapping[str, Any]) -> None:
        body = json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Log nothing: the path holds what a customer said."""


def has_orders(folder: Path | None, environment: Mapping[str, str]) -> bool:
    """Tell whether the folder brings an order book that no real one replaces."""
    return folder is not None and (folder / FILE).is_file() and not environment.get(URL_NAME)


@contextmanager
def example_orders(
    folder: Path | None, environment: Mapping[str, str]
) -> Iterator[OrderServer | None]:
    """Serve the folder's order book for as long as the block lasts, when it has one."""
    if folder is None or not has_orders(folder, environment):
        yield None
        return
    with OrderServer(read_orders(folder / FILE)) as server:
        yield server
