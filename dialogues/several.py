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
    """Return what to do about two or more goals, or a goal and a question; else nothing."""
    whole = situation.understanding
    if whole is None or len(whole.clauses) < 2:
        return []
    goals: dict[str, Understanding] = {}
    questions: list[Understanding] = []
    for clause in whole.clauses:
        if (goals or questions) and not adds(whole.text, clause.text):
            continue
        flow = _goal(situation, clause)
        if flow is not None and flow not in goals:
            goals[flow] = clause
        elif _asks(situation, clause):
            questions.append(clause)
    if not goals or len(goals) + len(questions) < 2:
        return []
    commands: list[Command] = [
        AnswerQuestion(clause.text, situation.search(clause.text)) for clause in questions
    ]
    first, *others = (_start(situation, flow, clause) for flow, clause in goals.items())
    if others:
        commands.append(QueueFlows(tuple(others)))
    return [*commands, first]


def answer_and_question(situation: Situation, asked: OpenQuestion) -> list[Command]:
    """Return the answer to the open question and the question beside it; else nothing."""
    whole = situation.understanding
    if whole is None or len(whole.clauses) < 2 or asked.slot.type == "text":
        return []
    questions = [
        clause
        for clause in whole.clauses
        if _goal(situation, clause) is None and _asks(situation, clause)
    ]
    others = [clause for clause in whole.clauses if clause not in questions]
    if not questions:
        return []
    for clause in others:
        parsed = parse(asked.slot, _said(situation, clause))
        if parsed is None or is_question(clause.text):
            continue
        if not parsed.strong and clause.intent is not None:
            continue
        return [
            FillSlot(asked.name, parsed.value, asked=True),
            *(AnswerQuestion(q.text, situation.search(q.text)) for q in questions),
        ]
    return []


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
