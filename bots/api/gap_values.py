"""What the API of gaps takes and gives."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from dialogues.telling import DAYS, EXCLUSIONS, Asker
from knowledge_base.articles import Article
from knowledge_base.gap_decisions import MERGED_MAX, WORDINGS_MAX
from knowledge_base.gaps import GapDecision, KnowledgeGap
from knowledge_base.questions import AskedQuestion
from knowledge_base.replay import Change, Replay

#: Changes of a replay that are told one by one.
CHANGES_MAX: Final = 200

Line = Annotated[str, Field(min_length=1, max_length=300)]
Reason = Annotated[str, Field(max_length=500)]
Language = Annotated[str, Field(min_length=2, max_length=35)]
ArticleId = Annotated[str, Field(min_length=1, max_length=100)]


class GapOut(BaseModel):
    """One thing customers asked without an answer that helped."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    question: str = Field(description="the wording in the middle of all, as a customer wrote it")
    language: str
    status: str
    queue: Literal["link", "write"] = Field(description="link: `article_id` could answer it")
    questions: int
    people: int
    first_at: datetime
    last_at: datetime
    article_id: str | None = Field(description="what the search finds best, or customers pressed")
    article_language: str | None
    score: float | None = Field(description="of that article, 0..1")
    covered_by: str | None = Field(description="article it was linked to or drafted for")
    merged_into: UUID | None
    returns_at: int | None = Field(description="people at which an ignored gap is open again")

    @classmethod
    def of(cls, gap: KnowledgeGap) -> Self:
        """Return what is told of a gap."""
        names = [name for name in cls.model_fields if name != "queue"]
        queue = "write" if gap.article_id is None else "link"
        return cls(queue=queue, **{name: getattr(gap, name) for name in names})


class GapsOut(BaseModel):
    """A page of gaps, those first that most people asked of late."""

    gaps: list[GapOut]
    after: UUID | None = Field(description="pass it on to get the next page; null: there is none")
    waiting: int = Field(description="missed questions that belong to no gap yet")


class QuestionOut(BaseModel):
    """One missed question; what identifies the customer is masked in it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    question: str
    language: str
    outcome: str
    next_step: str | None
    article_id: str | None
    near: list[Any]
    channel: str
    conversation_id: UUID
    seq: int
    customer_id: UUID
    at: datetime
    told_at: datetime | None


class MadeOut(BaseModel):
    """One decision."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    decided_by: str
    reason: str
    data: dict[str, Any]
    at: datetime


class WholeGapOut(BaseModel):
    """A gap with what was asked and decided."""

    gap: GapOut
    wordings: list[str] = Field(description="what may become wordings of an article")
    asked: list[QuestionOut]
    decisions: list[MadeOut]
    related: list[GapOut] = Field(description="open gaps the same article could answer")

    @classmethod
    def of(
        cls,
        gap: KnowledgeGap,
        *,
        wordings: list[str],
        asked: Sequence[AskedQuestion],
        decisions: Sequence[GapDecision],
        related: Sequence[KnowledgeGap],
    ) -> Self:
        """Return everything about a gap."""
        return cls(
            gap=GapOut.of(gap),
            wordings=wordings,
            asked=[QuestionOut.model_validate(row) for row in asked],
            decisions=[MadeOut.model_validate(row) for row in decisions],
            related=[GapOut.of(each) for each in related],
        )


class GatheredOut(BaseModel):
    """What gathering came to."""

    questions: int
    opened: int
    grown: int


class ChangeOut(BaseModel):
    """One question that would be answered otherwise."""

    question: str
    language: str
    times: int
    people: int
    effect: str = Field(description="gained, moved or lost")
    before: str | None
    after: str | None

    @classmethod
    def of(cls, change: Change) -> Self:
        """Return what is told of a change."""
        asked = change.question
        return cls(
            question=asked.question,
            language=asked.language,
            times=asked.times,
            people=asked.people,
            effect=change.effect,
            before=change.before,
            after=change.after,
        )


