"""Corrections: finds out which values given before a customer takes back, and what is left."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from dialogues.commands import Correction
from dialogues.flow import Flow
from dialogues.naming import is_named
from dialogues.slot import Slot
from dialogues.slot_values import Said, extract, matches, parse
from dialogues.state import Frame
from dialogues.words import COURTESY
from nlu.clauses import whole_spans
from nlu.text import comparable, fold, normalise, tokens

#: New value, old value: "no, 50 not 15", "not 15 but 50", "不是15，是50", "50 instead of 15".
_NEW_OLD: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"(?:^|.*?\b)not (?P<old>.{1,80}?),? *(?:but|it'?s|it is|i meant|,)(?: rather)? *"
            r"(?P<new>.{1,80})$"
        ),
        (
            r"^(?:no|nope|sorry|wait|actually|oops)?[,.! ]*(?:i meant |it'?s |it is |make it )?"
            r"(?P<new>.{1,80}?),? (?:and )?(?:not|instead of|rather than) (?P<old>.{1,80}?)[.!]?$"
        ),
        (
            r"^.*?\b(?:change|replace|correct) (?P<old>.{1,80}?) (?:to|with|by|into) "
            r"(?P<new>.{1,80})$"
        ),
        r"^.{0,12}?不是(?P<old>.{1,40}?)[,，。 ]*(?:而)?(?:应该)?是(?P<new>.{1,60})$",
        r"^.{0,8}?(?:应该)?是(?P<new>.{1,40}?)[,，。 ]*(?:而)?不是(?P<old>.{1,40})$",
        r"^.{0,6}?(?:把|将)(?P<old>.{1,40}?)(?:改成|改为|换成|更正为)(?P<new>.{1,60})$",
    )
)

#: Words that ask for a change, whatever form the sentence has.
_CHANGE: Final = re.compile(
    r"\b(?:change|update|correct|edit|fix|replace|swap|use (?:an)?other|different)\b"
    r"|\b(?:wrong|incorrect|mistake|typo|misspelt|misspelled)\b"
    r"|换[个一]?|改[成为一]?|更正|更改|修改|[写打填说输]错|错了|不对",
    re.IGNORECASE,
)
#: The same without words that as well say that something delivered is wrong.
_WISH: Final = re.compile(
    r"\b(?:change|update|correct|edit|replace)\b|换[个一]?|改|更正|更改|修改|[写打填说输给]错"
    r"|\bi (?:gave|told|wrote|typed|entered|put)\b.{0,24}\b(?:wrong|incorrect)\b",
    re.IGNORECASE,
)
_MARKER: Final = re.compile(
    r"\b(?:actually|i meant|i mean|sorry|correction|wrong|mistake|typo|instead|rather|change"
    r"|update|make (?:it|that)|should (?:be|have been)|oops|wait|scrap that)\b"
    r"|不对|错了|写错|打错|说错|填错|应该是|应为|改成|改为|改一下|更正|更改|换成|换[个一]|其实|修改|搞错",
    re.IGNORECASE,
)
_SEPARATOR: Final = re.compile(
    r"\s*[,，;；!！?？。\n]+\s*(?:and\b|but\b|also\b|还有|另外|而且|并且)*\s*"
    r"|\.(?=\s|$)\s*|\s+(?:and|but)\s+(?:also\s+)?|\s*(?:另外|还有|而且|并且|同时)\s*",
    re.IGNORECASE,
)
_STATEMENT: Final = re.compile(
    r"^(?:no[,. ]+)?(?:my|the|our) [\w -]{1,30}?(?: is| =|:)|^我?们?的?.{1,8}(?:是|为|:|：)",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"^.*?(?:\b(?:to|is|be|been|:)\s+|应该是|应为|改成|改为|换成|更正为|是|为)"
    r"(?:actually |now |really )?",
    re.IGNORECASE | re.DOTALL,
)

#: Words that take back what was said just before, without a value.
_RETRACTS: Final = re.compile(
    r"\b(?:no|nope|sorry|wait|oh|oops|ah|hm|actually|my (?:bad|mistake)|correction|hold on"
    r"|one moment|excuse me|mistake|wrong|scrap)\b|不|错|抱歉|对不起|等|其实|[啊哦]",
    re.IGNORECASE,
)
#: What every correction has in it; other texts, most by far, are not looked at any further.
_HINT: Final = re.compile(
    rf"{_MARKER.pattern}|{_CHANGE.pattern}|{_RETRACTS.pattern}|\b(?:not|is|than)\b|[=:：是为把将]",
    re.IGNORECASE,
)

#: Segments that may lie between an old value and the new one: "not 15, it is 50".
_WINDOW: Final = 3
#: Longer texts tell a story.
TEXT_MAX: Final = 300
#: Words of a segment that only says that something was wrong.
_MARK_WORDS: Final = 6
#: Words of a wish to change something that says nothing else.
_WISH_WORDS: Final = 14
_LOOSE: Final = frozenset({"text", "name", "company"})
_FIGURES: Final = frozenset({"number", "quantity", "rating"})


@dataclass(frozen=True, slots=True)
class Place:
    """A frame whose values may be taken back."""

    flow: Flow
    frame: Frame
    nearest: bool  #: the open flow; of others only what is plainly meant is changed

    @property
    def filled(self) -> dict[str, tuple[Slot, JsonValue]]:
        """Each slot that has a value, with it."""
        return {
            name: (self.flow.slots[name], value)
            for name, value in self.frame.slots.items()
            if name in self.flow.slots and value is not None and name != self.frame.asked
        }


@dataclass(slots=True)
class Found:
    """What a message takes back, and its parts that do something else."""

    corrections: list[Correction] = field(default_factory=list)
    rest: list[Said] = field(default_factory=list)
    forgotten: tuple[str, str] | None = None  #: flow and slot to be asked anew


def find_corrections(places: Sequence[Place], said: Said, *, asked: Slot | None) -> Found:
    """Return what `said` changes in the values of `places`.

    Args:
        places: the open flow first, then those below it, then the one that ended last.
        said: the customer's words.
        asked: the slot of the open question: what may as well answer it corrects nothing.
    """
    found = Found()
    if len(said.text) > TEXT_MAX or _HINT.search(fold(said.text)) is None:
        return found
    if not any(place.filled for place in places):
        return found
    search = _Search(places, said, asked, found)
    search.by_old_value()
    search.by_marker()
    if not found.corrections and found.forgotten is None:
        search.without_value()
    if found.corrections:
        found.rest = search.rest()
    return found


def part(said: Said, start: int, end: int) -> Said:
    """Return `said[start:end]` with the entities that lie in it."""
    understanding = said.understanding
    text = said.text[start:end]
    if understanding is not None:
        inside = tuple(
            replace(e, start=e.start - start, end=e.end - start)
            for e in understanding.entities
            if start <= e.start and e.end <= end
        )
        understanding = replace(
            understanding, text=text, intents=(), outcome="unknown", entities=inside, clauses=()
        )
    return replace(said, text=text, understanding=understanding)


class _Search:
    """The search through one message, segment by segment."""

    def __init__(
        self, places: Sequence[Place], said: Said, asked: Slot | None, found: Found
    ) -> None:
        self.places = places
        self.said = said
        self.asked = asked
        self.found = found
        self.spans = list(_segments(said.text))
        self.used = [False] * len(self.spans)
        self.question = said.is_question

    def by_old_value(self) -> None:
        for size in range(1, _WINDOW + 1):
            for at in range(len(self.spans) - size + 1):
                if any(self.used[at : at + size]):
                    continue
                if correction := self._taken_back(self._window(at, size)):
                    self._take(correction, at, size)

    def by_marker(self) -> None:
        marked = bool(self.found.corrections)
        for at, (start, end) in enumerate(self.spans):
            text = self.said.text[start:end]
            marked = marked or _MARKER.search(fold(text)) is not None
            if comparable(text) in COURTESY:
                marked = marked or (at == 0 and _RETRACTS.search(fold(text)) is not None)
                continue
            if self.used[at]:
                continue
            for place in self.places:
                if self._in_place(place, at, marked=marked):
                    break

    def without_value(self) -> None:
        """Find a wish to change a slot that says no new value: "换个邮箱"."""
        text = self.said.text
        words = tokens(comparable(text))
        free = self.asked is not None and self.asked.type == "text"
        if _CHANGE.search(fold(text)) is None or len(words) > (
            _MARK_WORDS if free else _WISH_WORDS
        ):
            return
        for place in self.places:
            named = [n for n, (s, _) in place.filled.items() if is_named(n, s, text)]
            if len(named) == 1 and (place.nearest or _WISH.search(fold(text))):
                self.found.forgotten = (place.flow.id, named[0])
                return

    def rest(self) -> list[Said]:
        """Return what corrects nothing."""
        return [
            part(self.said, start, end)
            for (start, end), used in zip(self.spans, self.used, strict=True)
            if not used and not _only_marks(self.said.text[start:end])
        ]

    def _window(self, at: int, size: int) -> Said:
        return part(self.said, self.spans[at][0], self.spans[at + size - 1][1])

    def _take(self, correction: Correction, at: int, size: int = 1) -> None:
        taken = {(c.flow, c.slot) for c in self.found.corrections}
        if (correction.flow, correction.slot) not in taken:
            self.found.corrections.append(correction)
        self.used[at : at + size] = [True] * size

    def _taken_back(self, said: Said) -> Correction | None:
        normal = normalise(said.text)
        for pattern in _NEW_OLD:
            match = pattern.match(normal.folded)
            if match is None:
                continue
            old, new_text = (normal.plain[slice(*match.span(name))] for name in ("old", "new"))
            for place in self.places:
                for name, (slot, value) in reversed(place.filled.items()):
                    # Free text holds everything, the old value of another slot as well.
                    if slot.type == "text" or not matches(_labelled(slot, value, said), old):
                        continue
                    new = _reread(slot, new_text.strip(), said)
                    if new is not None and new != value:
                        return Correction(place.flow.id, name, new)
        return None

    def _in_place(self, place: Place, at: int, *, marked: bool) -> bool:
        said = self._window(at, 1)
        filled = place.filled if place.nearest else self._only_here(place)
        named = [name for name, (slot, _) in filled.items() if is_named(name, slot, said.text)]
        if not marked and not (len(named) == 1 and _STATEMENT.match(fold(said.text))):
            return False
        for name in reversed(named):
            slot, value = filled[name]
            # "The e-mail is wrong, it is …" has its value in the next segment.
            for size in (self._reach(at, slot), 2):
                if at + size > len(self.spans) or any(self.used[at : at + size]):
                    continue
                # What follows the marker or the verb is the new value; free text needs that cut.
                window = self._window(at, size)
                new = _reread(slot, _tail(window.text), window)
                if new is not None and new != value and not _only_asks(slot, window.text):
                    self._take(Correction(place.flow.id, name, new), at, size)
                    return True
        if named or not marked or self._may_be_question(said):
            return False
        return self._by_type(place, filled, said, at)

    def _by_type(
        self, place: Place, filled: dict[str, tuple[Slot, JsonValue]], said: Said, at: int
    ) -> bool:
        typed = {
            name
            for name, (slot, _) in filled.items()
            if slot.type not in _LOOSE and not self._answers(slot)
        }
        found = extract(place.flow, said, without=set(place.flow.slots) - typed)
        changed = {n: v for n, v in found.items() if v != filled[n][1]}
        for name, value in changed.items():
            self._take(Correction(place.flow.id, name, value), at)
        return bool(changed)

    def _answers(self, slot: Slot) -> bool:
        """Tell whether what fits `slot` may be meant for the open question."""
        if self.asked is None:
            return False
        same = slot.type == self.asked.type and slot.entity == self.asked.entity
        return same or self.asked.type == "text" or {slot.type, self.asked.type} <= _FIGURES

    def _may_be_question(self, said: Said) -> bool:
        return (self.question or said.is_question) and _CHANGE.search(fold(said.text)) is None

    def _only_here(self, place: Place) -> dict[str, tuple[Slot, JsonValue]]:
        """Return the filled slots that the open flow has nothing like, so that none is meant."""
        nearest = self.places[0]
        if not nearest.nearest:
            return place.filled
        rivals = nearest.flow.slots
        kinds = {(slot.type, slot.entity) for slot in rivals.values()}
        return {
            name: (slot, value)
            for name, (slot, value) in place.filled.items()
            if name not in rivals and (slot.type, slot.entity) not in kinds
        }

    def _reach(self, at: int, slot: Slot) -> int:
        """Return how many segments a new value covers: names and texts may hold commas."""
        if slot.type not in _LOOSE:
            return 1
        size = 1
        while at + size < len(self.spans) and not self.used[at + size]:
            following = self._window(at + size, 1)
            if comparable(following.text) in COURTESY or self._says_more(following):
                break
            size += 1
        return size

    def _says_more(self, said: Said) -> bool:
        """Tell whether a segment is about another slot, so that no value reaches over it."""
        if _MARKER.search(fold(said.text)) or _STATEMENT.match(fold(said.text)):
            return True
        if self.asked is not None and self.asked.type not in _LOOSE:
            return parse(self.asked, said) is not None
        return False


def _segments(text: str) -> Iterator[tuple[int, int]]:
    whole = whole_spans(text)
    start = 0
    for match in _SEPARATOR.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in whole):
            continue
        if comparable(text[start : match.start()]):
            yield start, match.start()
        start = match.end()
    if comparable(text[start:]):
        yield start, len(text)


def _only_marks(text: str) -> bool:
    """Tell whether a segment only says that something was wrong."""
    words = comparable(text)
    return len(tokens(words)) <= _MARK_WORDS and _MARKER.search(fold(text)) is not None


def _labelled(slot: Slot, value: JsonValue, said: Said) -> JsonValue:
    """Return a value with every name it has in front of customers."""
    if isinstance(value, str) and value in slot.options:
        return " ".join([value, *slot.options[value].values()])
    names = said.bot.file.lookups.get(slot.entity or "", {})
    if isinstance(value, str) and value in names:
        return " ".join([value, *names[value]])
    return value


def _only_asks(slot: Slot, text: str) -> bool:
    """Tell whether a free value is no value: "change the name please" names none."""
    return slot.type in _LOOSE and _TAIL.match(normalise(text).folded) is None


def _tail(text: str) -> str:
    normal = normalise(text)
    lead = _TAIL.match(normal.folded)
    return normal.plain[lead.end() if lead else 0 :].strip() or normal.plain


def _reread(slot: Slot, text: str, said: Said) -> JsonValue:
    """Parse `text`, a part of what was said, with only the entities that lie in it."""
    plain = replace(said, text=text, understanding=None)
    if (parsed := parse(slot, plain)) is not None:
        return parsed.value
    start = said.text.find(text)
    if start < 0:
        return None
    inside = parse(slot, part(said, start, start + len(text)))
    return inside.value if inside is not None and inside.strong else None
