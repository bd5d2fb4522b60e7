"""All entities of a text: standard ones, the bot's patterns, word lists and those it was shown."""

import pkgutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Protocol, Self, cast

from nlu import entities as standard
from nlu import lookups as lookup_lists
from nlu import patterns as pattern_entities
from nlu import slot_tagger
from nlu.circumstances import Circumstances
from nlu.lookups import Lookups
from nlu.patterns import Pattern, compile_pattern
from nlu.slot_tagger import SlotTagger
from nlu.text import NormalText, comparable_folded, normalise
from nlu.training_data import TrainingData
from nlu.understanding import Entity

#: Entities of one message; a flood of numbers is not worth more.
_ENTITIES_MAX = 50
#: Words of examples that are this probably no entity where they stand are left out.
_OUTSIDE_MOST = 0.8
#: Characters beside such a word that are looked at to tell whether it stands alone.
_REST = 100
#: From here on form alone is proof (phone, url, email, pattern): a tagger has no say.
_PROOF_SPECIFICITY = 60
#: Standard entities that are guessed from surroundings; examples teach them better.
_GUESSED = {"person", "company", "place"}
#: When examples are said: which entity a word is does not depend on it.
_TAUGHT = datetime(2024, 1, 1, 12, tzinfo=UTC)


class EntityModule(Protocol):
    """A file of `nlu/entities/`."""

    SPECIFICITY: int  #: of two spans of equal length the more specific is kept

    def find(self, text: str, language: str, circumstances: Circumstances) -> Iterable[Entity]:
        """Yield the entities in `text`, with spans of `text`."""
        ...


class EntityFinder:
    """Finds entities in normal texts; spans refer to the original text."""

    def __init__(
        self,
        *,
        patterns: Sequence[Pattern] = (),
        lookups: Lookups | None = None,
        listed: Lookups | None = None,
        closed: Collection[str] = (),
        description: Sequence[object] = (),
        phone_region: str | None = None,
    ) -> None:
        """Put the parts together; `from_parts` makes them.

        Args:
            patterns: of the bot.
            lookups: all word lists, with the words annotated in examples.
            listed: the word lists without those.
            closed: entities a tagger must not guess: all their values or forms are given.
            description: what the parts were made of, as JSON values.
            phone_region: two letters, for phone numbers without a country code.
        """
        self._patterns = tuple(patterns)
        self._lookups = lookups if lookups is not None else Lookups({})
        self._listed = listed if listed is not None else Lookups({})
        self._region = phone_region
        self._tagger: SlotTagger | None = None
        self.closed = frozenset(closed) | (set(standard_entities()) - _GUESSED)
        self.description = tuple(description)

    @classmethod
    def from_parts(
        cls,
        *,
        data: TrainingData | None = None,
        patterns: Mapping[str, str] | None = None,
        lookups: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        phone_region: str | None = None,
    ) -> Self:
        """Return a finder for a bot's own entities, from `bot.yml` and its training data.

        Raises:
            PatternError: an expression is not valid or not safe.
        """
        expressions = [*(patterns or {}).items()]
        lists = {name: dict(values) for name, values in (lookups or {}).items()}
        closed = set(lists)
        if data is not None:
            expressions += [(name, each) for name, all_ in data.patterns.items() for each in all_]
            _add_listed_words(lists, data)
        listed = {name: dict(values) for name, values in lists.items()}
        by_pattern = {name for name, _ in expressions}
        if data is not None:
            _add_shown_words(lists, data, by_pattern)
        words = Lookups(lists)
        return cls(
            patterns=[compile_pattern(name, expression) for name, expression in expressions],
            lookups=words,
            listed=words if listed == lists else Lookups(listed),
            closed=closed | by_pattern,
            description=[
                sorted(expressions),
                sorted(
                    (name, value, [*words])
                    for name in listed
                    for value, words in listed[name].items()
                ),
                sorted(closed),
                phone_region,
            ],
            phone_region=phone_region,
        )

    def tagging(self, tagger: SlotTagger) -> Self:
        """Return the same finder with a tagger."""
        other = copy(self)
        other._tagger = tagger
        return other

    def known(self, normal: NormalText, language: str) -> list[Entity]:
        """Return what a tagger is told about an example, with spans of `normal.plain`."""
        found = self._proven(normal, language, Circumstances(self._region, _TAUGHT))
        return [*(entity for _, entity in found), *self._listed.find(normal.folded)]

    def find(
        self, text: str | NormalText, language: str, *, now: datetime | None = None
    ) -> tuple[Entity, ...]:
        """Return the entities of a text in order of their place.

        `now` is aware, in the customer's time zone; by default the present in UTC.

        Of overlapping ones the longer is kept, at equal length the more specific; only a number
        may lie inside a quantity, and what the tagger found inside (or be) a standard entity.
        """
        normal = normalise(text) if isinstance(text, str) else text
        circumstances = (
            Circumstances(self._region) if now is None else Circumstances(self._region, now)
        )
        found = self._proven(normal, language, circumstances)
        words = list(self._lookups.find(normal.folded))
        tagged: list[Entity] = []
        if self._tagger is not None:
            words, tagged = self._judged(self._tagger, normal, words, found)
        found += [(lookup_lists.SPECIFICITY, word) for word in _with_roles(words, tagged)]
        found += [(slot_tagger.SPECIFICITY, each) for each in tagged]
        if not found:
            return ()
        if normal.origins is not None:
            # First, since two numbers may come from one character: "¼".
            found = [(specificity, _in_original(each, normal)) for specificity, each in found]
            tagged = [_in_original(each, normal) for each in tagged]
        return tuple(_without_overlaps(found, tagged))

    def _judged(
        self,
        tagger: SlotTagger,
        normal: NormalText,
        words: Sequence[Entity],
        found: Sequence[tuple[int, Entity]],
    ) -> tuple[list[Entity], list[Entity]]:
        """Return the words that a tagger lets stand, and what it finds itself.

        Words of lists always stand; words that examples only showed must not contradict it.
        """
        listed = list(self._listed.find(normal.folded))
        reading = tagger.read(normal, [*(each for _, each in found), *listed])
        proof = [each for specificity, each in found if specificity >= _PROOF_SPECIFICITY]
        tagged = [
            each
            for each in reading.entities()
            if not any(_overlap(each, other) for other in proof)
        ]
        places = {(each.name, each.start, each.end) for each in tagged}
        standing = [
            word
            for word in words
            if word in listed
            or (word.name, word.start, word.end) in places
            or _is_all(word, normal)
            or (
                not any(_overlap(word, each) for each in tagged)
                and reading.outside(word.start, word.end) < _OUTSIDE_MOST
            )
        ]
        return standing, tagged

    def _proven(
        self, normal: NormalText, language: str, circumstances: Circumstances
    ) -> list[tuple[int, Entity]]:
        """Return what is found by form alone: patterns and standard entities."""
        found: list[tuple[int, Entity]] = [
            (pattern_entities.SPECIFICITY, entity)
            for pattern in self._patterns
            for entity in pattern.find(normal.plain)
        ]
        for module in _modules():
            found += [
                (module.SPECIFICITY, entity)
                for entity in module.find(normal.plain, language, circumstances)
            ]
        return found


