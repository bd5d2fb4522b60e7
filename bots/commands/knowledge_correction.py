"""`tributary knowledge correction`: who was given a text that was corrected, and telling them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bots.accounts import open_accounts
from bots.commands.knowledge_changes import ByOption, author, configured_bot
from bots.commands.knowledge_texts import ArticleArgument, JsonOption, LanguageOption, find
from bots.commands.knowledge_told import names_of
from bots.commands.opened import opened
from bots.commands.terminal import console, counted, fail, plain, print_json
from bots.preparation import article_path
from bots.settings import Settings
from channels.contract import Capabilities
from channels.messages import OutboundContent, fallback_text
from crm_store.database import Database, utc_now
from dialogues.answer_corrections import (
    EXCLUSIONS,
    Correction,
    CorrectionError,
    Recipient,
    content,
    find_correction,
    send_correction,
)
from knowledge_base.generation import lock_publication

#: People who are written to in one transaction.
_AT_ONCE = 50


def correction(
    article: ArticleArgument,
    since: Annotated[int, typer.Option(help="Number of the first revision that was not right.")],
    language: LanguageOption = None,
    text: Annotated[
        str | None,
        typer.Option("--text", help="Say this; {title}, {old} and {new} are filled in."),
    ] = None,
    text_file: Annotated[
        Path | None, typer.Option("--text-file", help="The same, from a file.")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Tell everybody who can be told.")] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """List who was given a text that was corrected, who of them can be told, and tell them."""
    bot = configured_bot()
    template = _template(text, text_file)
    settings = Settings()
    served = {
        key: account.capabilities()
        for key, account in open_accounts(bot, settings.environment()).items()
    }
    with opened() as database:
        found = _find(database, article, language, since=since, served=served)
        url = _url(settings, found)
        said = {
            each.citation.id: content(bot, found, each, template=template, url=url)
            for each in found.recipients
        }
        sent = _send(database, found, said, by=author(by)) if send else set()
        names = names_of(database, {each.customer_id for each in found.recipients})
    lines = [
        {
            **_recipient(each, names),
            "message": fallback_text(said[each.citation.id]) if each.exclusion is None else None,
            "sent": each.citation.id in sent,
        }
        for each in found.recipients
    ]
    if as_json:
        print_json(
            {
                "article": article,
                "language": found.article.language,
                "since": since,
                "live": found.live,
                "occasion": found.occasion,
                "recipients": lines,
            }
        )
        return
    _show_correction(found, lines, sent=len(sent) if send else None)


def _find(
    database: Database,
    article: str,
    language: str | None,
    *,
    since: int,
    served: Mapping[tuple[str, str], Capabilities],
) -> Correction:
    with database.session() as session:
        spoken = find(session, article, language, None).language
        try:
            return find_correction(
                session, article, spoken, since=since, served=served, now=utc_now()
            )
        except CorrectionError as error:
            raise fail(str(error)) from error


def _url(settings: Settings, found: Correction) -> str | None:
    """Return where the corrected article can be read, when that is known."""
    public = (settings.public_url or "").rstrip("/")
    url = urljoin(public + article_path(found.article), found.article.url or "")
    return url if url.startswith(("https://", "http://")) else None


def _send(
    database: Database, found: Correction, said: dict[UUID, OutboundContent], *, by: str
) -> set[UUID]:
    """Queue the messages and return for which citations one was."""
    sent: set[UUID] = set()
    told = [each for each in found.recipients if each.exclusion is None]
    with counted("telling", len(told)) as count:
        for start in range(0, len(told), _AT_ONCE):
            now = utc_now()
            with database.session() as session:
                lock_publication(session)  # or two who tell at once would meet
                for each in told[start : start + _AT_ONCE]:
                    message = said[each.citation.id]
                    if send_correction(session, found, each, message, by=by, now=now):
                        sent.add(each.citation.id)
                    count()
    return sent


def _template(text: str | None, text_file: Path | None) -> str | None:
    if text_file is not None:
        try:
            text = text_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"--text-file {text_file} cannot be read: {type(error).__name__}"
            raise fail(message, status=2) from error
    if text is not None and not (0 < len(text.strip()) <= 3000):
        raise fail("the text may have 1 to 3000 characters", status=2)
    return text


def _recipient(each: Recipient, names: dict[UUID, str | None]) -> dict[str, Any]:
    return {
        "customer_id": str(each.customer_id),
        "name": names.get(each.customer_id) or "",
        "channel": each.citation.channel,
        "conversation_id": str(each.citation.conversation_id),
        "answered_at": each.citation.at.isoformat(),
        "version": each.citation.version,
        "old": each.old,
        "new": each.new,
        "exclusion": each.exclusion,
        "why": EXCLUSIONS[each.exclusion] if each.exclusion is not None else None,
    }


def _show_correction(found: Correction, lines: list[dict[str, Any]], *, sent: int | None) -> None:
    table = Table("customer", "channel", "answered (UTC)", "can be told")
    for line in lines:
        verdict = Text(line["why"], style="yellow") if line["why"] else Text("yes", style="green")
        table.add_row(
            escape(plain(line["name"] or line["customer_id"])),
            line["channel"],
            line["answered_at"][:16].replace("T", " "),
            verdict,
        )
    console.print(table)
    told = [line for line in lines if line["exclusion"] is None]
    console.print(f"{len(lines)} people were given an earlier text; {len(told)} can be told")
    if told:
        console.print("\nFor example:", style="bold")
        console.print(Text(plain(str(told[0]["message"]))), soft_wrap=True)
    if sent is not None:
        console.print(f"\n{sent} messages queued", style="green")
    elif told:
        console.print("\nNothing was sent; `--send` does, once per person.", style="dim")
