"""Segments: the raw counts and vectors of some articles, never changed once made.

A segment knows nothing of other articles: no rarity, no mean length. What depends on all of them
is worked out by the index that searches several segments, so that what it finds does not depend
on how the articles came to be spread over them. Arrays may lie in files mapped into memory, which
the processes of a machine share.
"""

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge_base.articles import Article
from knowledge_base.excerpts import units_of
from knowledge_base.passages import Passage, split_passages
from knowledge_base.postings import Keys, Numbers, Postings, Scores, key_of, keys_of
from knowledge_base.terms import question_key, terms
from nlu.interpreter import Vectors

#: A passage is also found by its headings, which count twice.
_HEADING_WEIGHT: Final = 2.0

_Kind = TypeVar("_Kind", bound=np.generic)

#: Gives each of some texts its vector.
VectorsOf = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Segment:
    """Some articles of one language; wordings, passages and rows stand in the articles' order."""

    kind: Keys  #: one key: how its vectors were made
    fingerprints: Keys  #: of each article what `fingerprint` says
    wording_counts: Numbers  #: of each article, at least 1
    passage_counts: Numbers  #: of each article, at least 1
    row_counts: Numbers  #: of each passage, how many rows of `row_vectors` are about it
    wording_keys: Keys  #: of each wording
    passage_lengths: Scores  #: of each passage, in terms
    wordings: Postings  #: terms of each wording
    asked: Postings  #: articles that are asked for with a term
    passages: Postings  #: terms of each passage
    covered: Postings  #: articles that have a term in any text
    wording_vectors: Vectors | None
    row_vectors: Vectors | None

    def __len__(self) -> int:
        return len(self.fingerprints)

    @property
    def wording_starts(self) -> NDArray[np.int64]:
        """The number of each article's first wording."""
        return _starts(self.wording_counts)

    @property
    def passage_starts(self) -> NDArray[np.int64]:
        """The number of each article's first passage."""
        return _starts(self.passage_counts)

    @property
    def row_starts(self) -> NDArray[np.int64]:
        """The number of each passage's first row."""
        return _starts(self.row_counts)


@lru_cache(maxsize=262144)
def fingerprint(article: Article) -> int:
    """Return a 64-bit key of all that a search looks at in an article."""
    parts = (article.id, article.language, article.audience, *article.wordings, article.body)
    return key_of(sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest())


def wordings_of(article: Article) -> list[str]:
    """Return the wordings of an article, each once but for form."""
    found: dict[str, str] = {}
    for wording in article.wordings:
        found.setdefault(question_key(wording), wording)
    return list(found.values())


def row_texts(passage: Passage, *, lines: bool) -> list[str]:
    """Return what a passage has vectors of: its lines, or itself as a whole."""
    if lines:
        return [line for unit in units_of(passage) for line in unit.lines]
    return [" ".join([*passage.headings, passage.plain])]


def texts_to_encode(articles: Sequence[Article]) -> list[str]:
    """Return the texts of `articles` an encoder has to turn into vectors, each once."""
    texts: dict[str, None] = {}
    for article in articles:
        texts.update(dict.fromkeys(wordings_of(article)))
        for passage in split_passages(article):
            texts.update(dict.fromkeys(row_texts(passage, lines=True)))
    return list(texts)


def make_segment(
    articles: Sequence[Article], vectors: "TextVectors | None", *, kind: int = 0
) -> Segment:
    """Return the segment of `articles`, in their order.

    Args:
        articles: of one language and audience.
        vectors: gives texts their vectors; None: words only.
        kind: key of how the vectors are made.
    """
    wordings = [wordings_of(article) for article in articles]
    passages = [split_passages(article) for article in articles]
    asked = [[terms(wording) for wording in each] for each in wordings]
    said = [[_passage_terms(passage) for passage in each] for each in passages]
    rows = [
        row_texts(passage, lines=vectors is None or vectors.lines)
        for each in passages
        for passage in each
    ]
    flat_wordings = [wording for each in wordings for wording in each]
    flat_said = [found for each in said for found in each]
    covered = [_together([*a, *s]) for a, s in zip(asked, said, strict=True)]
    return Segment(
        kind=np.array([kind], dtype=np.uint64),
        fingerprints=np.array([fingerprint(each) for each in articles], dtype=np.uint64),
        wording_counts=_numbers(map(len, wordings)),
        passage_counts=_numbers(map(len, passages)),
        row_counts=_numbers(map(len, rows)),
        wording_keys=keys_of(question_key(wording) for wording in flat_wordings),
        passage_lengths=np.array([sum(each.values()) for each in flat_said], dtype=np.float32),
        wordings=Postings.of([found for each in asked for found in each]),
        asked=Postings.of([_together(each) for each in asked], counted=False),
        passages=Postings.of(flat_said),
        covered=Postings.of(covered, counted=False),
        wording_vectors=None if vectors is None else vectors.of_wordings(flat_wordings),
        row_vectors=None if vectors is None else vectors.of_rows([t for row in rows for t in row]),
    )


@dataclass(frozen=True, slots=True)
class TextVectors:
    """How the texts of articles get their vectors."""

    of_wordings: VectorsOf
    of_rows: VectorsOf
    lines: bool = True  #: whether every line of a passage has a row, or the passage one row


