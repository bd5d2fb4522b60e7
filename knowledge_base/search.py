"""Search: a question in, an answer with its source, near questions, or an honest no out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

import numpy as np

from knowledge_base.answer import Answer, NearQuestion, SearchResult
from knowledge_base.articles import Article, Audience
from knowledge_base.calibration import Calibration
from knowledge_base.index import LanguageIndex
from knowledge_base.ranking import Likeness, Query
from knowledge_base.recipe import Recipe
from knowledge_base.terms import fold, has_han
from nlu.interpreter import Encoder
from nlu.text import normalise

#: Near questions offered at most.
NEAR_MAX: Final = 3
#: Customers write long stories; what they ask is at the beginning or the end of this many
#: code points, and hostile texts cost no more.
QUESTION_MAX: Final = 600
#: What speaks for an article's first passage: it holds what the title asks.
_FIRST_PASSAGE: Final = 0.08

_LINK: Final = re.compile(r"(!?)\[([^\]]*)\]\(([^()\s]*)(?:\s+\"[^\"]*\")?\)")


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asked."""

    text: str
    language: str  #: BCP-47 of the text


@dataclass(frozen=True, slots=True)
class Shelf:
    """The articles of one language and audience, indexed and calibrated."""

    index: LanguageIndex
    calibration: Calibration
    dense: bool  #: whether the encoder reads the language


@dataclass(frozen=True, slots=True)
class _Found:
    """The best article one shelf has for a question."""

    shelf: Shelf
    query: Query
    article: Article
    score: float


@dataclass(slots=True)
class _Asked:
    """A question on its way; `found` ends it before the encoder is asked."""

    query: Query
    language: str
    shelves: tuple[Shelf, ...]
    readable: bool  #: whether the encoder knows the script it is written in
    found: _Found | None = None
    alike: list[Likeness] = field(default_factory=list)  #: for each shelf


