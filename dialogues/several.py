"""Several things in one message: finds the goals and questions of its clauses."""

from dataclasses import replace
from typing import Final

from dialogues.commands import AnswerQuestion, Command, FillSlot, QueueFlows, StartFlow
from dialogues.misfits import misfits
from dialogues.situation import OpenQuestion, Situation
from dialogues.slot_values import Said, extract, parse
from dialogues.words import is_question
from nlu.clauses import adds
from nlu.understanding import Understanding

#: Least probability at which a clause counts as a goal of its own.
GOAL_MIN: Final = 0.7


def several(situation: Situation) -> list[Command]:
    """Return what to do about two or more goals and questions of one message; else nothing."""
    whole = situation.understanding
    if whole is None or len(whole.clauses) < 2:
        return []
    goals: dict[str, Understanding] = {}
    asked: list[Understanding] = []
    for clause in whole.clauses:
        if (goals or asked) and not adds(whole.text, clause.text):
            # A goal, and then what the knowledge base can answer: both are meant.
            if goals and clause.intent not in situation.bot.triggers and _asks(situation, clause):
                asked.append(clause)
            continue
        flow = _goal(situation, clause)
        if flow is not None and flow not in goals:
            goals[flow] = clause
        elif is_question(clause.text):
            asked.append(clause)
    if len(goals) + len(asked) < 2 or (not goals and whole.intent in situation.bot.triggers):
        return []
    results = [(clause, situation.search(clause.text)) for clause in asked]
    answers = {
        result.answer.article_id: AnswerQuestion(clause.text, result)
        for clause, result in reversed(results)
        if result.answer is not None
    }
    if not goals:
        known = all(result.answer is not None for _, result in results)
        return [*reversed(answers.values())] if known else []
    if len(goals) + len(answers) < 2:
        return []
    commands: list[Command] = [*reversed(answers.values())]
    starts = [_start(situation, flow, clause) for flow, clause in goals.items()]
    if len(starts) > 1:
        commands.append(QueueFlows(tuple(starts[1:])))
    return [*commands, *starts[:1]]


def answer_and_more(situation: Situation, asked: OpenQuestion) -> list[Command]:
    """Return the answer to the open question and what is asked or wanted beside it."""
    whole = situation.understanding
    if whole is None or len(whole.clauses) < 2 or asked.slot.type == "text":
        return []
    goals = _further_goals(situation, whole, asked)
    questions = [
        clause
        for clause in whole.clauses
        if _goal(situation, clause) is None and _asks(situation, clause)
    ]
    if not questions and not goals:
        return []
    more: list[Command] = [AnswerQuestion(q.text, situation.search(q.text)) for q in questions]
    if goals:
        starts = (_start(situation, flow, clause) for flow, clause in goals.items())
        more.append(QueueFlows(tuple(starts), behind=True))
    for clause in whole.clauses:
        if clause in questions or clause in goals.values() or is_question(clause.text):
            continue
        parsed = parse(asked.slot, _said(situation, clause))
        if parsed is not None and (parsed.strong or clause.intent is None):
            return [FillSlot(asked.name, parsed.value, asked=True), *more]
    return []


def _further_goals(
    situation: Situation, whole: Understanding, asked: OpenQuestion
) -> dict[str, Understanding]:
    """Return the goals that clauses introduce as something more than the open one."""
    return {
        flow: clause
        for clause in whole.clauses[1:]
        if (flow := _goal(situation, clause)) is not None
        and flow != asked.flow.id
        and adds(whole.text, clause.text)
    }


def _goal(situation: Situation, clause: Understanding) -> str | None:
    """Return the flow a clause plainly asks for."""
    intent = clause.intent
    flow = situation.bot.triggers.get(intent or "")
    if intent is None or intent == "ask_human" or clause.confidence(intent) < GOAL_MIN:
        return None
    return None if _is_value(clause) else flow


def _is_value(clause: Understanding) -> bool:
    """Tell whether a clause is a value and nothing else: it belongs to what is said beside it."""
    words = clause.text.strip(" .!。！\n")
    return any(clause.text[e.start : e.end] == words for e in clause.entities)


def _asks(situation: Situation, clause: Understanding) -> bool:
    """Tell whether a clause is a question the knowledge base answers."""
    return is_question(clause.text) and situation.search(clause.text).answer is not None


def _said(situation: Situation, clause: Understanding) -> Said:
    return replace(situation.said(clause.text), understanding=clause)


def _start(situation: Situation, flow_id: str, clause: Understanding) -> StartFlow:
    flow, said = situation.bot.flows[flow_id], _said(situation, clause)
    slots = extract(flow, said, without=())
    return StartFlow(flow_id, slots, clause.text, misfits(flow, said, without=slots))
