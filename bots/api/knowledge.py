"""API: the articles of the knowledge base, their revisions, and their publication."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.requests import Request

from bots.api.bodies import body_of, read_as
from bots.api.principal import Principal, token_holder
from bots.api.replays import refuse_flips
from bots.node import Node
from crm_store.database import utc_now
from knowledge_base import publishing
from knowledge_base.article_faults import FaultyArticleError
from knowledge_base.articles import AnswerKind, Article, Audience
from knowledge_base.catalogue import PAGE_MAX, Wanted, list_articles
from knowledge_base.drafts import ForeignArticleError, RevisionConflictError, save_draft
from knowledge_base.generation import generation
from knowledge_base.revisions import Revision, Status, history, live_at, revision

router = APIRouter(prefix="/api/v1/knowledge", tags=["knowledge"])

#: Largest body: a text of 4 Mi characters, most of which need one byte and none more than four.
BODY_MAX: Final = 17 * 1024 * 1024
#: Largest body of the other requests, in bytes.
SMALL_MAX: Final = 16 * 1024
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No valid token"},
    404: {"description": "There is no such article or revision"},
    409: {"description": "Somebody else changed it meanwhile, or it belongs to another source"},
}

Caller = Annotated[Principal, Depends(token_holder)]
#: No database takes a NUL.
TEXT: Final = r"^[^\x00]*$"
TAG: Final = r"^[A-Za-z0-9-]+$"
ArticleId = Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)]
Language = Annotated[
    str, Query(pattern=TAG, max_length=35, description="of the article, e.g. en or zh")
]
Number = Annotated[int, InPath(ge=1, le=2**31 - 1)]
Result = TypeVar("Result")


class RevisionIn(BaseModel):
    """A new text of an article in one language."""

    model_config = ConfigDict(extra="forbid")

    language: str
    title: str
    questions: list[str] = Field(default_factory=list)
    body: str = Field(description="Markdown")
    audience: Audience = "public"
    tags: list[str] = Field(default_factory=list)
    url: str | None = None
    answer_kind: AnswerKind = "extract"
    updated: date | None = Field(default=None, description="today if left out")
    valid_from: date | None = None
    valid_to: date | None = None
    review_by: date | None = None
    owner: str | None = None
    note: str = Field(default="", max_length=500, pattern=TEXT, description="why, for the history")
    follows: int | None = Field(
        default=None, ge=0, description="newest number you have seen; 409 when there is a newer"
    )
    publish: bool = Field(default=False, description="publish it at once")


class PublicationIn(BaseModel):
    """When a revision goes live."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = Field(default=None, description="null or the past: now")
    confirm: bool = Field(default=False, description="although other answers would change")


class RevisionOut(BaseModel):
    """One text of an article in one language."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    language: str
    number: int
    status: Status
    title: str
    questions: list[str]
    body: str
    audience: Audience
    tags: list[str]
    url: str | None
    answer_kind: AnswerKind
    updated: date
    valid_from: date | None
    valid_to: date | None
    review_by: date | None
    owner: str | None
    version: str
    source: str | None = Field(description="folder, an import, or null: staff")
    note: str
    created_at: datetime
    created_by: str
    publish_at: datetime | None
    published_by: str | None
    live_from: datetime | None
    live_until: datetime | None
    retired_by: str | None


class PlannedOut(BaseModel):
    """A revision that goes live by itself."""

    number: int
    at: datetime


class ListedOut(BaseModel):
    """How an article stands in one language."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    language: str
    title: str
    status: Status
    audience: Audience
    source: str | None
    newest: int
    live: int | None
    version: str | None
    live_from: datetime | None
    planned: list[PlannedOut]
    drafts: list[int]
    valid_from: date | None
    valid_to: date | None
    review_by: date | None
    owner: str | None


