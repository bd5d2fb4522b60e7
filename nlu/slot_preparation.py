"""Make a bot's tagger ready: trained once, read from the cache on every later start."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nlu import slot_file
from nlu.array_file import ModelFileError
from nlu.code_hash import code_hash
from nlu.encoder import SentenceEncoder
from nlu.entity_finder import EntityFinder
from nlu.slot_tagger import SlotTagger
from nlu.slot_training import learnt_names, train_slots
from nlu.training_data import TrainingData

Progress = Callable[[str], None]


def with_tagger(
    finder: EntityFinder,
    data: TrainingData,
    *,
    cache_dir: Path,
    encoder: SentenceEncoder | None = None,
    progress: Progress | None = None,
) -> EntityFinder:
    """Return `finder` with a tagger of the entities annotated in `data`, if there are any.

    Args:
        finder: what finds entities without a tagger.
        data: the examples.
        cache_dir: where taggers are kept, named by the hash of data, lists, code and encoder.
        encoder: whose word table gives classes of words.
        progress: told what takes long.
    """
    names = learnt_names(data, finder.closed)
    if not names:
        return finder
    key = slots_fingerprint(finder, data, encoder=encoder)
    path = cache_dir / "models" / f"{key}.slots"
    if path.is_file():
        try:
            return finder.tagging(SlotTagger(slot_file.load(path, fingerprint=key)))
        except ModelFileError as error:
            _tell(progress, f"{error.path.name} {error.reason}; training again")
    _tell(progress, f"training the tagger of {', '.join(sorted(names))}")
    model = train_slots(
        data, known=finder.known, closed=finder.closed, classes=word_classes(encoder)
    )
    if model is None:
        return finder
    slot_file.save(model, path, fingerprint=key)
    return finder.tagging(SlotTagger(model))


def slots_fingerprint(
    finder: EntityFinder, data: TrainingData, *, encoder: SentenceEncoder | None
) -> str:
    """Return the hash of all that shapes the tagger: examples, lists, code and encoder."""
    examples = sorted(
        [
            e.intent,
            e.language,
            e.text,
            [[a.name, a.start, a.end, a.value, a.role, a.group] for a in e.annotations],
        ]
        for e in data.examples
    )
    parts: list[Any] = [
        examples,
        _sorted(data.synonyms),
        _sorted(data.lookups),
        finder.description,
        encoder.key if encoder is not None else None,
        code_hash(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _sorted(words: Mapping[str, tuple[str, ...]]) -> list[tuple[str, list[str]]]:
    return [(name, list(values)) for name, values in sorted(words.items())]


@lru_cache(maxsize=1)
def word_classes(encoder: SentenceEncoder | None) -> Mapping[str, tuple[int, ...]]:
    """Return the classes of words in an encoder's vocabulary; none without an encoder."""
    if encoder is None or not encoder.reads("en"):
        return {}
    from nlu.encoder_export import model_folder
    from nlu.word_classes import learn_classes

    return learn_classes(model_folder(encoder.name))


def _tell(progress: Progress | None, message: str) -> None:
    if progress is not None:
        progress(message)
