"""Serving: put one process together from its settings, and run it until told to stop."""

import asyncio
import fcntl
import gc
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute

from bots.accounts import Accounts, open_accounts
from bots.action_calls import ActionCaller
from bots.app import create_app
from bots.brain import Brain
from bots.commands.terminal import console, errors, progress
from bots.example_orders import OrderServer, example_orders
from bots.gap_gathering import GapGatherer
from bots.live_knowledge import LiveKnowledge, read_edition
from bots.node import Node, Role
from bots.playground.routes import playground_routes
from bots.preparation import prepare_bot, read_folder
from bots.rasa import rasa_server
from bots.secret_key import SecretKeyError, secret_key
from bots.settings import Settings
from bots.shared_tokens import SharedTokens
from bots.supervisor import EXIT_CONFIGURATION
from bots.web_routes import web_routes
from bots.writer import Writer
from bots.writer_terms import writer_terms
from channels.contract import ChannelError
from channels.fetcher import parse_hosts
from crm_store.database import Database, utc_now
from crm_store.migrations import migrate
from dialogues.bot import Bot
from knowledge_base.articles import Article
from knowledge_base.folder import synchronise
from knowledge_base.prepare import refresh_knowledge
from knowledge_base.search import Knowledge
from nlu.encoder import EncoderError
from nlu.yaml_file import FaultyFileError

log = structlog.get_logger()

#: Longest open requests may take once a stop was asked for, seconds.
GRACE_SECONDS: Final = 2

_NOTHING_KNOWN: Final = Knowledge({}, urls={}, encoder=None)


class ConfigurationError(Exception):
    """The process cannot serve as it is configured."""


def serve(
    settings: Settings, listening: socket.socket, *, role: Role, supervisor: int | None
) -> int:
    """Serve until stopped and return the exit status.

    Args:
        settings: of this process.
        listening: bound socket.
        role: what this process does.
        supervisor: process id of the one that started it, without which it ends; None: nobody.
    """
    try:
        folder = settings.bot if role != "web" else None
        with example_orders(folder, os.environ) as orders:
            return _serve(settings, listening, role=role, supervisor=supervisor, orders=orders)
    except FaultyFileError as error:
        for fault in error.faults:
            errors.print(str(fault), markup=False)
        errors.print(f"{len(error.faults)} faults in the bot's folder; nothing was started")
    except (ConfigurationError, ChannelError, EncoderError, SecretKeyError) as error:
        errors.print(str(error), style="red", markup=False)
    return EXIT_CONFIGURATION


def _serve(
    settings: Settings,
    listening: socket.socket,
    *,
    role: Role,
    supervisor: int | None,
    orders: OrderServer | None,
) -> int:
    host, port = listening.getsockname()[:2]
    local = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104
    public = (settings.public_url or local).rstrip("/")
    database = Database(settings.database_url)
    lock = _only_process(database, role)
    with progress("migrating the database") as tell:
        try:
            migrate(database)
        except SQLAlchemyError as error:
            message = f"the database cannot be used: {type(error).__name__}; is it running?"
            raise ConfigurationError(message) from error
        tell("reading the bot's folder")
        bot, live, brain = _read_bot(settings, database, public, role, tell)
    key = secret_key(settings)
    accounts = open_accounts(bot, settings.environment(), tokens=SharedTokens(database, key))
    writer = open_writer(settings, bot, database, live) if brain is not None else None
    if brain is not None and writer is not None:
        brain = replace(brain, writing=writer.allowance)
    node = Node(
        database,
        accounts,
        brain=brain,
        redis_url=settings.redis_url,
        role=role,
        workers=settings.workers,
        actions=action_caller(settings, bot, orders, writer),
        live=live,
    )
    if role != "web":
        node.background.append(GapGatherer(node).run)
    routes: list[BaseRoute] = []
    if role != "worker":
        routes += web_routes(node, bot, live, settings=settings, secret_key=key, public_url=public)
    playground = role == "all" and is_rehearsal(settings, host)
    if playground:
        routes += playground_routes(node, base=local)
    app = create_app(
        node,
        routes=routes,
        on_started=lambda: _announce(local, role, bot, accounts, playground=playground),
    )
    server = _Server(_config(app), node)
    _keep_what_is_loaded()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(server, listening, supervisor=supervisor))
    if lock is not None:
        lock.close()
    return 0 if server.started else 1


def is_rehearsal(settings: Settings, host: str) -> bool:
    """Tell whether nobody but this machine can reach the server: no outer address, loopback."""
    return settings.public_url is None and host in {"127.0.0.1", "::1"}


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        lifespan="on",
    )


def action_caller(
    settings: Settings, bot: Bot, orders: OrderServer | None, writer: Writer | None = None
) -> ActionCaller:
    """Return what calls the bot's slow actions, with its secrets and the hosts it may reach."""
    hosts, networks = parse_hosts(settings.action_hosts)
    environment = settings.environment()
    if orders is not None:
        hosts, environment = (*hosts, orders.host), {**environment, **orders.environment}
    return ActionCaller(
        bot, environment=environment, hosts=hosts, networks=networks, writer=writer
    )


