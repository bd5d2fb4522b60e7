"""API: what a revision would change, asked before it is published."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi import Path as InPath
from starlette.requests import Request

from bots.api import gap_values
from bots.api.principal import Principal, token_holder
from bots.workbench import Workbench, of_node
from knowledge_base.replay import Replay
from knowledge_base.revisions import revision

router = APIRouter(prefix="/api/v1/knowledge", tags=["knowledge"])

#: Newest different questions a request asks anew; the command line asks all.
REPLAYED_MAX: Final = 3000


@router.get("/articles/{article_id}/revisions/{number}/replay")
async def replay_revision(
    request: Request,
    article_id: Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)],
    number: Annotated[int, InPath(ge=1, le=2**31 - 1)],
    language: Annotated[str, Query(pattern=r"^[A-Za-z0-9-]+$", max_length=35)],
    _principal: Annotated[Principal, Depends(token_holder)],
) -> gap_values.ReplayOut:
    """Ask the newest questions on record anew as if this text were published."""
    bench = of_node(request.app.state.node)
    if bench is None:
        message = (
            "this process shows and stores only; ask one that answers (`--role all` or `worker`), "
            "or use `tributary knowledge replay` on the command line"
        )
        raise HTTPException(503, message)
    tried = await asyncio.to_thread(_try, bench, article_id, language, number)
    return gap_values.ReplayOut.of(tried)


async def refuse_flips(request: Request, article_id: str, language: str, number: int) -> None:
    """Refuse a publication by which other questions on record would be answered otherwise.

    A process that answers nobody has nothing to try it with and refuses nothing.

    Raises:
        HTTPException: 409, there are such questions; 404, there is no such revision.
    """
    bench = of_node(request.app.state.node)
    if bench is None:
        return
    tried = await asyncio.to_thread(_try, bench, article_id, language, number)
    if tried.flips:
        message = (
            f"confirm: {len(tried.flips)} other questions would be answered otherwise; look at "
            "`replay` and send `confirm: true` if that is meant"
        )
        raise HTTPException(409, message)


def _try(bench: Workbench, article_id: str, language: str, number: int) -> Replay:
    with bench.database.session() as session:
        found = revision(session, article_id, language, number)
    if found is None:
        raise HTTPException(404, f"there is no revision {number} of {article_id} ({language})")
    return bench.try_revision(found, most=REPLAYED_MAX)
