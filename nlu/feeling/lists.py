"""The lists of words and phrases beside this file, read once."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from nlu.feeling.phrases import HanPhrases, WordPhrases
from nlu.yaml_file import YamlFile


class Phrases(NamedTuple):
    """The weighed phrases of both languages."""

    english: WordPhrases
    chinese: HanPhrases


@lru_cache(maxsize=8)
def phrases(name: str) -> Phrases:
    """Return the phrases of `name`: sentiment, frustration or abuse."""
    data = read(name)
    return Phrases(WordPhrases.read(data["en"]), HanPhrases.read(data["zh"]))


@lru_cache(maxsize=64)
def words(name: str, kind: str) -> frozenset[str]:
    """Return the list `kind` of single words in the file `name`."""
    return frozenset(read(name)[kind].split())


@lru_cache(maxsize=8)
def read(name: str) -> dict[str, Any]:
    """Return what is in the file `name`."""
    data: dict[str, Any] = YamlFile.read(Path(str(files("nlu"))) / "feeling" / f"{name}.yml").data
    return data
