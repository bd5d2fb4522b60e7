"""The web application: every route of one node, put together in one place."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bots import operations
from bots.api import conversations, gaps, knowledge, knowledge_told, notices, replays, timeline
from bots.node import Node
from bots.passive_answers import PassiveAnswers
from bots.security import SecurityHeaders
from bots.webhooks import Webhooks

log = structlog.get_logger()


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"message": message}}, status, headers=headers)


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return _error(error.status_code, str(error.detail), dict(error.headers or {}))


async def _on_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return _error(422, f"{where}: {first['msg']}")


async def _on_crash(request: Request, error: Exception) -> Response:
    log.error("app.failed", path=request.url.path, error=type(error).__name__)
    return _error(500, "this went wrong on our side and was noted")


def create_app(
    node: Node,
    *,
    routes: Sequence[BaseRoute] = (),
    on_started: Callable[[], None] | None = None,
) -> FastAPI:
    """Return the application of a node; starting it starts the node.

    Args:
        routes: those of web chat and pages, for nodes that have them.
        on_started: called when messages can be taken.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await node.start()
        if on_started is not None:
            on_started()
        try:
            yield
        finally:
            await node.stop()

    app = FastAPI(
        title="Tributary",
        summary="Every channel flows into one customer timeline.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        exception_handlers={
            HTTPException: _on_http_error,
            RequestValidationError: _on_invalid,
            Exception: _on_crash,
        },
    )
    app.add_middleware(SecurityHeaders)
    app.state.node = node
    app.state.database = node.database
    app.router.routes.extend(operations.routes)
    app.include_router(replays.router)
    app.include_router(gaps.router)  # trying a change takes knowledge, which only workers have
    if node.role != "worker":
        app.include_router(timeline.router)
        app.include_router(notices.router)
        app.include_router(conversations.router)
        app.include_router(knowledge.router)
        app.include_router(knowledge_told.router)
        webhooks = Webhooks(
            node.accounts,
            node.ingest,
            passive=PassiveAnswers(node.database, on_said=node.told),
        )
        app.router.routes.append(
            Route("/webhooks/{channel}/{account}", webhooks.__call__, methods=["GET", "POST"])
        )
        app.router.routes.extend(routes)
    return app
