"""How good the search of knowledge is: what comes first, and what is answered wrongly."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.prepare import build_knowledge
from knowledge_base.ranking import Query
from knowledge_base.search import Knowledge, Question
from knowledge_base.terms import fold
from nlu.interpreter import Encoder
from tests.bench.knowledge_sets import (
    QuestionSet,
    Thread,
    bot_questions,
    bot_talks,
    half_of_bot,
    half_of_stack,
    read_threads,
    stack_answers,
    stack_threads,
    xsid_intents,
)

Scores = NDArray[np.float32]
Told = Callable[[str], None]

#: Draws of what is taken away.
_DRAWS = 5
_HAN = re.compile("[一-鿿]+")

#: What others reached on StackFAQ by the published protocol (MAP, MRR, first is right).
PUBLISHED = (
    ("StackFAQ, MiniLM on the question", 0.962, 0.953, 0.945),
    ("StackFAQ, MiniLM on question and answer", 0.936, 0.968, 0.950),
)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How well one way of searching finds the article of a question."""

    name: str
    way: str
    asked: int
    precision: float  #: mean average precision
    reciprocal: float  #: mean reciprocal rank
    first: float  #: share of questions whose article came first
    five: float  #: share whose article was among the first five


@dataclass(frozen=True, slots=True)
class Abstention:
    """What is answered, with and without the answer there; means of all draws."""

    name: str
    known: int  #: questions with an answer, in all draws
    taken: int  #: questions whose answer was taken away, in all draws
    answered: float  #: share of the known that were answered
    right: float  #: share of the known that were answered rightly
    offered: float  #: share of the known that were offered the right article instead
    made_up: float  #: share of the taken away that were answered
    wrong: float  #: share of wrong answers, if as many questions were taken away as are known


@dataclass(frozen=True, slots=True)
class Workbench:
    """What every measurement needs."""

    encoder: Encoder | None
    cache: Path
    out_of_scope: tuple[str, ...]

    def knowledge(self, questions: QuestionSet) -> Knowledge:
        """Return the articles of a set, built as a bot's are."""
        return build_knowledge(
            questions.articles,
            encoder=self.encoder,
            cache_dir=self.cache,
            out_of_scope=self.out_of_scope,
            public_url_of=lambda article: f"https://kb.example/{article.id}",
        )


def retrieval(data: Path, bench: Workbench, told: Told) -> Iterator[Retrieval]:
    """Yield how well the search and plain BM25 find what was asked for, on every set."""
    threads = read_threads(data)
    sets = (
        stack_answers(threads),
        *(stack_threads(threads, listed=listed) for listed in (0, 3)),
        bot_questions("en"),
        bot_questions("zh"),
        bot_questions("zh", traditional=True),
        xsid_intents(data, "en"),
        xsid_intents(data, "zh"),
    )
    for questions in sets:
        told(questions.name)
        yield _measure(questions, "Tributary", _searched(questions, bench))
        yield _measure(questions, "BM25 (bm25s)", _by_bm25(questions))


