"""`tributary doctor`: how the bot's channel accounts stand, and what to mend."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from bots.accounts import expand, open_account
from bots.commands.terminal import console, fail, print_json
from bots.settings import Settings
from channels.contract import Channel, ChannelError
from channels.examination import Connectable, Examinable, Finding, webhook_path
from dialogues.bot import Account, Bot, load_bot
from nlu.yaml_file import FaultyFileError

#: How long one account may take, seconds.
PATIENCE: Final = 30.0
_COLOURS: Final = {"fine": "green", "note": "yellow", "fault": "red"}

Found = list[tuple[str, Finding]]  #: account and what was found


def run(
    folder: Annotated[
        Path | None, typer.Argument(help="The bot's folder; default: TRIBUTARY_BOT.")
    ] = None,
    connect: Annotated[
        bool, typer.Option("--connect", help="Tell the providers to deliver here first.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Ask each channel's provider how its account stands; exit 1 when something is to mend."""
    settings = Settings()
    try:
        bot = load_bot(folder or settings.bot)
    except FaultyFileError as error:
        raise fail("\n".join(str(fault) for fault in error.faults)) from error
    if connect and settings.public_url is None:
        raise fail("set TRIBUTARY_PUBLIC_URL to the address at which providers reach this server")
    found = asyncio.run(_examine(bot, settings, connect=connect))
    if as_json:
        print_json([{"account": account, **asdict(finding)} for account, finding in found])
    else:
        console.print(_table(found))
    if any(finding.state == "fault" for _, finding in found):
        raise typer.Exit(1)


async def _examine(bot: Bot, settings: Settings, *, connect: bool) -> Found:
    found: Found = []
    environment = settings.environment()
    for account in bot.file.channels:
        name = f"{account.channel}:{account.account}"
        opened = _opened(account, environment)
        if isinstance(opened, Finding):
            found.append((name, opened))
            continue
        try:
            async with asyncio.timeout(PATIENCE):
                findings = await _ask(opened, settings.public_url, connect=connect)
        except TimeoutError:
            findings = [Finding("fault", f"no answer in {PATIENCE:.0f} s", "check the network")]
        finally:
            await opened.close()
        found += [(name, finding) for finding in findings]
    return found


def _opened(account: Account, environment: Mapping[str, str]) -> Channel | Finding:
    settings, missing = expand(account, environment)
    if missing:
        return Finding(
            "fault", f"not set: {', '.join(sorted(missing))}", "set it in the environment or .env"
        )
    try:
        return open_account(settings)
    except ChannelError as error:
        return Finding("fault", str(error), "mend it in bot.yml")


async def _ask(channel: Channel, public_url: str | None, *, connect: bool) -> list[Finding]:
    found: list[Finding] = []
    if connect and public_url is not None and isinstance(channel, Connectable):
        found += await channel.connect(public_url)
    if isinstance(channel, Examinable):
        return found + await channel.examine(public_url)
    if channel.capabilities().delivered_by_commit:
        return [*found, Finding("fine", "part of this server; nothing to connect")]
    path = webhook_path(channel.name, channel.account)
    return [*found, Finding("note", f"delivers to {public_url or ''}{path}; cannot be asked")]


def _table(found: Found) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("account", "", "what", "how to mend it"):
        table.add_column(column, overflow="fold")
    before = ""
    for account, finding in found:
        shown = account if account != before else ""
        colour = _COLOURS[finding.state]
        state = f"[{colour}]{finding.state}[/]"
        table.add_row(escape(shown), state, escape(finding.what), escape(finding.mend))
        before = account
    return table
