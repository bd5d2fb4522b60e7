"""Recap: tells what is known so far of a goal, each value beside the question it answers."""

from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.question_texts import asking_part
from dialogues.repairing import repair
from dialogues.responses import choose, escape, insert, menu, shown
from dialogues.state import Frame

#: Values told; the rest is left out.
LINES_MAX = 12


def recap(x: Exchange) -> None:
    """Tell what is known of the open goal, else of the one that ended last."""
    frame = x.state.frame or x.state.ended
    flow = x.bot.flows.get(frame.flow) if frame is not None else None
    lines = _lines(x, frame, flow) if frame is not None and flow is not None else []
    if not lines or flow is None:
        repair(x, "summary", slots={"goal": None}, options=menu(x.bot, x.language))
        return
    repair(x, "summary", slots={"goal": x.goal(flow)}, below="\n".join(lines[:LINES_MAX]))


def _lines(x: Exchange, frame: Frame, flow: Flow) -> list[str]:
    lines: list[str] = []
    for name, slot in flow.slots.items():
        value = frame.slots.get(name)
        response = x.bot.response(slot.ask, flow) if slot.ask is not None else None
        if value is None or response is None:
            continue
        text = escape(shown(x.bot, flow, name, value, language=x.language))
        wording = choose(response, x.language, key="")[0].text
        question = insert(wording, lambda n: x.value(n, flow, frame.slots)).splitlines()[-1]
        lines.append(f"- {asking_part(question)} **{text}**")
    return lines
