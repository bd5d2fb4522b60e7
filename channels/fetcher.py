"""The one guarded way out: an HTTP client that connects to public or allowed addresses only."""

import ipaddress
from collections.abc import Sequence
from typing import Final

import httpx
from httpx_secure import SSRFProtectionError, httpx_ssrf_protection

#: Longest a request may take, seconds.
TIMEOUT: Final = 10.0

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

__all__ = ["Network", "SSRFProtectionError", "guarded_client", "parse_networks"]


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list in CIDR notation.

    Raises:
        ValueError: an item is not a network.
    """
    items = (item.strip() for item in text.split(","))
    return tuple(ipaddress.ip_network(item) for item in items if item)


def guarded_client(
    *, allow: Sequence[Network] = (), timeout: float = TIMEOUT
) -> httpx.AsyncClient:
    """Return a client without ambient credentials, proxies or redirects.

    The address is checked when connected, so neither a name that resolves inwards nor one that
    changes between look-up and connection gets through.

    Args:
        allow: networks that are not public but may be reached.
        timeout: longest time of one request, seconds.
    """

    def may_reach(
        _host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address, _port: int
    ) -> bool:
        return address.is_global or any(address in network for network in allow)

    client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)
    return httpx_ssrf_protection(
        client, check_globally_reachable=False, custom_validator=may_reach
    )
