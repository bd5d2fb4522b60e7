"""sitemap.xml: the pages a site names itself, also as an index of maps and packed."""

import re
import zlib
from dataclasses import dataclass
from typing import Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from knowledge_base.document import URL_CHARS_MAX, UnreadableError

#: Largest map, unpacked, in bytes; the protocol's own limit.
SITEMAP_BYTES_MAX: Final = 52_428_800
#: Most pages of one map; the protocol's own limit.
_ENTRIES_MAX: Final = 50_000
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses in one map."""

    pages: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()  #: of an index: further maps


def parse_sitemap(raw: bytes) -> Sitemap:
    """Return the addresses in a map: XML, packed XML, or one address a line.

    Raises:
        UnreadableError: it is none, too large, or declares entities.
    """
    if raw.startswith(_GZIP):
        raw = _unpacked(raw)
    if not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = raw.decode("utf-8", errors="replace").split()
        return Sitemap(pages=tuple(filter(_is_address, lines[:_ENTRIES_MAX])))
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        message = f"is no sitemap that can be read ({type(error).__name__})"
        raise UnreadableError(message) from error
    name = _local(root.tag)
    if name not in {"urlset", "sitemapindex"}:
        message = f"is no sitemap: its root is <{name[:40]}>"
        raise UnreadableError(message)
    found = [
        (part.text or "").strip()
        for entry in root
        for part in entry
        if _local(part.tag) == "loc" and _is_address((part.text or "").strip())
    ][:_ENTRIES_MAX]
    return Sitemap(maps=tuple(found)) if name == "sitemapindex" else Sitemap(pages=tuple(found))


def _unpacked(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(raw, SITEMAP_BYTES_MAX)
    except zlib.error as error:
        message = "is a broken gzip file"
        raise UnreadableError(message) from error
    if unpacker.unconsumed_tail:
        message = f"unpacks to more than {SITEMAP_BYTES_MAX:,} bytes: a zip bomb?"
        raise UnreadableError(message)
    return text


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _is_address(text: str) -> bool:
    return len(text) <= URL_CHARS_MAX and re.match(r"https?://[^\s/]", text, re.I) is not None
