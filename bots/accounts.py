"""Accounts: the channel adapters `bot.yml` names, with secrets from the environment."""

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

import structlog

from channels.contract import Channel, ChannelError, ChannelSettings
from channels.tokens import TokenStore
from dialogues.bot import Account, Bot

log = structlog.get_logger()

_PLACEHOLDER: Final = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")

Accounts = dict[tuple[str, str], Channel]


def expand(account: Account, environment: Mapping[str, str]) -> tuple[ChannelSettings, list[str]]:
    """Return an account's settings with `${NAME}` replaced, and the names that are not set."""
    missing: list[str] = []

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in environment:
            missing.append(match[1])
        return environment.get(match[1], "")

    options = {name: _PLACEHOLDER.sub(value_of, value) for name, value in account.options.items()}
    return ChannelSettings(account.channel, account.account, options), missing


def open_accounts(
    bot: Bot, environment: Mapping[str, str], *, tokens: TokenStore | None = None
) -> Accounts:
    """Return the adapters of all accounts that are configured.

    An account whose secrets are not set is left out and named in the log, so that a bot can be
    tried before all of its channels exist.

    Args:
        bot: whose accounts.
        environment: what `${NAME}` stands for.
        tokens: where access tokens are shared with other processes; None: they are not.

    Raises:
        ChannelError: there is no such channel, or an option is wrong.
    """
    accounts: Accounts = {}
    for account in bot.file.channels:
        settings, missing = expand(account, environment)
        if missing:
            log.info(
                "accounts.left_out",
                channel=account.channel,
                account=account.account,
                not_set=sorted(missing),
            )
            continue
        shared = replace(settings, tokens=tokens)
        accounts[account.channel, account.account] = open_account(shared)
    return accounts


def open_account(settings: ChannelSettings) -> Channel:
    """Return the adapter of one account.

    Raises:
        ChannelError: there is no such channel, or an option is wrong.
    """
    try:
        create = _module(settings.channel).create
    except (ModuleNotFoundError, AttributeError) as error:
        message = f"bot.yml: channels: there is no channel {settings.channel!r}"
        raise ChannelError(message) from error
    made: Channel = create(settings)
    return made


def _module(channel: str) -> ModuleType:
    """Return the adapter of a channel: a module, or `adapter` in a package of its own."""
    name = f"channels.{channel}"
    is_package = getattr(find_spec(name), "submodule_search_locations", None) is not None
    return import_module(f"{name}.adapter" if is_package else name)