@lru_cache(maxsize=1)
def _modules() -> tuple[EntityModule, ...]:
    names = sorted(each.name for each in pkgutil.iter_modules(standard.__path__))
    return tuple(
        cast(EntityModule, import_module(f"{standard.__name__}.{name}")) for name in names
    )


def standard_entities() -> tuple[str, ...]:
    """Return the names of the entities every bot knows."""
    return tuple(module.__name__.rpartition(".")[2] for module in map(_as_module, _modules()))


def _as_module(module: EntityModule) -> ModuleType:
    return cast(ModuleType, module)


def _with_roles(words: Iterable[Entity], tagged: list[Entity]) -> list[Entity]:
    """Return the words of lists, with role and group where the tagger found the same.

    What is merged is taken out of `tagged`.
    """
    places = {(each.name, each.start, each.end): each for each in tagged}
    merged = []
    for word in words:
        same = places.get((word.name, word.start, word.end))
        if same is None:
            merged.append(word)
        else:
            tagged.remove(same)
            merged.append(replace(word, role=same.role, group=same.group))
    return merged


def _without_overlaps(
    found: Sequence[tuple[int, Entity]], tagged: Collection[Entity]
) -> list[Entity]:
    ranked = sorted(found, key=lambda f: (f[1].start - f[1].end, -f[0], f[1].start, f[1].name))
    kept: list[Entity] = []
    for _, entity in ranked:
        if len(kept) >= _ENTITIES_MAX:
            break
        if all(_compatible(entity, other, tagged) for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda e: (e.start, e.end, e.name))


def _compatible(entity: Entity, other: Entity, tagged: Collection[Entity]) -> bool:
    if not _overlap(entity, other) or {entity.name, other.name} == {"number", "quantity"}:
        return True
    if (entity in tagged) == (other in tagged):
        return False
    own, given = (entity, other) if entity in tagged else (other, entity)
    # "9" may be the size of a party in "9 people", yet 7 is no number in a song's name.
    return given.name in _measures() and given.start <= own.start and own.end <= given.end


def _is_all(entity: Entity, normal: NormalText) -> bool:
    """Tell whether a text says nothing else: an answer."""
    rest = normal.folded[: entity.start][-_REST:] + normal.folded[entity.end :][:_REST]
    return not comparable_folded(rest)


def _overlap(entity: Entity, other: Entity) -> bool:
    return entity.start < other.end and other.start < entity.end


@lru_cache(maxsize=1)
def _measures() -> frozenset[str]:
    """Return the standard entities that say how much or when: anything may be one of them too."""
    pairs = zip(standard_entities(), _modules(), strict=True)
    proof = {name for name, module in pairs if module.SPECIFICITY >= _PROOF_SPECIFICITY}
    return frozenset(standard_entities()) - _GUESSED - proof


def _in_original(entity: Entity, normal: NormalText) -> Entity:
    start, end = normal.span(entity.start, entity.end)
    return replace(entity, start=start, end=end)


def _add_listed_words(lists: dict[str, dict[str, Sequence[str]]], data: TrainingData) -> None:
    """Add Rasa's lookup tables and what synonyms say of their values."""
    for name, values in data.lookups.items():
        words = lists.setdefault(name, {})
        for value in values:
            words.setdefault(value, ())
    _add_synonyms(lists, data)


def _add_shown_words(
    lists: dict[str, dict[str, Sequence[str]]], data: TrainingData, by_pattern: set[str]
) -> None:
    """Add the words annotated in examples and their synonyms."""
    skipped = by_pattern | set(standard_entities())
    for example in data.examples:
        for annotation in example.annotations:
            if annotation.name in skipped:
                continue
            words = lists.setdefault(annotation.name, {})
            said = example.text[annotation.start : annotation.end]
            if not any(said.lower() in map(str.lower, each) for each in words.values()):
                words[annotation.value] = (*words.get(annotation.value, ()), said)
    _add_synonyms(lists, data)


def _add_synonyms(lists: dict[str, dict[str, Sequence[str]]], data: TrainingData) -> None:
    for value, said_as in data.synonyms.items():
        for words in lists.values():
            if value in words:
                words[value] = tuple(dict.fromkeys((*words[value], *said_as)))
