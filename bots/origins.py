"""Origins: scheme, host and port of a page, as browsers write them."""

from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def read_origin(text: str) -> str:
    """Return `text` as browsers write an origin: lower case, no path, no default port.

    Raises:
        ValueError: it is no origin; wildcards are none.
    """
    wrong = f"{text!r} is no origin; write https://www.example.com, without path or wildcard"
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError(wrong) from error
    host = (parts.hostname or "").lower()
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in _DEFAULT_PORTS or not host or extra or set(host) & set("*'\"; "):
        raise ValueError(wrong)
    shown = f"[{host}]" if ":" in host else host
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{shown}"
    return f"{parts.scheme}://{shown}:{port}"


def read_origins(text: str) -> frozenset[str]:
    """Return the origins of a comma-separated list.

    Raises:
        ValueError: one of them is no origin.
    """
    return frozenset(read_origin(each) for each in text.split(",") if each.strip())
