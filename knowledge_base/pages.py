"""The page of an article: Markdown as HTML that cannot carry script, style or foreign images."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from knowledge_base.articles import Article

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ALLOWED_SCHEME: Final = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it calls it
        """Allow https, http, mailto and paths of our own site."""
        return is_safe_link(url)


def is_safe_link(url: str) -> bool:
    """Tell whether a link leads to the web, to a mailbox or to a path of our own site."""
    if _ALLOWED_SCHEME.match(url):
        return True
    # Browsers skip controls inside a scheme and read a leading "//" or "/\" as another host.
    if any(ord(character) <= 0x20 or character == "\\" for character in url):
        return False
    return not _SCHEME.match(url) and not url.startswith("//")


def article_html(article: Article) -> str:
    """Return the body of `article` as HTML for a page under a strict content security policy.

    Raw HTML is shown as text; images become their description.
    """
    return str(_parser().render(article.body))


@lru_cache(maxsize=1)
def _parser() -> _Parser:
    parser = _Parser("commonmark", {"html": False})
    parser.enable("table")
    parser.add_render_rule("link_open", _open_link)
    parser.add_render_rule("image", _describe_image)
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _open_cell)
    return parser


def _open_link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    token = tokens[index]
    if _ALLOWED_SCHEME.match(str(token.attrGet("href") or "")):
        token.attrSet("rel", "noopener noreferrer nofollow")
    return renderer.renderToken(tokens, index, options, env)


def _describe_image(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    return str(renderer.renderInlineAsText(tokens[index].children or [], options, env))


def _open_cell(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    # Alignment comes as a style attribute, which the content security policy refuses.
    tokens[index].attrs.pop("style", None)
    return renderer.renderToken(tokens, index, options, env)
