"""Articles: what a company lets its bot say, one Markdown file per article and language."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from knowledge_base.terms import question_key
from nlu.yaml_file import FILE_MAX, Fault, FaultyFileError, YamlFile

#: Who may read an article: anybody, or people working for the company only.
Audience = Literal["public", "staff"]
#: What an article gives as an answer: what was asked, taken from it, or its whole text as it
#: stands (the prepared answer of a question-answer pair).
AnswerKind = Literal["extract", "whole"]

_FILE_NAME: Final = re.compile(r"([a-z][a-z0-9_]*)\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.md")
_URL: Final = re.compile(r"https?://[^\s/]+\S*|/(?![/\\])\S*")

#: Hexadecimal digits of a version.
VERSION_DIGITS: Final = 12

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one language.

    What a bot's folder holds has at least two questions; what was imported or written by staff may
    have none: then its title is the one way to ask for it.
    """

    id: str
    language: str  #: BCP-47
    title: str
    questions: tuple[str, ...]  #: other ways to ask for it, the title not among them
    body: str  #: Markdown
    audience: Audience
    updated: date
    tags: tuple[str, ...]
    url: str | None  #: http(s) or an absolute path; None: the article's own page
    #: first 12 hexadecimal digits of the SHA-256 of the file, or of `content_version`
    version: str
    answer_kind: AnswerKind = "extract"
    valid_from: date | None = None  #: first day on which it may be said; None: since ever
    valid_to: date | None = None  #: last day on which it may be said; None: for ever
    review_by: date | None = None  #: day by which somebody should look whether it still holds
    owner: str | None = None  #: who answers for it

    def is_valid(self, day: date) -> bool:
        """Tell whether the article may be said on `day`, a date where the company is."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def wordings(self) -> tuple[str, ...]:
        """The title and the questions: every way the article says it may be asked for."""
        return (self.title, *self.questions)


class LooseFrontMatter(BaseModel):
    """What stands between the two `---` lines of an article that staff write by themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Line
    questions: list[Line] = Field(default_factory=list, max_length=500)
    updated: date | None = None
    audience: Audience = "public"
    tags: list[Line] = Field(default_factory=list, max_length=50)
    url: str | None = Field(default=None, max_length=2000)
    answer: AnswerKind = "extract"
    valid_from: date | None = None
    valid_to: date | None = None
    review_by: date | None = None
    owner: Line | None = None

    @field_validator("valid_to")
    @classmethod
    def _check_validity(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("valid_from")
        if last is not None and first is not None and last < first:
            message = f"must not be before valid_from ({first})"
            raise ValueError(message)
        return last

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is not None and not _URL.fullmatch(url):
            message = "must start with https://, http:// or a single /"
            raise ValueError(message)
        return url


class FrontMatter(LooseFrontMatter):
    """What stands there in the bot's folder: also when it was updated, and two ways to ask."""

    questions: list[Line] = Field(min_length=2, max_length=100)
    updated: date


@dataclass(frozen=True, slots=True)
class _Source:
    """An article with the lines its wordings stand on."""

    article: Article
    path: Path
    lines: tuple[tuple[str, int], ...]  # (key, line) of each wording, in order


def read_articles(folder: Path, languages: Sequence[str]) -> list[Article]:
    """Read every `<id>.<language>.md` of `folder`, ordered by id and language.

    A folder that does not exist holds no articles.

    Args:
        folder: the `knowledge` folder of a bot.
        languages: the bot's languages; each article must have a file for every one.

    Raises:
        FaultyFileError: with all faults of all files.
    """
    sources: list[_Source] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else []:
        try:
            sources.append(_read(path, languages))
        except FaultyFileError as error:
            faults.extend(error.faults)
    # A file that cannot be read is present all the same: it must not count as missing too.
    faults.extend(_missing_languages(folder, languages))
    faults.extend(_repeated_questions(sources))
    if faults:
        raise FaultyFileError(faults)
    return sorted((s.article for s in sources), key=lambda a: (a.id, languages.index(a.language)))


def training_questions(articles: Iterable[Article]) -> dict[str, list[str]]:
    """Return the titles and questions of the public articles by language.

    They are the examples of the interpreter's built-in intent `ask_knowledge`. Staff articles are
    left out, so that a trained model carries no trace of them.
    """
    found: dict[str, list[str]] = {}
    for article in articles:
        if article.audience == "public":
            found.setdefault(article.language, []).extend(article.wordings)
    return found


def content_version(article: Article) -> str:
    """Return the version of an article that is no file: a digest of all that customers meet."""
    facts = [
        article.id,
        article.language,
        article.title,
        article.questions,
        article.body,
        article.audience,
        article.tags,
        article.url,
        article.answer_kind,
        str(article.valid_from),
        str(article.valid_to),
    ]
    digest = hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode())
    return digest.hexdigest()[:VERSION_DIGITS]


