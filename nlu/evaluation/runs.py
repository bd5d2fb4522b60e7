"""Train on what is taught, interpret what is tested, and keep both with the time they took."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import SentenceEncoder
from nlu.entity_finder import EntityFinder
from nlu.evaluation.cross_validation import Part
from nlu.interpreter import Vectors
from nlu.slot_preparation import word_classes
from nlu.slot_tagger import SlotTagger
from nlu.slot_training import learnt_names, train_slots
from nlu.training import train
from nlu.training_data import OUT_OF_SCOPE, Example, TrainingData
from nlu.understanding import Understanding

#: Told how much is done, of how much, and what is being done.
Progress = Callable[[int, int, str], None]
#: Training counts as so many texts in the progress that is told.
_TRAINING_WEIGHT = 500
_TOLD_EVERY = 50


@dataclass(frozen=True, slots=True)
class Prediction:
    """One tested text and what it was understood to mean."""

    example: Example
    understanding: Understanding
    seed: int = 0

    @property
    def known(self) -> bool:
        """Whether the text means something known."""
        return self.example.intent != OUT_OF_SCOPE

    @property
    def predicted(self) -> str:
        """The best intent, whatever the outcome; out of scope when there is none."""
        ranked = self.understanding.intents
        return ranked[0].name if ranked else OUT_OF_SCOPE

    @property
    def probability(self) -> float:
        """The probability of the best intent."""
        ranked = self.understanding.intents
        return ranked[0].confidence if ranked else 0.0

    @property
    def right(self) -> bool:
        """Whether the best intent is the true one."""
        return self.predicted == self.example.intent


@dataclass(slots=True)
class Measured:
    """All predictions of all parts, and what they cost."""

    predictions: list[Prediction] = field(default_factory=list)
    taught: list[int] = field(default_factory=list)  #: examples, for each part
    training_seconds: list[float] = field(default_factory=list)  #: for each part
    interpret_ms: list[float] = field(default_factory=list)  #: for each text, asked alone
    encoded: int = 0  #: texts that the second stage was asked about
    intents: tuple[str, ...] = ()  #: that were taught


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of a bot that stand outside its examples."""

    patterns: Mapping[str, str] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    phone_region: str | None = None

    def finder(self, data: TrainingData, encoder: SentenceEncoder | None) -> EntityFinder:
        """Return a finder for these entities and those of `data`, learnt from its annotations."""
        finder = EntityFinder.from_parts(
            data=data,
            patterns=self.patterns,
            lookups=self.lookups,
            phone_region=self.phone_region,
        )
        if not learnt_names(data, finder.closed):
            return finder
        slots = train_slots(
            data, known=finder.known, closed=finder.closed, classes=word_classes(encoder)
        )
        return finder if slots is None else finder.tagging(SlotTagger(slots))


class CountingEncoder(SentenceEncoder):
    """A SentenceEncoder that counts what it is asked; shares everything with the one it wraps."""

    def __init__(self, inner: SentenceEncoder) -> None:
        self.__dict__.update(inner.__dict__)
        self.asked = 0

    def encode_deep(self, texts: Sequence[str]) -> Vectors:
        """Return the deep vectors of `texts`, and count them."""
        self.asked += len(texts)
        return super().encode_deep(texts)


def run(
    parts: Sequence[Part],
    data: TrainingData,
    *,
    encoder: SentenceEncoder | None,
    entities: Entities | None = None,
    progress: Progress | None = None,
) -> Measured:
    """Train a model for each part and interpret its texts one at a time, as customers send them.

    Args:
        parts: what is taught and tested; nothing of what is tested is seen in training.
        data: word lists and languages of the bot; its examples are not used.
        encoder: for the second stage; None for none.
        entities: of the bot, besides those of the examples.
        progress: told how far it is.
    """
    found = Measured()
    counting = CountingEncoder(encoder) if encoder is not None else None
    total = sum(_TRAINING_WEIGHT + len(part.tested) for part in parts)
    intents: set[str] = set()
    done = 0
    for number, part in enumerate(parts, 1):
        name = f"{number} of {len(parts)}" if len(parts) > 1 else "the model"
        _tell(progress, done, total, f"training {name} on {len(part.taught)} examples")
        taught = replace(data, examples=part.taught)
        started = time.perf_counter()
        model = train(taught, encoder=encoder, languages=data.languages)
        found.training_seconds.append(time.perf_counter() - started)
        found.taught.append(len(part.taught))
        intents.update(taught.intents)
        finder = (entities or Entities()).finder(taught, encoder)
        interpreter = EmbeddingInterpreter(model, encoder=counting, entities=finder)
        done += _TRAINING_WEIGHT
        for at, example in enumerate(part.tested):
            if at % _TOLD_EVERY == 0:
                _tell(progress, done + at, total, f"testing {name} on {len(part.tested)} texts")
            started = time.perf_counter()
            (understanding,) = interpreter.interpret([example.text], languages=[None])
            found.interpret_ms.append(1000 * (time.perf_counter() - started))
            found.predictions.append(Prediction(example, understanding, part.seed))
        done += len(part.tested)
    _tell(progress, total, total, "done")
    found.encoded = counting.asked if counting is not None else 0
    found.intents = tuple(sorted(intents))
    return found


def _tell(progress: Progress | None, done: int, total: int, what: str) -> None:
    if progress is not None:
        progress(done, total, what)
