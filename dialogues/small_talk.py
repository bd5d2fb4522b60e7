"""Small talk: greetings, by name where it is known, thanks, complaints, and insults."""

from typing import Final

from channels.messages import Option
from dialogues.bot import REPAIR_PREFIX
from dialogues.commands import ChitChat
from dialogues.exchange import Exchange
from dialogues.repairing import repair
from dialogues.responses import menu, option

#: Small talk after which the bot says what it can do.
_OFFERING: Final = frozenset({"greet", "thank", "affirm", "chitchat_bot", "chitchat_how_are_you"})

#: A longer name is no name to greet by.
NAME_MAX: Final = 40

#: From this one on an insult is answered with what the bot will not take.
INSULTS_MAX: Final = 2


def chit_chat(x: Exchange, command: ChitChat) -> None:
    """Answer a greeting, thanks or small talk; an insult politely, and the next with a limit."""
    intent = command.intent
    options: tuple[Option, ...] = ()
    if x.state.frame is None and intent in _OFFERING:
        options = menu(x.bot, x.language)
    elif intent in {"complain", "insult"}:
        options = (option(x.bot, "human", "label_human", x.language),)
        if not x.offers_off:
            x.state.yes_means = "human"
    if intent == "insult":
        x.state.insults += 1
    repair(
        x,
        "chitchat",
        slots={
            "intent": intent,
            "by_name": intent == "greet" and _greets_by_name(x),
            "again": intent == "insult" and x.state.insults >= INSULTS_MAX,
            "asked": x.state.frame is not None and x.state.frame.asked is not None,
        },
        options=options,
    )


def _greets_by_name(x: Exchange) -> bool:
    """Tell whether to greet by name: not over a bot's own greeting that knows no names."""
    name = (x.customer.name or "").strip()
    if not name or len(name) > NAME_MAX or "\n" in name:
        return False
    shared, said = x.bot.flows[f"{REPAIR_PREFIX}chitchat"].responses, x.bot.responses
    own = said.get("greet") != shared.get("greet")
    return not own or said.get("greet_known") != shared.get("greet_known")