def open_writer(
    settings: Settings, bot: Bot, database: Database, live: LiveKnowledge
) -> Writer | None:
    """Return what words answers, where the installation has a server and the bot wants it."""
    terms = writer_terms(settings)
    if terms is None or not bot.file.writing:
        if terms is not None:
            log.info("writing.switched_off", hint="`writing: true` in bot.yml switches it on")
        return None
    hosts, networks = parse_hosts(settings.writer_hosts)

    def knowledge() -> Knowledge:
        return live.edition.knowledge or _NOTHING_KNOWN

    writer = Writer(terms, database, knowledge, hosts=hosts, networks=networks)
    writer.prepare()
    return writer


def _read_bot(
    settings: Settings, database: Database, public: str, role: Role, tell: Callable[[str], None]
) -> tuple[Bot, LiveKnowledge, Brain | None]:
    if not (settings.bot / "bot.yml").is_file():
        message = f"TRIBUTARY_BOT: there is no bot in {settings.bot} (no bot.yml)"
        raise ConfigurationError(message)
    bot, articles, _ = read_folder(settings.bot)
    _synchronise(database, articles)
    zone = bot.file.zone
    edition = read_edition(database, zone, now=utc_now())
    if role == "web":
        return bot, LiveKnowledge(database, zone=zone, edition=edition, rebuild=None), None
    brain = prepare_bot(
        settings.bot,
        encoder=settings.encoder,
        cache=settings.cache,
        public_url=public,
        rasa=rasa_server(settings),
        progress=tell,
        live=list(edition.articles.values()),
    )
    edition = replace(edition, knowledge=brain.knowledge)
    live = LiveKnowledge(database, zone=zone, edition=edition, rebuild=refresh_knowledge)
    return bot, live, brain


def _synchronise(database: Database, articles: Sequence[Article]) -> None:
    """Publish what changed in the bot's folder, before anything is answered from it."""
    with database.session() as session:
        changes = synchronise(session, articles, now=utc_now())
    for article_id, language in changes.refused:
        errors.print(
            f"knowledge/{article_id}.{language}.md is left out: an article of this id belongs to "
            "staff or an import; rename the file, or retire that article",
            style="yellow",
            markup=False,
        )
    log.info(
        "knowledge.folder",
        added=len(changes.added),
        changed=len(changes.changed),
        removed=len(changes.removed),
        unchanged=changes.unchanged,
        refused=len(changes.refused),
    )


def _keep_what_is_loaded() -> None:
    """Take what is loaded now out of the garbage collector's rounds.

    It stays to the end, and each look through it stops all threads for a tenth of a second.
    """
    gc.collect()
    gc.freeze()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _only_process(database: Database, role: Role) -> IO[str] | None:
    """Hold the SQLite file for this process: recovery relies on there being no other."""
    if not database.is_sqlite:
        return None
    if role != "all":
        message = (
            f"--role {role} needs PostgreSQL: set TRIBUTARY_DATABASE_URL to "
            "postgresql+psycopg://…; on SQLite one process does everything"
        )
        raise ConfigurationError(message)
    path = Path(f"{database.url.database}.lock")
    lock = path.open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        message = f"another process serves {database.url.database}; stop it first"
        raise ConfigurationError(message) from error
    return lock


class _Server(uvicorn.Server):
    """The server, which ends open streams before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, node: Node) -> None:
        super().__init__(config)
        self._node = node

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking messages, end streams, wait for requests, stop the node."""
        self._node.end_streams()
        await super().shutdown(sockets)


async def _run(
    server: uvicorn.Server, listening: socket.socket, *, supervisor: int | None
) -> None:
    orphaned = asyncio.create_task(_stop_when_orphaned(server, supervisor)) if supervisor else None
    await server.serve(sockets=[listening])
    if orphaned is not None:
        orphaned.cancel()


async def _stop_when_orphaned(server: uvicorn.Server, supervisor: int) -> None:
    while os.getppid() == supervisor:  # noqa: ASYNC110 - nothing tells that a parent died
        await asyncio.sleep(0.5)
    log.warning("serving.orphaned")
    server.should_exit = True


def _announce(url: str, role: Role, bot: Bot, accounts: Accounts, *, playground: bool) -> None:
    names = ", ".join(f"{channel}:{account}" for channel, account in accounts) or "none"
    if role != "all":
        console.print(f"Tributary serves {bot.name} as {role}; channels: {names}")
        return
    console.print(f"\n[bold]Tributary[/bold] serves {bot.title('en')} ({names})\n")
    console.print(f"  Open   [bold]{url}/[/bold]  and press the chat button. Try:")
    for line in (
        *bot.file.examples,
        "qwrtz (an honest no)",
        "I want to talk to a person · 转人工",
    ):
        console.print(f"           {line}", markup=False)
    if playground:
        console.print(
            f"  Play   [bold]{url}/playground[/bold]  the same bot on WeChat, Telegram and Slack"
        )
    console.print("\n  Look   [bold]tributary ledger[/bold]   what became of every message")
    console.print("         [bold]tributary timeline CUSTOMER[/bold]   everything about one")
    console.print("  Stop   Ctrl-C\n")
