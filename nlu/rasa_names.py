"""Rasa's names in our spelling: any letters there, small letters, digits and _ here."""

import re
import unicodedata
from typing import Final

#: Longest name, in characters.
NAME_MAX: Final = 64

#: What Rasa projects often call an intent that every bot here shares.
SHARED: Final = {
    "bot_challenge": "chitchat_bot",
    "thanks": "thank",
    "thank_you": "thank",
    "thankyou": "thank",
    "bye": "goodbye",
    "hello": "greet",
    "handoff": "ask_human",
    "human_handoff": "ask_human",
    "talk_to_human": "ask_human",
    "how_are_you": "chitchat_how_are_you",
    "restart": "start_over",
}

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def our_name(name: str) -> str:
    """Return `name` as this platform spells names, "" when no letter of it is left.

    `CheckBalance`, `check-balance` and `check balance` are `check_balance`; a retrieval intent
    `FAQ/opening hours` is `faq/opening_hours`.
    """
    group, slash, rest = name.partition("/")
    parts = [_plain(group), _plain(rest)] if slash else [_plain(group)]
    return "/".join(parts) if all(parts) else ""


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name[: 4 * NAME_MAX])
    plain = _OTHER.sub("_", _CAMEL.sub("_", folded).lower().replace("'", "")).strip("_")
    if plain[:1].isdigit():
        plain = f"n{plain}"
    return plain[:NAME_MAX].rstrip("_")
