"""The brain: a bot's definition with the interpreter and the knowledge trained from its folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from bots.metrics import UNDERSTOOD
from channels.messages import OutboundContent, Text
from crm_store.inbox import Undone
from dialogues.bot import Bot
from dialogues.turn import needs_search
from dialogues.words import is_question
from knowledge_base.answer import Search, SearchResult, Topic
from knowledge_base.search import Knowledge, Question
from nlu.clauses import interpret
from nlu.interpreter import Interpreter
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Understood:
    """What is known about the texts of a batch before any conversation is locked."""

    understandings: dict[tuple[UUID, int], Understanding]  #: by conversation and place in it
    found: dict[tuple[str, str], SearchResult]  #: (question, language) -> what the search found

    def of(self, item: Undone) -> Understanding | None:
        """Return the meaning of an item's text, or None when it has none."""
        return self.understandings.get((item.conversation_id, item.seq))


def _nobody_writes() -> None:
    """Tell that answers are given in the articles' own words."""


@dataclass(frozen=True, slots=True)
class Brain:
    """All that turns messages into decisions; shared by the workers of a process."""

    bot: Bot
    interpreter: Interpreter
    knowledge: Knowledge
    #: By channel and account: how long after a customer's message replies are taken.
    windows: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)
    #: By channel and account, where the channel counts messages: how many a content is.
    counts: Mapping[tuple[str, str], Callable[[OutboundContent], int]] = field(
        default_factory=dict
    )
    #: Tells how long an answer may be written for now; None: not at all.
    writing: Callable[[], timedelta | None] = _nobody_writes

    def understand(self, items: Sequence[Undone]) -> Understood:
        """Understand a batch of items and search for those that will probably need it."""
        zone = self.bot.file.zone
        said = [
            (item, item.message.content.text)
            for item in items
            if isinstance(item.message.content, Text)
        ]
        asked = [(item, text) for item, text in said if item.owner == "bot"]
        meanings = interpret(
            self.interpreter,
            [text for _, text in asked],
            languages=[item.language for item, _ in asked],
            nows=[item.received_at.astimezone(zone) for item, _ in asked],
        )
        understandings = {
            (item.conversation_id, item.seq): Understanding(text, "", ()) for item, text in said
        }
        questions: dict[tuple[str, str], None] = {}
        for (item, text), meaning in zip(asked, meanings, strict=True):
            understandings[item.conversation_id, item.seq] = meaning
            UNDERSTOOD.labels(meaning.interpreter).inc()
            if needs_search(self.bot, meaning):
                questions[text, meaning.language] = None
            for clause in meaning.clauses:
                if is_question(clause.text):
                    questions[clause.text, meaning.language] = None
        results = self.knowledge.search([Question(text, language) for text, language in questions])
        return Understood(understandings, dict(zip(questions, results, strict=True)))

    def searcher(self, understood: Understood) -> Search:
        """Return the search of one batch: what was found before the lock, else a search now."""

        def search(
            question: str,
            language: str,
            *,
            topic: Topic | None = None,
            without: frozenset[str] = frozenset(),
        ) -> SearchResult:
            found = understood.found.get((question, language))
            if found is not None and topic is None and not without:
                return found
            return self.knowledge.search([Question(question, language, topic, without)])[0]

        return search
