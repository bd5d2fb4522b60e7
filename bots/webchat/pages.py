"""Pages: the widget, its loader and the example site, read once and served from memory.

Nothing of a request ever becomes a file name: what is not in the table does not exist.
"""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bots.security import content_security_policy
from bots.webchat.parts import WebchatParts

FOLDER: Final = Path(__file__).resolve().parent.parent / "static"

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
_PACKED: Final = frozenset({".html", ".js", ".css", ".svg", ".txt", ".json"})

#: Host pages load it themselves and cannot be told of a new one; five minutes is soon enough.
LOADER_CACHE: Final = "public, max-age=300"
#: Modules must fit each other, so browsers ask each time; the answer is mostly "not modified".
CACHE: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None  #: gzip, where that is smaller
    media_type: str
    etag: str

    def response(self, request: Request, *, cache: str = CACHE) -> Response:
        """Return the file, or that the browser has it already."""
        headers = {"etag": self.etag, "cache-control": cache, "vary": "Accept-Encoding"}
        known = request.headers.get("if-none-match", "")
        if self.etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}:
            # With its type, so that a page keeps the policy of a page: browsers take over the
            # headers of a 304.
            return Response(status_code=304, headers=headers, media_type=self.media_type)
        body = self.body
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body = self.packed
            headers["content-encoding"] = "gzip"
        return Response(body, headers=headers, media_type=self.media_type)


def read_folder(folder: Path) -> dict[str, StaticFile]:
    """Return the files of known types below `folder` by their path, with forward slashes."""
    files: dict[str, StaticFile] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        media_type = _TYPES.get(path.suffix)
        if media_type is None or not path.is_file() or path.is_symlink():
            continue
        body = path.read_bytes()
        packed = gzip.compress(body, mtime=0) if path.suffix in _PACKED else None
        if packed is not None and len(packed) >= len(body):
            packed = None
        etag = f'"{sha256(body).hexdigest()[:24]}"'
        files[path.relative_to(folder).as_posix()] = StaticFile(body, packed, media_type, etag)
    return files


def _not_found() -> Response:
    return PlainTextResponse("not found", status_code=404)


def create_page_routes(parts: WebchatParts, *, folder: Path = FOLDER) -> list[Route]:
    """Return the routes of the loader, the widget and the example site."""
    files = read_folder(folder)

    def serve(prefix: str, *, pages: bool) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            path = str(request.path_params["path"])
            # Pages have routes of their own, with policies of their own.
            hidden = not pages and (
                path.endswith(".html") or path.startswith(("site/", "playground/"))
            )
            found = None if hidden else files.get(prefix + path)
            return _not_found() if found is None else found.response(request)

        return answer

    def loader(request: Request) -> Response:
        found = files.get("loader.js")
        if found is None:
            return _not_found()
        response = found.response(request, cache=LOADER_CACHE)
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    def widget(request: Request) -> Response:
        found = files.get("widget.html")
        if found is None:
            return _not_found()
        account = parts.accounts.get(request.query_params.get("key", "demo"))
        origins = account.origins if account is not None else frozenset[str]()
        response = found.response(request)
        response.headers["content-security-policy"] = content_security_policy(
            request.headers.get("host", ""), ancestors={"'self'", *origins, *parts.own_origins}
        )
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    def home(request: Request) -> Response:
        found = files.get("site/index.html")
        return _not_found() if found is None else found.response(request)

    def in_loop(
        answer: Callable[[Request], Response],
    ) -> Callable[[Request], Awaitable[Response]]:
        # Plain functions would be sent to a thread; these touch memory only.
        async def endpoint(request: Request) -> Response:
            return answer(request)

        return endpoint

    table: dict[str, Callable[[Request], Response]] = {
        "/": home,
        "/site/{path:path}": serve("site/", pages=True),
        "/webchat/loader.js": loader,
        "/webchat/widget": widget,
        "/webchat/static/{path:path}": serve("", pages=False),
    }
    return [Route(path, in_loop(answer), methods=["GET"]) for path, answer in table.items()]
