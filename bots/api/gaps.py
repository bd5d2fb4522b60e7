"""API: what customers asked and nobody answered, and what is done about it."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bots.api import gap_values as values
from bots.api.bodies import body_of, read_as
from bots.api.principal import Principal, token_holder
from bots.gap_work import draft_of, find_askers, link_gap, publish_gap, tell_askers
from bots.workbench import Workbench, of_node
from crm_store.database import Database, utc_now
from knowledge_base import gap_decisions, gaps
from knowledge_base.article_faults import FaultyArticleError
from knowledge_base.drafts import ForeignArticleError, RevisionConflictError
from knowledge_base.gap_decisions import DecidedGapError, GapError, NoGapError
from knowledge_base.gaps import GapStatus, KnowledgeGap, Queue
from knowledge_base.replay import Replay

router = APIRouter(prefix="/api/v1/knowledge/gaps", tags=["knowledge"])

#: Largest body, in bytes: an article of the largest size, each character escaped.
BODY_MAX: Final = 1024 * 1024
#: Questions a request replays at most; `tributary knowledge gaps replay` takes more.
REPLAYED_MAX: Final = 3000

_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No valid token"},
    404: {"description": "There is no such gap"},
    409: {"description": "Decided already, or other questions would be answered otherwise"},
    422: {"description": "A field is wrong; the message names it"},
}

Caller = Annotated[Principal, Depends(token_holder)]
Value = TypeVar("Value")


async def _done(work: Callable[[], Value]) -> Value:
    """Do something in a thread; what is wrong with the request becomes its status."""
    try:
        return await asyncio.to_thread(work)
    except NoGapError as error:
        raise HTTPException(404, str(error)) from error
    except (DecidedGapError, RevisionConflictError, ForeignArticleError) as error:
        raise HTTPException(409, str(error)) from error
    except (GapError, FaultyArticleError) as error:
        raise HTTPException(422, str(error)) from error


def _bench(request: Request) -> Workbench:
    bench = of_node(request.app.state.node)
    if bench is None:
        message = (
            "this process shows and stores only; ask one that answers (`--role all` or `worker`), "
            "or use `tributary knowledge gaps` on the command line"
        )
        raise HTTPException(503, message)
    return bench


def _by(principal: Principal) -> str:
    return f"token:{principal.name}"


def _flips(replay: Replay) -> Response:
    message = (
        f"confirm: {len(replay.flips)} other questions would be answered otherwise; look at "
        "`replay` and send `confirm: true` if that is meant"
    )
    told = values.ReplayOut.of(replay).model_dump(mode="json")
    return JSONResponse({"error": {"message": message}, "replay": told}, 409)


@router.get("", responses=_REFUSED)
async def read_gaps(
    request: Request,
    _principal: Caller,
    queue: Annotated[Queue | None, Query(description="link: an article could answer")] = None,
    status: Annotated[GapStatus, Query()] = "open",
    language: Annotated[str | None, Query(max_length=35)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[UUID | None, Query(description="id of the last gap at hand")] = None,
) -> values.GapsOut:
    """Return gaps, those first that most people asked of late."""
    database: Database = request.app.state.database

    def read() -> values.GapsOut:
        with database.session() as session:
            page = gaps.page(
                session,
                queue=queue,
                statuses=[status],
                language=language,
                after=after,
                limit=limit,
            )
            found = [values.GapOut.of(gap) for gap in page]
            more = found[-1].id if len(found) == limit else None
            return values.GapsOut(gaps=found, after=more, waiting=gaps.count_waiting(session))

    return await asyncio.to_thread(read)


@router.post("/gather", responses=_REFUSED)
async def gather_now(request: Request, _principal: Caller) -> values.GatheredOut:
    """Let every missed question belong to a gap now; it also happens by itself."""
    bench = _bench(request)
    done = await _done(lambda: bench.tidy(now=utc_now(), most=5000))
    return values.GatheredOut(
        questions=done.questions, opened=len(done.opened), grown=len(done.grown)
    )


@router.get("/{gap_id}", responses=_REFUSED)
async def read_gap(
    request: Request,
    gap_id: UUID,
    _principal: Caller,
    limit: Annotated[int, Query(ge=1, le=500, description="questions")] = 100,
) -> values.WholeGapOut:
    """Return a gap with what was asked, what was decided, and what is near it."""
    database: Database = request.app.state.database

    def read() -> values.WholeGapOut:
        with database.session() as session:
            gap = session.get(KnowledgeGap, gap_id)
            if gap is None:
                raise NoGapError("gap", f"there is no gap {gap_id}")
            return values.WholeGapOut.of(
                gap,
                wordings=gap_decisions.wordings(session, gap_id),
                asked=gaps.questions_of(session, gap_id, limit=limit),
                decisions=gaps.decisions_of(session, gap_id),
                related=gaps.related(session, gap),
            )

    return await _done(read)


@router.post("/{gap_id}/link", responses=_REFUSED, openapi_extra=body_of(values.LinkIn))
async def link(request: Request, gap_id: UUID, principal: Caller) -> Response:
    """Make wordings of a gap wordings of an article, after a replay, and publish that."""
    given = await read_as(request, values.LinkIn, most=BODY_MAX)
    bench = _bench(request)
    done = await _done(
        lambda: link_gap(
            bench,
            gap_id,
            article_id=given.article_id,
            language=given.language,
            questions=given.questions,
            by=_by(principal),
            reason=given.reason,
            agreed=given.confirm,
            most=REPLAYED_MAX,
        )
    )
    if done.revisions is None:
        return _flips(done.replay)
    told = values.LinkOut(
        gap=values.GapOut.of(done.gap),
        revisions=done.revisions,
        replay=values.ReplayOut.of(done.replay),
    )
    return JSONResponse(told.model_dump(mode="json"))


@router.post(
    "/{gap_id}/draft",
    status_code=201,
    responses=_REFUSED,
    openapi_extra=body_of(values.DraftIn),
)
async def draft(request: Request, gap_id: UUID, principal: Caller) -> values.DraftOut:
    """Save a draft of an article that is to close a gap; its wordings become its questions."""
    given = await read_as(request, values.DraftIn, most=BODY_MAX)
    database: Database = request.app.state.database

    def save() -> values.DraftOut:
        now = utc_now()
        with database.session() as session:
            gap = gap_decisions.decide_on(session, gap_id, statuses=("open", "drafted"))
            article = values.article_in(given, gap, day=now.date())
            saved = gap_decisions.write(
                session, gap_id, article, by=_by(principal), now=now, reason=given.reason
            )
            return values.DraftOut(
                gap=values.GapOut.of(gap),
                article_id=saved.article_id,
                language=saved.language,
                number=saved.number,
            )

    return await _done(save)


@router.get("/{gap_id}/replay", responses=_REFUSED)
async def replay_draft(request: Request, gap_id: UUID, _principal: Caller) -> values.ReplayOut:
    """Ask the newest questions on record anew as if the gap's draft were published."""
    bench = _bench(request)

    def work() -> Replay:
        with bench.database.session() as session:
            revision = draft_of(session, gap_id)
        return bench.try_revision(revision, most=REPLAYED_MAX)

    return values.ReplayOut.of(await _done(work))