def read_article(path: Path, languages: Sequence[str], *, today: date) -> Article:
    """Read one file `<id>.<language>.md` from anywhere, as staff write it.

    It may have no questions; without `updated`, it was updated today. Its version is that of its
    content, since it is no file of the bot.

    Raises:
        FaultyFileError: with its faults.
    """
    article = _read(path, languages, LooseFrontMatter, today).article
    return replace(article, version=content_version(article))


def _read(
    path: Path,
    languages: Sequence[str],
    form: type[LooseFrontMatter] = FrontMatter,
    today: date = date.min,
) -> _Source:
    name = _FILE_NAME.fullmatch(path.name)
    if name is None:
        message = "an article's file is named <id>.<language>.md, the id in lower case"
        raise FaultyFileError([Fault(path, 1, "", message)])
    if name[2] not in languages:
        known = ", ".join(languages)
        message = f"{name[2]} is not a language of this bot ({known})"
        raise FaultyFileError([Fault(path, 1, "", message)])
    raw = _bytes(path)
    text = _decode(raw, path)
    front, body, body_line = _split(text, path)
    file = YamlFile.parse(front, path=path, first_line=2)
    if file.data is None:
        raise FaultyFileError([Fault(path, 1, "", "the front matter is empty")])
    matter = file.validate(form)
    if not body.strip():
        raise FaultyFileError([Fault(path, body_line, "", "the article has no text")])
    if "\0" in body:
        line = body_line + body[: body.index("\0")].count("\n")
        raise FaultyFileError([Fault(path, line, "", "holds a NUL, which is no text")])
    titles = [("title", matter.title, ("title",))]
    asked = [(f"questions.{n}", q, ("questions", n)) for n, q in enumerate(matter.questions)]
    lines: list[tuple[str, int]] = []
    for key, wording, place in [*titles, *asked]:
        if not question_key(wording):
            raise FaultyFileError([Fault(path, file.line(place), key, "has no words")])
        lines.append((key, file.line(place)))
    article = Article(
        id=name[1],
        language=name[2],
        title=matter.title,
        questions=tuple(matter.questions),
        body=body.strip(),
        audience=matter.audience,
        updated=matter.updated or today,
        tags=tuple(matter.tags),
        url=matter.url,
        version=hashlib.sha256(raw).hexdigest()[:VERSION_DIGITS],
        answer_kind=matter.answer,
        valid_from=matter.valid_from,
        valid_to=matter.valid_to,
        review_by=matter.review_by,
        owner=matter.owner,
    )
    return _Source(article, path, tuple(lines))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_MAX:
            raise FaultyFileError([Fault(path, 1, "", f"larger than {FILE_MAX} bytes")])
        return path.read_bytes()
    except OSError as error:
        raise FaultyFileError([Fault(path, 1, "", f"cannot be read: {error}")]) from error


def _decode(raw: bytes, path: Path) -> str:
    try:
        # Editors on Windows write a mark of three bytes and CR LF; neither is part of the text.
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FaultyFileError([Fault(path, line, "", "is not UTF-8")]) from error


def _split(text: str, path: Path) -> tuple[str, str, int]:
    """Return front matter, body, and the line the body begins on."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise FaultyFileError([Fault(path, 1, "", "must begin with a line of three dashes")])
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == "---":
            return "\n".join(lines[1 : number - 1]), "\n".join(lines[number:]), number + 1
    message = "the front matter is not closed by a line of three dashes"
    raise FaultyFileError([Fault(path, 1, "", message)])


def _missing_languages(folder: Path, languages: Sequence[str]) -> list[Fault]:
    present: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else []:
        if (name := _FILE_NAME.fullmatch(path.name)) and name[2] in languages:
            present.setdefault(name[1], {})[name[2]] = path
    return [
        Fault(next(iter(files.values())), 1, "", f"there is no {article_id}.{language}.md")
        for article_id, files in present.items()
        for language in languages
        if language not in files
    ]


def _repeated_questions(sources: Sequence[_Source]) -> list[Fault]:
    faults: list[Fault] = []
    first: dict[tuple[str, str], tuple[_Source, int]] = {}
    for source in sources:
        for wording, (key, line) in zip(source.article.wordings, source.lines, strict=True):
            place = (source.article.language, question_key(wording))
            other, other_line = first.setdefault(place, (source, line))
            if other is not source:
                message = f"{wording!r} is also asked in {other.path.name}:{other_line}"
                faults.append(Fault(source.path, line, key, message))
    return faults
