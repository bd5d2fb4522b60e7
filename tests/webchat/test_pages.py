"""Pages and files: strict headers on every one, and nothing but our own files."""

from pathlib import Path

import httpx
from starlette.applications import Starlette

from bots.security import HSTS, SecurityHeaders
from bots.webchat.pages import FOLDER, read_folder
from tests.webchat.harness import HOST_SITE, Web

PAGES = ("/", "/webchat/widget?key=demo")


def policy(answer: httpx.Response) -> dict[str, str]:
    """Return the directives of the answer's content security policy."""
    parts = answer.headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


async def test_every_page_has_a_strict_policy(web: Web) -> None:
    """No inline script or style, no foreign script, no frames by strangers, on any page."""
    for path in PAGES:
        if path == "/" and not (FOLDER / "site" / "index.html").exists():
            continue
        answer = await web.http.get(path)
        assert answer.status_code == 200
        rules = policy(answer)
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == "'self'"
        host = web.base.removeprefix("http://")
        assert rules["connect-src"] == f"'self' ws://{host} wss://{host}"
        assert rules["base-uri"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"]
        assert "strict-transport-security" not in answer.headers


async def test_only_the_widget_may_be_framed_and_only_by_its_sites(web: Web) -> None:
    """The widget's page names the account's origins; other pages may not be framed at all."""
    rules = policy(await web.http.get("/webchat/widget?key=demo"))
    assert rules["frame-ancestors"] == f"'self' {HOST_SITE}"
    unknown = policy(await web.http.get("/webchat/widget?key=nobody"))
    assert unknown["frame-ancestors"] == "'self'"
    assert policy(await web.http.get("/"))["frame-ancestors"] == "'none'"
    answer = await web.call("session", {"widget_key": "demo"})
    assert policy(answer) == {"default-src": "'none'", "frame-ancestors": "'none'"}


async def test_a_hostile_host_header_stays_out_of_the_policy(web: Web) -> None:
    """What a client claims as host cannot add rules."""
    for host in ("evil.example; script-src *", "a b", "'unsafe-inline'"):
        answer = await web.http.get("/webchat/widget?key=demo", headers={"host": host})
        if answer.status_code == 200:
            assert policy(answer)["connect-src"] == "'self'"


async def test_the_loader_can_be_embedded_anywhere(web: Web) -> None:
    """The loader is a cross-origin resource, kept for minutes; the rest is our own."""
    loader = await web.http.get("/webchat/loader.js")
    assert loader.status_code == 200
    assert loader.headers["content-type"].startswith("text/javascript")
    assert loader.headers["cross-origin-resource-policy"] == "cross-origin"
    assert loader.headers["cache-control"] == "public, max-age=300"
    script = await web.http.get("/webchat/static/widget.js")
    assert script.headers["cross-origin-resource-policy"] == "same-origin"


async def test_unchanged_files_are_not_sent_again(web: Web) -> None:
    """A browser that has the file learns so by its ETag; large ones travel packed."""
    first = await web.http.get("/webchat/static/widget.js")
    assert first.headers["content-encoding"] == "gzip"
    known = {"if-none-match": f'"x", {first.headers["etag"]}'}
    again = await web.http.get("/webchat/static/widget.js", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    plain = await web.http.get(
        "/webchat/static/widget.js", headers={"accept-encoding": "identity"}
    )
    assert plain.content == first.content == (FOLDER / "widget.js").read_bytes()


async def test_nothing_outside_the_folder_is_served(web: Web) -> None:
    """No spelling of a path leads to another file, or to a page without its policy."""
    for path in (
        "../security.py",
        "..%2fsecurity.py",
        "%2e%2e/security.py",
        "..\\security.py",
        "widget/../../security.py",
        "/etc/passwd",
        "//etc/passwd",
        "widget.js%00.html",
        "widget.html",
        "site/index.html",
        "",
        "widget",
    ):
        for prefix in ("/webchat/static/", "/site/"):
            answer = await web.http.get(httpx.URL(web.base + prefix + path))
            assert answer.status_code in {404, 405, 307} or (prefix + path == "/site/"), path


async def test_a_server_behind_https_demands_https() -> None:
    """HSTS is sent where the request came over https, and only there."""
    transport = httpx.ASGITransport(SecurityHeaders(Starlette()))
    for scheme, expected in (("https", HSTS), ("http", None)):
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.get(f"{scheme}://chat.example/")
        assert answer.headers.get("strict-transport-security") == expected


def test_links_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    """A symbolic link in the folder serves nothing."""
    outside = tmp_path / "outside.js"
    outside.write_text("secret")
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "linked.js").symlink_to(outside)
    (folder / "own.js").write_text("own")
    (folder / "notes.py").write_text("no type of ours")
    assert list(read_folder(folder)) == ["own.js"]
