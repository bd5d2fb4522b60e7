"""What is wrong with an article that is not a file, named by its field, before it is saved."""

import re
from typing import Final, get_args

from knowledge_base.articles import AnswerKind, Article, Audience
from knowledge_base.terms import question_key
from nlu.yaml_file import FILE_MAX

#: Longest body, in code points: what fits into a file of the bot's folder fits here.
BODY_MAX: Final = FILE_MAX
LINE_MAX: Final = 300
QUESTIONS_MAX: Final = 500
TAGS_MAX: Final = 50
URL_MAX: Final = 2000

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_URL: Final = re.compile(r"https?://[^\s/]+\S*|/(?![/\\])\S*")
#: What no database takes, or no page shows.
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
#: What a line may not hold besides: controls.
_NO_LINE: Final = re.compile("[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


class FaultyArticleError(ValueError):
    """An article cannot be saved; `field` says which part of it is at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def check_article(article: Article) -> None:
    """Check that an article can be saved.

    Raises:
        FaultyArticleError: with the first fault.
    """
    if not _ID.fullmatch(article.id):
        message = "up to 100 of a-z, 0-9, _, - and ., beginning with a letter or digit"
        raise FaultyArticleError("id", message)
    if not _LANGUAGE.fullmatch(article.language):
        raise FaultyArticleError("language", "must be a tag such as en, zh or zh-Hant")
    _check_lines(article)
    _check_body(article.body)
    _check_url(article.url)
    if article.audience not in get_args(Audience):
        raise FaultyArticleError("audience", "must be public or staff")
    if article.answer_kind not in get_args(AnswerKind):
        raise FaultyArticleError("answer_kind", "must be extract or whole")
    if article.valid_from and article.valid_to and article.valid_to < article.valid_from:
        raise FaultyArticleError("valid_to", "must not be before valid_from")


def check_line(field: str, line: str, *, has_words: bool = True) -> None:
    """Check one line of text.

    Raises:
        FaultyArticleError: it is empty, too long, more than a line, or lacks words it needs.
    """
    if not line.strip():
        raise FaultyArticleError(field, "is empty")
    if len(line) > LINE_MAX:
        raise FaultyArticleError(field, f"longer than {LINE_MAX} characters")
    if _NO_LINE.search(line):
        raise FaultyArticleError(field, "must be one line of text")
    if has_words and not question_key(line):
        raise FaultyArticleError(field, "has no words")


def _check_lines(article: Article) -> None:
    check_line("title", article.title)
    if len(article.questions) > QUESTIONS_MAX:
        raise FaultyArticleError("questions", f"at most {QUESTIONS_MAX}")
    for number, question in enumerate(article.questions):
        check_line(f"questions.{number}", question)
    if len(article.tags) > TAGS_MAX:
        raise FaultyArticleError("tags", f"at most {TAGS_MAX}")
    for number, tag in enumerate(article.tags):
        check_line(f"tags.{number}", tag, has_words=False)
    if article.owner is not None:
        check_line("owner", article.owner, has_words=False)


def _check_body(body: str) -> None:
    if not body.strip():
        raise FaultyArticleError("body", "the article has no text")
    if len(body) > BODY_MAX:
        raise FaultyArticleError("body", f"longer than {BODY_MAX} characters: split it")
    if _NO_TEXT.search(body):
        raise FaultyArticleError("body", "holds characters that are no text (NUL or surrogates)")


def _check_url(url: str | None) -> None:
    if url is None:
        return
    if len(url) > URL_MAX or _NO_LINE.search(url):
        raise FaultyArticleError("url", f"at most {URL_MAX} characters on one line")
    if not _URL.fullmatch(url):
        raise FaultyArticleError("url", "must start with https://, http:// or a single /")
