"""Article pages: the whole article behind a cited answer, for anybody with the link."""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from knowledge_base.articles import Article
from knowledge_base.pages import article_html

_TEMPLATE: Final = Path(__file__).parent / "static" / "article.html"


class ArticlePages:
    """The endpoint `/knowledge/{article}?lang=…`; staff articles are not in it at all."""

    def __init__(
        self,
        present: Callable[[], Mapping[tuple[str, str], Article]],
        *,
        company: dict[str, str],
    ) -> None:
        self._present = present  # public articles by id and language, as of now
        self._company = company
        self._languages = list(company)
        self._template = Template(_TEMPLATE.read_text(encoding="utf-8"))

    async def __call__(self, request: Request) -> Response:
        """Show one article."""
        wanted = request.query_params.get("lang", self._languages[0])
        articles = self._present()
        named = request.path_params["article"]
        found = (articles.get((named, each)) for each in (wanted, *self._languages))
        article = next((each for each in found if each is not None), None)
        if article is None:
            return HTMLResponse("<!doctype html><title>404</title><h1>404</h1>", 404)
        others = [
            f'<a href="?lang={escape(each)}" hreflang="{escape(each)}">{escape(each)}</a>'
            for each in self._languages
            if each != article.language and (article.id, each) in articles
        ]
        return HTMLResponse(
            self._template.safe_substitute(
                language=escape(article.language),
                title=escape(article.title),
                company=escape(self._company.get(article.language, "")),
                updated=article.updated.isoformat(),
                languages=" ".join(others),
                body=article_html(article),
            )
        )