def abstention(data: Path, bench: Workbench, told: Told) -> Iterator[Abstention]:
    """Yield what is answered that should not be, and what is not that could be."""
    threads = read_threads(data)
    for listed in (0, 2, 4):
        sets = [half_of_stack(threads, _half(threads, n), listed=listed) for n in range(_DRAWS)]
        yield _abstained(sets, bench, told)
    for language in ("en", "zh"):
        tags = sorted({each.tags[0] for each in bot_questions(language).articles})
        halves = [set(random.Random(draw).sample(tags, len(tags) // 2)) for draw in range(_DRAWS)]
        yield _abstained([half_of_bot(language, half) for half in halves], bench, told)
    yield _abstained([*bot_talks(without=False), *bot_talks(without=True)], bench, told)


def _half(threads: Sequence[Thread], draw: int) -> set[int]:
    numbers = range(len(threads))
    return set(random.Random(draw).sample(numbers, len(threads) // 2))


def _searched(questions: QuestionSet, bench: Workbench) -> list[Scores]:
    (shelf,) = {id(shelf): shelf for shelf in bench.knowledge(questions).shelves.values()}.values()
    texts = [fold(each.text) for each in questions.asked]
    vectors: Sequence[Scores | None] = [None] * len(texts)
    if shelf.dense and bench.encoder is not None:
        vectors = list(bench.encoder.encode(texts))
    queries = [Query.of(a.text, v) for a, v in zip(questions.asked, vectors, strict=True)]
    return [shelf.index.score(query) for query in queries]


def _by_bm25(questions: QuestionSet) -> list[Scores]:
    """Return the scores of an independent BM25 on the same texts, Chinese as pairs of characters.

    Where articles list questions each is a text of its own, and the best one counts.
    """
    texts: list[str] = []
    owners: list[int] = []
    for number, each in enumerate(questions.articles):
        mine = [f"{each.title} {each.body}", *each.questions]
        texts += mine
        owners += [number] * len(mine)
    index = bm25s.BM25()
    index.index([_words(text) for text in texts], show_progress=False)
    found: list[Scores] = []
    for asking in questions.asked:
        words = [word for word in _words(asking.text) if word in index.vocab_dict]
        of_texts = index.get_scores(words) if words else np.zeros(len(texts), np.float32)
        best = np.zeros(len(questions.articles), np.float32)
        np.maximum.at(best, owners, of_texts)
        found.append(best)
    return found


def _words(text: str) -> list[str]:
    """Return the words bm25s makes of a text, without English stop words, and Chinese pairs."""
    tokens = bm25s.tokenize(
        [_HAN.sub(" ", text)], stopwords="en", return_ids=False, show_progress=False
    )
    pairs = [run[at : at + 2] for run in _HAN.findall(text) for at in range(max(1, len(run) - 1))]
    return [*map(str, tokens[0]), *pairs]


def _measure(questions: QuestionSet, way: str, scores: Sequence[Scores]) -> Retrieval:
    numbers = {each.id: number for number, each in enumerate(questions.articles)}
    precisions: list[float] = []
    ranks: list[int] = []
    for each, found in zip(questions.asked, scores, strict=True):
        relevant = np.zeros(len(numbers), np.bool_)
        relevant[[numbers[name] for name in each.articles]] = True
        places = np.flatnonzero(relevant[np.argsort(-found, kind="stable")]) + 1
        precisions.append(float((np.arange(1, len(places) + 1) / places).mean()))
        ranks.append(int(places[0]))
    return Retrieval(
        name=questions.name,
        way=way,
        asked=len(ranks),
        precision=mean(precisions),
        reciprocal=mean(1 / rank for rank in ranks),
        first=mean(rank == 1 for rank in ranks),
        five=mean(rank <= 5 for rank in ranks),
    )


def _abstained(sets: Sequence[QuestionSet], bench: Workbench, told: Told) -> Abstention:
    answered = right = offered = made_up = known = taken = 0
    for number, questions in enumerate(sets):
        told(f"{questions.name}: {number + 1} of {len(sets)}")
        knowledge = bench.knowledge(questions)
        results = knowledge.search([Question(q.text, q.language) for q in questions.asked])
        for asking, result in zip(questions.asked, results, strict=True):
            if not asking.articles:
                taken += 1
                made_up += result.answer is not None
                continue
            known += 1
            answered += result.answer is not None
            right += result.answer is not None and result.answer.article_id in asking.articles
            offered += any(near.article_id in asking.articles for near in result.near)
    share, wrong = answered / known, (answered - right) / known
    invented = made_up / max(1, taken)
    return Abstention(
        name=sets[0].name,
        known=known,
        taken=taken,
        answered=share,
        right=right / known,
        offered=offered / known,
        made_up=invented,
        wrong=(wrong + invented) / ((share + invented) or 1.0),
    )
