"""Shelving: which segments hold the articles of a language, made of as much as is there already.

Articles that did not change stay in the segment they are in, in memory or in a file; only new and
changed ones are cut, counted and encoded.
"""

import os
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.articles import Article
from knowledge_base.postings import key_of
from knowledge_base.segments import (
    Segment,
    TextVectors,
    fingerprint,
    make_segment,
    merge_segments,
    open_segment,
    save_segment,
)

#: Characters of all articles of a language up to which each line of a passage has a vector of its
#: own, beyond which the passage has one as a whole: about 5,000 passages and 60 MB of vectors.
LINES_MAX: Final = 3_000_000
#: Segments of one audience; more are merged, all but the largest.
_SEGMENTS_MAX: Final = 8
#: A segment of which less is wanted is made anew of the rest.
_ALIVE_MIN: Final = 0.5
#: Passages from which on a segment is kept in files: counting them takes seconds.
_SAVED_MIN: Final = 2_000
#: Seconds after which a segment that nobody opened is removed.
_UNUSED_MAX: Final = 14 * 86_400


@dataclass(frozen=True, slots=True)
class Shelving:
    """How the segments of one language are made.

    Two segments can be searched together when their `kind` is the same.
    """

    kind: int  #: key of edition, encoder and rows
    vectors: TextVectors | None  #: None: words only
    folder: Path  #: where large segments are kept

    def shelve(self, articles: Sequence[Article], present: Iterable[Segment]) -> list[Segment]:
        """Return segments that hold `articles`, each once, and perhaps others.

        Args:
            articles: of one language and audience.
            present: segments that may hold some of them.
        """
        wanted = {fingerprint(article): article for article in articles}
        parts: list[tuple[Segment, NDArray[np.bool_]]] = []
        for segment in [*present, *self._kept(wanted)]:
            if segment.kind[0] == self.kind and wanted:
                keys = np.fromiter(wanted, dtype=np.uint64, count=len(wanted))
                alive = np.isin(segment.fingerprints, keys)
                if alive.any():
                    parts.append((segment, alive))
                    for key in segment.fingerprints[alive].tolist():
                        del wanted[key]
        if wanted:
            fresh = make_segment(list(wanted.values()), self.vectors, kind=self.kind)
            parts.append((fresh, np.ones(len(fresh), dtype=np.bool_)))
        segments = _tidy(parts)
        for segment in segments:
            self._keep(segment)
        return segments

    def _kept(self, wanted: dict[int, Article]) -> Iterable[Segment]:
        """Yield the segments in files, those first that were used last."""
        folder = self.folder / f"{self.kind:016x}"
        for path in sorted(folder.glob("*"), key=_used, reverse=True) if wanted else []:
            if path.suffix == ".tmp" or not wanted:
                continue
            if (segment := open_segment(path)) is None:
                shutil.rmtree(path, ignore_errors=True)
                continue
            os.utime(path)
            yield segment

    def _keep(self, segment: Segment) -> None:
        if segment.passages.size < _SAVED_MIN:
            return
        name = sha256(segment.fingerprints.tobytes()).hexdigest()[:32]
        path = self.folder / f"{self.kind:016x}" / name
        if path.exists():
            return
        save_segment(segment, path)
        for other in self.folder.glob("*/*"):
            if time.time() - _used(other) > _UNUSED_MAX:
                shutil.rmtree(other, ignore_errors=True)


def kind_of(edition: int, encoder: str | None, vectors: TextVectors | None) -> int:
    """Return the key of what must be the same for segments to be searched together."""
    lines = vectors is not None and vectors.lines
    return key_of(f"{edition}/{encoder}/{lines}")


def _tidy(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> list[Segment]:
    sparse = [part for part in parts if part[1].mean() < _ALIVE_MIN]
    sound = [part for part in parts if part[1].mean() >= _ALIVE_MIN]
    if len(sound) > _SEGMENTS_MAX:
        sound.sort(key=lambda part: len(part[0]))
        sparse += sound[:-1]
        sound = sound[-1:]
    whole = [segment for segment, _ in sound]
    return [*whole, merge_segments(sparse)] if sparse else whole


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
