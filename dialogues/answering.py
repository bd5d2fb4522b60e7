"""Answers in a conversation: what a question goes on about, what is shown, what follows a no."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from channels.messages import Card, Link
from dialogues.responses import choose, insert, label, option
from dialogues.state import ConversationState, Subject
from knowledge_base.answer import Answer, SearchResult, Topic
from knowledge_base.follow_ups import follow_up
from knowledge_base.masking import masked

if TYPE_CHECKING:
    from dialogues.exchange import Exchange

#: Articles remembered as shown, which the customer may rate.
CITED_MAX: Final = 10

#: Questions kept for the hand-off summary.
SEARCHES_MAX: Final = 5

#: How long after an answer a question may go on about it, and a passage that did not help is not
#: shown again.
SUBJECT_KEPT: Final = timedelta(minutes=30)

#: Passages remembered that did not help.
UNHELPFUL_MAX: Final = 10

#: Longest question that is remembered, in code points.
_QUESTION_MAX: Final = 200

_TEXT_MAX: Final = 4000


def topic_of(state: ConversationState, now: datetime) -> Topic | None:
    """Return what a question may go on about, None when nothing was answered lately."""
    subject = state.subject
    if subject is None or now - datetime.fromisoformat(subject.at) > SUBJECT_KEPT:
        return None
    return Topic(subject.question, subject.article, subject.passage)


def look_up(x: "Exchange", question: str) -> SearchResult:
    """Ask the knowledge base what `question` means here, and note what was found."""
    topic = topic_of(x.state, x.now)
    if topic is not None and follow_up(question) is not None:
        result = x.lookup(question, x.language, topic=topic)
    else:
        topic, result = None, x.lookup(question, x.language)
    answer = result.answer
    # While something else is asked, a question without an answer might be taken for the answer.
    if answer is not None and x.state.frame is None and _did_not_help(x, answer):
        # What did not help once does not help when it is asked for in other words.
        without = frozenset({answer.article_id})
        result = x.lookup(question, x.language, topic=topic, without=without)
        x.note(passed_over=answer.article_id)
    _note(x, result, topic)
    x.state.searches = [*x.state.searches, question[:_QUESTION_MAX]][-SEARCHES_MAX:]
    return result


def another_answer(x: "Exchange", question: str, *, article: str) -> SearchResult:
    """Return what answers `question` besides an article that did not help, and what is near."""
    result = x.lookup(question, x.language, without=frozenset({article, *_shown_for(x, question)}))
    _note(x, result, None)
    return result


def cite(x: "Exchange", answer: Answer, *, question: str, result: SearchResult | None) -> None:
    """Send an answer with its source and ask whether it helped.

    Args:
        x: the turn.
        answer: what is said.
        question: as the customer asked it.
        result: of the search, which tells how the question was read; None: as it was written.
    """
    source = Link(label=label(x.bot, "label_source", x.language), url=answer.url)
    article = answer.article_id
    lines = [*_notes(x, answer, result), answer.text]
    card = Card(
        title=answer.title[:200],
        text="\n\n".join(lines)[:_TEXT_MAX],
        link=source,
        options=(
            option(x.bot, f"kb:helpful:{article}", "label_helpful", x.language),
            option(x.bot, f"kb:not_helpful:{article}", "label_not_helpful", x.language),
            option(x.bot, "human", "label_human", x.language),
        ),
    )
    x.note(say="answer", reply=len(x.replies), article=article, version=answer.version)
    x.reply(card)
    x.record(
        "article_cited",
        {
            "article": article,
            "version": answer.version,
            "passage": answer.passage_id,
            "score": round(answer.score, 4),
            "language": answer.language,
        },
    )
    x.asked.answered(question, answer, language=x.language, before=x.state)
    cited = {a: q for a, q in x.state.cited.items() if a != article}
    cited[article] = question[:_QUESTION_MAX]
    x.state.cited = dict(list(cited.items())[-CITED_MAX:])
    _turn_to(x, answer, question, result)


def note_unhelpful(x: "Exchange", article: str) -> None:
    """Remember that what was shown last of an article did not help."""
    subject = x.state.subject
    passage = subject.passage if subject is not None and subject.article == article else article
    kept = {p: at for p, at in x.state.unhelpful.items() if p != passage}
    kept[passage] = x.now.isoformat()
    x.state.unhelpful = dict(list(kept.items())[-UNHELPFUL_MAX:])


def _did_not_help(x: "Exchange", answer: Answer) -> bool:
    found = (x.state.unhelpful.get(name) for name in (answer.passage_id, answer.article_id))
    return any(
        at is not None and x.now - datetime.fromisoformat(at) <= SUBJECT_KEPT for at in found
    )


def _shown_for(x: "Exchange", question: str) -> Sequence[str]:
    """Return the articles that were shown for a question already."""
    asked = question[:_QUESTION_MAX]
    return [article for article, other in x.state.cited.items() if other == asked]


def _notes(x: "Exchange", answer: Answer, result: SearchResult | None) -> list[str]:
    """Return what is said above an answer: as what the question was read, and in which tongue."""
    notes: list[str] = []
    if result is not None and "spelling" in result.ways:
        notes.append(_said(x, "showing_for", result.read_as))
    if _primary(answer.language) != _primary(x.language):
        notes.append(_said(x, "other_language"))
    return [note for note in notes if note]


def _said(x: "Exchange", name: str, asked: str = "") -> str:
    response = x.bot.response(name)
    if response is None:
        return ""
    wording = choose(response, x.language, key=f"{x.source}/{name}", channel=x.channel)[0]
    return insert(wording.text, lambda slot: asked if slot == "asked" else x.value(slot, None, {}))


def _turn_to(x: "Exchange", answer: Answer, question: str, result: SearchResult | None) -> None:
    """Let the next question go on about what was answered now."""
    read_as = result.read_as if result is not None and result.read_as else question
    before = x.state.subject
    follows = result is not None and "follow_up" in result.ways
    if follows and before is not None and before.article == answer.article_id:
        # One case after the other is asked of the first question, not of the case before.
        read_as = before.question
    x.state.subject = Subject(
        question=read_as[:_QUESTION_MAX],
        article=answer.article_id,
        passage=answer.passage_id,
        at=x.now.isoformat(),
    )


def _note(x: "Exchange", result: SearchResult, topic: Topic | None) -> None:
    answer = result.answer
    read: dict[str, JsonValue] = {}
    if result.ways:
        read = {"ways": list(result.ways), "read_as": masked(result.read_as, x.private)[:200]}
        if topic is not None and "follow_up" in result.ways:
            read["topic"] = topic.article_id
    x.note(
        search=result.outcome,
        article=answer.article_id if answer else None,
        version=answer.version if answer else None,
        score=round(answer.score, 4) if answer else None,
        candidates=[[near.article_id, round(near.score, 4)] for near in result.near],
        **read,
    )


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
