"""A partner's API for tests: a real HTTP server that answers as a test says, and keeps count."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from channels.fetcher import AllowedHost


@dataclass
class Reply:
    """One answer."""

    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    seconds: float = 0.0  #: before it answers
    hangs_up: bool = False


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Partner:
    """The server; `answer` decides on each request, the n-th being 1."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.keys: Counter[str] = Counter()
        self.answer: Callable[[int, Seen], Reply] = lambda _number, _seen: Reply(data={})
        self._server = _Server(("127.0.0.1", 0), _Door)
        self._server.partner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

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
        """What must be allowed to reach it."""
        return AllowedHost("127.0.0.1", self.port)

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    partner: Partner


class _Door(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        partner = self.server.partner
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        partner.seen.append(seen)
        partner.keys[headers.get("idempotency-key", "")] += 1
        reply = partner.answer(len(partner.seen), seen)
        time.sleep(reply.seconds)
        if reply.hangs_up:
            self.close_connection = True
            return
        body = json.dumps(reply.data).encode() if reply.raw is None else reply.raw
        try:
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep the tests' output clean."""


@contextmanager
def running_partner() -> Iterator[Partner]:
    """Run a partner for as long as the block lasts."""
    partner = Partner()
    try:
        yield partner
    finally:
        partner.close()
