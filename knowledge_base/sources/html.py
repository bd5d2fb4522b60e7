"""HTML pages: the main content with its headings, lists and tables, and the links it has."""

import re
from datetime import date
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import orjson
from lxml.etree import LxmlError, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from knowledge_base.addresses import normal_url
from knowledge_base.decoding import decode
from knowledge_base.document import (
    URL_CHARS_MAX,
    Document,
    Extract,
    Note,
    Reading,
    UnreadableError,
    one_line,
    shorten,
)
from knowledge_base.markup import remove_hidden, to_markdown
from knowledge_base.sources.markdown import first_heading, name_as_title

SUFFIXES: Final = (".html", ".htm", ".xhtml")
MEDIA_TYPES: Final = ("text/html", "application/xhtml+xml")

#: Most links that are taken from a page.
LINKS_MAX: Final = 2000
#: A landmark with fewer characters than this is no content but a frame for one.
_LANDMARK_MIN: Final = 80
#: The main content of a page without landmarks is the smallest part with this share of it.
_SHARE: Final = 0.85
#: Characters of a page in which its declared encoding stands, in bytes.
_HEAD: Final = 4096
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CHROME: Final = (
    "nav", "footer", "aside", "header",
    "*[@role='navigation' or @role='banner' or @role='contentinfo' or @role='search']",
)  # fmt: skip
_TITLE_JOINT: Final = re.compile(r"\s+[|\u2013\u2014·»_-]\s+|\s*[|｜_]\s*")


def read(document: Document) -> Reading:
    """Return the page as one article with its links.

    Raises:
        UnreadableError: no text, a page that asks not to be indexed, or nothing to read on it.
    """
    raw = document.raw
    named = _CHARSET.search(raw[:_HEAD])
    declared = document.charset or (named[1].decode("ascii") if named else None)
    page = _parse(decode(raw, declared=declared))
    base = _base(page, document.url)
    links = _links(page, base)
    canonical = normal_url(_address(_first(page, "//link[@rel='canonical']/@href"), base) or "")
    if "noindex" in _first(page, "//meta[@name='robots']/@content").lower():
        note = Note("asks not to be indexed (noindex)")
        return Reading(notes=(note,), links=links, canonical=canonical)
    title, language, updated = _title(page), _language(page), _updated(page)
    remove_hidden(page)
    root = _main(page)
    heading, body = first_heading(to_markdown(root, base=base))
    if not body.strip():
        note = Note("has no text to read; is it drawn by a script?")
        return Reading(notes=(note,), links=links, canonical=canonical)
    extract = Extract(
        title=shorten(_best_title(heading, title) or name_as_title(document.key)),
        body=body,
        language_hint=language,
        updated=updated,
        url=canonical or document.url,
    )
    return Reading((extract,), links=links, canonical=canonical)


def _parse(text: str) -> HtmlElement:
    # An XML declaration would name an encoding the text no longer has.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        return document_fromstring(text, parser=HTMLParser(remove_comments=True, remove_pis=True))
    except (LxmlError, ParserError, ValueError, AssertionError) as error:
        message = "has no text to read"
        raise UnreadableError(message) from error


def _first(page: HtmlElement, path: str) -> str:
    found = page.xpath(path)
    return one_line(str(found[0])) if found else ""


def _base(page: HtmlElement, url: str | None) -> str | None:
    href = _first(page, "//base/@href")
    return _address(href, url) or url


def _address(href: str, base: str | None) -> str | None:
    """Return an absolute URL of the web without its fragment, or None."""
    if not href:
        return None
    try:
        url = urljoin(base or "", href).partition("#")[0]
        parts = urlsplit(url)
    except ValueError:
        return None
    whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return url if whole and len(url) <= URL_CHARS_MAX and not re.search(r"\s", url) else None


