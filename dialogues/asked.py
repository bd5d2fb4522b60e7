"""What a turn asked the knowledge base, and what it tells about questions of earlier turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dialogues.state import ConversationState
from knowledge_base.answer import Answer, NearQuestion
from knowledge_base.masking import masked
from knowledge_base.questions import NewQuestion, NextStep, Outcome, Sequel


@dataclass
class Asked:
    """The questions of one turn, gathered to be recorded with it."""

    conversation_id: UUID
    seq: int
    customer_id: UUID
    channel: str
    now: datetime
    private: Sequence[tuple[str, str]] = ()  #: words that identify the customer, and as what
    questions: list[NewQuestion] = field(default_factory=list)
    sequels: list[Sequel] = field(default_factory=list)

    def note(
        self,
        outcome: Outcome,
        question: str,
        *,
        language: str,
        answer: Answer | None = None,
        near: tuple[NearQuestion, ...] = (),
    ) -> None:
        """Keep a question with what came of it."""
        self.questions.append(
            NewQuestion(
                conversation_id=self.conversation_id,
                seq=self.seq,
                position=len(self.questions),
                customer_id=self.customer_id,
                channel=self.channel,
                question=masked(question, self.private),
                language=language,
                outcome=outcome,
                at=self.now,
                answer=answer,
                near=near,
            )
        )

    def answered(
        self, question: str, answer: Answer, *, language: str, before: ConversationState
    ) -> None:
        """Keep a question with its answer, and what asking it tells about earlier ones.

        Args:
            before: the state as the turns before left it.
        """
        article = answer.article_id
        if any(offer.value == f"kb:ask:{question}"[:200] for offer in before.options):
            self.follow("taken", article=article)
        elif article in before.cited:
            self.follow("asked_again", article=article, passage=answer.passage_id)
        self.note("answered", question, language=language, answer=answer)

    def follow(
        self, step: NextStep, *, article: str | None = None, passage: str | None = None
    ) -> None:
        """Keep what the customer does after an earlier answer or offer."""
        self.sequels.append(
            Sequel(
                self.conversation_id,
                self.seq,
                self.now,
                next_step=step,
                article_id=article,
                passage_id=passage,
            )
        )

    def rate(self, article: str, *, helpful: bool) -> None:
        """Keep whether the answer from an article helped."""
        self.sequels.append(
            Sequel(self.conversation_id, self.seq, self.now, helped=helpful, article_id=article)
        )
