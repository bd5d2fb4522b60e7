"""The routes customers meet: web chat, its pages, and the articles behind answers."""

from functools import partial
from typing import Final

from starlette.routing import BaseRoute, Route

from bots.accounts import expand
from bots.article_pages import ArticlePages
from bots.live_knowledge import LiveKnowledge
from bots.node import Node
from bots.origins import read_origins
from bots.rates import Rates
from bots.settings import Settings
from bots.webchat.parts import Face, WebchatAccount, WebchatParts
from bots.webchat.reads import Reads
from bots.webchat.routes import create_router
from bots.webchat.streams import Streams, poll_watched
from channels.contract import ChannelError
from dialogues.bot import Account, Bot
from dialogues.responses import choose, menu

#: Things to try that are offered before the first message, besides a person.
STARTERS_MAX: Final = 4


def web_routes(
    node: Node,
    bot: Bot,
    live: LiveKnowledge,
    *,
    settings: Settings,
    secret_key: str,
    public_url: str,
) -> list[BaseRoute]:
    """Return the routes of a node that customers reach, and start what they need with it.

    Args:
        node: the running parts.
        bot: whose face and texts are shown.
        live: what may be said now; only public articles get a page.
        settings: of this process.
        secret_key: signs visitor tokens.
        public_url: under which browsers reach us.
    """
    accounts = [
        _account(each, bot, settings)
        for each in bot.file.channels
        if each.channel == "webchat" and (each.channel, each.account) in node.accounts
    ]
    keys = [account.widget_key for account in accounts]
    if len(set(keys)) < len(keys):
        message = f"bot.yml: channels: two webchat accounts have one widget_key: {sorted(keys)}"
        raise ChannelError(message)
    parts = WebchatParts(
        database=node.database,
        ingest=node.ingest,
        transcripts=node.transcripts,
        accounts={account.widget_key: account for account in accounts},
        secret_key=secret_key,
        rates=Rates(
            burst=settings.webchat_burst,
            per_second=settings.webchat_per_second,
            sessions_per_hour=settings.webchat_sessions_per_hour,
            shared=settings.redis_url,
        ),
        streams=Streams(),
        reads=Reads(node.database),
        overloaded=node.scheduler.overloaded,
        own_origins=frozenset({public_url}),
    )
    node.background.append(
        partial(poll_watched, node.database, parts.streams, every=_poll_seconds(node, settings))
    )
    node.before_stop.append(parts.streams.stop)
    node.on_stop += [parts.reads.stop, parts.rates.close]
    titles = {language: bot.title(language) for language in bot.languages}
    pages = ArticlePages(lambda: live.edition.pages, company=titles)
    return [
        *create_router(parts).routes,
        Route("/knowledge/{article}", pages.__call__),
    ]


def _poll_seconds(node: Node, settings: Settings) -> float:
    """Return how often to look for what other processes delivered; hints make it rarely needed."""
    return 1.0 if node.role == "all" or settings.redis_url is not None else 0.2


def _account(account: Account, bot: Bot, settings: Settings) -> WebchatAccount:
    options = expand(account, settings.environment())[0].options
    here = f"bot.yml: channels: webchat {account.account}"
    try:
        origins = read_origins(options.get("origins", "")) | read_origins(settings.webchat_origins)
    except ValueError as error:
        message = f"{here}: origins: {error}"
        raise ChannelError(message) from error
    identity = options.get("identity", "optional")
    if identity not in {"optional", "required"}:
        message = f"{here}: identity: {identity!r} is neither optional nor required"
        raise ChannelError(message)
    secret = settings.webchat_identity_secret
    return WebchatAccount(
        account=account.account,
        widget_key=options.get("widget_key", account.account),
        faces={language: _face(bot, language) for language in bot.languages},
        origins=origins,
        identity_secret=secret.get_secret_value() if secret is not None else None,
        identity="required" if identity == "required" else "optional",
    )


def _face(bot: Bot, language: str) -> Face:
    """Return how the bot introduces itself: its greeting and what it is able to do."""
    greeting = bot.response("welcome") or bot.response("greet")
    said = choose(greeting, language, key="welcome")[0].text if greeting is not None else ""
    title = bot.title(language)
    return Face(
        name=title,
        company=title,
        greeting=said.replace("{bot.title}", title),
        starters=tuple(option.label for option in menu(bot, language, most=STARTERS_MAX)),
    )
