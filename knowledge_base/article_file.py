"""An article as the file it would be, for reading, comparing and changing it."""

from difflib import unified_diff
from typing import Any

import yaml

from knowledge_base.articles import Article


def article_file(article: Article) -> str:
    """Return an article as Markdown with front matter, as `<id>.<language>.md` would hold it."""
    front: dict[str, Any] = {"title": article.title}
    if article.questions:
        front["questions"] = list(article.questions)
    front |= {"updated": article.updated, "audience": article.audience}
    if article.tags:
        front["tags"] = list(article.tags)
    if article.answer_kind != "extract":
        front["answer"] = article.answer_kind
    for name in ("url", "valid_from", "valid_to", "review_by", "owner"):
        if (value := getattr(article, name)) is not None:
            front[name] = value
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{head}---\n{article.body}\n"


def difference(old: Article, new: Article, *, names: tuple[str, str]) -> list[str]:
    """Return the lines of a unified difference of two texts."""
    return list(
        unified_diff(
            article_file(old).splitlines(),
            article_file(new).splitlines(),
            *names,
            lineterm="",
        )
    )
