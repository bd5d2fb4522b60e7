"""Sites are read politely, within limits, and never beyond the guarded client."""

import gzip
from collections.abc import Iterator

import pytest

from channels.fetcher import AllowedHost, guarded_client
from knowledge_base.addresses import normal_url
from knowledge_base.document import Document, Skipped, Unchanged
from knowledge_base.kinds import kinds
from knowledge_base.robots import parse_robots
from knowledge_base.sitemap import parse_sitemap
from knowledge_base.sources.site import AGENT, Bounds, Seen, Site
from tests.knowledge_sources.site import LocalSite, Page, local_site, page


@pytest.fixture
def site() -> Iterator[LocalSite]:
    """Run an empty site."""
    with local_site() as running:
        yield running


def walked(
    site: LocalSite,
    path: str = "/",
    *,
    seen: dict[str, Seen] | None = None,
    bounds: Bounds | None = None,
) -> tuple[dict[str, Document], dict[str, str], list[str], bool]:
    """Read a site; return pages by path, what was left out, what is unchanged, completeness."""
    client = guarded_client(hosts=[AllowedHost("127.0.0.1")])
    walk = Site(site.url + path, client, seen=seen, bounds=bounds)
    pages: dict[str, Document] = {}
    left: dict[str, str] = {}
    same: list[str] = []
    for found in walk.walk():
        name = found.key.removeprefix(site.url)
        match found:
            case Document():
                pages[name] = found
                if found.kind == "html":
                    walk.follow(found.key, kinds()["html"].read(found).links)
            case Skipped():
                left[name] = found.why
            case Unchanged():
                same.append(name)
                walk.follow(found.key, (seen or {})[found.key].links)
    return pages, left, same, walk.is_complete


def test_links_are_followed_below_the_first_page_only(site: LocalSite) -> None:
    """One host, one folder: what lies beside or elsewhere is not asked for."""
    site.pages = {
        "/help/": page("Help", "", "a", "a#part", "a?utm_source=x", "/shop", "http://b.example/"),
        "/help/a": page("A", "", "/help/", "b.pdf", "pic.png", "javascript:alert(1)"),
        "/help/b.pdf": Page(b"%PDF-1.7", "application/pdf"),
        "/shop": page("Shop"),
    }
    pages, left, _, complete = walked(site, "/help/")

    assert {name: found.kind for name, found in pages.items()} == {
        "/help/": "html",
        "/help/a": "html",
        "/help/b.pdf": "pdf",
    }
    assert (left, complete) == ({}, True)
    assert site.asked == ["/robots.txt", "/help/", "/help/a", "/help/b.pdf"]


def test_robots_txt_is_respected(site: LocalSite) -> None:
    """A forbidden page is named and not asked for; one in trouble closes the site."""
    site.pages = {
        "/robots.txt": Page(b"User-agent: *\nDisallow: /private\n", "text/plain"),
        "/": page("Home", "", "/private/a", "/b"),
        "/b": page("B"),
    }
    pages, left, _, _ = walked(site)
    assert set(pages) == {"/", "/b"}
    assert left == {"/private/a": "robots.txt forbids it"}
    assert "/private/a" not in site.asked

    site.pages["/robots.txt"] = Page(status=503)
    pages, left, _, complete = walked(site)
    assert (pages, complete) == ({}, False)
    assert "left alone" in left["/robots.txt"]


def test_rules_of_robots_txt_follow_the_standard() -> None:
    """The own group, the longest rule, wildcards and ends count as RFC 9309 says."""
    robots = parse_robots(
        "User-agent: other\nUser-agent: TributaryKnowledge\nDisallow: /a\nAllow: /a/b$\n"
        "Disallow: /*.pdf$ # no files\nCrawl-delay: 99\nSitemap: https://a.example/map.xml\n"
        "User-agent: *\nDisallow: /\n",
        AGENT,
    )
    allowed = {"/": True, "/a/x": False, "/a/b": True, "/a/b/c": False, "/x.pdf": False}
    allowed |= {"/x.pdf?a=1": True, "/" + "*" * 3000: True}

    assert {path: robots.allows(f"https://a.example{path}") for path in allowed} == allowed
    assert (robots.delay, robots.sitemaps) == (10.0, ("https://a.example/map.xml",))
    many = parse_robots(f"User-agent: *\nDisallow: /{'*a' * 500}$", AGENT)
    assert many.allows("https://a.example/" + "a" * 1900 + "b")


def test_a_sitemap_names_the_pages_also_by_index_and_packed(site: LocalSite) -> None:
    """An index of maps, one of them packed, is read; pages elsewhere are left out."""
    name = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    index = (
        f"<sitemapindex {name}><sitemap><loc>{site.url}/m1.xml.gz</loc></sitemap></sitemapindex>"
    )
    urls = "".join(f"<url><loc>{u}</loc></url>" for u in (f"{site.url}/a", "https://b.example/x"))
    site.pages = {
        "/sitemap.xml": Page(index.encode(), "application/xml"),
        "/m1.xml.gz": Page(gzip.compress(f"<urlset {name}>{urls}</urlset>".encode())),
        "/a": page("A", "", "/b"),
        "/b": page("B"),
    }
    pages, left, _, complete = walked(site, "/sitemap.xml")

    assert (list(pages), left, complete) == (["/a"], {}, True)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "b">]><urlset/>', "no sitemap that can be read"),
        (b"<html></html>", "its root is <html>"),
        (gzip.compress(b"\0" * 60_000_000), "unpacks to more than"),
        (b"\x1f\x8bbroken", "broken gzip"),
    ],
)
def test_a_sitemap_that_is_none_takes_nothing_away(site: LocalSite, raw: bytes, told: str) -> None:
    """Entities, other pages and bombs are named; the pass counts as incomplete."""
    site.pages = {"/sitemap.xml": Page(raw, "application/xml")}
    pages, left, _, complete = walked(site, "/sitemap.xml")

    assert (pages, complete) == ({}, False)
    assert told in left["/sitemap.xml"]
    assert parse_sitemap(b"https://a.example/x\nno address\n").pages == ("https://a.example/x",)


