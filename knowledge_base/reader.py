"""Reading documents in a process of its own, which may hang, swell or die without harm.

The libraries that read PDF, Word and web pages have a history of files that keep them busy for
ever. Limits inside them are theirs to keep; time and memory of a process are ours.
"""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Final, Self

import orjson

from knowledge_base.document import Document, Extract, Note, Reading, UnreadableError

#: Longest time for one document, in seconds; a book of a thousand pages takes about thirty.
READ_SECONDS: Final = 120.0
#: Most memory of the process, in bytes of addresses; about 70 MB are its libraries, and a table of
#: 200,000 rows takes 150 MB in all.
READ_BYTES_MAX: Final = 1_500_000_000

#: What of the environment the process gets.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP")
_ROOT: Final = Path(__file__).parents[1]
_DAYS: Final = ("updated", "valid_from", "valid_to")


class Reader:
    """A process that reads documents one after another; started when first needed.

    Args:
        seconds: longest time for one document.
        bytes_max: most memory.
    """

    def __init__(self, *, seconds: float = READ_SECONDS, bytes_max: int = READ_BYTES_MAX) -> None:
        self._seconds = seconds
        self._bytes_max = bytes_max
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def read(self, document: Document) -> Reading:
        """Return what a document says.

        Raises:
            UnreadableError: it cannot be read, or not in time or memory.
        """
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        late = Timer(self._seconds, process.kill)
        late.start()
        try:
            process.stdin.write(orjson.dumps(_header(document)) + b"\n" + document.raw)
            process.stdin.flush()
            return _answer(process.stdout)
        except (BrokenPipeError, EOFError) as error:
            was_late = not late.is_alive()
            self.close()
            message = (
                f"takes longer than {self._seconds:g} seconds to read; is it damaged?"
                if was_late
                else "cannot be read: it makes the reader fail (too much memory?)"
            )
            raise UnreadableError(message) from error
        finally:
            late.cancel()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "knowledge_base.reader_process", str(self._bytes_max)],
            cwd=_ROOT,  # the packages are there, installed or not
            # Passwords of the database and of channels are none of its business.
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self._process.stdout is not None:
            self._process.stdout.readline()  # it is ready
        return self._process


def _header(document: Document) -> dict[str, Any]:
    return {
        "key": document.key,
        "kind": document.kind,
        "modified": document.modified,
        "url": document.url,
        "charset": document.charset,
        "size": len(document.raw),
    }


def _answer(lines: Any) -> Reading:  # noqa: ANN401 - a pipe
    extracts: list[Extract] = []
    while line := lines.readline():
        data = orjson.loads(line)
        if "error" in data:
            raise UnreadableError(data["error"])
        if "extract" in data:
            extracts.append(_extract(data["extract"]))
        else:
            notes = tuple(Note(**note) for note in data["notes"])
            return Reading(tuple(extracts), notes, tuple(data["links"]), data["canonical"])
    raise EOFError


def _extract(data: dict[str, Any]) -> Extract:
    for name in ("questions", "tags"):
        data[name] = tuple(data[name])
    for name in _DAYS:
        data[name] = date.fromisoformat(data[name]) if data[name] else None
    return Extract(**data)
