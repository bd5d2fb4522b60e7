"""The sets retrieval is measured on: articles, and questions whose article is known.

None was made for this: StackFAQ and xSID are published, the example bot's articles and their
questions are what a company writes. StackFAQ is not held out for abstention: shares and weights of
the calibration were chosen among about ten variants with its results in sight.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import opencc
import yaml

from knowledge_base.articles import Article, read_articles
from nlu.evaluation.conll import read_conll

BOT = Path("bots/library/moss_and_kettle")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question and the articles that answer it; none when their answer was taken away."""

    text: str
    language: str
    articles: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Articles and what is asked of them."""

    name: str
    articles: tuple[Article, ...]
    asked: tuple[Asking, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread of StackFAQ."""

    question: str
    rewordings: tuple[str, ...]
    answers: tuple[str, ...]


def article(number: str, title: str, questions: Sequence[str], body: str) -> Article:
    """Return an English article."""
    return Article(
        id=number,
        language="en",
        title=title,
        questions=tuple(questions),
        body=body,
        audience="public",
        updated=date(2026, 1, 1),
        tags=(),
        url=None,
        version="1",
    )


def read_threads(data: Path) -> list[Thread]:
    """Return the threads of StackFAQ."""
    path = data / "stackfaq" / "stackExchange-FAQ.json"
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["root"]["qapair"]
    threads: list[Thread] = []
    for each in found:
        answers = each["answer"] if isinstance(each["answer"], list) else [each["answer"]]
        rewordings = tuple(text for text in each["rephr"] if text and text.strip("* "))
        threads.append(Thread(each["question"], rewordings, tuple(answers)))
    return threads


def stack_answers(threads: Sequence[Thread]) -> QuestionSet:
    """Return StackFAQ as published: each answer with its thread's question is one text."""
    articles: list[Article] = []
    asked: list[Asking] = []
    for number, thread in enumerate(threads):
        names = [f"t{number}_{place}" for place in range(len(thread.answers))]
        for name, answer in zip(names, thread.answers, strict=True):
            articles.append(article(name, thread.question, (), answer))
        asked += [Asking(text, "en", frozenset(names)) for text in thread.rewordings]
    return QuestionSet("StackFAQ, published protocol", tuple(articles), tuple(asked))


def stack_threads(threads: Sequence[Thread], *, listed: int) -> QuestionSet:
    """Return StackFAQ as articles of one thread each, which list some of its rewordings."""
    articles = [_thread_article(number, each, listed) for number, each in enumerate(threads)]
    asked = [
        Asking(text, "en", frozenset({f"t{number}"}))
        for number, thread in enumerate(threads)
        for text in thread.rewordings[listed:]
    ]
    return QuestionSet(f"StackFAQ threads, {listed} questions", tuple(articles), tuple(asked))


def half_of_stack(threads: Sequence[Thread], kept: set[int], *, listed: int) -> QuestionSet:
    """Return StackFAQ with the threads that are not kept taken away, asked all the same."""
    whole = stack_threads(threads, listed=listed)
    names = {f"t{number}" for number in kept}
    asked = tuple(
        each if each.articles <= names else replace(each, articles=frozenset())
        for each in whole.asked
    )
    articles = tuple(each for each in whole.articles if each.id in names)
    return QuestionSet(f"StackFAQ, half taken away, {listed} questions", articles, asked)


def half_of_bot(language: str, kept: set[str]) -> QuestionSet:
    """Return the example bot without the subjects (first tags) that are not kept.

    Of what is kept every second question is listed and every other one asked; of what was taken
    away all are asked.
    """
    articles: list[Article] = []
    asked: list[Asking] = []
    for each in _public(language):
        if each.tags[0] in kept:
            articles.append(replace(each, questions=each.questions[::2]))
            own = frozenset({each.id})
            asked += [Asking(text, language, own) for text in each.questions[1::2]]
        else:
            asked += [Asking(text, language, frozenset()) for text in each.wordings]
    return QuestionSet(f"example bot {language}, half taken away", tuple(articles), tuple(asked))


def bot_questions(language: str, *, traditional: bool = False) -> QuestionSet:
    """Return the example bot with every second question of its articles left out and asked."""
    convert = opencc.OpenCC("s2twp").convert if traditional else str
    articles = [replace(each, questions=each.questions[::2]) for each in _public(language)]
    asked = [
        Asking(convert(text), "zh-TW" if traditional else language, frozenset({each.id}))
        for each in _public(language)
        for text in each.questions[1::2]
    ]
    name = f"example bot {'zh, asked in Traditional' if traditional else language}"
    return QuestionSet(f"{name}, left-out questions", tuple(articles), tuple(asked))


def bot_talks(*, without: bool) -> tuple[QuestionSet, ...]:
    """Return what the customers of the example bot's test talks ask of its articles.

    Args:
        without: take away what shares a tag with the article that answers, for each question.
    """
    asked: list[Asking] = []
    for path in sorted((BOT / "conversations").glob("*.yml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            for turn in case["turns"]:
                answer = turn.get("expect", {}).get("article")
                if isinstance(answer, str) and "user" in turn and "{" not in turn["user"]:
                    language = case.get("language", "en")
                    asked.append(Asking(turn["user"], language, frozenset({answer})))
    everything = (*_public("en"), *_public("zh"))
    if not without:
        return (QuestionSet("example bot, test talks", everything, tuple(asked)),)
    by_subject: dict[frozenset[str], list[Asking]] = defaultdict(list)
    for each in asked:
        tags = {tag for other in everything if other.id in each.articles for tag in other.tags}
        by_subject[frozenset(tags)].append(replace(each, articles=frozenset()))
    return tuple(
        QuestionSet(
            "example bot, test talks, taken away",
            tuple(each for each in everything if not tags & set(each.tags)),
            tuple(questions),
        )
        for tags, questions in by_subject.items()
    )


def xsid_intents(data: Path, language: str) -> QuestionSet:
    """Return xSID as articles: an intent is one, its validation sentences are its questions."""
    examples: dict[str, list[str]] = defaultdict(list)
    asked: list[Asking] = []
    for part in ("valid", "test"):
        path = data / "xsid" / f"{language}.{part}.conll"
        for row in read_conll(path.read_text("utf-8"), path, []):
            name = row.label.replace("/", "_").lower()
            if part == "valid":
                examples[name].append(row.text)
            else:
                asked.append(Asking(row.text, language, frozenset({name})))
    articles = [
        replace(article(name, texts[0], texts[1:], texts[0]), language=language)
        for name, texts in examples.items()
    ]
    known = [each for each in asked if each.articles <= set(examples)]
    return QuestionSet(f"xSID {language}, sentences to intents", tuple(articles), tuple(known))


def _thread_article(number: int, thread: Thread, listed: int) -> Article:
    body = "\n\n".join(thread.answers)
    return article(f"t{number}", thread.question, thread.rewordings[:listed], body)


def _public(language: str) -> list[Article]:
    articles = read_articles(BOT / "knowledge", ("en", "zh"))
    return [a for a in articles if a.language == language and a.audience == "public"]
