"""The one guarded way out: an HTTP client that connects to public or allowed addresses only."""

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from httpx_secure import SSRFProtectionError, httpx_ssrf_protection

#: Longest a request may take, seconds.
TIMEOUT: Final = 10.0
#: Redirects that are followed for a request that only reads.
REDIRECTS_MAX: Final = 3

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST: Final = re.compile(
    r"(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
)

__all__ = [
    "AllowedHost",
    "Answer",
    "AnswerTooLargeError",
    "Network",
    "SSRFProtectionError",
    "fetch",
    "guarded_client",
    "parse_hosts",
    "parse_networks",
]


class AnswerTooLargeError(Exception):
    """The answer is larger than is read, or packed so that its size cannot be told."""


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """A host that may be reached wherever its name leads; its own port, or all."""

    host: str  #: lower case
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str  #: where it came from after redirects


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list in CIDR notation.

    Raises:
        ValueError: an item is not a network.
    """
    items = (item.strip() for item in text.split(","))
    return tuple(ipaddress.ip_network(item) for item in items if item)


def parse_hosts(text: str) -> tuple[tuple[AllowedHost, ...], tuple[Network, ...]]:
    """Return the hosts and networks of a comma-separated list, e.g. `crm.internal, 10.0.0.0/8`.

    Raises:
        ValueError: an item is neither `host`, `host:port` nor a network.
    """
    hosts: list[AllowedHost] = []
    networks: list[Network] = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        wrong = f"{item!r} is neither a host, host:port nor a network like 10.0.0.0/8"
        if "/" in item:
            try:
                networks.append(ipaddress.ip_network(item))
            except ValueError as error:
                raise ValueError(wrong) from error
            continue
        found = _HOST.fullmatch(item)
        port = int(found["port"]) if found is not None and found["port"] else None
        if found is None or (port is not None and not 0 < port < 65536):
            raise ValueError(wrong)
        hosts.append(AllowedHost(found["host"].strip("[]").lower(), port))
    return tuple(hosts), tuple(networks)


def guarded_client(
    *,
    allow: Sequence[Network] = (),
    hosts: Collection[AllowedHost] = (),
    timeout: float = TIMEOUT,
) -> httpx.AsyncClient:
    """Return a client without ambient credentials, proxies or redirects.

    The address is checked when connected, so neither a name that resolves inwards nor one that
    changes between look-up and connection gets through.

    Args:
        allow: networks that are not public but may be reached.
        hosts: hosts that may be reached though they are not public.
        timeout: longest time of one request, seconds.
    """
    allowed = frozenset(hosts)

    def may_reach(
        host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
    ) -> bool:
        name = host.strip("[]").lower()
        return (
            address.is_global
            or any(address in network for network in allow)
            or not allowed.isdisjoint({AllowedHost(name), AllowedHost(name, port)})
        )

    client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)
    return httpx_ssrf_protection(
        client, check_globally_reachable=False, custom_validator=may_reach
    )


async def fetch(client: httpx.AsyncClient, request: httpx.Request, *, most: int) -> Answer:
    """Send `request` and return the answer, following redirects of requests that only read.

    Each redirect goes through the guard like the request itself. Headers go along only within
    the same origin, so that a secret is never shown to another server, and nothing that was asked
    for under TLS is asked for without.

    Args:
        client: from `guarded_client`.
        request: made by this client.
        most: largest body that is read, in bytes.

    Raises:
        AnswerTooLargeError: the body is larger.
        SSRFProtectionError: the address may not be reached.
        httpx.HTTPError: no answer came.
    """
    request.headers["accept-encoding"] = "identity"
    for _ in range(REDIRECTS_MAX + 1):
        response = await client.send(request, stream=True)
        try:
            following = _redirected(client, request, response)
            if following is None:
                return await _read(response, most)
        finally:
            await response.aclose()
        request = following
    message = "too many redirects"
    raise httpx.TooManyRedirects(message, request=request)


def _redirected(
    client: httpx.AsyncClient, request: httpx.Request, response: httpx.Response
) -> httpx.Request | None:
    location = response.headers.get("location")
    if request.method not in {"GET", "HEAD"} or not response.is_redirect or not location:
        return None
    url = request.url.join(location)
    if url.scheme not in {"http", "https"} or (
        request.url.scheme == "https" and url.scheme == "http"
    ):
        return None
    same = (url.scheme, url.host, url.port) == (
        request.url.scheme,
        request.url.host,
        request.url.port,
    )
    headers = {k: v for k, v in request.headers.items() if k not in {"host"}} if same else {}
    return client.build_request(
        request.method, url, headers={**headers, "accept-encoding": "identity"}
    )


async def _read(response: httpx.Response, most: int) -> Answer:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise AnswerTooLargeError
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most:
            raise AnswerTooLargeError
    return Answer(response.status_code, response.headers, bytes(body), str(response.url))
