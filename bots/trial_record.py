"""A talk somebody had with a bot, written as a conversation test that holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dialogues.bot import Bot
from dialogues.cases import read_file
from dialogues.comparison import seen
from dialogues.talk import Taken
from nlu.rasa_project import block_yaml
from nlu.yaml_file import FaultyFileError

#: Longest name of a file, in characters without its ending.
_STEM_MAX: Final = 60
_OTHER: Final = re.compile(r"[^\w-]+")

#: Expectations that are written when a turn brought them.
_BROUGHT: Final = ("article", "lead", "hand_off", "feedback")


class RecordError(Exception):
    """The talk cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that was done, with what came of it."""

    spec: Mapping[str, Any]  #: as a file of tests states it
    taken: tuple[Taken, ...]
    earlier: tuple[Taken, ...]  #: turns of timers that fell due before it
    before: tuple[str, ...]  #: flows that were open before
    after: Mapping[str, Any]  #: the state after
    channel: str


def save(recorded: Sequence[Recorded], bot: Bot, folder: Path, *, name: str) -> Path:
    """Write a talk to a file of the bot's conversations, below what stands there.

    Raises:
        RecordError: nothing was said, the name is taken, or the file cannot be written.
    """
    if not recorded:
        message = "nothing was said yet"
        raise RecordError(message)
    stem = _OTHER.sub("_", name).strip("_")[:_STEM_MAX]
    if not stem or len(name) > 200:
        message = "a name has letters or digits, 200 characters at most"
        raise RecordError(message)
    path = folder / "conversations" / f"{stem}.yml"
    text = block_yaml([_case(recorded, bot, name)])
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before and name in {read.case.name for read in read_file(path)}:
            message = f"{path} has a conversation of this name; choose another"
            raise RecordError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{before.rstrip()}\n{text}".lstrip(), encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise RecordError(message) from error
    except FaultyFileError as error:
        message = f"{path} has faults; mend them first: {error.faults[0].message}"
        raise RecordError(message) from error
    return path


def _case(recorded: Sequence[Recorded], bot: Bot, name: str) -> dict[str, Any]:
    first = next((taken for each in recorded for taken in each.taken), None)
    case: dict[str, Any] = {"name": name}
    if first is not None:
        case["language"] = first.result.language
        case["clock"] = first.at.astimezone(bot.file.zone).isoformat(timespec="seconds")
    if recorded[-1].channel != "webchat":
        case["channel"] = recorded[-1].channel
    case["turns"] = [{**each.spec, "expect": _expectations(each)} for each in recorded]
    return case


def _expectations(recorded: Recorded) -> dict[str, Any]:
    """Return what a turn brought, as far as it must come again."""
    facts = seen(recorded.taken, recorded.before, recorded.after).facts
    found: dict[str, Any] = {"flow": facts["flow"]}
    if facts["says"]:
        found["says"] = facts["says"]
    if facts["silent"]:
        found["silent"] = True
    if facts["asks"] is not None:
        found["asks"] = facts["asks"]
    found |= {key: facts[key] for key in _BROUGHT if facts[key] is not None}
    if facts["ticket"]:
        found["ticket"] = True
    return found
