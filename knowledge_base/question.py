"""A question as the search takes it."""

from dataclasses import dataclass

from knowledge_base.answer import Topic


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asked."""

    text: str
    language: str  #: BCP-47 of the text
    topic: Topic | None = None  #: what it may go on about
    without: frozenset[str] = frozenset()  #: articles that did not help already
