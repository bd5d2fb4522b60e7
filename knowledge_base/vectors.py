"""Vectors by content: each text is encoded once, whatever article, bot or process asks for it.

One SQLite file per encoder beside the other caches. It can be lost or torn without harm: what is
not in it is encoded again.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from nlu.interpreter import Encoder, Vectors

#: Told what takes long.
Progress = Callable[[str], None]

#: Texts encoded before they are kept: what a killed process loses.
_CHUNK: Final = 256
#: Keys asked for in one statement.
_ASKED: Final = 500
#: Seconds to wait for another process that writes.
_BUSY: Final = 30.0
#: Work below this many texts is not worth telling.
_TOLD_MIN: Final = 512


class VectorStore:
    """The vectors of one encoder.

    Args:
        folder: where the file lies.
        encoder: makes the vectors that are missing.
        progress: told what takes long.
    """

    def __init__(
        self, folder: Path, encoder: Encoder, *, progress: Progress | None = None
    ) -> None:
        self._encoder = encoder
        self._progress = progress
        # A model may change under its name, so what it makes of a text stands for it.
        probe = encoder.encode(["What does it cost?"])[0]
        rounded = ",".join(f"{value:.2f}" for value in probe[:32])
        self.identity = hashlib.sha256(f"{encoder.dimension}:{rounded}".encode()).hexdigest()[:16]
        self._path = folder / f"vectors-{self.identity}.sqlite"

    def of_messages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts as long as what customers write, one row each."""
        return self._of(texts, "", self._encoder.encode)

    def of_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of longer texts, of which more is read, one row each."""
        encode = getattr(self._encoder, "encode_passages", self._encoder.encode)
        return self._of(texts, "passage", encode)

    def _of(self, texts: Sequence[str], kind: str, encode: Callable[..., Vectors]) -> Vectors:
        keys = [_key(text, kind) for text in texts]
        found = self._read(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        waiting = list(missing.items())
        for first in range(0, len(waiting), _CHUNK):
            if self._progress is not None and len(waiting) >= _TOLD_MIN:
                self._progress(f"encoding texts: {first:,} of {len(waiting):,}")
            chunk = waiting[first : first + _CHUNK]
            rows = encode([text for _, text in chunk])
            fresh = {key: row for (key, _), row in zip(chunk, rows, strict=True)}
            self._write(fresh)
            found |= fresh
        vectors = np.empty((len(keys), self._encoder.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = found[key]
        return vectors

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        if not self._path.is_file():
            return {}
        found: dict[bytes, Vectors] = {}
        length = 4 * self._encoder.dimension
        try:
            with closing(self._connect()) as connection:
                for some in _groups(keys, _ASKED):
                    marks = ",".join("?" * len(some))
                    rows = connection.execute(
                        f"SELECT key, vector FROM vectors WHERE key IN ({marks})",  # noqa: S608 - marks only
                        some,
                    )
                    found.update(
                        (key, np.frombuffer(blob, dtype="<f4").astype(np.float32))
                        for key, blob in rows
                        if len(blob) == length
                    )
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            return {}
        return found

    def _write(self, vectors: dict[bytes, Vectors]) -> None:
        rows = [(key, row.astype("<f4").tobytes()) for key, row in vectors.items()]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._connect()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.OperationalError as error:
            # A full or read-only disk costs encoding again, not the start.
            if self._progress is not None:
                self._progress(f"vectors are not kept: {error}")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            " WITHOUT ROWID"
        )
        return connection


def _key(text: str, kind: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]


def _groups(keys: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    for first in range(0, len(keys), size):
        yield keys[first : first + size]
