"""Carries out commands: each kind has one function here, found by the table at the end."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid5

from pydantic import TypeAdapter, ValidationError

from channels.messages import Option, OutboundContent
from crm_store.customers import learn
from crm_store.feedback import record_feedback
from dialogues.bot import localised
from dialogues.commands import (
    Acknowledge,
    AnswerQuestion,
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    CorrectSlot,
    FillSlot,
    LearnFact,
    RateAnswer,
    RejectValue,
    Repeat,
    RequestHuman,
    SkipQuestion,
    StartFlow,
    StartOver,
)
from dialogues.exchange import Exchange
from dialogues.executor import StepBudgetError, advance, resume, start
from dialogues.handoff import hand_over
from dialogues.responses import menu, option, shown
from dialogues.revision import correct
from dialogues.step import Collect, HandOff, Link

#: What the customer gets for a thumb on an answer, as a rating 1..5.
HELPFUL: Final = 5
NOT_HELPFUL: Final = 1

_CONTENT: Final[TypeAdapter[OutboundContent]] = TypeAdapter(OutboundContent)

#: Commands that do not count as having understood the customer.
_FAILURES: Final = (CannotHandle, Clarify, RejectValue, Repeat)


def execute(x: Exchange, commands: list[Command]) -> None:
    """Carry out `commands` in order, then run the open flow until it waits."""
    x.state.yes_means = ""
    x.state.clarified = any(isinstance(command, Clarify) for command in commands)
    if commands and not any(isinstance(command, _FAILURES) for command in commands):
        x.state.failures = 0
    for command in commands:
        x.note(command=type(command).__name__, **_facts(command))
        _DO[type(command)](x, command)
    if not x.repeated:
        go_on(x)


def go_on(x: Exchange) -> None:
    """Run the open flow until it waits; flows that run in circles are closed."""
    try:
        advance(x)
    except StepBudgetError:
        x.state.frames.clear()
        x.note(failed="step_budget")
        x.state.yes_means = "human"
        x.repair("error", options=[_human(x)])


def _facts(command: Command) -> dict[str, Any]:
    """Return what the trace tells of a command; values of slots stay in the state."""
    names = ("flow", "slot", "flows", "intent", "article", "reason", "response")
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name in names
        if (value := getattr(command, name, None)) is not None
    }


def _human(x: Exchange) -> Option:
    return option(x.bot, "human", "label_human", x.language)


def _repair(x: Exchange, name: str, **more: Any) -> None:  # noqa: ANN401 - passed on as it is
    """Run a repair flow, and go where a bot's own version of it leads."""
    match x.repair(name, **more):
        case HandOff(hand_off=desk):
            hand_over(x, desk=desk, reason="cannot_handle")
        case Link(link=flow):
            start(x, flow, {})


def _start_flow(x: Exchange, command: StartFlow) -> None:
    start(x, command.flow, command.slots, words=command.words)


def _fill_slot(x: Exchange, command: FillSlot) -> None:
    if (frame := x.state.frame) is not None:
        frame.slots = {**frame.slots, command.slot: command.value}


def _correct_slot(x: Exchange, command: CorrectSlot) -> None:
    frame = x.state.frame
    if frame is None:
        return
    correct(x, frame, command.slot, command.value)
    flow = x.bot.flows[frame.flow]
    value = shown(x.bot, flow, command.slot, command.value, language=x.language)
    _repair(x, "correct", slots={"value": value})


def _reject_value(x: Exchange, command: RejectValue) -> None:
    frame = x.state.frame
    if frame is None:
        return
    flow = x.bot.flows[frame.flow]
    slot = flow.slots[command.slot]
    step = flow.step_at(frame.path)
    frame.attempts += 1
    if isinstance(step, Collect) and frame.attempts > step.attempts:
        options = [_human(x), option(x.bot, "cancel", "label_cancel", x.language)]
        x.state.yes_means = "human"
        _repair(x, "attempts", options=options, fallback=True)
    elif slot.invalid is not None:
        x.say(slot.invalid, flow=flow, slots=frame.slots, fallback=True)
    else:
        _repair(x, "reject", slots={"kind": slot.type}, fallback=True)


def _cancel_flow(x: Exchange, _: CancelFlow) -> None:
    if (frame := x.state.frame) is None:
        _repair(x, "cancel", options=menu(x.bot, x.language))
        return
    x.state.frames.pop()
    _repair(x, "cancel", slots={"goal": x.goal(x.bot.flows[frame.flow])})
    resume(x)


