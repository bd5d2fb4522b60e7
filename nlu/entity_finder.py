"""All entities of a text: standard ones, the bot's patterns and word lists; overlaps resolved."""

import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Protocol, Self, cast

from nlu import entities as standard
from nlu import lookups as lookup_lists
from nlu import patterns as pattern_entities
from nlu.circumstances import Circumstances
from nlu.lookups import Lookups
from nlu.patterns import Pattern, compile_pattern
from nlu.text import NormalText, normalise
from nlu.training_data import TrainingData
from nlu.understanding import Entity

#: Entities of one message; a flood of numbers is not worth more.
_ENTITIES_MAX = 50


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
        phone_region: str | None = None,
    ) -> None:
        self._patterns = tuple(patterns)
        self._lookups = lookups if lookups is not None else Lookups({})
        self._region = phone_region

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
        if data is not None:
            expressions += [(name, each) for name, all_ in data.patterns.items() for each in all_]
            _add_training_words(lists, data, {name for name, _ in expressions})
        return cls(
            patterns=[compile_pattern(name, expression) for name, expression in expressions],
            lookups=Lookups(lists),
            phone_region=phone_region,
        )

    def find(
        self, text: str | NormalText, language: str, *, now: datetime | None = None
    ) -> tuple[Entity, ...]:
        """Return the entities of a text in order of their place.

        `now` is aware, in the customer's time zone; by default the present in UTC.

        Of overlapping ones the longer is kept, at equal length the more specific; only a number
        may lie inside a quantity.
        """
        normal = normalise(text) if isinstance(text, str) else text
        plain = normal.plain
        circumstances = (
            Circumstances(self._region) if now is None else Circumstances(self._region, now)
        )
        found: list[tuple[int, Entity]] = [
            (pattern_entities.SPECIFICITY, entity)
            for pattern in self._patterns
            for entity in pattern.find(plain)
        ]
        found += [
            (lookup_lists.SPECIFICITY, entity) for entity in self._lookups.find(normal.folded)
        ]
        for module in _modules():
            found += [
                (module.SPECIFICITY, entity)
                for entity in module.find(plain, language, circumstances)
            ]
        if not found:
            return ()
        if normal.origins is not None:
            # First, since two numbers may come from one character: "¼".
            found = [(specificity, _in_original(each, normal)) for specificity, each in found]
        return tuple(_without_overlaps(found))


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


def _without_overlaps(found: Sequence[tuple[int, Entity]]) -> list[Entity]:
    ranked = sorted(found, key=lambda f: (f[1].start - f[1].end, -f[0], f[1].start, f[1].name))
    kept: list[Entity] = []
    for _, entity in ranked:
        if len(kept) >= _ENTITIES_MAX:
            break
        if all(_compatible(entity, other) for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda e: (e.start, e.end, e.name))


def _compatible(entity: Entity, other: Entity) -> bool:
    if entity.end <= other.start or other.end <= entity.start:
        return True
    return {entity.name, other.name} == {"number", "quantity"}


def _in_original(entity: Entity, normal: NormalText) -> Entity:
    start, end = normal.span(entity.start, entity.end)
    return Entity(entity.name, start, end, entity.value, entity.unit)


def _add_training_words(
    lists: dict[str, dict[str, Sequence[str]]], data: TrainingData, by_pattern: set[str]
) -> None:
    """Add Rasa's lookup tables, synonyms and annotated examples to the word lists."""
    for name, values in data.lookups.items():
        words = lists.setdefault(name, {})
        for value in values:
            words.setdefault(value, ())
    skipped = by_pattern | set(standard_entities())
    for example in data.examples:
        for annotation in example.annotations:
            if annotation.name in skipped:
                continue
            words = lists.setdefault(annotation.name, {})
            said = example.text[annotation.start : annotation.end]
            if not any(said.lower() in map(str.lower, each) for each in words.values()):
                words[annotation.value] = (*words.get(annotation.value, ()), said)
    for value, said_as in data.synonyms.items():
        for words in lists.values():
            if value in words:
                words[value] = (*words[value], *said_as)
