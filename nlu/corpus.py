"""A bot's examples as arrays, in a fixed order, encoded once and dealt into folds."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import SentenceEncoder
from nlu.features import FloatArray
from nlu.text import comparable, han_count, matter, normalise
from nlu.training_data import OUT_OF_SCOPE, Example, TrainingData

FOLDS = 4
#: Shortest word of an intent's name that says something.
_NAME_WORD_MIN = 3

IndexArray = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Named:
    """The names of intents, read as one more thing customers may say: "card arrival"."""

    folded: list[str]
    truth: IndexArray
    deep: FloatArray


@dataclass(frozen=True, slots=True)
class Corpus:
    """The examples in order of intent, as arrays."""

    intents: tuple[str, ...]
    folded: list[str]
    truth: IndexArray
    language: NDArray[np.str_]
    read: Mask  #: whether the encoder reads the example
    deep: FloatArray  #: deep vectors, zero where not read
    dimension: int  #: of the sentence vector at the head of the deep one
    named: Named

    @property
    def scope(self) -> Mask:
        """Where the example means something known."""
        if OUT_OF_SCOPE not in self.intents:
            return np.ones(len(self.truth), dtype=bool)
        return np.asarray(self.truth != self.intents.index(OUT_OF_SCOPE))

    @property
    def sides(self) -> list[int]:
        """Which of exactly two intents each example has, as 0 and 1; empty if there are more."""
        return [int(each) for each in self.truth] if len(self.intents) == 2 else []

    def take(self, mask: Mask) -> Self:
        """Return the corpus of some of the examples, still with all intents."""
        at = np.flatnonzero(mask)
        return type(self)(
            self.intents,
            [self.folded[i] for i in at],
            self.truth[at],
            self.language[at],
            self.read[at],
            self.deep[at],
            self.dimension,
            self.named,
        )


def corpus_of(data: TrainingData, encoder: SentenceEncoder | None) -> Corpus:
    """Return the examples of `data`, each encoded if `encoder` reads its language."""
    intents = data.intents
    place = {name: at for at, name in enumerate(intents)}
    # By intent (examples of one lie together), then text: the same data trains the same model
    # whatever the order of its files.
    examples: list[Example] = sorted(
        data.examples, key=lambda e: (place[e.intent], comparable(e.text))
    )
    read = np.array([encoder is not None and encoder.reads(e.language) for e in examples])
    size = encoder.depth * encoder.dimension if encoder is not None else 0
    deep = np.zeros((len(examples), size), dtype=np.float32)
    if encoder is not None and read.any():
        at = np.flatnonzero(read)
        # The encoder's run time lets go of the interpreter's lock: two cores are used.
        with ThreadPoolExecutor(2) as pool:
            halves = pool.map(
                encoder.encode_examples,
                [
                    [matter(normalise(examples[i].text).folded) for i in half]
                    for half in np.array_split(at, 2)
                ],
            )
            deep[at] = np.concatenate(list(halves))
    return Corpus(
        intents=intents,
        folded=[normalise(e.text).folded for e in examples],
        truth=np.array([place[e.intent] for e in examples], dtype=np.int64),
        language=np.array([e.language for e in examples]),
        read=read,
        deep=deep,
        dimension=encoder.dimension if encoder is not None else 0,
        named=_named(intents, encoder if read.any() else None),
    )


def _named(intents: tuple[str, ...], encoder: SentenceEncoder | None) -> Named:
    """Return the names that are words.

    With five examples an intent they are worth two points of accuracy, with fifty nothing.
    """
    words = {
        at: " ".join(normalise(name).folded.replace("_", " ").replace("/", " ").split())
        for at, name in enumerate(intents)
        if name != OUT_OF_SCOPE
    }
    telling = {
        at: text
        for at, text in words.items()
        if any(
            (len(word) >= _NAME_WORD_MIN and word.isalpha()) or han_count(word) > 1
            for word in text.split()
        )
    }
    texts = list(telling.values())
    if encoder is None or not texts or not encoder.reads_texts(texts):
        deep = np.zeros((0, 0), dtype=np.float32)
    else:
        deep = encoder.encode_examples(texts)
    return Named(texts, np.array(list(telling), dtype=np.int64), deep)


def deal(corpus: Corpus) -> IndexArray:
    """Deal the examples of each intent and language in turn, so that every fold has some."""
    fold = np.zeros(len(corpus.truth), dtype=np.int64)
    seen: dict[tuple[int, str], int] = {}
    for at, (intent, language) in enumerate(zip(corpus.truth, corpus.language, strict=True)):
        key = (int(intent), str(language))
        fold[at] = seen.setdefault(key, int(intent)) % FOLDS
        seen[key] += 1
    return fold
