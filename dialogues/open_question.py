"""The open question: answered, refused, skipped, explained, taken back."""

from dialogues.commands import (
    ConfirmFact,
    ExplainQuestion,
    FillSlot,
    GoBack,
    NoteMisfit,
    RejectValue,
    SkipQuestion,
)
from dialogues.correcting import ask_new_value
from dialogues.exchange import Exchange
from dialogues.executor import give_up
from dialogues.facts import reaffirm_fact
from dialogues.repairing import repair
from dialogues.responses import menu, option
from dialogues.revision import forget, passed_on
from dialogues.state import Frame
from dialogues.step import Choose, Collect

#: Words kept for slots they do not fit.
MISFITS_MAX = 5


def fill_slot(x: Exchange, command: FillSlot) -> None:
    """Take a value for a slot of the open flow."""
    if (frame := x.state.frame) is not None:
        _answer(frame, command.slot, asked=command.asked)
        frame.slots = {**frame.slots, command.slot: command.value}


def _answer(frame: Frame, slot: str, *, asked: bool) -> None:
    frame.unsure = {name: v for name, v in frame.unsure.items() if name != slot}
    frame.misfits = {name: w for name, w in frame.misfits.items() if name != slot}
    if asked:
        frame.answered = [*(name for name in frame.answered if name != slot), slot]


def note_misfit(x: Exchange, command: NoteMisfit) -> None:
    """Keep words that do not fit the slot they were meant for until it is asked."""
    if (frame := x.state.frame) is not None and len(frame.misfits) < MISFITS_MAX:
        frame.misfits = {**frame.misfits, command.slot: command.words}


def confirm_fact(x: Exchange, command: ConfirmFact) -> None:
    """Take an old fact over as right, or have it asked for anew."""
    frame = x.state.frame
    if frame is None or command.slot not in frame.unsure:
        return
    value = frame.unsure[command.slot]
    _answer(frame, command.slot, asked=command.yes)
    frame.attempts = 0
    if command.yes:
        frame.slots = {**frame.slots, command.slot: value}
        reaffirm_fact(x, x.bot.flows[frame.flow].slots[command.slot])


def reject_value(x: Exchange, command: RejectValue) -> None:
    """Say that the answer does not fit; a person is offered when that happens too often."""
    frame = x.state.frame
    if frame is None:
        return
    flow = x.bot.flows[frame.flow]
    slot = flow.slots[command.slot]
    step = flow.step_at(frame.path)
    frame.attempts += 1
    stuck = isinstance(step, Collect | Choose) and frame.attempts > step.attempts
    if stuck and isinstance(step, Collect | Choose) and step.give_up:
        give_up(frame)
    elif stuck and not x.offers_off:
        options = [
            option(x.bot, "human", "label_human", x.language),
            option(x.bot, "cancel", "label_cancel", x.language),
        ]
        x.state.yes_means = "human"
        repair(x, "attempts", options=options, fallback=True)
    elif slot.invalid is not None:
        x.say(slot.invalid, flow=flow, slots=frame.slots, fallback=True)
    else:
        repair(x, "reject", slots={"kind": slot.type}, fallback=True)


def skip_question(x: Exchange, _: SkipQuestion) -> None:
    """Go on without the value, or say why it is needed."""
    frame = x.state.frame
    if frame is None or frame.asked is None:
        repair(x, "skip", slots={"open": False}, options=menu(x.bot, x.language), fallback=True)
        return
    flow = x.bot.flows[frame.flow]
    slot = flow.slots.get(frame.asked)
    if slot is not None and slot.optional:
        _answer(frame, frame.asked, asked=True)
        frame.slots = {**frame.slots, frame.asked: None}
        return
    if slot is not None and slot.why is not None:
        x.say(slot.why, flow=flow, slots=frame.slots)
    repair(x, "skip", slots={"open": slot is not None, "goal": x.goal(flow)}, fallback=True)


def explain_question(x: Exchange, _: ExplainQuestion) -> None:
    """Say why the open question is asked; it is asked again after that."""
    frame = x.state.frame
    if frame is None or frame.asked is None:
        return
    flow = x.bot.flows[frame.flow]
    slot = flow.slots.get(frame.asked)
    x.digressed = True
    if slot is not None and slot.why is not None:
        x.note(repair="why")
        x.say(slot.why, flow=flow, slots=frame.slots)
        return
    optional = slot is not None and slot.optional
    repair(x, "why", slots={"goal": x.goal(flow), "optional": optional})


def go_back(x: Exchange, _: GoBack) -> None:
    """Ask the last answered question again; at the beginning, say that there is none."""
    frame = x.state.frame
    if frame is None:
        repair(x, "back", slots={"open": False}, options=menu(x.bot, x.language), fallback=True)
        return
    while not (given := _answered(x, frame)) and frame.called and len(x.state.frames) > 1:
        x.state.frames.pop()  # nothing was said in it; the question before is its caller's
        frame = x.state.frames[-1]
    flow = x.bot.flows[frame.flow]
    if not given:
        repair(x, "back", slots={"open": True, "goal": x.goal(flow)}, fallback=True)
        return
    last = given[-1]
    if passed_on(x, frame, {last}):
        ask_new_value(x, frame.flow, last)
        return
    repair(x, "back", slots={"open": True})
    forget(x, frame, last)
    x.state.last_asked = ""


def _answered(x: Exchange, frame: Frame) -> list[str]:
    slots = x.bot.flows[frame.flow].slots
    return [name for name in frame.answered if name in frame.slots and name in slots]