def _links(page: HtmlElement, base: str | None) -> tuple[str, ...]:
    if "nofollow" in _first(page, "//meta[@name='robots']/@content").lower():
        return ()
    found: dict[str, None] = {}
    for anchor in page.iter("a", "area"):
        nofollow = "nofollow" in (anchor.get("rel") or "").lower().split()
        if not nofollow and (url := _address(one_line(anchor.get("href") or ""), base)):
            found[url] = None
            if len(found) >= LINKS_MAX:
                break
    return tuple(found)


def _title(page: HtmlElement) -> str:
    return (
        _first(page, "//meta[@property='og:title']/@content")
        or _first(page, "//head/title/text()")
        or _first(page, "//title/text()")
    )


def _best_title(heading: str, title: str) -> str:
    """Return the page's heading if the browser's title says the same, else that title's part."""
    if heading and (not title or heading.lower() in title.lower()):
        return heading
    parts = [part for part in _TITLE_JOINT.split(title) if part]
    return heading or (max(parts[:1] + parts[-1:], key=len) if parts else title)


def _language(page: HtmlElement) -> str | None:
    found = page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    found = found or _first(page, "//meta[@http-equiv='content-language']/@content")
    return found if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", found) else None


def _updated(page: HtmlElement) -> date | None:
    """Return the day a page says it was last changed or published."""
    paths = (
        "//meta[@property='article:modified_time' or @property='og:updated_time']/@content",
        "//meta[@name='last-modified' or @itemprop='dateModified']/@content",
        "//meta[@property='article:published_time' or @itemprop='datePublished']/@content",
        "//meta[@name='date' or @name='pubdate']/@content",
        "//time[@itemprop='dateModified']/@datetime",
    )
    texts = [_first(page, path) for path in paths]
    texts[2:2] = _linked_data_dates(page)
    for text in texts:
        if found := _DATE.search(text):
            try:
                return date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                continue
    return None


def _linked_data_dates(page: HtmlElement) -> list[str]:
    found: list[str] = []
    for script in page.xpath("//script[@type='application/ld+json']/text()")[:5]:
        try:
            data: Any = orjson.loads(script)
        except orjson.JSONDecodeError:
            continue
        for item in data if isinstance(data, list) else [data]:
            if isinstance(item, dict):
                found.extend(str(item.get(k, "")) for k in ("dateModified", "datePublished"))
    return found


def _main(page: HtmlElement) -> HtmlElement:
    """Return the element with the main content.

    A landmark says which it is. Without one, trafilatura tells which text matters, and the
    smallest element around it is taken, so that lists and tables are kept as they stand.
    """
    body = page.find("body") if page.find("body") is not None else page
    for path in ("//main", "//*[@role='main']", "//article"):
        found = page.xpath(path)
        if len(found) == 1 and len(_text(found[0])) >= _LANDMARK_MIN:
            return _without_chrome(found[0])
    matters = _words_that_matter(page)
    body = _without_chrome(body)
    if not matters:
        return body
    root, total = body, _overlap(body, matters)
    while total:
        inner = max(
            ((_overlap(each, matters), each) for each in root if isinstance(each.tag, str)),
            key=lambda pair: pair[0],
            default=(0, root),
        )
        if inner[0] < _SHARE * total or inner[1].tag in {"p", "ul", "ol", "table", "dl"}:
            break
        root = inner[1]
    return root


def _without_chrome(root: HtmlElement) -> HtmlElement:
    for element in root.xpath("|".join(f".//{name}" for name in _CHROME)):
        # A heading inside a <header> of the content is content.
        titled = element.tag == "header" and element.find(".//h1") is not None
        if element.getparent() is not None and not titled:
            element.drop_tree()
    return root


def _words_that_matter(page: HtmlElement) -> frozenset[str]:
    from trafilatura import extract

    text = extract(page, include_comments=False, include_tables=True, favor_recall=True)
    return frozenset(line.strip() for line in (text or "").split("\n") if len(line.strip()) > 15)


def _overlap(element: HtmlElement, matters: frozenset[str]) -> int:
    """Return how many characters of the text that matters stand in `element`."""
    text = _text(element)
    return sum(len(line) for line in matters if line[:60] in text)


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
