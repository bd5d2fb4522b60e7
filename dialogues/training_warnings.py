"""What in a bot's training data is likely a slip, though the bot can be served with it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dialogues.hints import hint
from nlu.overlaps import Confusion, Twins, find_overlaps
from nlu.training_data import Example, TrainingData, base_intent_files
from nlu.yaml_file import Fault, Place

#: An entity annotated more often than this is no misspelling.
_SLIPS_MAX = 2
#: Near-duplicates that are told of the same two intents.
_TOLD_MAX = 5

#: Finds where an example stands that is in no intent file.
Locate = Callable[[Example], Place | None]


def training_warnings(
    data: TrainingData, *, entities: Collection[str], locate: Locate
) -> list[Fault]:
    """Return the warnings about a bot's own examples, by file and line.

    Args:
        data: of the bot, with the shared intents.
        entities: that are known without any annotation.
        locate: finds where an example stands that is in no intent file.
    """
    found = [*data.warnings, *_entity_warnings(data.examples, entities)]
    shared = set(base_intent_files())
    twins, confusions = find_overlaps(data.examples)
    found += _twins_warnings(twins, shared, locate)
    found += [
        fault
        for each in confusions
        if (fault := _confusion_warning(each, shared, locate)) is not None
    ]
    return sorted(dict.fromkeys(found), key=lambda each: (str(each.path), each.line, each.key))


def _entity_warnings(examples: Sequence[Example], known: Collection[str]) -> list[Fault]:
    counts = Counter(a.name for example in examples for a in example.annotations)
    often = {name for name, count in counts.items() if count > _SLIPS_MAX}
    found = []
    for example in examples:
        for annotation in example.annotations:
            name = annotation.name
            if name in known or counts[name] > _SLIPS_MAX or example.place is None:
                continue
            meant = hint(name, {*known, *often})
            if not meant and counts[name] > 1:
                continue
            message = f"no entity is called {name!r}{meant}"
            if not meant:
                message = (
                    f"the entity {name!r} is annotated only once; annotate more examples, "
                    "or list its values under lookups"
                )
            place = example.place
            found.append(Fault(place.path, place.line, f"{example.intent}.examples", message))
    return found


def _twins_warnings(
    twins: Sequence[Twins], shared: Collection[Path], locate: Locate
) -> Iterator[Fault]:
    """Yield a few warnings for each pair of intents; the last tells how many there are more."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for each in twins:
        fault = _twins_warning(each, shared, locate)
        if fault is not None:
            groups.setdefault((each.first.intent, each.second.intent), []).append(fault)
    for faults in groups.values():
        *some, last = faults[:_TOLD_MAX]
        yield from some
        more = len(faults) - _TOLD_MAX
        told = f"{last.message}; there are {more} more such pairs" if more > 0 else last.message
        yield replace(last, message=told)


def _twins_warning(twins: Twins, shared: Collection[Path], locate: Locate) -> Fault | None:
    """Return the warning at the later example of the two, None when both are shared."""
    for mine, other in ((twins.second, twins.first), (twins.first, twins.second)):
        if mine.place is None or mine.place.path in shared:
            continue
        message = (
            f"{mine.text!r} says nearly the same as {_told(other, locate)} of {other.intent}; "
            "keep one, or write what tells them apart"
        )
        return Fault(mine.place.path, mine.place.line, f"{mine.intent}.examples", message)
    return None


def _confusion_warning(
    confusion: Confusion, shared: Collection[Path], locate: Locate
) -> Fault | None:
    pairs = [
        (mine, other, mine.place)
        for mine, other in confusion.pairs
        if mine.place is not None and mine.place.path not in shared
    ]
    if not pairs:
        return None
    place = pairs[0][2]
    shown = ", ".join(
        f"{_told(mine, locate)} like {_told(other, locate)}" for mine, other, _ in pairs
    )
    message = (
        f"by their words, {confusion.taken} of {confusion.examples} examples in "
        f"{confusion.language} are taken for {confusion.other}: {shown}; "
        "merge the two, or write examples that tell them apart"
    )
    return Fault(place.path, place.line, f"{confusion.intent}.examples", message)


def _told(example: Example, locate: Locate) -> str:
    place = example.place or locate(example)
    return f"{example.text!r}" + (f" ({place})" if place is not None else "")
