"""Asking: puts the question for a slot, never in the words it was asked in just before."""

from channels.messages import Option
from dialogues.bot import localised
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.responses import option, shown
from dialogues.slot import Slot
from dialogues.state import Frame


def ask(x: Exchange, frame: Frame, flow: Flow, name: str) -> None:
    """Ask for the slot `name`, or whether what is known of old is still right."""
    if frame.asked != name:
        frame.asked, frame.attempts = name, 0
    slot = flow.slots[name]
    _tell_misfit(x, frame, flow, name)
    x.note(ask=name, flow=flow.id)
    if name in frame.unsure:
        value = shown(x.bot, flow, name, frame.unsure[name], language=x.language)
        options = [
            option(x.bot, "fact:yes", "label_yes", x.language),
            option(x.bot, "fact:no", "label_no", x.language),
        ]
        x.repair("confirm_fact", slots={"value": value}, options=options)
        return
    x.say(
        slot.ask or "",
        flow=flow,
        slots=frame.slots,
        options=_options(x, slot, name),
        question=f"{flow.id}.{name}",
    )


def _tell_misfit(x: Exchange, frame: Frame, flow: Flow, name: str) -> None:
    """Tell of words that were meant for the slot earlier and do not fit it; once."""
    words = frame.misfits.get(name)
    if words is None:
        return
    frame.misfits = {n: w for n, w in frame.misfits.items() if n != name}
    x.repair("misfit", slots={"value": words})
    if (invalid := flow.slots[name].invalid) is not None:
        x.say(invalid, flow=flow, slots=frame.slots)


def _options(x: Exchange, slot: Slot, name: str) -> list[Option]:
    options = [
        Option(value=f"slot:{name}:{value}", label=localised(texts, x.language)[:200])
        for value, texts in slot.options.items()
    ]
    if slot.type == "boolean" and not options:
        options = [
            option(x.bot, f"slot:{name}:yes", "label_yes", x.language),
            option(x.bot, f"slot:{name}:no", "label_no", x.language),
        ]
    if slot.optional:
        options.append(option(x.bot, "skip", "label_skip", x.language))
    return options
