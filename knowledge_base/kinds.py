"""Which kind of source reads a file or a server's answer."""

from functools import lru_cache
from importlib import import_module
from pathlib import PurePosixPath
from pkgutil import iter_modules
from types import ModuleType
from typing import Final
from urllib.parse import urlsplit

from knowledge_base import sources

#: Names of zip files, whose contents are read each by its own kind.
ARCHIVES: Final = (".zip",)


@lru_cache(maxsize=1)
def kinds() -> dict[str, ModuleType]:
    """Return the modules that read documents, by kind."""
    names = sorted(module.name for module in iter_modules(sources.__path__))
    modules = {name: import_module(f"{sources.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "SUFFIXES")}


def kind_of_file(name: str) -> str | None:
    """Return the kind that reads a file of this name."""
    suffix = PurePosixPath(name).suffix.lower()
    return next((kind for kind, module in kinds().items() if suffix in module.SUFFIXES), None)


def kind_of_answer(media_type: str, url: str) -> str | None:
    """Return the kind that reads what a server answered.

    Servers that do not know better call a file text or octets; then its name decides.

    Args:
        media_type: the answer's `Content-Type`, with or without parameters.
        url: where it came from.
    """
    stated = media_type.partition(";")[0].strip().lower()
    by_name = kind_of_file(urlsplit(url).path)
    if stated in {"", "application/octet-stream", "binary/octet-stream"}:
        return by_name
    if stated == "text/plain" and by_name is not None:
        return by_name
    return next((kind for kind, m in kinds().items() if stated in m.MEDIA_TYPES), None)
