"""Sites: pages read one after another from an address or a sitemap, within limits and politely.

Only through the guarded client, which reaches nothing private. One pass stays on one host, below
the path it began at, and ends: after so many pages, at a depth, with so many variants of a page.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from channels.fetcher import Answer, AnswerTooLargeError, SSRFProtectionError, fetch
from knowledge_base.addresses import normal_url
from knowledge_base.document import (
    Document,
    Skipped,
    Unchanged,
    UnreadableError,
)
from knowledge_base.kinds import kind_of_answer
from knowledge_base.robots import ROBOTS_BYTES_MAX, Robots, parse_robots
from knowledge_base.sitemap import SITEMAP_BYTES_MAX, parse_sitemap

#: How the crawler names itself.
AGENT: Final = "TributaryKnowledge/1.0"
#: Pages of one pass unless told otherwise.
PAGES_DEFAULT: Final = 500
#: Links followed one after another unless told otherwise.
DEPTH_DEFAULT: Final = 6
#: Longest time for one page, in seconds, however slowly it comes.
PAGE_SECONDS: Final = 30.0
#: Largest page, in bytes.
PAGE_BYTES_MAX: Final = 10_000_000
#: Pages asked for at the same time.
_AT_ONCE: Final = 4
#: Addresses that wait at most.
_WAITING_MAX: Final = 50_000
#: Variants of one page that differ in what follows the question mark: calendars have no end.
_VARIANTS_MAX: Final = 25
#: Maps that one index leads to.
_MAPS_MAX: Final = 200
#: Failures one after another after which a server is left alone.
_FAILURES_MAX: Final = 10
_NO_PAGES: Final = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|ico|bmp|css|js|mjs|map|woff2?|ttf|eot|mp[34]|webm|avi|mov|wav|"
    r"zip|gz|tgz|rar|7z|exe|dmg|apk|iso|xml|rss|atom|ics)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a page from the last time."""

    etag: str | None = None
    last_modified: str | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one pass goes."""

    pages: int = PAGES_DEFAULT
    depth: int = DEPTH_DEFAULT
    page_seconds: float = PAGE_SECONDS


@dataclass(slots=True)
class _Frontier:
    """The addresses that wait, and all that ever did."""

    waiting: deque[tuple[str, int]] = field(default_factory=deque)
    known: set[str] = field(default_factory=set)
    variants: Counter[str] = field(default_factory=Counter)


class Site:
    """The pages of a site.

    Args:
        url: of a page, or of a sitemap.
        client: from `channels.fetcher.guarded_client`, for this pass alone.
        seen: what is known of its pages from the last time, by address.
        bounds: how far to go.
    """

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        *,
        seen: Mapping[str, Seen] | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self._start = normal_url(url) or url
        self._client = client
        self._seen = seen or {}
        self._bounds = bounds or Bounds()
        self._frontier = _Frontier()
        self._depths: dict[str, int] = {}
        self._read: set[str] = set()
        self._robots = Robots()
        self._failures = 0
        self._has_map = False
        #: False: some of its pages were not looked at, so that what is missing is not gone.
        self.is_complete = True

    def walk(self) -> Iterator[Document | Unchanged | Skipped]:
        """Yield the pages that changed, and the others by name."""
        with asyncio.Runner() as runner:
            try:
                yield from runner.run(self._begin())
                count = 0
                while self._frontier.waiting:
                    if count >= self._bounds.pages:
                        self.is_complete = False
                        left = len(self._frontier.waiting)
                        why = f"and {left - 1:,} more: the limit of {count:,} pages is reached"
                        yield Skipped(self._frontier.waiting[0][0], why)
                        return
                    if self._failures >= _FAILURES_MAX:
                        self.is_complete = False
                        why = f"given up: {self._failures} pages in a row could not be had"
                        yield Skipped(self._start, why)
                        return
                    batch = self._next(self._bounds.pages - count)
                    count += len(batch)
                    for found in runner.run(self._fetch_all(batch)):
                        yield from self._once(found)
            finally:
                runner.run(self._client.aclose())

    def follow(self, key: str, links: Sequence[str]) -> None:
        """Take up the links of a page that was read; those of a sitemap's pages are not needed."""
        depth = self._depths.get(key, 0)
        if self._has_map:
            return
        for link in links:
            self._add(link, depth + 1)

    def _once(
        self, found: "Document | Unchanged | Skipped"
    ) -> Iterator["Document | Unchanged | Skipped"]:
        """Yield a page unless another address led to it already."""
        if found.key not in self._read:
            self._read.add(found.key)
            yield found

    async def _begin(self) -> list[Skipped]:
        """Read robots.txt and, if the address is one, the sitemap."""
        found: list[Skipped] = []
        robots = await self._read_robots()
        if isinstance(robots, Skipped):
            # The standard: a server in trouble is left alone.
            self.is_complete = False
            return [robots]
        self._robots = robots
        path = urlsplit(self._start).path.lower()
        if path.endswith((".xml", ".xml.gz", ".txt")) and "sitemap" in path:
            self._has_map = True
            await self._read_maps([self._start], found)
            if not self._frontier.waiting:
                self.is_complete = False
        else:
            self._add(self._start, 0)
        return found

    async def _read_robots(self) -> Robots | Skipped:
        url = urljoin(self._start, "/robots.txt")
        answer = await self._get(url, most=ROBOTS_BYTES_MAX)
        if isinstance(answer, Skipped):
            return answer
        if answer.status >= 500:
            return Skipped(url, f"{_status(answer.status)}: the site is left alone")
        if answer.status != 200:
            return Robots()
        return parse_robots(answer.body.decode("utf-8", errors="replace"), AGENT)

    async def _read_maps(self, urls: Sequence[str], found: list[Skipped]) -> None:
        waiting, known = deque(urls), set(urls)
        while waiting:
            url = waiting.popleft()
            answer = await self._get(url, most=SITEMAP_BYTES_MAX)
            if isinstance(answer, Skipped) or answer.status != 200:
                self.is_complete = False
                why = answer.why if isinstance(answer, Skipped) else _status(answer.status)
                found.append(Skipped(url, f"sitemap: {why}"))
                continue
            try:
                sitemap = parse_sitemap(answer.body)
            except UnreadableError as error:
                self.is_complete = False
                found.append(Skipped(url, str(error)))
                continue
            for page in sitemap.pages:
                self._add(page, 0)
            for inner in sitemap.maps:
                if inner not in known and len(known) < _MAPS_MAX and self._is_ours(inner):
                    known.add(inner)
                    waiting.append(inner)

    def _add(self, url: str, depth: int) -> None:
        address = normal_url(url)
        frontier = self._frontier
        if address is None or address in frontier.known or not self._is_ours(address):
            return
        if depth > self._bounds.depth or len(frontier.known) >= _WAITING_MAX:
            return
        if _NO_PAGES.search(urlsplit(address).path) or not self._is_below(address):
            return
        if urlsplit(address).query:
            page = address.partition("?")[0]
            frontier.variants[page] += 1
            if frontier.variants[page] > _VARIANTS_MAX:
                return
        frontier.known.add(address)
        frontier.waiting.append((address, depth))

    def _is_ours(self, url: str) -> bool:
        ours, theirs = urlsplit(self._start), urlsplit(url)
        return (ours.hostname, ours.port) == (theirs.hostname, theirs.port) or (
            # A site often answers under both schemes, each at its usual port.
            ours.hostname == theirs.hostname and not ours.port and not theirs.port
        )

    def _is_below(self, url: str) -> bool:
        """Tell whether a page stands in the folder of the first one, or comes from the map."""
        folder = urlsplit(self._start).path.rpartition("/")[0]
        return self._has_map or urlsplit(url).path.startswith(f"{folder}/")

    def _next(self, most: int) -> list[str]:
        batch: list[str] = []
        at_once = 1 if self._robots.delay else _AT_ONCE
        while self._frontier.waiting and len(batch) < min(at_once, most):
            url, depth = self._frontier.waiting.popleft()
            self._depths[url] = depth
            batch.append(url)
        return batch

    async def _fetch_all(self, urls: Sequence[str]) -> list["Document | Unchanged | Skipped"]:
        if self._robots.delay and self._read:
            await asyncio.sleep(self._robots.delay)
        return list(await asyncio.gather(*map(self._fetch, urls)))

    async def _fetch(self, url: str) -> "Document | Unchanged | Skipped":
        if not self._robots.allows(url):
            return Skipped(url, "robots.txt forbids it", gone=True)
        seen = self._seen.get(url)
        headers: dict[str, str] = {}
        if seen is not None and seen.etag:
            headers["if-none-match"] = seen.etag
        if seen is not None and seen.last_modified:
            headers["if-modified-since"] = seen.last_modified
        answer = await self._get(url, most=PAGE_BYTES_MAX, headers=headers)
        if isinstance(answer, Skipped):
            return answer
        if answer.status == 304 and seen is not None:
            return Unchanged(url)
        if answer.status != 200:
            gone = answer.status in {404, 410}
            return Skipped(url, _status(answer.status), gone=gone)
        return self._document(url, answer)

    def _document(self, url: str, answer: Answer) -> "Document | Skipped":
        key = normal_url(answer.url) or url
        if key != url:
            if not self._is_ours(key) or not self._is_below(key):
                return Skipped(url, f"leads elsewhere, to {urlsplit(key).netloc}", gone=True)
            if not self._robots.allows(key):
                return Skipped(url, "robots.txt forbids where it leads", gone=True)
            self._frontier.known.add(key)
            self._depths.setdefault(key, self._depths.get(url, 0))
        media_type = answer.headers.get("content-type", "")
        kind = kind_of_answer(media_type, key)
        if kind is None:
            named = media_type.partition(";")[0].strip() or "without a content type"
            return Skipped(key, f"{named[:60]} cannot be read", gone=True)
        charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", media_type, re.I)
        return Document(
            key=key,
            kind=kind,
            raw=answer.body,
            modified=_day(answer.headers.get("last-modified")),
            url=key,
            charset=charset[1] if charset else None,
            etag=_kept(answer.headers.get("etag")),
            last_modified=_kept(answer.headers.get("last-modified")),
        )

    async def _get(
        self, url: str, *, most: int, headers: Mapping[str, str] | None = None
    ) -> "Answer | Skipped":
        try:
            async with asyncio.timeout(self._bounds.page_seconds):
                request = self._client.build_request(
                    "GET", url, headers={"user-agent": AGENT, "accept": "*/*", **(headers or {})}
                )
                answer = await fetch(self._client, request, most=most)
        except (TimeoutError, httpx.TimeoutException):
            why = f"no whole answer within {self._bounds.page_seconds:g} seconds"
        except AnswerTooLargeError:
            why = f"is larger than {most:,} bytes, or packed without being asked"
        except SSRFProtectionError:
            why = "is at a private address; TRIBUTARY_KNOWLEDGE_HOSTS names those to be read"
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            why = "is no address that can be asked for"
        except httpx.TooManyRedirects:
            why = "redirects without end"
        except (httpx.HTTPError, OSError) as error:
            why = f"cannot be reached ({type(error).__name__})"
        else:
            self._failures = self._failures + 1 if answer.status >= 500 else 0
            return answer
        self._failures += 1
        return Skipped(url, why)


def _status(status: int) -> str:
    words = {401: "asks for a password", 403: "is forbidden", 404: "is not there", 410: "is gone"}
    return f"{words.get(status, 'is not given')} (HTTP {status})"


def _kept(header: str | None) -> str | None:
    return header if header and len(header) <= 300 else None


def _day(header: str | None) -> date:
    try:
        return parsedate_to_datetime(header or "").date()
    except (ValueError, TypeError, IndexError):
        return datetime.now(UTC).date()