def _clarify(x: Exchange, command: Clarify) -> None:
    x.state.failures += 1
    flows = [x.bot.flows[flow] for flow in command.flows]
    options = [
        Option(value=f"flow:{flow.id}", label=localised(flow.description, x.language)[:200])
        for flow in flows
    ]
    options += [_question_option(question) for question in command.questions]
    options.append(option(x.bot, "none", "label_none", x.language))
    _repair(x, "clarify", options=options)


def _question_option(question: str) -> Option:
    return Option(value=f"kb:ask:{question}"[:200], label=question[:200])


def _skip_question(x: Exchange, _: SkipQuestion) -> None:
    frame = x.state.frame
    slot = x.bot.flows[frame.flow].slots.get(frame.asked or "") if frame is not None else None
    if frame is not None and slot is not None and slot.optional and frame.asked is not None:
        frame.slots = {**frame.slots, frame.asked: None}
        return
    options = () if slot is not None else menu(x.bot, x.language)
    _repair(x, "skip", slots={"open": slot is not None}, options=options, fallback=True)


def _answer_question(x: Exchange, command: AnswerQuestion) -> None:
    if command.result.answer is not None:
        x.cite(command.result.answer, question=command.question)


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
        if not command.helpful:
            x.miss(x.state.cited.get(article, ""), "not_helpful", near=[article])
    options: list[Option] = []
    if not command.helpful:
        question = x.state.cited.get(article, "")
        near = x.search(question).near if question else ()
        options = [_question_option(n.question) for n in near if n.article_id != article]
        options.append(_human(x))
    _repair(x, "answer", slots={"helpful": command.helpful, "again": again}, options=options)


def _chit_chat(x: Exchange, command: ChitChat) -> None:
    offers = {"greet", "thank", "affirm", "chitchat_bot", "chitchat_how_are_you"}
    options: tuple[Option, ...] = ()
    if x.state.frame is None and command.intent in offers:
        options = menu(x.bot, x.language)
    elif command.intent in {"complain", "insult"}:
        options = (_human(x),)
        x.state.yes_means = "human"
    _repair(x, "chitchat", slots={"intent": command.intent}, options=options)


def _request_human(x: Exchange, command: RequestHuman) -> None:
    hand_over(x, desk=command.desk, reason="asked")


def _repeat(x: Exchange, _: Repeat) -> None:
    if not x.state.last_replies:
        _repair(x, "repeat", options=menu(x.bot, x.language))
        return
    for data in x.state.last_replies:
        try:
            x.reply(_CONTENT.validate_python(data))
        except ValidationError:
            continue
    x.repeated = True


def _start_over(x: Exchange, _: StartOver) -> None:
    x.state.frames.clear()
    x.state.failures = 0
    _repair(x, "start_over", options=menu(x.bot, x.language))


def _acknowledge(x: Exchange, command: Acknowledge) -> None:
    if command.response == "bot":
        x.say("back_to_bot", options=menu(x.bot, x.language))
        return
    _repair(x, "receive", slots={"what": command.response}, fallback=True)


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
    _repair(x, "receive", slots={"what": "contact"})


def _cannot_handle(x: Exchange, command: CannotHandle) -> None:
    x.state.failures = level = 3 if command.upset else min(x.state.failures + 1, 3)
    near = command.result.near if command.result is not None else ()
    if command.result is not None:
        articles = [item.article_id for item in near]
        x.miss(command.question, "offered" if near else "declined", near=articles)
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
    _repair(x, "cannot_handle", slots=slots, options=options, fallback=True)


_DO: Final[dict[type[Any], Callable[[Exchange, Any], None]]] = {
    StartFlow: _start_flow,
    FillSlot: _fill_slot,
    CorrectSlot: _correct_slot,
    RejectValue: _reject_value,
    CancelFlow: _cancel_flow,
    Clarify: _clarify,
    SkipQuestion: _skip_question,
    AnswerQuestion: _answer_question,
    RateAnswer: _rate_answer,
    ChitChat: _chit_chat,
    RequestHuman: _request_human,
    Repeat: _repeat,
    StartOver: _start_over,
    Acknowledge: _acknowledge,
    LearnFact: _learn_fact,
    CannotHandle: _cannot_handle,
}