def test_pages_that_did_not_change_are_asked_for_by_condition(site: LocalSite) -> None:
    """A tag the server gave is sent back; what is unchanged is not sent again."""
    site.pages = {"/": page("Home", "", "/a"), "/a": page("A")}
    for name in ("/", "/a"):
        found = site.find(name)
        found.etag = f'"{name}1"'
    first, _, _, _ = walked(site)
    assert first["/a"].etag == '"/a1"'

    seen = {f.key: Seen(f.etag, None, (f"{site.url}/a",)) for f in first.values()}
    pages, _, same, complete = walked(site, seen=seen)
    assert (pages, same, complete) == ({}, ["/", "/a"], True)
    assert site.unchanged == ["/", "/a"]


def test_cycles_and_endless_calendars_end(site: LocalSite) -> None:
    """Pages that link in circles, or to a next month for ever, are read so many times only."""
    months = 0

    def month(path: str) -> Page:
        nonlocal months
        months += 1
        number = int(path.rpartition("=")[2])
        return page(f"Month {number}", "", f"/calendar?m={number + 1}", "/")

    def year(path: str) -> Page:
        return page("Year", "", f"{path}/x", "/")

    site.pages = {
        "/": page("Home", "", "/", "/calendar?m=1", "/y"),
        "/calendar?*": month,
        "/y*": year,
    }
    pages, _, _, complete = walked(site, bounds=Bounds(depth=60))

    assert months == 25
    assert len(pages) == 1 + 25 + 60
    assert complete
    pages, left, _, complete = walked(site, bounds=Bounds(pages=10))
    assert (len(pages), complete) == (10, False)
    assert any("the limit of 10 pages is reached" in why for why in left.values())


def test_redirects_stay_on_the_site_and_off_private_hosts(site: LocalSite) -> None:
    """A page that moved is known by its new address; one that leads away or inwards is left."""
    with local_site() as other:
        other.pages = {"/secret": page("Secret")}
        inwards = other.url.replace("127.0.0.1", "localhost")
        site.pages = {
            "/": page("Home", "", "/old", "/away", "/in"),
            "/old": Page(status=301, headers={"location": "/new"}),
            "/new": page("New"),
            "/away": Page(status=302, headers={"location": f"{other.url}/secret"}),
            "/in": Page(status=302, headers={"location": f"{inwards}/secret"}),
        }
        pages, left, _, _ = walked(site)

    assert set(pages) == {"/", "/new"}
    assert "leads elsewhere" in left["/away"]
    assert "private address" in left["/in"]


def test_private_addresses_are_not_read(site: LocalSite) -> None:
    """Without an allowance nothing at a private address is asked for, not even robots.txt."""
    site.pages = {"/": page("Home")}
    found = list(Site(site.url, guarded_client()).walk())

    assert [each.why for each in found if isinstance(each, Skipped)] == [
        "is at a private address; TRIBUTARY_KNOWLEDGE_HOSTS names those to be read"
    ]
    assert site.asked == []


def test_a_server_that_sends_for_ever_is_left(site: LocalSite) -> None:
    """A page that trickles, one too large and one that fails cost a line each, not the others."""
    site.pages = {
        "/": page("Home", "", "/slow", "/big", "/no", "/broken", "/ok"),
        "/slow": Page(trickles=True),
        "/big": Page(b"x" * 10_000_001),
        "/broken": Page(status=500),
        "/ok": page("Fine"),
    }
    pages, left, _, complete = walked(site, bounds=Bounds(page_seconds=1.0))

    assert set(pages) == {"/", "/ok"}
    assert "within 1 seconds" in left["/slow"]
    assert "larger than 10,000,000 bytes" in left["/big"]
    assert left["/no"] == "is not there (HTTP 404)"
    assert left["/broken"] == "is not given (HTTP 500)"
    assert complete


def test_a_server_in_trouble_is_given_up(site: LocalSite) -> None:
    """Ten failures in a row end the pass, and nothing counts as gone."""
    links = [f"/{number}" for number in range(40)]
    site.pages = {"/": page("Home", "", *links), **dict.fromkeys(links, Page(status=500))}
    _, left, _, complete = walked(site)

    assert not complete
    assert len(site.asked) < 20
    assert any("given up" in why for why in left.values())


def test_one_page_has_one_address() -> None:
    """Fragments, tracking marks, usual ports and the order of the query make no difference."""
    same = ["HTTPS://A.example:443/x//y?b=2&a=1#top", "https://a.example/x/y?a=1&b=2&utm_source=z"]
    assert {normal_url(url) for url in same} == {"https://a.example/x/y?a=1&b=2"}
    assert normal_url("https://a.example/退货") == "https://a.example/%E9%80%80%E8%B4%A7"
    for wrong in ("ftp://a.example/", "https://u:p@a.example/", "https://[", "mailto:a@b.example"):
        assert normal_url(wrong) is None
