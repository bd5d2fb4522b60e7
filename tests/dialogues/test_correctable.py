"""Every value a flow asks for can be taken back, in every flow of every bot here."""

from pathlib import Path
from random import Random

import pytest
from pydantic import JsonValue

from channels.messages import Choice, InboundContent, Text
from dialogues.bot import Bot, load_bot
from dialogues.slot import Slot
from dialogues.stubs import Stubbed, Stubs
from dialogues.talk import Talk, open_talk
from tests.dialogues.talks import FOLDER, interpreter_of, search

EXAMPLE = Path(__file__).parents[2] / "bots" / "library" / "moss_and_kettle"
BOTS = {folder.name: load_bot(folder) for folder in (FOLDER, EXAMPLE)}

#: Answers to a question for each type of slot.
ANSWERS = {
    "text": ("it leaks all the time", "the lid is broken"),
    "name": ("Anna Berg", "Tom Reed"),
    "company": ("Acme Ltd", "Oak Studio"),
    "email": ("anna@acme.example", "tom@oak.example"),
    "phone": ("+44 20 7946 0018", "+44 20 7946 0999"),
    "number": ("12", "17"),
    "quantity": ("12", "17"),
    "rating": ("1", "2", "4", "5"),
    "boolean": ("yes", "no"),
    "date_text": ("tomorrow", "next Friday"),
    "date": ("2026-12-24", "2026-12-29"),
    "time": ("10:00", "15:30"),
}
#: Order numbers by bot.
ORDERS = {
    "corner_shop": ("CS-1001", "CS-1002"),
    "moss_and_kettle": ("MK-204518", "MK-204533"),
}
#: Ways to talk a flow through, each with other answers, until the slot is asked for.
WAYS = 60


def cases() -> list[tuple[str, str, str]]:
    """Return every declared slot that is asked for, by bot and flow."""
    return [
        (name, flow.id, slot)
        for name, bot in BOTS.items()
        for flow in bot.flows.values()
        for slot in flow.collected
        if slot in flow.declared and not flow.id.startswith("repair_")
    ]


@pytest.mark.parametrize(("bot_name", "flow_id", "name"), cases())
def test_a_value_given_can_be_corrected(bot_name: str, flow_id: str, name: str) -> None:
    """Named with its new value, a slot takes it, wherever the flow stands by then, or after it."""
    bot = BOTS[bot_name]
    slot = bot.flows[flow_id].slots[name]
    reached = 0
    for way in range(WAYS):
        with open_talk(bot, interpreter=interpreter_of(bot.folder), search=search) as talk:
            before = fill(talk, flow_id, name, Random(way))
            if before is None or talk.owner != "bot":
                continue
            reached += 1
            new = next(v for v in answers(bot, slot) if shown(slot, v) not in told(slot, before))
            talk.take(
                Text(text=f"sorry, the {name.replace('_', ' ')} should be {shown(slot, new)}")
            )
            if talk.state.get("pending"):
                talk.take(Text(text="yes"))
            after = known(talk, flow_id, name)
            assert after is not None, (before, new, talk.last and talk.last.texts)
            assert after != before, (before, new, talk.last and talk.last.texts)
        if reached == 3:
            break
    assert reached, "no way through the flow asks for it"


def fill(talk: Talk, flow_id: str, name: str, chance: Random) -> JsonValue:
    """Talk until the slot has a value, and return that; None when this way does not lead there."""
    outcome = Stubbed({"status": "on its way", "eta": "2026-12-01"})
    talk.stubs = Stubs({"look_up_order": [outcome]})
    talk.customer.tier = chance.choice(["standard", "gold"])
    talk.take(Choice(value=f"flow:{flow_id}"))
    for _ in range(16):
        if (value := known(talk, flow_id, name)) is not None:
            return value
        frames = talk.state.get("frames", [])
        if not frames or talk.owner != "bot" or frames[-1].get("asked") is None:
            return None
        slot = talk.bot.flows[frames[-1]["flow"]].slots[frames[-1]["asked"]]
        talk.take(answer(talk.bot, frames[-1]["asked"], slot, chance))
    return None


def answer(bot: Bot, name: str, slot: Slot, chance: Random) -> InboundContent:
    """Return one of the answers to the open question, or a skip where that is allowed."""
    if slot.optional and chance.random() < 0.4:
        return Choice(value="skip")
    value = chance.choice(answers(bot, slot))
    return Choice(value=f"slot:{name}:{value}") if slot.type == "choice" else Text(text=value)


def answers(bot: Bot, slot: Slot) -> tuple[str, ...]:
    """Return values for `slot`, as a customer would write or press them."""
    if slot.type == "choice":
        return tuple(slot.options)
    if slot.type == "entity":
        lookup = bot.file.lookups.get(slot.entity or "")
        return tuple(names[0] for names in lookup.values()) if lookup else ORDERS[bot.name]
    if slot.pattern is not None:
        return ("91330106MA2H3X5K7P", "91330106MA2H3X5K8Q")
    return ANSWERS[slot.type]


def shown(slot: Slot, value: str) -> str:
    """Return a value in a customer's words."""
    return slot.options[value]["en"] if slot.type == "choice" else value


def told(slot: Slot, value: JsonValue) -> set[str]:
    """Return how a value that is known may have been written."""
    words = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value
    near = {str(words), str(words).replace("_", " ").title()}
    if slot.type == "phone":
        near |= {each for each in ANSWERS["phone"] if each.replace(" ", "") == value}
    return near | ({shown(slot, str(value))} if str(value) in slot.options else set())


def known(talk: Talk, flow_id: str, name: str) -> JsonValue:
    """Return the value of a slot, of an open flow or of the one that ended last."""
    frames = [*talk.state.get("frames", []), talk.state.get("ended") or {}]
    found = (frame.get("slots", {}).get(name) for frame in frames if frame.get("flow") == flow_id)
    return next((value for value in found if value is not None), None)