class ListOut(BaseModel):
    """A page of articles, by id and language."""

    generation: int = Field(description="grows with every change of what is live")
    articles: list[ListedOut]
    after: str | None = Field(description="pass it on to get the next page; null: there is none")


class HistoryOut(BaseModel):
    """Revisions of an article, newest first, by language."""

    revisions: list[RevisionOut]


class SaidOut(BaseModel):
    """A text that could be said at a time."""

    article_id: str
    language: str
    title: str
    audience: Audience
    version: str


class SaidAtOut(BaseModel):
    """Everything that could be said at a time."""

    at: datetime
    articles: list[SaidOut]


async def _run(request: Request, work: Callable[[Session], Result], *, changes: bool) -> Result:
    """Run `work` in a transaction, off the event loop; tell what it refuses."""
    node: Node = request.app.state.node

    def run() -> Result:
        with node.database.session() as session:
            return work(session)

    try:
        result = await asyncio.to_thread(run)
    except FaultyArticleError as error:
        raise HTTPException(422, str(error)) from error
    except (ForeignArticleError, RevisionConflictError) as error:
        raise HTTPException(409, str(error)) from error
    if changes:
        node.wakeup.ring_knowledge()
    return result


def _found(session: Session, article_id: str, language: str, number: int) -> Revision:
    row = revision(session, article_id, language, number)
    if row is None:
        raise HTTPException(404, f"there is no revision {number} of {article_id} ({language})")
    return row


