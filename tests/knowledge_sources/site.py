"""A site for tests: a real HTTP server whose pages a test writes, and which keeps count."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What stands at one address."""

    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    trickles: bool = False  #: sends a byte now and then, for ever


def page(title: str, text: str = "", *links: str, language: str = "en") -> Page:
    """Return a page with a heading, a paragraph and links, as a shop's site has them."""
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    words = text or f"Everything there is to know about {title.lower()} stands on this page."
    return Page(
        f"<html lang='{language}'><head><title>{title} | Shop</title></head><body>"
        f"<nav><ul>{anchors}</ul></nav><main><h1>{title}</h1><p>{words}</p></main>"
        "<footer>© Shop</footer></body></html>".encode()
    )


class LocalSite:
    """The server; `pages` may change between two requests."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Callable[[str], Page]] = {}
        self.asked: list[str] = []
        self.unchanged: list[str] = []
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Door)
        self._server.site = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def find(self, path: str) -> Page:
        """Return the page of a path; a page of a prefix that ends in * is made as asked for."""
        found = self.pages.get(path)
        if found is None:
            made = (p for name, p in self.pages.items() if name.endswith("*"))
            names = (name[:-1] for name in self.pages if name.endswith("*"))
            for name, each in zip(names, made, strict=True):
                if path.startswith(name):
                    found = each
        if found is None:
            return Page(b"not here", status=404)
        return found if isinstance(found, Page) else found(path)

    def close(self) -> None:
        """Stop."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    site: LocalSite
    daemon_threads = True


class _Door(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the page."""
        site = self.server.site
        site.asked.append(self.path)
        page = site.find(self.path)
        if page.etag is not None and self.headers.get("if-none-match") == page.etag:
            site.unchanged.append(self.path)
            self.send_response(304)
            self.send_header("content-length", "0")
            self.end_headers()
            return
        self.send_response(page.status)
        self.send_header("content-type", page.media_type)
        size = 10_000_000 if page.trickles else len(page.body)
        self.send_header("content-length", str(size))
        if page.etag is not None:
            self.send_header("etag", page.etag)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        while page.trickles and not site.stopping.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                return
        self.wfile.write(page.body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def local_site() -> Iterator[LocalSite]:
    """Run a site while the block lasts."""
    site = LocalSite()
    try:
        yield site
    finally:
        site.close()