@router.post("/{gap_id}/publish", responses=_REFUSED, openapi_extra=body_of(values.PublishIn))
async def publish_draft(request: Request, gap_id: UUID, principal: Caller) -> Response:
    """Publish the gap's draft, after a replay."""
    given = await read_as(request, values.PublishIn, most=BODY_MAX)
    bench = _bench(request)
    done = await _done(
        lambda: publish_gap(
            bench, gap_id, by=_by(principal), agreed=given.confirm, most=REPLAYED_MAX
        )
    )
    if done.revisions is None:
        return _flips(done.replay)
    told = values.LinkOut(
        gap=values.GapOut.of(done.gap),
        revisions=done.revisions,
        replay=values.ReplayOut.of(done.replay),
    )
    return JSONResponse(told.model_dump(mode="json"))


@router.post("/{gap_id}/ignore", responses=_REFUSED, openapi_extra=body_of(values.IgnoreIn))
async def ignore(request: Request, gap_id: UUID, principal: Caller) -> values.GapOut:
    """Put a gap aside until so many more people ask."""
    given = await read_as(request, values.IgnoreIn, most=BODY_MAX)
    database: Database = request.app.state.database

    def save() -> values.GapOut:
        with database.session() as session:
            gap = gap_decisions.ignore(
                session,
                gap_id,
                reason=given.reason,
                until_people=given.until_people,
                by=_by(principal),
                now=utc_now(),
            )
            return values.GapOut.of(gap)

    return await _done(save)