@router.get("/articles", responses=_REFUSED)
async def read_articles(
    request: Request,
    _principal: Caller,
    status: Status | None = None,
    language: Annotated[str | None, Query(pattern=TAG, max_length=35)] = None,
    source: Annotated[str | None, Query(pattern=TEXT, max_length=200)] = None,
    words: Annotated[str | None, Query(pattern=TEXT, max_length=200)] = None,
    after: Annotated[str | None, Query(pattern=TEXT, max_length=140)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> ListOut:
    """Return a page of articles, with how each stands."""
    start: tuple[str, str] | None = None
    if after is not None:
        article_id, _, last = after.rpartition("/")
        start = (article_id, last)
    wanted = Wanted(language=language, source=source, status=status, words=words)

    def work(session: Session) -> ListOut:
        listed = list_articles(session, wanted, after=start, limit=limit)
        more = f"{listed[-1].article_id}/{listed[-1].language}" if len(listed) == limit else None
        shown = [
            ListedOut.model_validate(
                {
                    **{name: getattr(each, name) for name in ListedOut.model_fields},
                    "planned": [{"number": number, "at": at} for number, at in each.planned],
                }
            )
            for each in listed
        ]
        return ListOut(generation=generation(session), articles=shown, after=more)

    return await _run(request, work, changes=False)


@router.get("/articles/{article_id}/revisions", responses=_REFUSED)
async def read_history(
    request: Request,
    article_id: ArticleId,
    _principal: Caller,
    language: Annotated[str | None, Query(pattern=TAG, max_length=35)] = None,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HistoryOut:
    """Return the revisions of an article: who wrote and published them, and when each was live."""

    def work(session: Session) -> HistoryOut:
        rows = history(session, article_id, language, before=before, limit=limit)
        if not rows and before is None:
            raise HTTPException(404, f"there is no article {article_id}")
        return HistoryOut(revisions=[RevisionOut.model_validate(row) for row in rows])

    return await _run(request, work, changes=False)


@router.get("/articles/{article_id}/revisions/{number}", responses=_REFUSED)
async def read_revision(
    request: Request, article_id: ArticleId, number: Number, language: Language, _principal: Caller
) -> RevisionOut:
    """Return one text of an article."""

    def work(session: Session) -> RevisionOut:
        return RevisionOut.model_validate(_found(session, article_id, language, number))

    return await _run(request, work, changes=False)


@router.get("/live", responses=_REFUSED)
async def read_live(
    request: Request,
    _principal: Caller,
    at: Annotated[AwareDatetime | None, Query(description="a time in the past")] = None,
) -> SaidAtOut:
    """Return what could be said at a time, or now: published and valid then."""
    when = at or utc_now()
    node: Node = request.app.state.node
    day = (when.astimezone(node.live.zone) if node.live is not None else when).date()

    def work(session: Session) -> SaidAtOut:
        articles = live_at(session, when, day=day)
        return SaidAtOut(
            at=when,
            articles=[
                SaidOut(
                    article_id=article.id,
                    language=article.language,
                    title=article.title,
                    audience=article.audience,
                    version=article.version,
                )
                for article in articles
            ],
        )

    return await _run(request, work, changes=False)


@router.post(
    "/articles/{article_id}/revisions",
    status_code=201,
    responses=_REFUSED,
    openapi_extra=body_of(RevisionIn),
)
async def write_draft(request: Request, article_id: ArticleId, principal: Caller) -> RevisionOut:
    """Save a new text as a draft, and publish it if that is asked for."""
    given = await read_as(request, RevisionIn, most=BODY_MAX)
    now = utc_now()
    article = Article(
        id=article_id,
        language=given.language,
        title=given.title,
        questions=tuple(given.questions),
        body=given.body,
        audience=given.audience,
        updated=given.updated or now.date(),
        tags=tuple(given.tags),
        url=given.url,
        version="",
        answer_kind=given.answer_kind,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        review_by=given.review_by,
        owner=given.owner,
    )
    by = _by(principal)

    def work(session: Session) -> RevisionOut:
        saved = save_draft(
            session, article, by=by, now=now, note=given.note, follows=given.follows
        )
        if given.publish:
            publishing.publish(session, saved, by=by, now=now)
        return RevisionOut.model_validate(saved)

    return await _run(request, work, changes=given.publish)


@router.post(
    "/articles/{article_id}/revisions/{number}/publish",
    responses=_REFUSED,
    openapi_extra=body_of(PublicationIn),
)
async def publish(
    request: Request, article_id: ArticleId, number: Number, language: Language, principal: Caller
) -> RevisionOut:
    """Make a draft the live text, now or at a time; every process answers from it at once."""
    given = await read_as(request, PublicationIn, most=SMALL_MAX)

    if not given.confirm:
        await refuse_flips(request, article_id, language, number)

    def work(session: Session) -> RevisionOut:
        row = _found(session, article_id, language, number)
        publishing.publish(session, row, by=_by(principal), now=utc_now(), at=given.at)
        return RevisionOut.model_validate(row)

    return await _run(request, work, changes=True)


@router.post("/articles/{article_id}/revisions/{number}/restore", responses=_REFUSED)
async def restore(
    request: Request, article_id: ArticleId, number: Number, language: Language, principal: Caller
) -> RevisionOut:
    """Publish an earlier text again, under a new number."""

    def work(session: Session) -> RevisionOut:
        row = _found(session, article_id, language, number)
        again = publishing.restore(session, row, by=_by(principal), now=utc_now())
        return RevisionOut.model_validate(again)

    return await _run(request, work, changes=True)


@router.post("/articles/{article_id}/retire", responses=_REFUSED)
async def retire(
    request: Request,
    article_id: ArticleId,
    principal: Caller,
    language: Annotated[
        str | None, Query(pattern=TAG, max_length=35, description="only this one")
    ] = None,
) -> HistoryOut:
    """Stop saying an article at once; what was planned for it becomes a draft again."""

    def work(session: Session) -> HistoryOut:
        rows = publishing.retire(session, article_id, language, by=_by(principal), now=utc_now())
        if not rows:
            raise HTTPException(404, f"nothing of {article_id} is live or planned")
        return HistoryOut(revisions=[RevisionOut.model_validate(row) for row in rows])

    return await _run(request, work, changes=True)


def _by(principal: Principal) -> str:
    return f"token:{principal.name}"[:200]
