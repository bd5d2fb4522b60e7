"""Writing an answer: a language model may word it, outside the turn and for a few seconds only.

The turn that found the answer keeps it and asks for a written one. Whatever comes first ends the
waiting, and exactly one of the two is said: the written answer; the end of the time allowed, with
the article's own words; or the customer's next message, before which those are said.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid5

from pydantic import JsonValue, TypeAdapter, ValidationError

from dialogues.exchange import Exchange
from dialogues.later import ActionRequest, ActionResult, TimerRequest
from dialogues.state import AwaitedAnswer
from knowledge_base.answer import Answer, SearchResult
from knowledge_base.writing import anonymous

#: The slow action; no action of a bot can be called so.
ACTION: Final = "knowledge.write"
#: Kind of the timers that end the waiting.
TIMER: Final = "writing"

#: Before the end of the time allowed nothing is asked any more, and the article's own words are
#: said: timers are looked at twice a second, and what they bring about takes a moment.
_LAST: Final = timedelta(milliseconds=600)
#: Longest text of a written answer that is said, in code points.
_TEXT_MAX: Final = 1500

#: Languages in which what was written can be held against the passages.
_CHECKED: Final = frozenset({"en", "zh"})

#: What the trace tells of a writing, as the result of the action names it.
_TOLD: Final = (
    *("model", "tokens_in", "tokens_out", "cost", "milliseconds"),
    *("sentence", "why", "status"),
)
_ANSWER: Final[TypeAdapter[Answer]] = TypeAdapter(Answer)


def give(x: Exchange, result: SearchResult, *, question: str) -> None:
    """Say the answer of a search, or have it written first where nothing else is to be said."""
    answer = result.answer
    if answer is None:
        return
    if x.writing is None or not _is_fit(x, answer):
        x.cite(answer, question=question, result=result)
        return
    ends_at = x.now + x.writing - _LAST
    # What was understood, with what the question goes on about, is what has to be answered.
    asked = anonymous(result.read_as or question, [*x.private, *_own_words(x)])
    request = ActionRequest(
        id=uuid5(x.conversation_id, f"{ACTION}/{x.source}/{len(x.requests)}"),
        action=ACTION,
        inputs={
            "question": asked,
            "article": answer.article_id,
            "version": answer.version,
            "passage": answer.passage_id,
        },
        language=answer.language,
        gives_up_at=ends_at,
    )
    x.requests.append(request)
    x.timers.append(TimerRequest(TIMER, ends_at, {"key": request.key}, idem_key=request.key))
    x.state.awaited = AwaitedAnswer(
        key=request.key,
        question=question,
        read_as=result.read_as,
        ways=list(result.ways),
        private=[list(pair) for pair in x.private],
        answer=_ANSWER.dump_python(answer, mode="json"),
    )
    x.note(writing="requested", article=answer.article_id, request=str(request.id))


def _is_fit(x: Exchange, answer: Answer) -> bool:
    """Tell whether the answer may be said later and in other words."""
    language = answer.language.partition("-")[0].lower()
    same = language in _CHECKED and language == x.language.partition("-")[0].lower()
    idle = x.closing and not x.state.frames and x.state.pending is None and x.state.awaited is None
    return same and idle and x.owner == "bot" and not x.muted


def _own_words(x: Exchange) -> list[tuple[str, str]]:
    facts = {name: getattr(x.customer, name) for name in ("name", "email", "phone", "company")}
    return [(value, name) for name, value in facts.items() if value and len(value) > 1]


def take_written(x: Exchange, key: str, result: ActionResult) -> bool:
    """Say the answer that a result brings; return whether it is the one that is awaited."""
    awaited = x.state.awaited
    if awaited is None or awaited.key != key:
        return False
    x.unset.append(key)
    x.note(**_told(result))
    text = result.values.get("text")
    fits = result.reason is None and isinstance(text, str) and 0 < len(text) <= _TEXT_MAX
    _say(x, awaited, str(text) if fits else None)
    return True


def _told(result: ActionResult) -> dict[str, JsonValue]:
    outcome = result.values.get("outcome") or result.reason or "written"
    told = {name: result.values[name] for name in _TOLD if result.values.get(name) is not None}
    return {"writing": outcome, **told}


def end_waiting(x: Exchange, key: str) -> None:
    """Say the article's own words, because the time allowed is over."""
    awaited = x.state.awaited
    if awaited is None or awaited.key != key:
        x.note(writing="ended", stale=True)
        return
    x.note(writing="timeout")
    _say(x, awaited, None)


def say_awaited(x: Exchange) -> None:
    """Say what is still awaited before the customer's next message is answered."""
    awaited = x.state.awaited
    if awaited is None:
        return
    x.unset.append(awaited.key)
    if x.owner != "bot":
        x.state.awaited = None
        x.note(writing="dropped", why="a person has the conversation")
        return
    x.note(writing="overtaken")
    _say(x, awaited, None)


def _say(x: Exchange, awaited: AwaitedAnswer, written: str | None) -> None:
    x.state.awaited = None
    try:
        answer = _ANSWER.validate_python(awaited.answer)
    except ValidationError:
        # An earlier version of the program stored it; what is lost is one answer's comfort.
        x.note(writing="unreadable")
        x.repair("error")
        return
    if x.muted:
        x.note(unsaid=x.muted)
        return
    x.private = [*x.private, *((pair[0], pair[1]) for pair in awaited.private)]
    if written is not None:
        answer = replace(answer, text=written)
    result = SearchResult(answer, read_as=awaited.read_as, ways=tuple(awaited.ways))
    x.cite(answer, question=awaited.question, result=result)