@router.post("/{gap_id}/reopen", responses=_REFUSED, openapi_extra=body_of(values.Given))
async def reopen(request: Request, gap_id: UUID, principal: Caller) -> values.GapOut:
    """Open a gap again; articles stay as they are."""
    given = await read_as(request, values.Given, most=BODY_MAX)
    database: Database = request.app.state.database

    def save() -> values.GapOut:
        with database.session() as session:
            gap_decisions.reopen(
                session, gap_id, by=_by(principal), now=utc_now(), reason=given.reason
            )
            return values.GapOut.of(session.get_one(KnowledgeGap, gap_id))

    return await _done(save)


@router.post("/{gap_id}/merge", responses=_REFUSED, openapi_extra=body_of(values.MergeIn))
async def merge(request: Request, gap_id: UUID, principal: Caller) -> values.GapOut:
    """Make other gaps part of this one."""
    given = await read_as(request, values.MergeIn, most=BODY_MAX)
    bench = _bench(request)

    def save() -> values.GapOut:
        with bench.database.session() as session:
            gap = gap_decisions.merge(
                session,
                gap_id,
                given.others,
                comparisons=bench.comparisons,
                by=_by(principal),
                now=utc_now(),
                reason=given.reason,
            )
            return values.GapOut.of(gap)

    return await _done(save)


@router.post("/{gap_id}/split", responses=_REFUSED, openapi_extra=body_of(values.SplitIn))
async def split(request: Request, gap_id: UUID, principal: Caller) -> values.GapOut:
    """Take questions out of this gap into a new one, which is returned."""
    given = await read_as(request, values.SplitIn, most=BODY_MAX)
    bench = _bench(request)

    def save() -> values.GapOut:
        with bench.database.session() as session:
            gap = gap_decisions.split(
                session,
                gap_id,
                given.questions,
                comparisons=bench.comparisons,
                by=_by(principal),
                now=utc_now(),
                reason=given.reason,
            )
            return values.GapOut.of(gap)

    return await _done(save)


@router.get("/{gap_id}/askers", responses=_REFUSED)
async def read_askers(
    request: Request,
    gap_id: UUID,
    _principal: Caller,
    days: Annotated[int, Query(ge=1, le=365)] = 14,
) -> values.AskersOut:
    """Return who asked what a gap is about, who of them can be told, and why others cannot."""
    bench = _bench(request)

    def read() -> values.AskersOut:
        found = find_askers(bench, gap_id, days=days)
        told = [values.AskerOut.of(asker) for asker in found]
        return values.AskersOut(
            askers=told, can_be_told=sum(asker.exclusion is None for asker in found)
        )

    return await _done(read)


@router.post("/{gap_id}/tell", responses=_REFUSED, openapi_extra=body_of(values.TellIn))
async def tell(request: Request, gap_id: UUID, principal: Caller) -> values.TellOut:
    """Queue the answer to those who asked and can be told, each once."""
    given = await read_as(request, values.TellIn, most=BODY_MAX)
    bench = _bench(request)
    told = await _done(
        lambda: tell_askers(
            bench, gap_id, days=given.days, customers=given.customers, by=_by(principal)
        )
    )
    return values.TellOut(told=told)
