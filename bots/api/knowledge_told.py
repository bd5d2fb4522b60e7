"""API: who was given which answer, and telling them when it was corrected."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.requests import Request

from bots.api.bodies import body_of, read_as
from bots.api.knowledge import SMALL_MAX, TAG, ArticleId, Language
from bots.api.principal import Principal, token_holder
from bots.node import Node
from channels.messages import Text
from crm_store.database import utc_now
from dialogues.answer_corrections import (
    EXCLUSIONS,
    Correction,
    CorrectionError,
    filled_in,
    find_correction,
    send_correction,
)
from dialogues.citations import PAGE_MAX, Citation, citation, citations, cited_revision
from knowledge_base.generation import lock_publication

router = APIRouter(prefix="/api/v1/knowledge", tags=["knowledge"])

_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No valid token"},
    404: {"description": "There is no such answer"},
    409: {"description": "There is nothing to correct"},
}

Caller = Annotated[Principal, Depends(token_holder)]
Since = Annotated[
    int, Query(ge=1, le=2**31 - 1, description="number of the first revision that was not right")
]
Result = TypeVar("Result")


class AnsweredOut(BaseModel):
    """One answer that somebody was given."""

    id: UUID
    at: datetime
    customer_id: UUID
    conversation_id: UUID | None
    seq: int | None
    channel: str
    language: str
    version: str
    passage_id: str
    revision: int | None = Field(description="null: older than the history")


class AnsweredPage(BaseModel):
    """Answers, the newest first."""

    answers: list[AnsweredOut]
    before: UUID | None = Field(description="pass it on to get older ones; null: there are none")


class CorrectionIn(BaseModel):
    """What is told to those who can be told."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        min_length=1,
        max_length=3000,
        pattern=r"^[^\x00]*$",
        description="Markdown; {title}, {old} and {new} are filled in",
    )


class RecipientOut(BaseModel):
    """Somebody who was given an earlier text."""

    customer_id: UUID
    conversation_id: UUID | None
    channel: str
    answered_at: datetime
    version: str
    old: str = Field(description="what is gone of the part they were given")
    new: str = Field(description="and what is there instead")
    exclusion: str | None = Field(description="null: can be told")
    why: str | None
    sent: bool


class CorrectionOut(BaseModel):
    """A corrected article with everybody who was given what it said before."""

    article_id: str
    language: str
    since: int
    live: int
    recipients: list[RecipientOut]


async def _run(request: Request, work: Callable[[Session], Result]) -> Result:
    node: Node = request.app.state.node

    def run() -> Result:
        with node.database.session() as session:
            return work(session)

    try:
        return await asyncio.to_thread(run)
    except CorrectionError as error:
        raise HTTPException(409, str(error)) from error


@router.get("/articles/{article_id}/answers", responses=_REFUSED)
async def read_answers(
    request: Request,
    article_id: ArticleId,
    _principal: Caller,
    language: Annotated[str | None, Query(pattern=TAG, max_length=35)] = None,
    version: Annotated[str | None, Query(pattern=r"^[0-9a-f]+$", max_length=64)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    before: Annotated[UUID | None, Query(description="id of the oldest answer at hand")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> AnsweredPage:
    """Return who was given an article, and from which of its texts."""

    def work(session: Session) -> AnsweredPage:
        after = citation(session, before) if before is not None else None
        if before is not None and after is None:
            raise HTTPException(404, "before: there is no such answer")
        found = citations(
            session,
            article_id,
            language=language,
            versions=[version] if version is not None else None,
            since=since,
            until=until,
            after=after,
            limit=limit,
        )
        more = found[-1].id if len(found) == limit else None
        return AnsweredPage(answers=[_answered(session, each) for each in found], before=more)

    return await _run(request, work)


def _answered(session: Session, each: Citation) -> AnsweredOut:
    row = cited_revision(session, each)
    return AnsweredOut(
        id=each.id,
        at=each.at,
        customer_id=each.customer_id,
        conversation_id=each.conversation_id,
        seq=each.seq,
        channel=each.channel,
        language=each.language,
        version=each.version,
        passage_id=each.passage_id,
        revision=row.number if row is not None else None,
    )


@router.get("/articles/{article_id}/correction", responses=_REFUSED)
async def read_correction(
    request: Request, article_id: ArticleId, language: Language, since: Since, _principal: Caller
) -> CorrectionOut:
    """Return who was given an earlier text, who of them can be told, and why others cannot."""

    def work(session: Session) -> CorrectionOut:
        return _shown(_find(request, session, article_id, language, since), set())

    return await _run(request, work)


@router.post(
    "/articles/{article_id}/correction", responses=_REFUSED, openapi_extra=body_of(CorrectionIn)
)
async def tell_correction(
    request: Request, article_id: ArticleId, language: Language, since: Since, principal: Caller
) -> CorrectionOut:
    """Tell everybody who can be told, once each, however often this is asked for."""
    given = await read_as(request, CorrectionIn, most=SMALL_MAX)
    node: Node = request.app.state.node

    def work(session: Session) -> CorrectionOut:
        lock_publication(session)  # or two who tell at once would meet
        found = _find(request, session, article_id, language, since)
        sent: set[UUID] = set()
        for each in found.recipients:
            if each.exclusion is None:
                said = Text(text=filled_in(given.text, found, each))
                by = f"token:{principal.name}"
                if send_correction(session, found, each, said, by=by, now=utc_now()):
                    sent.add(each.citation.id)
        return _shown(found, sent)

    told = await _run(request, work)
    node.wakeup.ring_outbox()
    return told


def _find(
    request: Request, session: Session, article_id: str, language: str, since: int
) -> Correction:
    node: Node = request.app.state.node
    served = {key: account.capabilities() for key, account in node.accounts.items()}
    return find_correction(
        session, article_id, language, since=since, served=served, now=utc_now()
    )


def _shown(found: Correction, sent: set[UUID]) -> CorrectionOut:
    return CorrectionOut(
        article_id=found.article.id,
        language=found.article.language,
        since=found.since,
        live=found.live,
        recipients=[
            RecipientOut(
                customer_id=each.customer_id,
                conversation_id=each.citation.conversation_id,
                channel=each.citation.channel,
                answered_at=each.citation.at,
                version=each.citation.version,
                old=each.old,
                new=each.new,
                exclusion=each.exclusion,
                why=EXCLUSIONS[each.exclusion] if each.exclusion is not None else None,
                sent=each.citation.id in sent,
            )
            for each in found.recipients
        ],
    )
