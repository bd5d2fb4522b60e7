"""Shelves: the articles of each language and audience, and what one wording finds on them.

Staff articles are not on the public shelves at all: no threshold, bug or clever question can
bring their text, titles or words into a public answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from knowledge_base.articles import Article, Audience
from knowledge_base.calibration import Calibration
from knowledge_base.index import LanguageIndex
from knowledge_base.question import Question
from knowledge_base.ranking import Likeness, Query, Ranking
from knowledge_base.spelling import Vocabulary
from knowledge_base.terms import fold, has_han
from nlu.interpreter import Encoder
from nlu.text import normalise

#: Customers write long stories; what they ask is at the beginning or the end of this many
#: code points, and hostile texts cost no more.
QUESTION_MAX: Final = 600


@dataclass(frozen=True, slots=True)
class Shelf:
    """The articles of one language and audience, indexed and calibrated."""

    index: LanguageIndex
    calibration: Calibration
    dense: bool  #: whether the encoder reads the language


@dataclass(frozen=True, slots=True)
class Found:
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
    without: frozenset[str] = frozenset()
    found: Found | None = None
    alike: list[Likeness] = field(default_factory=list)  #: for each shelf


@dataclass(frozen=True, slots=True)
class Looked:
    """What one wording of a question found."""

    query: Query
    best: Found | None  #: sure enough to be the answer
    near: tuple[tuple[Article, float], ...] = ()  #: best first, each article once
    ranked: tuple[Found, ...] = ()  #: the first few articles, sure or not, with their scores

    @property
    def worth(self) -> tuple[float, float]:
        """How much was found: an answer before any offer, then the surer one."""
        offered = self.near[0][1] if self.near else 0.0
        return (self.best.score, 0.0) if self.best is not None else (0.0, offered)

    @property
    def exact(self) -> bool:
        """Whether an article lists just this wording."""
        return self.best is not None and self.best.score >= 1.0


class Shelves:
    """The shelves of a bot; immutable, so any number of threads may look things up at once.

    Args:
        shelves: by audience and language; a staff shelf holds the public articles as well.
        encoder: gives questions their vectors on dense shelves.
        answer_at: replaces the calibrated probability at which an answer is given, 0..1.
    """

    def __init__(
        self,
        shelves: Mapping[tuple[Audience, str], Shelf],
        *,
        encoder: Encoder | None,
        answer_at: float | None,
    ) -> None:
        self.by_key = dict(shelves)
        self.articles: dict[tuple[Audience, str], dict[str, Article]] = {
            key: {article.id: article for article in shelf.index.articles}
            for key, shelf in self.by_key.items()
        }
        self.numbers = {
            key: {article.id: number for number, article in enumerate(shelf.index.articles)}
            for key, shelf in self.by_key.items()
        }
        self._encoder = encoder
        self._reads_chinese = encoder is not None and any(
            is_chinese(language) and encoder.reads(language) for _, language in shelves
        )
        self._answer_at = answer_at
        self._vocabularies: dict[tuple[Audience, str], Vocabulary] = {}

    def least(self, shelf: Shelf) -> float:
        """Return the least probability at which an answer from `shelf` is given."""
        return shelf.calibration.answer_at if self._answer_at is None else self._answer_at

    def vocabulary(self, language: str, *, audience: Audience = "public") -> Vocabulary | None:
        """Return the words of the articles `audience` may read in `language`."""
        key = (audience, self.known_language(language, audience) or "")
        if key not in self.articles:
            return None
        if key not in self._vocabularies:
            self._vocabularies[key] = Vocabulary.of(self.articles[key].values())
        return self._vocabularies[key]

    def look(
        self,
        wordings: Sequence[tuple[Question, str]],
        audience: Audience,
        *,
        whole: bool = False,
    ) -> list[Looked]:
        """Look up wordings of questions, all that need a vector in one batch.

        Args:
            wordings: questions, each with the text that is looked up for it.
            audience: whose articles may be used.
            whole: rank all articles even where words alone are sure of the first.
        """
        asked = [self._asked(q, text, audience, whole=whole) for q, text in wordings]
        self._encode(asked)
        return [self._weighed(each) for each in asked]

    def _asked(
        self, question: Question, wording: str, audience: Audience, *, whole: bool
    ) -> _Asked:
        """Look a wording up as far as words go: asked literally, or sure without its vector."""
        text = crop(normalise(wording).plain)
        query = Query.of(text)
        chinese = has_han(text)
        readable = not chinese or self._reads_chinese
        shelves = self._candidates(chinese, question.language, audience)
        asked = _Asked(query, question.language, shelves, readable, question.without)
        for shelf in shelves:
            exact = shelf.index.exact(text)
            if exact is not None and shelf.index.articles[exact].id not in question.without:
                asked.found = Found(shelf, query, shelf.index.articles[exact], 1.0)
                return asked
        if not query.terms:
            return asked
        for shelf in shelves:
            alike = shelf.index.likeness(query)
            asked.alike.append(alike)
            if shelf.dense and asked.found is None and not (whole or question.without):
                asked.found = self._found_by_words(shelf, query, alike)
        return asked

    def _found_by_words(self, shelf: Shelf, query: Query, alike: Likeness) -> Found | None:
        """Return what words find when they are sure enough, see `Calibration.words_at`."""
        calibration = shelf.calibration
        ranking = shelf.index.ranking(alike, shelf.index.score_by_words(alike))
        if ranking.signal < calibration.words_at:
            return None
        score = max(calibration.answer_at, calibration.probability(ranking))
        if self._answer_at is not None and score < self._answer_at:
            return None
        number = ranking.articles[0]
        # The wording it is so like lends its vector, to choose passage and sentences by.
        lent = Query(query.text, query.terms, shelf.index.nearest_wording(alike, number))
        return Found(shelf, lent, shelf.index.articles[number], score)

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

    def _weighed(self, asked: _Asked) -> Looked:
        """Return what a wording finds once its vector is known."""
        if asked.found is not None:
            return Looked(asked.query, asked.found, ranked=(asked.found,))
        near: list[tuple[Article, float]] = []
        ranked: list[Found] = []
        best: Found | None = None
        for shelf, alike in zip(asked.shelves, asked.alike, strict=False):
            ranking = self._ranking(shelf, asked, alike)
            score = shelf.calibration.probability(ranking)
            least = self.least(shelf)
            scored = [
                (shelf.index.articles[number], each)
                for number, each in zip(ranking.articles, ranking.scores, strict=True)
                if shelf.index.articles[number].id not in asked.without
            ]
            if scored and score >= least and (best is None or score > best.score):
                best = Found(shelf, asked.query, scored[0][0], score)
            near += [pair for pair in scored if pair[1] >= shelf.calibration.offer_at]
            ranked += [Found(shelf, asked.query, *pair) for pair in scored]
        ranked.sort(key=lambda each: -each.score)
        return Looked(asked.query, best, distinct(near), tuple(ranked))

    def _ranking(self, shelf: Shelf, asked: _Asked, alike: Likeness) -> Ranking:
        """Return the ranking of a shelf; what is left out takes part in no lead either."""
        index = shelf.index
        if not asked.without:
            return index.rank_alike(asked.query, alike)
        barred = [
            number for number, article in enumerate(index.articles) if article.id in asked.without
        ]
        return index.rank_alike(asked.query, alike, barred=barred)

    def _candidates(self, chinese: bool, language: str, audience: Audience) -> tuple[Shelf, ...]:
        """Return the shelves on which a text may find something, its own language's first.

        A shelf in another language is worth asking when the text is written in its script, or when
        the encoder reads both languages.
        """
        own = self.known_language(language, audience)
        chosen: list[Shelf] = []
        for each in self.languages(audience, first=own):
            shelf = self.by_key[audience, each]
            same_script = chinese == is_chinese(each)
            shared = shelf.dense and self._encoder is not None and self._encoder.reads(language)
            if each == own or same_script or shared:
                chosen.append(shelf)
        return tuple(chosen)

    def languages(self, audience: Audience, *, first: str | None) -> list[str]:
        """Return the languages of the shelves of `audience`, `first` before the others."""
        known = [language for who, language in self.by_key if who == audience]
        return sorted(known, key=lambda language: language != first)

    def known_language(self, language: str, audience: Audience) -> str | None:
        """Return the shelf for a language: itself, or one that differs in region or script."""
        if (audience, language) in self.by_key:
            return language
        primary = language.partition("-")[0].lower()
        for who, each in self.by_key:
            if who == audience and each.partition("-")[0].lower() == primary:
                return each
        return None


def distinct(near: Sequence[tuple[Article, float]]) -> tuple[tuple[Article, float], ...]:
    """Return each article once, in whatever language it was found, best first."""
    ordered = sorted(near, key=lambda pair: -pair[1])
    first: dict[str, tuple[Article, float]] = {}
    for pair in ordered:
        first.setdefault(pair[0].id, pair)
    return tuple(first.values())


def crop(text: str) -> str:
    """Return the ends of a text that is longer than QUESTION_MAX."""
    if len(text) <= QUESTION_MAX:
        return text
    half = QUESTION_MAX // 2
    return f"{text[:half]} {text[-half:]}"


def is_chinese(language: str) -> bool:
    """Tell whether a language code (BCP-47) is one of Chinese."""
    return language.partition("-")[0].lower() == "zh"