class Knowledge:
    """What a bot knows; immutable, so any number of threads may search it at once.

    Staff articles are not on the public shelves at all: no threshold, bug or clever question can
    bring their text, titles or words into a public answer.

    Args:
        shelves: by audience and language; a staff shelf holds the public articles as well.
        urls: where each article, by id and language, can be read.
        encoder: gives questions their vectors on dense shelves.
        answer_at: replaces the calibrated probability at which an answer is given, 0..1.
        recipe: what it was made with; None: it cannot be refreshed.
    """

    def __init__(
        self,
        shelves: Mapping[tuple[Audience, str], Shelf],
        *,
        urls: Mapping[tuple[str, str], str],
        encoder: Encoder | None,
        answer_at: float | None = None,
        recipe: Recipe | None = None,
    ) -> None:
        self.recipe = recipe
        self._shelves = dict(shelves)
        self._urls = dict(urls)
        self._encoder = encoder
        self._reads_chinese = encoder is not None and any(
            _is_chinese(language) and encoder.reads(language) for _, language in shelves
        )
        self._answer_at = answer_at
        self._articles: dict[tuple[Audience, str], dict[str, Article]] = {
            key: {article.id: article for article in shelf.index.articles}
            for key, shelf in self._shelves.items()
        }
        self._numbers = {
            key: {article.id: number for number, article in enumerate(shelf.index.articles)}
            for key, shelf in self._shelves.items()
        }

    @property
    def shelves(self) -> Mapping[tuple[Audience, str], Shelf]:
        """The shelves by audience and language."""
        return self._shelves

    @property
    def calibrations(self) -> dict[tuple[Audience, str], Calibration]:
        """How each shelf decides, by audience and language, with its measured figures."""
        return {key: shelf.calibration for key, shelf in self._shelves.items()}

    def articles(self, language: str, *, audience: Audience = "public") -> list[Article]:
        """Return the articles `audience` may read in `language`, by id."""
        key = (audience, self._known_language(language, audience) or "")
        return sorted(self._articles.get(key, {}).values(), key=lambda article: article.id)

    def article(
        self, article_id: str, language: str, *, audience: Audience = "public"
    ) -> Article | None:
        """Return an article in `language`, or else in the first language that has it."""
        known = self._known_language(language, audience)
        for each in self._languages(audience, first=known):
            if (article := self._articles[audience, each].get(article_id)) is not None:
                return article
        return None

    def url(self, article: Article) -> str:
        """Return where `article` can be read."""
        return self._urls[article.id, article.language]

    def search(
        self, questions: Sequence[Question], *, audience: Audience = "public"
    ) -> list[SearchResult]:
        """Return for each question, in order, an answer, near questions, or nothing.

        Args:
            questions: texts of customers, as they came; only the ends of long ones count.
            audience: whose articles may be used; "staff" sees the public ones as well.
        """
        asked = [self._asked(question, audience) for question in questions]
        self._encode(asked)
        return [self._search(each, audience) for each in asked]

    def _asked(self, question: Question, audience: Audience) -> _Asked:
        """Look a question up as far as words go: asked literally, or sure without its vector."""
        text = _crop(normalise(question.text).plain)
        query = Query.of(text)
        chinese = has_han(text)
        readable = not chinese or self._reads_chinese
        shelves = self._candidates(chinese, question.language, audience)
        for shelf in shelves:
            exact = shelf.index.exact(text)
            if exact is not None:
                found = _Found(shelf, query, shelf.index.articles[exact], 1.0)
                return _Asked(query, question.language, shelves, readable, found)
        asked = _Asked(query, question.language, shelves, readable)
        if not query.terms:
            return asked
        for shelf in shelves:
            alike = shelf.index.likeness(query)
            asked.alike.append(alike)
            if shelf.dense and asked.found is None:
                asked.found = self._found_by_words(shelf, query, alike)
        return asked

    def _found_by_words(self, shelf: Shelf, query: Query, alike: Likeness) -> _Found | None:
        """Return what words find when they are sure enough, see `Calibration.words_at`."""
        calibration = shelf.calibration
        ranking = shelf.index.ranking(alike, shelf.index.score_by_words(alike))
        if ranking.signal < calibration.words_at:
            return None
        score = max(calibration.answer_at, calibration.probability(ranking.signal))
        if self._answer_at is not None and score < self._answer_at:
            return None
        number = ranking.articles[0]
        # The wording it is so like lends its vector, to choose passage and sentences by.
        lent = Query(query.text, query.terms, shelf.index.nearest_wording(alike, number))
        return _Found(shelf, lent, shelf.index.articles[number], score)

    def _encode(self, asked: Sequence[_Asked]) -> None:
        """Give their vectors, in one batch, to the questions that some dense shelf is asked."""
        if self._encoder is None:
            return
        wanted = [
            each
            for each in asked
            if each.found is None
            and each.readable
            and each.alike
            and any(shelf.dense for shelf in each.shelves)
        ]
        if not wanted:
            return
        texts = list(dict.fromkeys(fold(each.query.text) for each in wanted))
        vectors = dict(zip(texts, self._encoder.encode(texts), strict=True))
        for each in wanted:
            query = each.query
            each.query = Query(query.text, query.terms, vectors[fold(query.text)])

    def _search(self, asked: _Asked, audience: Audience) -> SearchResult:
        language = asked.language
        if asked.found is not None:
            return SearchResult(self._answer(asked.found, language, audience))
        near: list[NearQuestion] = []
        best: _Found | None = None
        for shelf, alike in zip(asked.shelves, asked.alike, strict=False):
            ranking = shelf.index.rank_alike(asked.query, alike)
            score = shelf.calibration.probability(ranking.signal)
            least = shelf.calibration.answer_at if self._answer_at is None else self._answer_at
            if score >= least and (best is None or score > best.score):
                article = shelf.index.articles[ranking.articles[0]]
                best = _Found(shelf, asked.query, article, score)
            near += [
                self._near(shelf.index.articles[number], each, language, audience)
                for number, each in zip(ranking.articles, ranking.scores, strict=True)
                if each >= shelf.calibration.offer_at
            ]
        if best is not None:
            return SearchResult(self._answer(best, language, audience))
        near.sort(key=lambda question: -question.score)
        distinct = {question.article_id: question for question in reversed(near)}
        ordered = sorted(distinct.values(), key=lambda question: -question.score)
        return SearchResult(None, tuple(ordered[:NEAR_MAX]))

    def _candidates(self, chinese: bool, language: str, audience: Audience) -> tuple[Shelf, ...]:
        """Return the shelves on which a text may find something, its own language's first.

        A shelf in another language is worth asking when the text is written in its script, or when
        the encoder reads both languages.
        """
        own = self._known_language(language, audience)
        chosen: list[Shelf] = []
        for each in self._languages(audience, first=own):
            shelf = self._shelves[audience, each]
            same_script = chinese == _is_chinese(each)
            shared = shelf.dense and self._encoder is not None and self._encoder.reads(language)
            if each == own or same_script or shared:
                chosen.append(shelf)
        return tuple(chosen)

    def _answer(self, found: _Found, language: str, audience: Audience) -> Answer:
        """Return the answer in the asker's language where the article has it."""
        article = self.article(found.article.id, language, audience=audience) or found.article
        shelf = self._shelves[audience, article.language]
        index = shelf.index
        passages = index.passages_of(self._numbers[audience, article.language][article.id])
        # A question says nothing about passages in another language: the first one leads in.
        chosen = passages[0]
        if article.language == found.article.language and len(passages) > 1:
            scores = index.passage_scores(found.query, passages)
            scores[0] += _FIRST_PASSAGE
            chosen = passages[int(np.argmax(scores))]
        passage = index.passages[chosen]
        text = index.excerpt(found.query, chosen)
        url = self.url(article)
        return Answer(
            text=_absolute_links(text, url),
            title=article.title,
            article_id=article.id,
            version=article.version,
            passage_id=passage.id,
            score=found.score,
            url=url,
            language=article.language,
        )

    def _near(
        self, article: Article, score: float, language: str, audience: Audience
    ) -> NearQuestion:
        own = self.article(article.id, language, audience=audience) or article
        return NearQuestion(own.title, article.id, min(1.0, score))

    def _languages(self, audience: Audience, *, first: str | None) -> list[str]:
        known = [language for who, language in self._shelves if who == audience]
        return sorted(known, key=lambda language: language != first)

    def _known_language(self, language: str, audience: Audience) -> str | None:
        """Return the shelf for a language: itself, or one that differs in region or script."""
        if (audience, language) in self._shelves:
            return language
        primary = language.partition("-")[0].lower()
        for who, each in self._shelves:
            if who == audience and each.partition("-")[0].lower() == primary:
                return each
        return None


def _crop(text: str) -> str:
    if len(text) <= QUESTION_MAX:
        return text
    half = QUESTION_MAX // 2
    return f"{text[:half]} {text[-half:]}"


def _is_chinese(language: str) -> bool:
    return language.partition("-")[0].lower() == "zh"


def _absolute_links(markdown: str, url: str) -> str:
    """Resolve links against the article's page; what does not lead to the web keeps its words."""

    def resolve(match: re.Match[str]) -> str:
        image, label, target = match.groups()
        absolute = urljoin(url, target)
        if image or not absolute.startswith(("https://", "http://")):
            return label
        return f"[{label}]({absolute})"

    return _LINK.sub(resolve, markdown)
