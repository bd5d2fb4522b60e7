"""A process of the fault tests: a real node with a light brain, forked from a warm parent.

Run as a program it imports everything once, then reads one JSON line per child to start and
forks it, so that a killed node is back in some tens of milliseconds. On its standard output it
tells `{"started": pid}` and `{"died": pid, "status": n}`.
"""

import asyncio
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog
import uvicorn
from sqlalchemy.engine import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bots import batch, crashpoints
from bots.action_calls import ActionCaller
from bots.app import create_app
from bots.brain import Brain
from bots.ingest import StoreUnavailableError
from bots.node import Node
from bots.writer import Writer
from bots.writer_terms import Terms
from channels import callback
from channels.contract import Channel, ChannelSettings
from channels.fetcher import parse_networks
from channels.messages import Address, InboundMessage, Sender, Text
from channels.webchat import adapter as webchat
from crm_store.database import Database, utc_now
from crm_store.inbox import Arrival
from dialogues.bot import Bot, load_bot
from dialogues.turn import TurnInput, TurnResult, take_turn
from knowledge_base.prepare import prepare_knowledge
from knowledge_base.search import Knowledge
from tests.faults.interpreter import POISON, KeywordInterpreter

ACCOUNT = "partner"
WIDGET = "widget"
#: What is known where answers are written.
ARTICLES = Path(__file__).parents[1] / "bots" / "writing_articles"
SECRET = "sixteen characters and more"


def accounts_for(recorder_url: str) -> dict[tuple[str, str], Channel]:
    """Return one account whose replies leave by network and one whose replies leave by commit."""
    options = {"secret": SECRET, "url": recorder_url, "allow_networks": "127.0.0.0/8"}
    network = callback.create(ChannelSettings("callback", ACCOUNT, options))
    by_commit = webchat.create(ChannelSettings("webchat", WIDGET, {}))
    return {("callback", ACCOUNT): network, ("webchat", WIDGET): by_commit}


def commit_route(node: Node) -> Route:
    """Return the door of the channel that is delivered by commit: what web chat does, unsigned."""

    async def store(request: Request) -> Response:
        data = orjson.loads(await request.body())
        now = utc_now()
        peer = data["peer"]
        message = InboundMessage(
            external_id=data["id"],
            address=Address(channel="webchat", account=WIDGET, peer=peer),
            sender=Sender(id=peer),
            content=Text(text=data["text"]),
            sent_at=now,
        )
        try:
            place = await node.ingest.submit(Arrival(message=message, received_at=now))
        except StoreUnavailableError:
            return Response(status_code=503)
        return Response(orjson.dumps({"seq": place.seq}), 202)

    return Route("/commit", store, methods=["POST"])


def poisonable_turn(turn: TurnInput) -> TurnResult:
    """Take a turn, unless its message is one that harms whoever takes it."""
    content = turn.message.content
    if isinstance(content, Text) and content.text.startswith("poison_turn:"):
        POISON[content.text.split(":")[1]]()
    return take_turn(turn)


