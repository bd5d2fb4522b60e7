"""Addresses of the web in their one form, so that one page is one document."""

import re
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from knowledge_base.document import URL_CHARS_MAX

#: What follows the question mark for those who count visitors.
_TRACKING: Final = re.compile(
    r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|spm|ref|sessionid|phpsessid"
)


def normal_url(url: str) -> str | None:
    """Return the one form of an address of the web, or None where it is none.

    Without fragment and tracking marks, with the query in order, so that one page is one address.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or parts.username:
        return None
    scheme = parts.scheme.lower()
    usual = {"http": 80, "https": 443}[scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port in (None, usual) else f"{host}:{port}"
    path = quote(re.sub(r"/{2,}", "/", parts.path or "/"), safe="/%:@!$&'()*+,;=~-._")
    pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    query = urlencode(sorted(p for p in pairs if not _TRACKING.fullmatch(p[0].lower())))
    address = urlunsplit((scheme, netloc, path, query, ""))
    return address if len(address) <= URL_CHARS_MAX else None
