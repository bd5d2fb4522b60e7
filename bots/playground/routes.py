"""The playground's page and what it asks for; for whoever sits at this machine, nobody else."""

import asyncio
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bots.node import Node
from bots.playground.phones import ACCOUNT, NoSuchButtonError, Phone
from bots.playground.stage import LOCAL_HOSTS, Stage
from bots.webchat.pages import FOLDER, read_folder
from bots.webhooks import BodyTooLargeError, read_body
from crm_store.database import Database
from crm_store.timeline import TimelineEvent

#: Longest text a phone takes.
TEXT_MAX: Final = 4000
_BODY_MAX: Final = 32 * 1024
#: Entries of the timeline that are shown.
ENTRIES: Final = 60


def playground_routes(node: Node, *, base: str) -> list[Route]:
    """Return the routes of the playground, and have it put away when the node stops.

    Args:
        node: answers what the phones say.
        base: where it listens.
    """
    stage = Stage(node, base=base)
    node.on_stop.append(stage.close)
    pages = Pages(stage, node.database)
    return [
        Route("/playground", pages.page, methods=["GET"]),
        Route("/playground/static/{name}", pages.file, methods=["GET"]),
        Route("/playground/state", pages.state, methods=["GET"]),
        Route("/playground/{phone}/{act}", pages.act, methods=["POST"]),
    ]


class Pages:
    """The endpoints."""

    def __init__(self, stage: Stage, database: Database) -> None:
        self._stage = stage
        self._database = database
        self._files = read_folder(FOLDER / "playground")

    async def page(self, request: Request) -> Response:
        """Show the page."""
        if not _is_local(request):
            return _answer({"error": {"message": "only on this machine"}}, 403)
        return self._files["index.html"].response(request)

    async def file(self, request: Request) -> Response:
        """Return the page's script or style."""
        found = self._files.get(str(request.path_params["name"]))
        if found is None or not _is_local(request):
            return _answer({"error": {"message": "not found"}}, 404)
        return found.response(request)

    async def state(self, request: Request) -> Response:
        """Return every screen and the newest entries of the timeline."""
        if not _is_local(request):
            return _answer({"error": {"message": "only on this machine"}}, 403)
        phones = await self._stage.phones()
        entries = await asyncio.to_thread(self._entries)
        screens = [_screen(phone) for phone in phones.values()]
        return _answer({"phones": screens, "timeline": entries})

    async def act(self, request: Request) -> Response:
        """Write, press, or let the next reply go wrong, on one phone."""
        if not _is_local(request):
            return _answer({"error": {"message": "only on this machine"}}, 403)
        phones = await self._stage.phones()
        phone = phones.get(request.path_params["phone"])
        if phone is None:
            return _answer({"error": {"message": "there is no such phone"}}, 404)
        try:
            value = await _value(request)
        except ValueError as error:
            return _answer({"error": {"message": str(error)}}, 422)
        return await _do(phone, request.path_params["act"], value)

    def _entries(self) -> list[dict[str, Any]]:
        newest = (
            select(
                TimelineEvent.at,
                TimelineEvent.kind,
                TimelineEvent.actor,
                TimelineEvent.channel,
                TimelineEvent.data,
            )
            .order_by(TimelineEvent.at.desc(), TimelineEvent.position.desc())
            .limit(ENTRIES)
        )
        with self._database.reading() as connection:
            rows = connection.execute(newest).all()
        return [
            {
                "at": row.at.isoformat(),
                "kind": row.kind,
                "actor": row.actor,
                "channel": row.channel,
                "said": _said(row.data),
            }
            for row in rows
        ]


def _said(data: dict[str, Any]) -> str:
    """Return the words of an entry, shortened."""
    content = data.get("content")
    shown = content if isinstance(content, dict) else data
    for name in ("text", "title", "label", "question", "number", "reason", "name", "status"):
        value = shown.get(name)
        if isinstance(value, str) and value:
            return value[:160]
    return ""


def _screen(phone: Phone) -> dict[str, Any]:
    return {
        "name": phone.name,
        "account": ACCOUNT,
        "person": phone.person,
        "faults": list(phone.faults),
        "bubbles": [asdict(bubble) for bubble in phone.bubbles()],
    }


async def _do(phone: Phone, act: str, value: str) -> Response:
    match act:
        case "say":
            await phone.say(value)
        case "press":
            try:
                await phone.press(value)
            except NoSuchButtonError:
                return _answer({"error": {"message": "that button is gone"}}, 409)
        case "break" if value in phone.faults:
            phone.break_next(value)
        case _:
            return _answer({"error": {"message": "a phone can say, press and break"}}, 404)
    return _answer({"done": True})


async def _value(request: Request) -> str:
    """Return the one value of a request.

    Raises:
        ValueError: it is not JSON with a `value` of the right length.
    """
    try:
        data = orjson.loads(await read_body(request, most=_BODY_MAX))
    except BodyTooLargeError:
        message = f"a body may have {_BODY_MAX} bytes"
        raise ValueError(message) from None
    except orjson.JSONDecodeError:
        message = "the body is not JSON"
        raise ValueError(message) from None
    value = data.get("value") if isinstance(data, dict) else None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= TEXT_MAX:
        message = f"value: a text of 1 to {TEXT_MAX} characters"
        raise ValueError(message)
    return value


def _is_local(request: Request) -> bool:
    """Tell whether a page of this machine asks; another site's page names another origin."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    origin = request.headers.get("origin")
    own = origin is None or urlsplit(origin).hostname in LOCAL_HOSTS
    return host in LOCAL_HOSTS and own


def _answer(data: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(data), status, media_type="application/json")