class ReplayOut(BaseModel):
    """What a change of the knowledge does to all questions on record."""

    asked: int
    skipped: int
    gained: int
    flips: int
    changes: list[ChangeOut]

    @classmethod
    def of(cls, replay: Replay) -> Self:
        """Return what is told of a replay."""
        return cls(
            asked=replay.asked,
            skipped=replay.skipped,
            gained=len(replay.gained),
            flips=len(replay.flips),
            changes=[ChangeOut.of(change) for change in replay.changes[:CHANGES_MAX]],
        )


class Given(BaseModel):
    """What a request holds; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = ""


class LinkIn(Given):
    """Which article answers a gap, and in which words it shall be asked for."""

    article_id: ArticleId | None = None  #: None: the gap's candidate
    language: Language | None = None  #: None: the candidate's
    questions: list[Line] = Field(default_factory=list, max_length=WORDINGS_MAX)
    confirm: bool = False  #: although other questions would be answered otherwise


class LinkOut(BaseModel):
    """A gap that is linked, and what that did."""

    gap: GapOut
    revisions: int
    replay: ReplayOut


class DraftIn(Given):
    """An article that is to close a gap."""

    article_id: ArticleId
    language: Language | None = None  #: None: the gap's
    title: Line | None = None  #: None: the gap's question
    body: Annotated[str, Field(min_length=1, max_length=512 * 1024)]
    questions: list[Line] = Field(default_factory=list, max_length=500)  #: none: the gap's
    audience: Literal["public", "staff"] = "public"
    tags: list[Line] = Field(default_factory=list, max_length=50)


class DraftOut(BaseModel):
    """A draft that is not published yet."""

    gap: GapOut
    article_id: str
    language: str
    number: int


class PublishIn(Given):
    """Publish the draft of a gap."""

    confirm: bool = False  #: although other questions would be answered otherwise


class IgnoreIn(Given):
    """Put a gap aside."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    until_people: Annotated[int, Field(ge=1, le=1_000_000)] = 5


class MergeIn(Given):
    """Gaps that become part of another."""

    others: Annotated[list[UUID], Field(min_length=1, max_length=MERGED_MAX)]


class SplitIn(Given):
    """Questions that are about something else."""

    questions: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class AskerOut(BaseModel):
    """One customer who asked."""

    customer_id: UUID
    conversation_id: UUID
    question: str
    language: str
    asked_at: datetime
    article_id: str | None
    exclusion: str | None
    why: str | None = Field(description="the exclusion in words")

    @classmethod
    def of(cls, asker: Asker) -> Self:
        """Return what is told of an asker."""
        return cls(
            customer_id=asker.customer_id,
            conversation_id=asker.reached.conversation_id,
            question=asker.question,
            language=asker.language,
            asked_at=asker.asked_at,
            article_id=asker.answer.article_id if asker.answer is not None else None,
            exclusion=asker.exclusion,
            why=EXCLUSIONS[asker.exclusion] if asker.exclusion is not None else None,
        )


class AskersOut(BaseModel):
    """Who asked what a gap is about, and who of them can be told."""

    askers: list[AskerOut]
    can_be_told: int


class TellIn(Given):
    """Whom to tell."""

    days: Annotated[int, Field(ge=1, le=365)] = DAYS
    customers: list[UUID] = Field(default_factory=list, max_length=5000)  #: none: all who can


class TellOut(BaseModel):
    """Who will hear from us."""

    told: list[UUID]


def article_in(given: DraftIn, gap: KnowledgeGap, *, day: date) -> Article:
    """Return the article that a draft's fields make."""
    return Article(
        id=given.article_id,
        language=given.language or gap.language,
        title=given.title or " ".join(gap.question.split())[:300],
        questions=tuple(given.questions),
        body=given.body,
        audience=given.audience,
        updated=day,
        tags=tuple(given.tags),
        url=None,
        version="",
    )
