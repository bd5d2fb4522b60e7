"""Arrays on disk behind a header line: no pickle, and no change goes unseen."""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

#: No header is longer, in bytes.
_HEADER_MAX = 4096

Arrays = Mapping[str, NDArray[Any]]


class ModelFileError(Exception):
    """The file is not one this version can use, or was changed after it was written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; delete it and prepare the bot again")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """A kind of file: what it holds and in which version."""

    kind: str  #: in the header
    name: str  #: for people: "model"
    version: int

    def save(self, arrays: Arrays, path: Path, *, fingerprint: str) -> None:
        """Write `arrays` to `path`, as a whole or not at all.

        Args:
            arrays: what to write.
            path: the file; its folder is made.
            fingerprint: hash of the data, the code and all else they were made with.
        """
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        body = buffer.getvalue()
        header = {
            "kind": self.kind,
            "version": self.version,
            "fingerprint": fingerprint,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{self.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + body)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def load(self, path: Path, *, fingerprint: str | None = None) -> dict[str, NDArray[Any]]:
        """Read the arrays at `path`.

        Args:
            path: the file.
            fingerprint: what they must have been made with; None: anything.

        Raises:
            ModelFileError: foreign, tampered with, of another version, or made otherwise.
        """
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise ModelFileError(path, "cannot be read") from error
        line, _, body = raw.partition(b"\n")
        header = self._header(path, line)
        # Before any reader sees the body: what is not as it was written is not parsed.
        if hashlib.sha256(body).hexdigest() != header.get("sha256"):
            raise ModelFileError(path, "was changed after it was written: its hash differs")
        if fingerprint is not None and header.get("fingerprint") != fingerprint:
            raise ModelFileError(path, "was made with other data, code or encoder")
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (ValueError, KeyError, TypeError, OSError, BadZipFile) as error:
            raise ModelFileError(path, "is damaged") from error

    def _header(self, path: Path, line: bytes) -> Mapping[str, Any]:
        try:
            header = json.loads(line) if len(line) <= _HEADER_MAX else None
        except ValueError:
            header = None
        if not isinstance(header, dict) or header.get("kind") != self.kind:
            raise ModelFileError(path, f"is not a {self.name} of this program")
        if header.get("version") != self.version:
            raise ModelFileError(path, f"has version {header.get('version')}, not {self.version}")
        return header


def as_array(meta: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return JSON data as an array, to be stored beside others; lone surrogates survive."""
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def as_meta(array: NDArray[Any]) -> Any:  # noqa: ANN401 - JSON; who wrote it knows its form
    """Return the JSON data that `as_array` stored."""
    return json.loads(array.tobytes().decode("utf-8", "surrogatepass"))
