"""Taking back: reads corrections, and the answers to what waits for a yes, out of a text."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dialogues.commands import (
    AnswerQuestion,
    Command,
    Confirm,
    ConfirmFact,
    Correction,
    CorrectSlots,
    FillSlot,
    ForgetSlot,
    NoteMisfit,
)
from dialogues.corrections import Found, find_corrections
from dialogues.misfits import misfits
from dialogues.pressing import human
from dialogues.situation import OpenQuestion, Situation, open_question
from dialogues.slot_values import Parsed, Said, extract, parse
from dialogues.state import Pending
from dialogues.words import COURTESY, confirms, yes_or_no
from nlu.text import comparable

#: Slots that take nearly any words as their value.
_LOOSE: Final = frozenset({"text", "name", "company"})


def also_said(asked: OpenQuestion, said: Said) -> list[Command]:
    """Take what else the text says for slots that are not filled yet."""
    figures = {"number", "quantity", "rating"}
    same = {
        name
        for name, slot in asked.flow.slots.items()
        if slot.type == asked.slot.type or {slot.type, asked.slot.type} <= figures
    }
    without = {asked.name, *asked.frame.slots, *same}
    found = extract(asked.flow, said, without=without)
    commands: list[Command] = [FillSlot(name, value) for name, value in found.items()]
    if asked.slot.type != "text":
        strange = misfits(asked.flow, said, without={*without, *found})
        commands += [NoteMisfit(name, meant) for name, meant in strange.items()]
    return commands


class TakingBack:
    """One text, read for what it takes back."""

    def __init__(self, situation: Situation, said: Said) -> None:
        self.situation = situation
        self.bot = situation.bot
        self.state = situation.state
        self.text = said.text
        self.said = said
        self.intent = situation.understanding.intent if situation.understanding else None
        self.question = open_question(situation)

    def pending(self, pending: Pending) -> list[Command]:
        """Read the answer to "shall I change it?", "shall I stop?" or "what should it be?"."""
        bare = self.said.bare
        if bare == "human" or self.intent == "ask_human":
            return [human(self.situation)]
        if pending.kind == "new_value":
            return self._new_value(pending)
        answer = confirms(self.text)
        if answer is None and bare in {"cancel", "cancel_all"}:
            return [Confirm(pending.kind != "correct")]
        if answer is None:
            answer = {"affirm": True, "deny": False}.get(self.intent or "")
        if answer is True:
            more = self.correct(self.question)
            return [Confirm(True), *(c for c in more if not isinstance(c, ForgetSlot))]
        if pending.kind == "correct" and (again := self.correct(self.question, strict=True)):
            return again
        return [] if answer is None else [Confirm(answer)]

    def _new_value(self, pending: Pending) -> list[Command]:
        change = pending.changes[0]
        flow = self.bot.flows.get(change.flow)
        slot = flow.slots.get(change.slot) if flow is not None else None
        if self.said.bare in {"cancel", "cancel_all", "skip"} or slot is None:
            return [Confirm(False)]
        if again := self.correct(self.question, strict=True):
            return again
        parsed = parse(slot, self.said)
        if parsed is None and confirms(self.text) is False:
            return [Confirm(False)]
        if parsed is None or (self.said.is_question and not parsed.strong):
            return []
        return [CorrectSlots((Correction(change.flow, change.slot, parsed.value),))]

    def old_fact(self, asked: OpenQuestion, parsed: Parsed | None) -> list[Command]:
        """Read the answer to "is it still right?": yes, no, or what is right now."""
        if parsed is not None and parsed.strong:
            return []
        answer = confirms(self.text)
        if answer is None:
            answer = {"affirm": True, "deny": False}.get(self.intent or "")
        return [] if answer is None else [ConfirmFact(asked.name, answer)]

    def correct(self, asked: OpenQuestion | None, *, strict: bool = False) -> list[Command]:
        """Take back what was given before; the rest of the text still answers what is asked."""
        places = list(self.situation.places())
        if not places:
            return []
        found = find_corrections(places, self.said, asked=asked.slot if asked else None)
        if not found.corrections:
            return [] if strict else self._forget(found)
        if asked is None and self._begins_anew(found.corrections):
            return []
        commands: list[Command] = [CorrectSlots(self._everywhere(found.corrections))]
        if asked is None:
            return commands
        changed = {c.slot for c in found.corrections if c.flow == asked.frame.flow}
        return [*commands, *self._rest(asked, found, changed)]

    def _forget(self, found: Found) -> list[Command]:
        """Ask anew for what the customer wants changed, unless it is another goal or question."""
        if found.forgotten is None:
            return []
        flow, slot = found.forgotten
        other = self.bot.triggers.get(self.intent or "")
        if (other is not None and other != flow) or self.intent in {"cancel", "complain"}:
            return []
        if self.said.is_question and self.situation.search(self.text).answer is not None:
            return []
        return [ForgetSlot(flow, slot)]

    def _begins_anew(self, corrections: Sequence[Correction]) -> bool:
        """Tell whether the text starts a goal rather than correcting what is over."""
        flow = self.bot.triggers.get(self.intent or "")
        return flow is not None and all(c.flow != flow for c in corrections)

    def _everywhere(self, corrections: Sequence[Correction]) -> tuple[Correction, ...]:
        """Add the other open flows that hold the same value under the same name."""
        found = {(c.flow, c.slot): c for c in corrections}
        frames = {frame.flow: frame for frame in self.state.frames}
        for correction in corrections:
            here = frames.get(correction.flow)
            if here is None:
                continue
            old = here.slots.get(correction.slot)
            kind = self.bot.flows[here.flow].slots[correction.slot].type
            for frame in frames.values():
                slot = self.bot.flows[frame.flow].slots.get(correction.slot)
                if slot is None or slot.type != kind or frame.slots.get(correction.slot) != old:
                    continue
                key = (frame.flow, correction.slot)
                found.setdefault(key, replace(correction, flow=frame.flow))
        return tuple(found.values())

    def _rest(self, asked: OpenQuestion, found: Found, changed: set[str]) -> list[Command]:
        """Take the answer to the open question, and further values, beside a correction."""
        commands: list[Command] = []
        answered = False
        for said in found.rest:
            words = comparable(said.text)
            if words in COURTESY and not (
                asked.slot.type == "boolean" and yes_or_no(said.text) is True
            ):
                continue
            if said.is_question:
                result = self.situation.search(said.text)
                commands += [AnswerQuestion(said.text, result)] if result.answer else []
                continue
            parsed = None if answered else parse(asked.slot, said)
            if parsed is not None and (parsed.strong or asked.slot.type in _LOOSE):
                commands.append(FillSlot(asked.name, parsed.value, asked=True))
                answered = True
            more = also_said(asked, said)
            commands += [c for c in more if getattr(c, "slot", "") not in changed]
        return commands
