"""The three outcomes of a search and no fourth: answered with a source, offered, or declined."""

from dataclasses import dataclass
from typing import Literal, Protocol

#: How a question was read otherwise than it was written, see `SearchResult.ways`.
Way = Literal["spelling", "synonym", "follow_up"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage of an article that answers a question."""

    text: str  #: Markdown, shortened to what was asked
    title: str  #: of the article, in the answer's language
    article_id: str
    version: str  #: of the article the text was taken from
    passage_id: str
    score: float  #: 0..1, how sure the search is
    url: str  #: where the whole article can be read
    language: str  #: BCP-47 of `text`


@dataclass(frozen=True, slots=True)
class NearQuestion:
    """A question the knowledge base can answer that is like the one asked."""

    question: str  #: as the article words it
    article_id: str
    score: float  #: 0..1


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation is about: the last question that was answered, and by which article."""

    question: str
    article_id: str
    passage_id: str = ""  #: what was shown of it


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a question found: an answer, or near questions (perhaps none)."""

    answer: Answer | None
    near: tuple[NearQuestion, ...] = ()  #: at most three, best first
    read_as: str = ""  #: the question that was searched, "" when it is the one written
    ways: tuple[Way, ...] = ()  #: what made it so, in this order

    @property
    def outcome(self) -> str:
        """`answered`, `offered` or `declined`."""
        if self.answer is not None:
            return "answered"
        return "offered" if self.near else "declined"


class Search(Protocol):
    """Ask the knowledge base one question."""

    def __call__(
        self,
        question: str,
        language: str,
        *,
        topic: Topic | None = None,
        without: frozenset[str] = frozenset(),
    ) -> SearchResult:
        """Return what `question` finds.

        Args:
            question: as the customer wrote it.
            language: BCP-47 of the text.
            topic: what the question may go on about, None: it stands for itself.
            without: ids of articles that must be neither the answer nor near.
        """
        ...
