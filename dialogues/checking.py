"""Checking: what all checks of a bot share: the bot, its files, and the faults found so far."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import channels
from dialogues.bot import REPAIR_FOLDER, REPAIR_PREFIX, Bot
from dialogues.flow import Flow, StepPath
from dialogues.hints import hint
from dialogues.placeholders import PLACEHOLDER, form_fault, split
from nlu.yaml_file import Fault, KeyPath, YamlFile

CUSTOMER_FACTS: Final = frozenset({"name", "email", "phone", "company"})

#: What a text may insert besides slots.
FIELDS: Final = frozenset(
    {f"customer.{fact}" for fact in CUSTOMER_FACTS} | {"bot.title", "turn.text"}
)

#: Intents that always mean repair; a flow they triggered would never start.
REPAIR_INTENTS: Final = frozenset({"cancel", "repeat", "skip", "start_over"})

_NO_VALUE: Final = "is no slot, customer fact or field of the bot"

#: Modules of `channels/` that are no channel.
_NO_CHANNELS: Final = frozenset({"__init__", "contract", "fetcher", "messages"})

#: A key inside something, and what is wrong there.
Found = tuple[KeyPath, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """The files a bot was read from, for the places of faults."""

    files: Mapping[Path, YamlFile]
    flow_paths: Mapping[str, Path]
    shared_names: frozenset[str]  #: responses of the shared repair flows


@dataclass(slots=True)
class Check:
    """The check of one bot."""

    bot: Bot
    sources: Sources
    faults: list[Fault] = field(default_factory=list)

    def add(self, flow: Flow, key: KeyPath, message: str) -> None:
        """Note a fault at `key` of the file of `flow`."""
        file = self.sources.files[self.sources.flow_paths[flow.id]]
        self.faults.append(file.fault(key, message))

    def own(self) -> list[Flow]:
        """Return the flows that the bot states itself, repair flows it overrides included."""
        return [flow for flow in self.bot.flows.values() if self._is_own(flow)]

    def _is_own(self, flow: Flow) -> bool:
        return self.sources.flow_paths[flow.id].parent != REPAIR_FOLDER


def is_repair(flow: Flow) -> bool:
    """Tell whether the flow is started by the policy itself."""
    return flow.id.startswith(REPAIR_PREFIX)


def step_key(path: StepPath) -> KeyPath:
    """Return the place in a flow's file of the step at `path`."""
    parts: list[str | int] = ["steps"]
    for part in path:
        parts += part.split("/") if isinstance(part, str) else [part]
    return tuple(parts)


def channel_names() -> list[str]:
    """Return the names of all channels there are."""
    return sorted(
        entry.stem
        for folder in channels.__path__
        for entry in Path(folder).iterdir()
        if (entry.suffix == ".py" or (entry / "__init__.py").is_file())
        and entry.stem not in _NO_CHANNELS
    )


def language_faults(bot: Bot, texts: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the languages that a text is given in."""
    for language in bot.languages:
        if language not in texts:
            yield f"has no text in {language!r}"
    for language in texts:
        if language not in bot.languages:
            yield f"{language!r} is not a language of the bot"


def placeholder_faults(text: str, slots: Collection[str] | None) -> Iterator[str]:
    """Yield what is wrong with the placeholders of `text`; slots None: any slot may be there."""
    for expression in dict.fromkeys(PLACEHOLDER.findall(text)):
        name, _ = split(expression)
        if name not in FIELDS and ("." in name or (slots is not None and name not in slots)):
            yield f"{{{name}}} {_NO_VALUE}{hint(name, {*(slots or ()), *FIELDS})}"
        if (fault := form_fault(expression)) is not None:
            yield fault
