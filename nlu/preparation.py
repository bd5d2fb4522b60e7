"""Make a bot's interpreter ready: trained once, read from the cache on every later start."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nlu import model_file
from nlu.array_file import ModelFileError
from nlu.code_hash import code_hash
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import SentenceEncoder, open_encoder
from nlu.entity_finder import EntityFinder
from nlu.slot_preparation import with_tagger
from nlu.training_data import TrainingData

Progress = Callable[[str], None]


def prepare(
    data: TrainingData,
    *,
    cache_dir: Path,
    encoder: str = "all-MiniLM-L6-v2",
    patterns: Mapping[str, str] | None = None,
    lookups: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    phone_region: str | None = None,
    progress: Progress | None = None,
    force: bool = False,
) -> EmbeddingInterpreter:
    """Return the interpreter of a bot, trained now or taken from the cache.

    Args:
        data: what `read_training_data` returned.
        cache_dir: where models are kept, named by the hash of data, code and encoder.
        encoder: sentence-transformers model by name or folder; "none" for no encoder.
        patterns: entity -> regular expression, from `bot.yml`.
        lookups: entity -> canonical value -> words for it, from `bot.yml`.
        phone_region: two letters, for phone numbers without a country code.
        progress: told what takes long.
        force: train though the cache has the model.

    Raises:
        EncoderError: the encoder is not there.
        PatternError: a pattern is not safe to run on customers' text.
    """
    finder = EntityFinder.from_parts(
        data=data, patterns=patterns or {}, lookups=lookups or {}, phone_region=phone_region
    )
    texts = {
        language: [e.text for e in data.examples if e.language == language]
        for language in data.languages
    }
    opened = open_encoder(encoder, cache_dir=cache_dir, texts=texts, progress=progress)
    finder = with_tagger(finder, data, cache_dir=cache_dir, encoder=opened, progress=progress)
    key = fingerprint(data, encoder=opened)
    path = model_path(data, encoder=opened, cache_dir=cache_dir)
    if path.is_file() and not force:
        try:
            model = model_file.load(path, fingerprint=key)
            return EmbeddingInterpreter(model, encoder=opened, entities=finder)
        except ModelFileError as error:
            _tell(progress, f"{error.path.name} {error.reason}; training again")
    _tell(progress, f"training on {len(data.examples)} examples of {len(data.intents)} intents")
    from nlu.training import train

    model = train(data, encoder=opened)
    model_file.save(model, path, fingerprint=key)
    return EmbeddingInterpreter(model, encoder=opened, entities=finder)


def model_path(data: TrainingData, *, encoder: SentenceEncoder | None, cache_dir: Path) -> Path:
    """Return where the model of `data` is kept."""
    return cache_dir / "models" / f"{fingerprint(data, encoder=encoder)}.model"


def fingerprint(data: TrainingData, *, encoder: SentenceEncoder | None) -> str:
    """Return the hash of everything that shapes the model: examples, code and encoder."""
    taught = sorted((e.intent, e.language, e.text) for e in data.examples)
    parts = [taught, data.languages, encoder.key if encoder is not None else None, code_hash()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _tell(progress: Progress | None, message: str) -> None:
    if progress is not None:
        progress(message)