def serve(plan: dict[str, Any], bot: Bot) -> None:
    """Be one node until told to stop."""
    os.environ["TRIBUTARY_CRASH_AT"] = plan.get("crash_at", "")
    os.environ["FREEZE_AT"] = plan.get("freeze_at", "")
    importlib.reload(crashpoints)
    for name in plan.get("bend", ()):
        importlib.import_module(f"tests.faults.broken.{name}").bend()
    if (limit := plan.get("file_size")) is not None:
        limit_files(limit)
    database = Database(plan["database_url"], idle_timeout_ms=plan.get("idle_timeout_ms", 10_000))
    if (pages := plan.get("pages_file")) is not None:
        limit_pages(database, Path(pages))
    batch.take_turn = poisonable_turn  # type: ignore[attr-defined]
    if (quiet := plan.get("quiet_ms")) is not None:
        times = {"default": timedelta(milliseconds=quiet)}
        bot = replace(bot, file=bot.file.model_copy(update={"quiet": times}))
    role = plan["role"]
    interpreter = KeywordInterpreter()
    knowledge = Knowledge({}, urls={}, encoder=None)
    brain = Brain(bot, interpreter, knowledge)
    writer = None
    if (writer_url := plan.get("writer_url")) is not None:
        brain, writer = writing_brain(brain, database, writer_url, Path(plan["log"]).parent)
    node = Node(
        database,
        accounts_for(plan["recorder_url"]),
        brain=None if role == "web" else brain,
        redis_url=plan.get("redis_url"),
        role=role,
        actions=ActionCaller(
            bot,
            environment={"PARTNER_URL": plan.get("partner_url", "")},
            networks=parse_networks("127.0.0.0/8"),
            writer=writer,
        ),
        hung_seconds=plan.get("hung_seconds", 15.0),
    )
    app = create_app(node, routes=[commit_route(node)])
    listening = socket.socket(fileno=plan["listen_fd"])
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def writing_brain(
    brain: Brain, database: Database, url: str, folder: Path
) -> tuple[Brain, Writer]:
    """Return a brain that knows how tea is returned, and has its answers written."""
    knowledge = prepare_knowledge(
        ARTICLES, ("en", "zh"), None, folder / "cache", ("tell me a joke",), lambda _article: "/a"
    )
    writer = Writer(
        Terms(url=url, model="small", seconds=3.0),
        database,
        lambda: knowledge,
        networks=parse_networks("127.0.0.0/8"),
    )
    writer.prepare()
    return replace(brain, knowledge=knowledge, writing=writer.allowance), writer


def limit_files(most: int) -> None:
    """Let no file of this process grow beyond so many bytes, as on a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def limit_pages(database: Database, pages: Path) -> None:
    """Let the SQLite file grow to as many pages only as a file says, read before each write."""
    from sqlalchemy import event

    @event.listens_for(database.engine, "begin")
    def _limit(connection: Connection) -> None:
        most = json.loads(pages.read_text(encoding="ascii"))
        connection.exec_driver_sql(f"PRAGMA max_page_count={most}")


def main() -> None:
    """Fork children as asked until the standard input ends, then kill them all."""
    bot = load_bot(Path(__file__).parent / "bot")
    listeners: list[socket.socket] = []
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake_write)
    asked = selectors.DefaultSelector()
    asked.register(sys.stdin.buffer, selectors.EVENT_READ)
    asked.register(wake_read, selectors.EVENT_READ)
    children: set[int] = set()
    while True:
        ready = {key.fileobj for key, _ in asked.select()}
        if wake_read in ready:
            os.read(wake_read, 512)
            children -= reap()
        if sys.stdin.buffer in ready:
            line = sys.stdin.buffer.readline()
            if not line:
                break
            plan = json.loads(line)
            if plan.get("listen") is not None:
                tell({"port": open_listener(listeners)})
                continue
            children.add(start(plan, bot, listeners))
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def open_listener(listeners: list[socket.socket]) -> int:
    """Open a socket that outlives children, so that connections wait while one restarts."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listeners.append(listening)
    return int(listening.getsockname()[1])


def start(plan: dict[str, Any], bot: Bot, listeners: list[socket.socket]) -> int:
    """Fork one child and return its process id."""
    pid = os.fork()
    if pid:
        tell({"started": pid})
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    plan["listen_fd"] = os.dup(listeners[plan["listener"]].fileno())
    log = os.open(plan["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        serve(plan, bot)
    except BaseException:  # noqa: BLE001 - the child must end here, whatever happened
        structlog.get_logger().exception("process.failed")
        os._exit(1)
    os._exit(0)


def reap() -> set[int]:
    """Collect dead children and tell of them."""
    dead: set[int] = set()
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return dead
        if pid == 0:
            return dead
        dead.add(pid)
        tell({"died": pid, "status": os.waitstatus_to_exitcode(status)})


def tell(what: dict[str, int]) -> None:
    """Write one line to whoever started us."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
