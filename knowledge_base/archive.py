"""Zip files, looked at before anything in them is unpacked: size, ratio, count, names."""

import io
from pathlib import PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from knowledge_base.document import DOCUMENT_BYTES_MAX, UnreadableError

#: Most files in one zip file; a large office document has some hundreds.
ENTRIES_MAX: Final = 10_000
#: Most bytes all files of a zip file unpack to.
UNPACKED_MAX: Final = 300_000_000
#: So many times may a file unpack to its packed size; text packs ten times, XML up to fifty.
RATIO_MAX: Final = 200
#: Below this size a ratio means nothing, in bytes.
_RATIO_FROM: Final = 1_000_000
#: Files that begin like this are old or encrypted Office files, not zip files.
_OLE: Final = b"\xd0\xcf\x11\xe0"

_FLAG_ENCRYPTED: Final = 0x1
_FLAG_UTF8: Final = 0x800


def open_archive(raw: bytes) -> ZipFile:
    """Return a zip file whose contents are of a size that can be read.

    Raises:
        UnreadableError: it is broken, encrypted, or unpacks to more than is sensible.
    """
    if raw.startswith(_OLE):
        message = "is encrypted or of an old Office format; save it anew without a password"
        raise UnreadableError(message)
    try:
        archive = ZipFile(io.BytesIO(raw))
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        message = "is broken: it is no zip file inside"
        raise UnreadableError(message) from error
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX:
        message = f"holds {len(entries):,} files, more than {ENTRIES_MAX:,}"
        raise UnreadableError(message)
    total = sum(entry.file_size for entry in entries)
    if total > UNPACKED_MAX:
        message = f"would unpack to {total:,} bytes, more than {UNPACKED_MAX:,}: a zip bomb?"
        raise UnreadableError(message)
    for entry in entries:
        if entry.file_size > max(_RATIO_FROM, entry.compress_size * RATIO_MAX):
            message = (
                f"holds a file that is packed {entry.file_size // max(entry.compress_size, 1)} "
                f"times, more than {RATIO_MAX}: a zip bomb?"
            )
            raise UnreadableError(message)
        if entry.flag_bits & _FLAG_ENCRYPTED:
            message = "is encrypted; save it without a password"
            raise UnreadableError(message)
    return archive


def read_entry(archive: ZipFile, entry: ZipInfo) -> bytes:
    """Return the bytes of one file in `archive`.

    Raises:
        UnreadableError: it is too large or broken.
    """
    if entry.file_size > DOCUMENT_BYTES_MAX:
        message = f"is larger than {DOCUMENT_BYTES_MAX:,} bytes"
        raise UnreadableError(message)
    try:
        return archive.read(entry)
    except Exception as error:  # zipfile raises what its decompressors raise
        message = "is broken inside the zip file"
        raise UnreadableError(message) from error


def entry_name(entry: ZipInfo) -> str | None:
    """Return the path of a file inside the zip file, None if it leads out of it.

    Chinese versions of Windows write names in GBK without saying so.
    """
    name = entry.filename
    if not entry.flag_bits & _FLAG_UTF8:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    path = PurePosixPath(name.replace("\\", "/"))
    unsafe = path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]
    return None if unsafe or not path.parts else str(path)


def refuse_entities(archive: ZipFile) -> None:
    """Check that no XML in an office document declares a document type: entities come with it.

    Raises:
        UnreadableError: one does.
    """
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels")):
            continue
        # A declaration stands before the first element; in UTF-16 its letters are apart.
        head = read_entry(archive, entry)[:65_536].replace(b"\0", b"").upper()
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            message = "declares XML entities, which no office program writes: not read"
            raise UnreadableError(message)
