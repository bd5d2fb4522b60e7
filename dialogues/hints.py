"""Hints: the known name that somebody who wrote an unknown one most likely meant."""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel
from rapidfuzz import fuzz, process

#: Least likeness, 0..100, of a name that is worth naming; one letter more or less is far above.
_LIKE: Final = 70.0


def hint(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" when one of the `known` names is like `name`, else ""."""
    found = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=_LIKE)
    return f"; did you mean {found[0]!r}?" if found is not None else ""


def keys_of(model: type[BaseModel]) -> set[str]:
    """Return every key the files of `model` and of all models derived from it may have."""
    keys = {field.alias or name for name, field in model.model_fields.items()}
    return keys.union(*(keys_of(derived) for derived in model.__subclasses__()))


def unknown(noun: str, name: str, known: Iterable[str]) -> str:
    """Return the message for a `name` that nothing of this kind has."""
    return f"no {noun} is called {name!r}{hint(name, known)}"
