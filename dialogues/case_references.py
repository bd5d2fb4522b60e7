"""References of cases: a name that a test expects must be one that the bot has."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dialogues.action import action_names
from dialogues.bot import Bot
from dialogues.cases import MADE_NOTICES, Case, ReadCase, TurnSpec
from dialogues.flow import Flow
from dialogues.hints import unknown
from dialogues.step import Wait
from nlu.yaml_file import Fault

#: Expectations of each kind of name; a misspelt one in `not_says` would never fail.
_KEYS = {
    "flow": ("flow", "stack", "starts", "ends", "cancels"),
    "response": ("says", "not_says"),
    "slot": ("asks", "slots", "has_slots", "no_slots"),
    "action": ("acts",),
    "desk": ("hand_off",),
    "article": ("article",),
    "intent": ("intent",),
    "language": ("language",),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What there is of each kind; a kind that is not known is not checked."""

    known: Mapping[str, Collection[str]]

    @classmethod
    def of(
        cls,
        bot: Bot,
        *,
        articles: Collection[str] | None = None,
        intents: Collection[str] | None = None,
    ) -> "Names":
        """Return the names of a bot."""
        flows = bot.flows.values()
        known: dict[str, Collection[str]] = {
            "flow": bot.flows,
            "response": {*bot.responses, "answer", *(n for flow in flows for n in flow.responses)},
            "slot": {name for flow in flows for name in _slots(flow)},
            "action": action_names(bot),
            "desk": bot.file.desks,
            "language": bot.languages,
            "notice": {*MADE_NOTICES, *(name for flow in flows for name in _awaited(flow))},
        }
        known |= {"article": articles} if articles is not None else {}
        known |= {"intent": intents} if intents is not None else {}
        return cls(known)

    def faults(self, reads: Iterable[ReadCase]) -> list[Fault]:
        """Return a fault for each name in the cases that the bot does not have."""
        found: dict[Fault, None] = {}
        for read in reads:
            for name in read.case.stubs:
                found |= dict.fromkeys(self._check(read, read.line, "stubs", "action", [name]))
            for message in self._circumstances(read.case):
                found[Fault(read.path, read.line, "language", message)] = None
            for index, turn in enumerate(read.case.turns):
                line = read.line_of(index)
                found |= dict.fromkeys(self._turn(read, line, f"turns.{index}", turn))
        return list(found)

    def _circumstances(self, case: Case) -> Iterator[str]:
        if case.language is not None and case.language not in self.known["language"]:
            yield unknown("language", case.language, self.known["language"])

    def _turn(self, read: ReadCase, line: int, place: str, turn: TurnSpec) -> Iterator[Fault]:
        expect = turn.expect
        if turn.notice is not None:
            names = [turn.notice.name]
            yield from self._check(read, line, f"{place}.notice.name", "notice", names)
        for kind, keys in _KEYS.items():
            for key in expect.model_fields_set.intersection(keys):
                value = getattr(expect, key)
                named = [value] if isinstance(value, str) else list(value or ())
                yield from self._check(read, line, f"{place}.expect.{key}", kind, named)

    def _check(
        self, read: ReadCase, line: int, key: str, kind: str, names: Iterable[str]
    ) -> Iterator[Fault]:
        known = self.known.get(kind)
        if known is None:
            return
        for name in names:
            if name not in known:
                yield Fault(
                    read.path, line, key, f"{read.case.name}: {unknown(kind, name, known)}"
                )


def _slots(flow: Flow) -> Iterator[str]:
    """Yield every slot that a flow may fill: the declared ones and those that steps save."""
    yield from flow.slots
    for _, step in flow.walked:
        yield from getattr(step, "save", {}).values()
        yield from getattr(step, "set", {})


def _awaited(flow: Flow) -> Iterator[str]:
    """Yield the name of every notice that a flow waits for."""
    for _, step in flow.walked:
        if isinstance(step, Wait) and step.wait is not None:
            yield step.wait
