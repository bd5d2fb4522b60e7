"""The three outcomes of a search and no fourth: answered with a source, offered, or declined."""

from dataclasses import dataclass


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
class SearchResult:
    """What a question found: an answer, or near questions (perhaps none)."""

    answer: Answer | None
    near: tuple[NearQuestion, ...] = ()  #: at most three, best first

    @property
    def outcome(self) -> str:
        """`answered`, `offered` or `declined`."""
        if self.answer is not None:
            return "answered"
        return "offered" if self.near else "declined"
