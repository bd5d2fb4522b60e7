"""Origins: exactly the listed pages may talk to a widget, on every way."""

from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from crm_store.database import Database
from tests.webchat.harness import HOST_SITE, Web, serving

OTHER_SITE = "https://other.example"
EVIL = (
    "https://evil.example",
    "https://shop.example.evil.example",
    "https://shop.example:8443",
    "http://shop.example",
    "https://SHOP.example",
    "https://shop.example/",
    "https://sub.shop.example",
    "null",
    "*",
    "file://",
    "https://[",
)


def cors(answer: httpx.Response) -> str | None:
    """Return the origin that may read the answer."""
    found: str | None = answer.headers.get("access-control-allow-origin")
    return found


async def test_only_listed_origins_may_call(web: Web) -> None:
    """A listed origin and our own get an answer they may read; any other gets 403 and no CORS."""
    session = await web.session()
    body = {"client_msg_id": "a", "content": {"kind": "text", "text": "hi"}}
    calls: list[tuple[str, object]] = [
        ("session", {"widget_key": "demo"}),
        ("ticket", {}),
        ("messages", body),
        ("typing", {"on": True}),
        ("read", {"seq": 1}),
        ("events?after=0", None),
    ]
    for path, sent in calls:
        for origin in (HOST_SITE, web.own_origin):
            answer = await web.call(path, sent, token=session["visitor_token"], origin=origin)
            assert answer.is_success
            assert cors(answer) == origin
            assert "Origin" in answer.headers["vary"]
            assert "access-control-allow-credentials" not in answer.headers
        for origin in (*EVIL, OTHER_SITE):
            answer = await web.call(path, sent, token=session["visitor_token"], origin=origin)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "origin_not_allowed"
            assert cors(answer) is None


async def test_errors_can_be_read_by_listed_origins(web: Web) -> None:
    """A refusal carries CORS headers too, so that the page learns why and when to return."""
    answer = await web.call("ticket", {}, origin=HOST_SITE)
    assert answer.status_code == 401
    assert cors(answer) == HOST_SITE
    assert answer.headers["access-control-expose-headers"] == "Retry-After"


async def test_preflights_are_answered_per_origin(web: Web) -> None:
    """Browsers that ask before they call get a yes on listed pages only."""
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    for path in ("session", "messages", "events", "events/stream"):
        url = f"/webchat/v1/{path}"
        granted = await web.http.options(url, headers={**asked, "origin": HOST_SITE})
        assert granted.status_code == 204
        assert cors(granted) == HOST_SITE
        assert "authorization" in granted.headers["access-control-allow-headers"]
        refused = await web.http.options(url, headers={**asked, "origin": EVIL[0]})
        assert refused.status_code == 403
        assert cors(refused) is None


@pytest.mark.parametrize("origin", [*EVIL, OTHER_SITE, None])
async def test_sockets_of_other_origins_are_refused(web: Web, origin: str | None) -> None:
    """CORS does not protect sockets: the handshake itself checks, and demands an origin."""
    session = await web.session()
    async with web.raw_socket(origin=origin) as line:
        with suppress(ConnectionClosed):  # it may be closed before a word is said
            await line.send(type="hello", ticket=session["ticket"], cursor=0)
        assert await line.closed() == 4003


async def test_sockets_of_listed_origins_are_welcome(web: Web) -> None:
    """The host page's own origin may open a socket."""
    session = await web.session()
    async with web.raw_socket(origin=HOST_SITE) as line:
        await line.send(type="hello", ticket=session["ticket"], cursor=0)
        assert (await line.next())["type"] == "welcome"


async def test_a_site_cannot_use_another_ones_ticket(web: Web) -> None:
    """A listed site of one widget gets no stream of another widget's visitor."""
    session = await web.session()
    answer = await web.call(f"events/stream?ticket={session['ticket']}", origin=OTHER_SITE)
    assert answer.status_code == 403


async def test_cross_site_calls_without_origin_are_refused(web: Web) -> None:
    """No origin is fine for what is no browser or our own page, not for another site's page."""
    body = {"widget_key": "demo"}
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
        answer = await web.call("session", body, sec_fetch_site=site)
        assert answer.status_code == status


async def test_a_name_that_points_here_is_not_our_own(sqlite: Database) -> None:
    """DNS rebinding: a page whose name resolves to us is still a foreign page."""
    async with serving(sqlite, own_origins=frozenset({"https://chat.example"})) as web:
        body = {"widget_key": "demo"}
        rebound = {"origin": "http://evil.example:8000", "host": "evil.example:8000"}
        assert (await web.call("session", body, **rebound)).status_code == 403
        behind_proxy = {"origin": "https://chat.example", "host": "127.0.0.1:9"}
        assert (await web.call("session", body, **behind_proxy)).status_code == 200
