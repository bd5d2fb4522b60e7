"""What knowledge is made with, besides its articles: kept with it, so that it can be refreshed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from knowledge_base.articles import Article
from knowledge_base.synonyms import Synonyms
from nlu.interpreter import Encoder


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything but the articles."""

    encoder: Encoder | None  #: adds meaning to words for the languages it reads
    cache_dir: Path  #: where vectors, large indexes and calibrations are kept
    out_of_scope: tuple[str, ...]  #: texts in any language the bot must not answer
    misses: tuple[str, ...]  #: questions no article answers, as customers put them
    public_url_of: Callable[[Article], str]  #: the page of an article
    answer_at: float | None  #: replaces the calibrated probability, 0..1
    synonyms: Synonyms = field(default_factory=Synonyms)  #: used on the side of questions only
