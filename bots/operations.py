"""Routes for operators: is it alive, is it ready, and how does it do."""

import asyncio
from ipaddress import ip_address

from fastapi import HTTPException
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bots.api.principal import token_holder
from bots.node import Node
from crm_store import backlog
from crm_store.migrations import is_current

#: Age of the oldest undone item above which a node does not call itself ready, seconds.
BACKLOG_SECONDS = 120.0


async def healthz(_request: Request) -> Response:
    """Answer that the event loop runs."""
    return JSONResponse({"status": "alive"})


def _checks(node: Node) -> dict[str, dict[str, object]]:
    checks: dict[str, dict[str, object]] = {}
    try:
        node.database.ping()
        checks["database"] = {"ok": True}
        checks["migrations"] = {"ok": is_current(node.database)}
        with node.database.reading() as connection:
            items, _ = backlog.measure(connection)
        age = round(node.scheduler.backlog_seconds, 1)
        checks["backlog"] = {"ok": age < BACKLOG_SECONDS, "items": items, "oldest_seconds": age}
    except Exception as error:  # noqa: BLE001 - whatever it is, the node is not ready
        checks["database"] = {"ok": False, "error": type(error).__name__}
    if node.live is not None:
        # Whoever could not build the newest texts goes on with those before: no reason to leave.
        checks["knowledge"] = {
            "ok": True,
            "generation": node.live.edition.generation,
            "articles": len(node.live.edition.articles),
            **({"behind": node.live.failure} if node.live.failure is not None else {}),
        }
    checks["bot"] = {"ok": node.brain is not None or node.role == "web"}
    return checks


async def readyz(request: Request) -> Response:
    """Answer whether messages should be sent here."""
    checks = await asyncio.to_thread(_checks, request.app.state.node)
    ready = all(check["ok"] for check in checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return JSONResponse(body, 200 if ready else 503)


def _is_local(request: Request) -> bool:
    # Behind a proxy on this machine every caller looks local, so forwarded requests are not.
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def metrics(request: Request) -> Response:
    """Answer with Prometheus metrics, to callers on this machine and holders of a token."""
    if not _is_local(request):
        try:
            await token_holder(request)
        except HTTPException as error:
            return JSONResponse({"error": {"message": error.detail}}, error.status_code)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


routes = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]