def merge_segments(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """Return one segment of the articles of several that are still wanted.

    Args:
        parts: segments with the same kind of vectors, and which of their articles are wanted.
    """
    wordings = [np.repeat(alive, segment.wording_counts) for segment, alive in parts]
    passages = [np.repeat(alive, segment.passage_counts) for segment, alive in parts]
    rows = [
        np.repeat(kept, segment.row_counts)
        for (segment, _), kept in zip(parts, passages, strict=True)
    ]
    lives = [alive for _, alive in parts]
    segments = [segment for segment, _ in parts]
    return Segment(
        kind=segments[0].kind,
        fingerprints=_kept([each.fingerprints for each in segments], lives),
        wording_counts=_kept([each.wording_counts for each in segments], lives),
        passage_counts=_kept([each.passage_counts for each in segments], lives),
        row_counts=_kept([each.row_counts for each in segments], passages),
        wording_keys=_kept([each.wording_keys for each in segments], wordings),
        passage_lengths=_kept([each.passage_lengths for each in segments], passages),
        wordings=_merged([each.wordings for each in segments], wordings),
        asked=_merged([each.asked for each in segments], lives),
        passages=_merged([each.passages for each in segments], passages),
        covered=_merged([each.covered for each in segments], lives),
        wording_vectors=_rows([each.wording_vectors for each in segments], wordings),
        row_vectors=_rows([each.row_vectors for each in segments], rows),
    )


def save_segment(segment: Segment, folder: Path) -> None:
    """Write a segment as one array file each; a folder that is there already is left alone."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed: several processes may prepare the same articles at once.
    aside = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".tmp"))
    try:
        for name, array in _arrays(segment).items():
            np.save(aside / f"{name}.npy", array, allow_pickle=False)
        aside.rename(folder)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        if not folder.exists():
            raise


def open_segment(folder: Path) -> Segment | None:
    """Return the segment in `folder`, mapped into memory; None when it is torn or missing."""
    try:
        arrays = {
            path.stem: np.load(path, mmap_mode="r", allow_pickle=False)
            for path in folder.glob("*.npy")
        }
        found: dict[str, object] = {
            each.name: arrays.get(each.name) for each in fields(Segment) if each.name in _PLAIN
        }
        for name in _POSTINGS:
            found[name] = Postings(
                size=int(arrays[f"{name}-size"][0]),
                keys=arrays[f"{name}-keys"],
                starts=arrays[f"{name}-starts"],
                documents=arrays[f"{name}-documents"],
                counts=arrays.get(f"{name}-counts"),
            )
        segment = Segment(**found)  # type: ignore[arg-type] # by name, as they were written
        whole = segment.passages.size == len(segment.passage_lengths)
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    return segment if whole else None


_POSTINGS: Final = ("wordings", "asked", "passages", "covered")
_PLAIN: Final = frozenset(each.name for each in fields(Segment)) - set(_POSTINGS)


def _arrays(segment: Segment) -> dict[str, NDArray[np.generic]]:
    found = {name: getattr(segment, name) for name in sorted(_PLAIN)}
    for name in _POSTINGS:
        postings: Postings = getattr(segment, name)
        found[f"{name}-size"] = np.array([postings.size])
        for part in ("keys", "starts", "documents", "counts"):
            found[f"{name}-{part}"] = getattr(postings, part)
    return {name: array for name, array in found.items() if array is not None}


def _passage_terms(passage: Passage) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for heading in passage.headings:
        for term, weight in terms(heading).items():
            found[term] += weight * _HEADING_WEIGHT
    for term, weight in terms(passage.plain).items():
        found[term] += weight
    return dict(found)


@lru_cache(maxsize=512)
def texts_with(article: Article) -> Counter[str]:
    """Return for each term of an article how many of its wordings and passages have it."""
    found: Counter[str] = Counter()
    for wording in wordings_of(article):
        found.update(terms(wording).keys())
    for passage in split_passages(article):
        found.update(_passage_terms(passage).keys())
    return found


def _together(documents: Iterable[Mapping[str, float]]) -> dict[str, float]:
    return {term: 1.0 for document in documents for term in document}


def _numbers(values: Iterable[int]) -> Numbers:
    return np.array(list(values), dtype=np.int32)


def _starts(counts: Numbers) -> NDArray[np.int64]:
    starts = np.zeros(len(counts), dtype=np.int64)
    np.cumsum(counts[:-1], out=starts[1:])
    return starts


def _kept(arrays: Sequence[NDArray[_Kind]], kept: Sequence[NDArray[np.bool_]]) -> NDArray[_Kind]:
    return np.concatenate([array[keep] for array, keep in zip(arrays, kept, strict=True)])


def _rows(arrays: Sequence[Vectors | None], kept: Sequence[NDArray[np.bool_]]) -> Vectors | None:
    present = [array for array in arrays if array is not None]
    return _kept(present, kept) if len(present) == len(arrays) else None


def _merged(parts: Sequence[Postings], kept: Sequence[NDArray[np.bool_]]) -> Postings:
    numbers: list[NDArray[np.int64]] = []
    before = 0
    for keep in kept:
        numbers.append(np.where(keep, np.cumsum(keep) - 1 + before, -1))
        before += int(np.count_nonzero(keep))
    return Postings.merge(list(zip(parts, numbers, strict=True)))
