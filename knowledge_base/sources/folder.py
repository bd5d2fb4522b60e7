"""Folders, single files and zip files: hands out the documents in them."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from knowledge_base.archive import entry_name, open_archive, read_entry
from knowledge_base.document import (
    DOCUMENT_BYTES_MAX,
    Document,
    Skipped,
    Unchanged,
    UnreadableError,
)
from knowledge_base.kinds import ARCHIVES, kind_of_file

#: Most files that are looked at.
FILES_MAX: Final = 50_000
#: Deepest folder.
_DEPTH_MAX: Final = 40
#: Names that say nothing to readers and that a report would be full of.
_SILENT: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class Folder:
    """The documents in a folder, in a zip file, or a file of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_complete = True

    def walk(self) -> Iterator[Document | Skipped | Unchanged]:
        """Yield what is there in the order of its names; hidden files are left out silently."""
        root = self._path.resolve()
        if not root.is_dir():
            yield from _file(self._path, self._path.name)
            return
        for number, (path, key) in enumerate(_files(root)):
            if number >= FILES_MAX:
                self.is_complete = False
                yield Skipped(key, f"and all after it: more than {FILES_MAX:,} files")
                return
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                yield Skipped(key, "leads out of the folder", gone=True)
            else:
                yield from _file(path, key)

    def follow(self, _key: str, _links: Sequence[str]) -> None:
        """Files lead nowhere."""


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    for place, folders, names in os.walk(root):
        depth = len(Path(place).relative_to(root).parts)
        # Sorted, so that two passes tell the same; without links, so that none goes in circles.
        folders[:] = sorted(f for f in folders if _is_shown(f)) if depth < _DEPTH_MAX else []
        for name in sorted(filter(_is_shown, names)):
            path = Path(place, name)
            yield path, path.relative_to(root).as_posix()


def _is_shown(name: str) -> bool:
    return not name.startswith((".", "~$")) and name.lower() not in _SILENT


def _file(path: Path, key: str) -> Iterator[Document | Skipped]:
    kind = kind_of_file(path.name)
    packed = path.suffix.lower() in ARCHIVES
    if kind is None and not packed:
        yield Skipped(key, _of_no_kind(path.name), gone=True)
        return
    try:
        if not path.is_file():
            yield Skipped(key, "is no file", gone=True)
            return
        if path.stat().st_size > DOCUMENT_BYTES_MAX:
            yield Skipped(key, f"is larger than {DOCUMENT_BYTES_MAX:,} bytes")
            return
        raw = path.read_bytes()
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except OSError as error:
        yield Skipped(key, f"cannot be read: {error.strerror or type(error).__name__}")
        return
    if packed:
        yield from _packed(raw, key)
    else:
        yield Document(key, kind or "", raw, modified)


def _packed(raw: bytes, key: str) -> Iterator[Document | Skipped]:
    try:
        archive = open_archive(raw)
    except UnreadableError as error:
        yield Skipped(key, str(error))
        return
    with archive:
        for entry in sorted(archive.infolist(), key=lambda each: each.filename):
            name = entry_name(entry)
            if name is None:
                yield Skipped(f"{key}/?", "a path in the zip file leads out of it", gone=True)
                continue
            if entry.is_dir() or not all(map(_is_shown, name.split("/"))):
                continue
            inner = f"{key}/{name}"
            kind = kind_of_file(name)
            if kind is None:
                yield Skipped(inner, _of_no_kind(name), gone=True)
                continue
            try:
                yield Document(inner, kind, read_entry(archive, entry), date(*entry.date_time[:3]))
            except ValueError:
                yield Document(inner, kind, read_entry(archive, entry), datetime.now(UTC).date())
            except UnreadableError as error:
                yield Skipped(inner, str(error))


def _of_no_kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return f"{suffix} files cannot be read" if suffix else "has no ending that tells its kind"
