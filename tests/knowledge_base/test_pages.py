"""The article page carries no script, style or foreign image, whatever the Markdown says."""

import re
from datetime import date

import pytest

from knowledge_base.articles import Article
from knowledge_base.pages import article_html, is_safe_link


def html_of(body: str) -> str:
    """Return the page of an article with this body."""
    return article_html(
        Article(
            id="care",
            language="en",
            title="Care",
            questions=("a", "b"),
            body=body,
            audience="public",
            updated=date(2026, 1, 1),
            tags=(),
            url=None,
            version="0" * 12,
        )
    )


def test_markdown_becomes_html() -> None:
    """Headings, lists, emphasis, tables and links are rendered."""
    html = html_of("## Fees\n\n- **a**\n\n| x | y |\n|---|:-:|\n| 1 | 2 |\n\n[more](/help)")

    for part in ("<h2>Fees</h2>", "<strong>a</strong>", "<td>2</td>", '<a href="/help">more</a>'):
        assert part in html
    assert "style" not in html


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "text <b onclick=alert(1)>b</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](vbscript:x)",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "[x](<  javascript:alert(1)>)",
        "[x](&#106;avascript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "<javascript:alert(1)>",
        "![x](https://evil.example/pixel.png)",
        "![x](javascript:alert(1))",
        '[x](https://a.example "onmouseover=\\"alert(1)")',
    ],
)
def test_hostile_markdown_stays_text(body: str) -> None:
    """No element but harmless ones, no attribute but a checked link."""
    html = html_of(body)

    for tag in re.findall(r"<[^>]*>", html):
        assert re.fullmatch(
            r"</?(?:p|a|strong|em|code|br ?/?)>|"
            r'<a href="(?:https?:/|/%5C)/?[^"/][^"]*"(?: title="[^"]*")?(?: rel="[a-z ]+")?>',
            tag,
        ), tag


def test_links_to_other_sites_give_nothing_away() -> None:
    """A link that leaves the site passes on neither opener nor referrer."""
    assert 'rel="noopener noreferrer nofollow"' in html_of("[x](https://a.example)")
    assert 'href="mailto:help@a.example"' in html_of("[x](mailto:help@a.example)")


@pytest.mark.parametrize(
    "url", ["https://a.example", "HTTP://a", "mailto:a@b.example", "/x", "#a"]
)
def test_ordinary_links_are_safe(url: str) -> None:
    """What leads to the web, a mailbox or our own site is allowed."""
    assert is_safe_link(url)
