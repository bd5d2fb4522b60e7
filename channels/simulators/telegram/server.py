"""The simulated Telegram as a server: the Bot API, files, deliveries, and its people's doings."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import aiohttp
from aiohttp import web

from channels.simulators.faults import Fault, Faults, bad_gateway, hang, reset
from channels.simulators.telegram.methods import METHODS, RefusedError
from channels.simulators.telegram.state import BotAccount, Chat, Json, Person, World

#: Kinds of updates a bot gets without asking.
_USUAL: Final = frozenset(
    {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "business_connection",
        "business_message",
        "edited_business_message",
    }
)
#: Seconds between the attempts of one delivery; scaled in tests.
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
_BODY_MAX: Final = 50 * 1024 * 1024


class TelegramSimulator:
    """A Bot API server on a port of this machine.

    Args:
        pace: how many seconds a second of waiting between deliveries lasts.
        per_second: messages a chat takes a second; None: any number.
    """

    def __init__(self, *, pace: float = 1.0, per_second: int | None = None) -> None:
        self.world = World()
        self.faults = Faults()
        self.calls: list[tuple[str, Json]] = []  #: every call with what it asked for
        self.deliveries: list[tuple[int, int]] = []  #: update and status of each attempt
        self.url = ""
        self._pace = pace
        self._per_second = per_second
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._rooms: dict[str, asyncio.Semaphore] = {}

    async def start(self, *, port: int = 0) -> None:
        """Listen on 127.0.0.1."""
        app = web.Application(client_max_size=_BODY_MAX)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/files/{key}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))

    async def close(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def add_bot(self, token: str, username: str) -> BotAccount:
        """Let there be a bot."""
        bot = self.world.bots[token] = BotAccount(token, username)
        return bot

    def add_person(self, person: Person) -> Person:
        """Let there be somebody."""
        self.world.people[person.id] = person
        return person

    async def push(self, bot: BotAccount, kind: str, payload: Json) -> int:
        """Give a bot an update and return its number, 0 when it does not want this kind."""
        if kind not in (bot.allowed or _USUAL):
            return 0
        number = bot.next_update
        bot.next_update += 1
        update = {"update_id": number, kind: payload}
        async with bot.arrived:
            bot.updates.append(update)
            bot.arrived.notify_all()
        if bot.webhook is not None:
            self._go(self._deliver(bot, update))
        return number

    async def deliver_again(self, bot: BotAccount, updates: Sequence[Json]) -> None:
        """Deliver updates once more, as happens when an answer was lost."""
        await asyncio.gather(*(self._deliver(bot, update) for update in updates))

    async def settled(self) -> None:
        """Wait until every delivery under way has ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _go(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, bot: BotAccount, update: Json) -> None:
        room = self._rooms.setdefault(bot.token, asyncio.Semaphore(40))
        for pause in (*_PAUSES, None):
            hook = bot.webhook
            if hook is None:
                return
            async with room:
                status, answer = await self._post(hook.url, hook.secret, update)
            self.deliveries.append((update["update_id"], status))
            if 200 <= status < 300:
                bot.updates = [u for u in bot.updates if u["update_id"] != update["update_id"]]
                await self._take_answer(bot, answer)
                return
            hook.last_error = f"Wrong response from the webhook: {status}"
            if pause is None:
                return
            await asyncio.sleep(pause * self._pace)

    async def _post(self, url: str, secret: str, update: Json) -> tuple[int, bytes]:
        if self._client is None:
            return 0, b""
        headers = {"content-type": "application/json"}
        if secret:
            headers["x-telegram-bot-api-secret-token"] = secret
        body = json.dumps(update, ensure_ascii=False).encode()
        try:
            async with self._client.post(url, data=body, headers=headers) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, b""

    async def _take_answer(self, bot: BotAccount, answer: bytes) -> None:
        """Carry out the call that an answer to a delivery may hold."""
        try:
            asked = json.loads(answer)
        except ValueError:
            return
        name = str(asked.pop("method", "")) if isinstance(asked, dict) else ""
        method = METHODS.get(name.lower())
        if method is None:
            return
        self.calls.append((name, asked))
        try:
            await method(self.world, bot, asked)
        except RefusedError:
            return  # nobody reads what became of it, as with the real one

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        bot = self.world.bots.get(request.match_info["token"])
        if bot is None:
            return _refusal(RefusedError(401, "Unauthorized"))
        method = METHODS.get(name.lower())
        if method is None:
            return _refusal(RefusedError(404, "Not Found: method not found"))
        asked = await _asked(request)
        self.calls.append((name, asked))
        fault = self.faults.take(name.lower()) or self.faults.take(name)
        if fault is not None and (played := await _play(fault, request)) is not None:
            return played
        try:
            self._count(asked, name)
            result = await method(self.world, bot, asked)
        except RefusedError as error:
            return _refusal(error)
        if fault is not None:
            return reset(request)
        return web.json_response({"ok": True, "result": result})

    def _count(self, asked: Json, name: str) -> None:
        """Refuse what is sent faster than a chat takes it."""
        if self._per_second is None or not name.lower().startswith("send"):
            return
        chat = self.world.chats.get(int(asked.get("chat_id", 0)))
        if chat is None:
            return
        now = asyncio.get_running_loop().time()
        chat.sent_at = [at for at in chat.sent_at if now - at < 1.0]
        if len(chat.sent_at) >= self._per_second:
            raise _flood(1)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        content = self.world.files.get(request.match_info["key"])
        if content is None or request.match_info["token"] not in self.world.bots:
            return web.Response(status=404)
        return web.Response(body=content, content_type="application/octet-stream")


async def _play(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Return the answer of a fault that keeps a call from its effect."""
    match fault.kind:
        case "too_many":
            return _refusal(_flood(fault.seconds))
        case "bad_gateway":
            return bad_gateway()
        case "server_error":
            return _refusal(RefusedError(500, "Internal Server Error"))
        case "revoked":
            return _refusal(RefusedError(401, "Unauthorized"))
        case "hang":
            return await hang(request)
        case _:
            return None


def _flood(seconds: int) -> RefusedError:
    text = f"Too Many Requests: retry after {seconds}"
    return RefusedError(429, text, retry_after=seconds)


def _refusal(error: RefusedError) -> web.Response:
    answer: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        answer["parameters"] = error.parameters
    return web.json_response(answer, status=error.code)


async def _asked(request: web.Request) -> Json:
    """Return what a call asks for, from its address and from any kind of body."""
    asked: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        return asked | body if isinstance(body, dict) else asked
    fields = await request.post()
    for key, value in fields.items():
        asked[key] = _value(value) if isinstance(value, str) else "attach://upload"
    return asked


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a field's value: objects and lists come as JSON, everything else as it is."""
    if text[:1] in {"{", "["}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def new_file(world: World, content: bytes) -> str:
    """Keep a file somebody sent and return its id."""
    key = uuid4().hex
    world.files[key] = content
    return key


__all__ = ["Chat", "Person", "TelegramSimulator", "new_file"]
