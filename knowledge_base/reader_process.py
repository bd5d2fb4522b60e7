"""The process in which documents are read: bytes come in, text goes out, nothing else is done.

`reader.Reader` starts it. It has no network, writes no files and ends with its standard input.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any, BinaryIO

import orjson

from knowledge_base.document import Document, Reading, UnreadableError
from knowledge_base.kinds import kinds


def main() -> None:
    """Read documents until there are no more."""
    _limit(int(sys.argv[1]))
    # What a library prints must not stand among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    kinds()  # the libraries, so that the first document is not charged for them
    answers.write(b"ready\n")
    answers.flush()
    while header := sys.stdin.buffer.readline():
        for line in _lines(orjson.loads(header), sys.stdin.buffer):
            answers.write(line + b"\n")
        answers.flush()


def _limit(memory: int) -> None:
    """Bound what this process may use: memory, and no files at all."""
    with suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _lines(header: dict[str, Any], stream: BinaryIO) -> Iterator[bytes]:
    document = Document(
        key=header["key"],
        kind=header["kind"],
        raw=stream.read(header["size"]),
        modified=date.fromisoformat(header["modified"]),
        url=header["url"],
        charset=header["charset"],
    )
    try:
        reading: Reading = kinds()[document.kind].read(document)
    except UnreadableError as error:
        yield orjson.dumps({"error": str(error)})
    except MemoryError:
        yield orjson.dumps({"error": "needs more memory to read than is allowed"})
    except RecursionError:
        yield orjson.dumps({"error": "is nested too deeply"})
    except Exception as error:  # noqa: BLE001 - a document that trips a parser is the document's fault
        yield orjson.dumps({"error": f"cannot be read ({type(error).__name__})"})
    else:
        for extract in reading.extracts:
            yield orjson.dumps({"extract": extract})
        end = {"notes": reading.notes, "links": reading.links, "canonical": reading.canonical}
        yield orjson.dumps(end)


if __name__ == "__main__":
    main()
