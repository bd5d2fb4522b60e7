"""Carries out commands: each kind has one function here, found by the table at the end."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid5

from pydantic import JsonValue

from channels.messages import Option
from crm_store.customers import learn
from crm_store.feedback import record_feedback
from dialogues.again import say_again
from dialogues.answering import another_answer, note_unhelpful
from dialogues.bot import localised
from dialogues.cancelling import cancel_all, cancel_flow
from dialogues.commands import (
    Acknowledge,
    AnswerQuestion,
    CancelAll,
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    Confirm,
    ConfirmFact,
    CorrectSlots,
    DeclinePerson,
    ExplainQuestion,
    FillSlot,
    ForgetSlot,
    GoBack,
    LearnFact,
    NoteMisfit,
    QueueFlows,
    RateAnswer,
    RejectValue,
    Repeat,
    RequestHuman,
    SkipQuestion,
    StartFlow,
    StartOver,
    Summarise,
)
from dialogues.correcting import ask_pending_again, confirm, correct_slots, forget_slot
from dialogues.exchange import Exchange
from dialogues.executor import StepBudgetError, advance, start
from dialogues.handoff import hand_over
from dialogues.open_question import (
    confirm_fact,
    explain_question,
    fill_slot,
    go_back,
    note_misfit,
    reject_value,
    skip_question,
)
from dialogues.queueing import queue_flows
from dialogues.recap import recap
from dialogues.repairing import repair
from dialogues.responses import menu, option
from dialogues.small_talk import chit_chat
from dialogues.writing import give
from knowledge_base.answer import SearchResult

#: What the customer gets for a thumb on an answer, as a rating 1..5.
HELPFUL: Final = 5
NOT_HELPFUL: Final = 1

#: Commands that do not count as having understood the customer.
_FAILURES: Final = (CannotHandle, Clarify, RejectValue, Repeat)

#: Commands that say something beside the open question, which is then asked anew.
_DIGRESSIONS: Final = (
    *(AnswerQuestion, ChitChat, RateAnswer, Acknowledge, LearnFact, CannotHandle),
    *(DeclinePerson, ExplainQuestion, Summarise),
)

#: Turns for which nobody is offered after a customer declined.
DECLINED_FOR: Final = 3


def execute(x: Exchange, commands: list[Command]) -> None:
    """Carry out `commands` in order, then run the open flow until it waits."""
    x.state.yes_means = ""
    x.offers_off = x.state.offers_off > 0
    x.state.offers_off = max(0, x.state.offers_off - 1)
    x.state.clarified = any(isinstance(command, Clarify) for command in commands)
    if commands and not any(isinstance(command, _FAILURES) for command in commands):
        x.state.failures = 0
    for number, command in enumerate(commands, start=1):
        x.closing = number == len(commands)
        x.note(command=type(command).__name__, **_facts(command))
        x.digressed = x.digressed or isinstance(command, _DIGRESSIONS)
        _DO[type(command)](x, command)
    if x.owner != "bot":
        x.state.pending = None
    elif not x.repeated:
        ask_pending_again(x)
    if not (x.repeated or x.held):
        go_on(x)


def go_on(x: Exchange) -> None:
    """Run the open flow until it waits; flows that run in circles are closed."""
    x.said_before_walk = len(x.replies)
    try:
        advance(x)
    except StepBudgetError:
        x.state.frames.clear()
        x.note(failed="step_budget")
        x.state.yes_means = "human"
        x.repair("error", options=[_human(x)])


def _facts(command: Command) -> dict[str, Any]:
    """Return what the trace tells of a command; values of slots stay in the state."""
    match command:
        case CorrectSlots(corrections=corrections):
            return {"slots": [f"{c.flow}.{c.slot}" for c in corrections]}
        case QueueFlows(starts=starts):
            return {"flows": [start.flow for start in starts]}
    return {
        name: list(value) if isinstance(value, tuple | dict) else value
        for name in _TOLD[type(command)]
        if (value := getattr(command, name)) is not None and value != {}
    }


def _human(x: Exchange) -> Option:
    return option(x.bot, "human", "label_human", x.language)


def _start_flow(x: Exchange, command: StartFlow) -> None:
    x.state.subject = None
    start(x, command.flow, command.slots, words=command.words)
    for slot, words in command.misfits.items():
        note_misfit(x, NoteMisfit(slot, words))


def _clarify(x: Exchange, command: Clarify) -> None:
    x.state.failures += 1
    flows = [x.bot.flows[flow] for flow in command.flows]
    options = [
        Option(value=f"flow:{flow.id}", label=localised(flow.description, x.language)[:200])
        for flow in flows
    ]
    options += [_question_option(question) for question in command.questions]
    options.append(option(x.bot, "none", "label_none", x.language))
    repair(x, "clarify", options=options)


def _question_option(question: str) -> Option:
    return Option(value=f"kb:ask:{question}"[:200], label=question[:200])


def _answer_question(x: Exchange, command: AnswerQuestion) -> None:
    if command.result.answer is not None:
        give(x, command.result, question=command.question)


def _rate_answer(x: Exchange, command: RateAnswer) -> None:
    article = command.article
    again = article in x.state.rated
    if not again:
        x.state.rated = [*x.state.rated, article][-50:]
        feedback, _ = record_feedback(
            x.session,
            x.customer.id,
            conversation_id=x.conversation_id,
            about=f"article:{article}"[:200],
            rating=HELPFUL if command.helpful else NOT_HELPFUL,
            comment=None,
            source=f"rated:{uuid5(x.conversation_id, f'article/{article}')}/{x.seq}",
            now=x.now,
        )
        x.record("feedback_given", {"rating": feedback.rating, "about": feedback.about})
        x.rate(article, helpful=command.helpful)
    slots: dict[str, JsonValue] = {"helpful": command.helpful, "again": again}
    if again or command.helpful:
        repair(x, "answer", slots=slots)
        return
    note_unhelpful(x, article)
    question = x.state.cited.get(article, "")
    found = another_answer(x, question, article=article) if question else SearchResult(None)
    if found.answer is not None:
        repair(x, "answer", slots={**slots, "another": True})
        x.cite(found.answer, question=question, result=found)
        return
    options = [_question_option(n.question) for n in found.near if n.article_id != article]
    repair(x, "answer", slots=slots, options=[*options, _human(x)])


def _request_human(x: Exchange, command: RequestHuman) -> None:
    hand_over(x, desk=command.desk, reason="asked")


def _repeat(x: Exchange, _: Repeat) -> None:
    if not x.state.last_replies:
        repair(x, "repeat", options=menu(x.bot, x.language))
        return
    say_again(x)
    x.repeated = True


def _start_over(x: Exchange, _: StartOver) -> None:
    x.state.frames.clear()
    x.state.ended, x.state.ended_at, x.state.pending = None, "", None
    x.state.subject, x.state.unhelpful = None, {}
    x.state.failures = 0
    repair(x, "start_over", options=menu(x.bot, x.language))


def _summarise(x: Exchange, _: Summarise) -> None:
    recap(x)


def _decline_person(x: Exchange, _: DeclinePerson) -> None:
    x.state.offers_off = DECLINED_FOR
    options = menu(x.bot, x.language)[:-1] if x.state.frame is None else ()
    repair(x, "declined", options=options)


def _acknowledge(x: Exchange, command: Acknowledge) -> None:
    if command.response == "bot":
        x.say("back_to_bot", options=menu(x.bot, x.language))
        return
    repair(x, "receive", slots={"what": command.response}, fallback=True)


def _learn_fact(x: Exchange, command: LearnFact) -> None:
    changed = learn(
        x.customer,
        source=x.source,
        now=x.now,
        verified=command.verified,
        **{command.fact: command.value},
    )
    if changed:
        x.record("customer_changed", {"facts": sorted(changed)})
    repair(x, "receive", slots={"what": "contact"})


def _cannot_handle(x: Exchange, command: CannotHandle) -> None:
    level = 3 if command.upset else min(x.state.failures + 1, 3)
    if level == 3 and x.offers_off:
        level = 2
    x.state.failures = level
    near = command.result.near if command.result is not None else ()
    if command.result is not None:
        x.miss(command.question, command.result)
    options = [_question_option(item.question) for item in near]
    if level == 2 and not near:
        options += menu(x.bot, x.language)
    else:
        options.append(_human(x))
    if near:
        x.note(near=len(near))
    if level == 3:
        x.state.yes_means = "human"
    slots = {"level": level, "near": bool(near)}
    repair(x, "cannot_handle", slots=slots, options=options, fallback=True)


_DO: Final[dict[type[Any], Callable[[Exchange, Any], None]]] = {
    StartFlow: _start_flow,
    QueueFlows: queue_flows,
    FillSlot: fill_slot,
    NoteMisfit: note_misfit,
    CorrectSlots: correct_slots,
    ForgetSlot: forget_slot,
    Confirm: confirm,
    ConfirmFact: confirm_fact,
    RejectValue: reject_value,
    CancelFlow: cancel_flow,
    CancelAll: cancel_all,
    Clarify: _clarify,
    SkipQuestion: skip_question,
    GoBack: go_back,
    ExplainQuestion: explain_question,
    Summarise: _summarise,
    DeclinePerson: _decline_person,
    AnswerQuestion: _answer_question,
    RateAnswer: _rate_answer,
    ChitChat: chit_chat,
    RequestHuman: _request_human,
    Repeat: _repeat,
    StartOver: _start_over,
    Acknowledge: _acknowledge,
    LearnFact: _learn_fact,
    CannotHandle: _cannot_handle,
}

_NAMES: Final = ("flow", "slot", "slots", "flows", "intent", "article", "reason", "response")
#: Command -> its fields that the trace tells of.
_TOLD: Final[dict[type[Any], tuple[str, ...]]] = {
    kind: tuple(name for name in _NAMES if name in kind.__dataclass_fields__) for kind in _DO
}
