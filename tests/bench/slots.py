"""How well slots and intents are found after few examples, on xSID (van der Goot et al. 2021).

Train on `<language>.valid.conll` (300 sentences), test on `<language>.test.conll` (500):

    python -m tests.bench.slots FOLDER            # tests once
    python -m tests.bench.slots FOLDER --folds 5  # cross-validates on valid, for choosing
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import SentenceEncoder, open_encoder
from nlu.entity_finder import EntityFinder
from nlu.slot_preparation import word_classes
from nlu.slot_tagger import SURE_LEAST, SlotTagger
from nlu.slot_training import train_slots
from nlu.text import normalise
from nlu.training import train
from nlu.training_data import Annotation, Example, TrainingData

Span = tuple[int, int, str]
LANGUAGES = ("en", "zh")
THRESHOLDS = (0.0, 0.3, SURE_LEAST, 0.6, 0.8)


@dataclass(slots=True)
class Counts:
    """Exact spans found, and what there was to find (as conlleval counts, micro-averaged)."""

    right: int = 0
    found: int = 0
    true: int = 0

    def add(self, found: set[Span], true: set[Span]) -> None:
        """Count one sentence."""
        self.right += len(found & true)
        self.found += len(found)
        self.true += len(true)

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Return the share of what is true that was found."""
        return self.right / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.found + self.true
        return 2 * self.right / total if total else 0.0

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f} (P {self.precision:.3f}, R {self.recall:.3f})"


def read_sentences(path: Path, language: str) -> list[Example]:
    """Read a file of xSID; slots become annotations with spans of `# text`."""
    return [
        _example(block.split("\n"), language)
        for block in path.read_text(encoding="utf-8").split("\n\n")
        if "# text = " in block
    ]


def _example(lines: Sequence[str], language: str) -> Example:
    said = {key: value for key, _, value in (line.partition(" = ") for line in lines) if value}
    text = said["# text"]
    spans: list[Span] = []
    at, inside = 0, ""
    for line in lines:
        if line.startswith("#") or "\t" not in line:
            continue
        word, tag = line.split("\t")[1], line.split("\t")[-1]
        start = text.index(word, at)
        at = start + len(word)
        name = tag[2:]
        if tag.startswith("I-") and name == inside:
            spans[-1] = (spans[-1][0], at, name)
        elif name:
            spans.append((start, at, name))
        inside = name
    annotations = tuple(Annotation(n, a, b, text[a:b]) for a, b, n in spans)
    return Example(text, said["# intent"], language, annotations)


def true_spans(example: Example) -> set[Span]:
    """Return the slots of a sentence."""
    return {(each.start, each.end, each.name) for each in example.annotations}


def slot_counts(
    taught: Sequence[Example],
    asked: Sequence[Example],
    *,
    language: str,
    encoder: SentenceEncoder | None,
    thresholds: Sequence[float],
    copies: int | None = None,
) -> dict[str, Counts]:
    """Return what the tagger finds at each threshold, and what the whole finder does."""
    data = TrainingData(tuple(taught), (language,))
    finder = EntityFinder.from_parts(data=data)
    options = {} if copies is None else {"copies": copies}
    model = train_slots(
        data, known=finder.known, closed=finder.closed, classes=word_classes(encoder), **options
    )
    assert model is not None
    names = {label.name for label in model.labels}
    counts = {f"least {each}": Counts() for each in thresholds}
    whole = finder.tagging(SlotTagger(model))
    taggers = {key: SlotTagger(model, least=float(key.split()[1])) for key in counts}
    counts |= {"words alone": Counts(), "all": Counts()}
    for example in asked:
        normal = normalise(example.text)
        true = true_spans(example)
        known = finder.known(normal, language)
        for key, tagger in taggers.items():
            found = tagger.find(normal, known)
            counts[key].add({(*normal.span(e.start, e.end), e.name) for e in found}, true)
        for key, each in (("words alone", finder), ("all", whole)):
            entities = each.find(example.text, language)
            counts[key].add({(e.start, e.end, e.name) for e in entities if e.name in names}, true)
    return counts


def intent_accuracy(
    taught: Sequence[Example],
    asked: Sequence[Example],
    *,
    language: str,
    encoder: SentenceEncoder | None,
) -> float:
    """Return the share of sentences whose first-ranked intent is right."""
    data = TrainingData(tuple(taught), (language,))
    model = train(data, encoder=encoder)
    interpreter = EmbeddingInterpreter(
        model, encoder=encoder, entities=EntityFinder.from_parts(data=data)
    )
    understood = interpreter.interpret(
        [each.text for each in asked], languages=[language] * len(asked)
    )
    ranked = [each.intents[0].name if each.intents else None for each in understood]
    return sum(a == b.intent for a, b in zip(ranked, asked, strict=True)) / len(asked)


def folds(
    examples: Sequence[Example], count: int
) -> Iterator[tuple[list[Example], list[Example]]]:
    """Yield what to teach and what to ask, `count` times."""
    for fold in range(count):
        yield (
            [e for at, e in enumerate(examples) if at % count != fold],
            [e for at, e in enumerate(examples) if at % count == fold],
        )


def cross_validated(
    examples: Sequence[Example],
    count: int,
    *,
    language: str,
    encoder: SentenceEncoder | None,
    copies: int | None = None,
) -> dict[str, Counts]:
    """Return the sums of `slot_counts` over all folds."""
    sums: dict[str, Counts] = {}
    for taught, asked in folds(examples, count):
        one = slot_counts(
            taught,
            asked,
            language=language,
            encoder=encoder,
            thresholds=THRESHOLDS,
            copies=copies,
        )
        for key, each in one.items():
            total = sums.setdefault(key, Counts())
            total.right += each.right
            total.found += each.found
            total.true += each.true
    return sums


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path(".cache/tests"))
    options = parser.parse_args(arguments)
    for language in LANGUAGES:
        valid = read_sentences(options.folder / f"{language}.valid.conll", language)
        texts = {language: [each.text for each in valid]}
        encoder = open_encoder("all-MiniLM-L6-v2", cache_dir=options.cache, texts=texts)
        reading = encoder if encoder is not None and encoder.reads(language) else None
        began = time.perf_counter()
        if options.folds:
            counts = cross_validated(valid, options.folds, language=language, encoder=reading)
        else:
            test = read_sentences(options.folder / f"{language}.test.conll", language)
            counts = slot_counts(
                valid, test, language=language, encoder=reading, thresholds=THRESHOLDS
            )
            accuracy = intent_accuracy(valid, test, language=language, encoder=reading)
            sys.stdout.write(f"{language} intents: accuracy {accuracy:.3f}" + "\n")
        for key, each in counts.items():
            sys.stdout.write(f"{language} {key}: {each}" + "\n")
        sys.stdout.write(f"{language}: {time.perf_counter() - began:.0f} s" + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
