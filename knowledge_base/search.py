"""Search: a question in, an answer with its source, near questions, or an honest no out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

import numpy as np

from knowledge_base.answer import Answer, NearQuestion, SearchResult, Way
from knowledge_base.articles import Article, Audience
from knowledge_base.calibration import Calibration
from knowledge_base.excerpts import excerpt, passage_boosts
from knowledge_base.follow_ups import combined, follow_up
from knowledge_base.question import Question
from knowledge_base.recipe import Recipe
from knowledge_base.rewording import Rewording, covers, rewordings
from knowledge_base.shelves import Found, Looked, Shelf, Shelves, crop, distinct
from knowledge_base.spelling import Vocabulary
from knowledge_base.synonyms import Synonyms
from knowledge_base.terms import has_han
from knowledge_base.topics import choose
from nlu.interpreter import Encoder
from nlu.text import normalise

__all__ = ["Knowledge", "Question", "Shelf"]

#: Near questions offered at most.
NEAR_MAX: Final = 3
#: What speaks for an article's first passage: it holds what the title asks.
_FIRST_PASSAGE: Final = 0.08
#: What speaks against a passage that was shown, when more is asked.
_SEEN: Final = 0.2

#: What a synonym takes off how sure a search is, and how much of the words it leaves must be in
#: the article all the same.
SYNONYM_WEIGHT: Final = 0.95
KEPT_MIN: Final = 0.34

_LINK: Final = re.compile(r"(!?)\[([^\]]*)\]\(([^()\s]*)(?:\s+\"[^\"]*\")?\)")


class Knowledge:
    """What a bot knows; immutable, so any number of threads may search it at once.

    Staff articles are not on the public shelves at all: no threshold, bug or clever question can
    bring their text, titles or words into a public answer.

    Args:
        shelves: by audience and language; a staff shelf holds the public articles as well.
        urls: where each article, by id and language, can be read.
        encoder: gives questions their vectors on dense shelves.
        answer_at: replaces the calibrated probability at which an answer is given, 0..1.
        recipe: what it was made with, synonyms among it; None: it cannot be refreshed.
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
        self.synonyms = recipe.synonyms if recipe is not None else Synonyms()
        self._shelves = Shelves(shelves, encoder=encoder, answer_at=answer_at)
        self._urls = dict(urls)

    @property
    def shelves(self) -> Mapping[tuple[Audience, str], Shelf]:
        """The shelves by audience and language."""
        return self._shelves.by_key

    @property
    def calibrations(self) -> dict[tuple[Audience, str], Calibration]:
        """How each shelf decides, by audience and language, with its measured figures."""
        return {key: shelf.calibration for key, shelf in self._shelves.by_key.items()}

    def articles(self, language: str, *, audience: Audience = "public") -> list[Article]:
        """Return the articles `audience` may read in `language`, by id."""
        key = (audience, self._shelves.known_language(language, audience) or "")
        return sorted(self._shelves.articles.get(key, {}).values(), key=lambda article: article.id)

    def article(
        self, article_id: str, language: str, *, audience: Audience = "public"
    ) -> Article | None:
        """Return an article in `language`, or else in the first language that has it."""
        known = self._shelves.known_language(language, audience)
        for each in self._shelves.languages(audience, first=known):
            if (article := self._shelves.articles[audience, each].get(article_id)) is not None:
                return article
        return None

    def url(self, article: Article) -> str:
        """Return where `article` can be read."""
        return self._urls[article.id, article.language]

    def vocabulary(self, language: str, *, audience: Audience = "public") -> Vocabulary | None:
        """Return the words of the articles `audience` may read in `language`."""
        return self._shelves.vocabulary(language, audience=audience)

    def search(
        self, questions: Sequence[Question], *, audience: Audience = "public"
    ) -> list[SearchResult]:
        """Return for each question, in order, an answer, near questions, or nothing.

        What finds no sure answer as it is written is tried with its spelling mended and with
        synonyms; what leans on the topic of the conversation is read together with it.

        Args:
            questions: texts of customers, as they came; only the ends of long ones count.
            audience: whose articles may be used; "staff" sees the public ones as well.
        """
        plain = self._shelves.look([(q, q.text) for q in questions], audience)
        found: list[SearchResult | None] = [
            self._on_topic(question, looked, audience)
            for question, looked in zip(questions, plain, strict=True)
        ]
        open_ = [n for n, result in enumerate(found) if result is None and not plain[n].exact]
        reworded = self._reworded([(questions[n], plain[n]) for n in open_], audience)
        for number, result in zip(open_, reworded, strict=True):
            found[number] = result
        return [
            result or self._result(looked, question, audience)
            for result, looked, question in zip(found, plain, questions, strict=True)
        ]

    def _result(
        self,
        looked: Looked,
        question: Question,
        audience: Audience,
        *,
        read_as: str = "",
        ways: tuple[Way, ...] = (),
    ) -> SearchResult:
        if looked.best is not None:
            answer = self._answer(looked.best, question, audience)
            return SearchResult(answer, read_as=read_as, ways=ways)
        near = tuple(
            self._near(article, score, question.language, audience)
            for article, score in looked.near[:NEAR_MAX]
        )
        return SearchResult(None, near, read_as if near else "", ways if near else ())

    def _reworded(
        self, questions: Sequence[tuple[Question, Looked]], audience: Audience
    ) -> list[SearchResult | None]:
        """Return what questions find in other words, mended or with synonyms, where that is more.

        What is sure as it was written is only mended where it has an English word that is none.
        """
        tried: list[tuple[int, Rewording]] = []
        for number, (question, plain) in enumerate(questions):
            text = crop(normalise(question.text).plain)
            chinese = has_han(text)
            if chinese and plain.best is not None:
                continue
            vocabulary = self._shelves.vocabulary("zh" if chinese else "en", audience=audience)
            synonyms = self.synonyms if plain.best is None else Synonyms()
            tried += [(number, each) for each in rewordings(text, vocabulary, synonyms)]
        looked = self._shelves.look([(questions[n][0], each.text) for n, each in tried], audience)
        best: dict[int, tuple[Looked, Rewording | None]] = {
            number: (plain, None) for number, (_, plain) in enumerate(questions)
        }
        for (number, rewording), look in zip(tried, looked, strict=True):
            sure = self._supported(look, rewording, audience)
            if sure.worth > best[number][0].worth:
                best[number] = (sure, rewording)
        return [
            None
            if rewording is None
            else self._result(
                look, questions[n][0], audience, read_as=rewording.shown, ways=rewording.ways
            )
            for n, (look, rewording) in best.items()
        ]

    def _supported(self, looked: Looked, rewording: Rewording, audience: Audience) -> Looked:
        """Return `looked` without an answer that only synonyms speak for."""
        best = looked.best
        if best is None or "synonym" not in rewording.ways:
            return looked
        least = self._shelves.least(best.shelf)
        score = best.score * SYNONYM_WEIGHT
        own = self.article(best.article.id, best.article.language, audience=audience)
        if score < least or own is None or covers(own, rewording.kept) < KEPT_MIN:
            near = ((best.article, best.score), *looked.near)
            return replace(looked, best=None, near=distinct(near))
        return replace(looked, best=replace(best, score=score))

    def _on_topic(
        self, question: Question, plain: Looked, audience: Audience
    ) -> SearchResult | None:
        """Return what a question that leans on the topic finds, None when it stands for itself."""
        topic = question.topic
        follow = follow_up(question.text) if topic is not None else None
        if topic is None or follow is None or (plain.exact and follow.lean != "bare"):
            return None
        text = combined(topic.question, follow, question.text)
        (joined,) = self._shelves.look([(question, text)], audience, whole=True)
        article = self.article(topic.article_id, question.language, audience=audience)
        if article is not None and article.id in question.without:
            article = None
        own = self.synonyms.readings(follow.own)
        best = choose(
            follow,
            question.text,
            topic=article,
            own=own,
            plain=plain.best,
            joined=joined.best,
            ranked=joined.ranked,
        )
        if best is None:
            if follow.lean != "bare" or plain.exact or not joined.near:
                return None
            return self._result(
                replace(joined, best=None), question, audience, read_as=text, ways=("follow_up",)
            )
        if best is plain.best:
            return None
        answer = self._answer(best, question, audience, own=" ".join(own).strip())
        return SearchResult(answer, read_as=text, ways=("follow_up",))

    def _answer(
        self, found: Found, question: Question, audience: Audience, *, own: str | None = None
    ) -> Answer:
        """Return the answer in the asker's language where the article has it.

        Args:
            found: the article.
            question: as it was asked.
            audience: who reads it.
            own: what a follow-up says itself, which matters more than what it leans on; "" when
                it only asks for more of what was shown; None: it is no follow-up.
        """
        language = question.language
        article = self.article(found.article.id, language, audience=audience) or found.article
        shelf = self._shelves.by_key[audience, article.language]
        index = shelf.index
        passages = index.passages_of(self._shelves.numbers[audience, article.language][article.id])
        more = question.text if own == "" else ""
        wanted = own or more or found.query.text
        # A question says nothing about passages in another language: the first one leads in.
        chosen = passages[0]
        whole = article.answer_kind == "whole"
        same = article.language == found.article.language
        if same and not whole and len(passages) > 1:
            scores = index.passage_scores(found.query, passages)
            scores[0] += _FIRST_PASSAGE
            parts = [index.passages[n] for n in passages]
            boosts = passage_boosts(parts, wanted, own=own or "")
            scores += boosts * 2 if more else boosts
            if more and question.topic is not None:
                # More is asked than was shown, where there is more.
                seen = [part.id == question.topic.passage_id for part in parts]
                scores -= np.float32(_SEEN) * np.array(seen, dtype=np.float32)
            chosen = passages[int(np.argmax(scores))]
        passage = index.passages[chosen]
        text = passage.markdown
        if whole:
            text = "\n\n".join(index.passages[number].markdown for number in passages)
        elif same:
            text = excerpt(
                passage,
                self.synonyms.wide(wanted),
                lambda: index.unit_scores(found.query, chosen),
                more=bool(more),
            )
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


def _absolute_links(markdown: str, url: str) -> str:
    """Resolve links against the article's page; what does not lead to the web keeps its words."""

    def resolve(match: re.Match[str]) -> str:
        image, label, target = match.groups()
        absolute = urljoin(url, target)
        if image or not absolute.startswith(("https://", "http://")):
            return label
        return f"[{label}]({absolute})"

    return _LINK.sub(resolve, markdown)
