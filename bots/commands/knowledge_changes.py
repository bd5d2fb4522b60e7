"""`tributary knowledge draft`, `publish` and so on: change what the bot may say."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from bots.commands.gap_options import UNCONFIRMED, YesOption, refusals
from bots.commands.gap_tables import show_replay
from bots.commands.knowledge_replay import try_out
from bots.commands.knowledge_texts import (
    ArticleArgument,
    JsonOption,
    LanguageOption,
    RevisionOption,
    find,
    find_waiting,
    revision_data,
)
from bots.commands.opened import opened
from bots.commands.terminal import console, errors, fail, faults, plain, print_json
from bots.preparation import read_folder
from bots.settings import Settings
from crm_store.database import utc_now
from dialogues.bot import Bot, load_bot
from knowledge_base import publishing
from knowledge_base.article_faults import FaultyArticleError
from knowledge_base.articles import read_article
from knowledge_base.catalogue import clashes
from knowledge_base.drafts import ForeignArticleError, RevisionConflictError, save_draft
from knowledge_base.folder import synchronise
from knowledge_base.revisions import Revision, article_of
from nlu.yaml_file import FaultyFileError

ByOption = Annotated[
    str | None, typer.Option("--by", help="Who does it, for the history; else your login.")
]
NoteOption = Annotated[str, typer.Option("--note", help="Why, for the history.")]


def draft(
    file: Annotated[Path, typer.Argument(help="<id>.<language>.md, as in the bot's folder.")],
    by: ByOption = None,
    note: NoteOption = "",
    follows: Annotated[
        int | None,
        typer.Option(help="Newest revision you have seen; refuses when there is a newer one."),
    ] = None,
    publish_it: Annotated[bool, typer.Option("--publish", help="Publish it at once.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Save a new text of an article as a draft: nobody is told it before it is published."""
    bot = configured_bot()
    now = utc_now()
    today = now.astimezone(bot.file.zone).date()
    try:
        article = read_article(file, bot.languages, today=today)
    except FaultyFileError as error:
        raise faults(error) from error
    with changing() as session:
        saved = save_draft(session, article, by=author(by), now=now, note=note, follows=follows)
        if publish_it:
            publishing.publish(session, saved, by=author(by), now=now)
        _warn(session, saved)
    _tell(saved, as_json=as_json)


def publish(
    article: ArticleArgument,
    language: LanguageOption = None,
    number: RevisionOption = None,
    yes: YesOption = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish a draft, the newest if none is named, after a replay of all questions on record.

    Ends with 3, and publishes nothing, when other questions would be answered otherwise.
    """
    with changing() as session:
        number = find_waiting(session, article, language, number).number
    if not yes:
        _replay(article, language, number)
    with changing() as session:
        row = find_waiting(session, article, language, number)
        _warn(session, row)
        publishing.publish(session, row, by=author(by), now=utc_now())
    _tell(row, as_json=as_json)


def _replay(article: str, language: str | None, number: int) -> None:
    """See that no question on record would be answered otherwise.

    Raises:
        typer.Exit: some would.
    """
    with opened() as database, refusals():
        with database.session() as session:
            row = find_waiting(session, article, language, number)
        tried = try_out(database, row)
    if tried.flips:
        show_replay(tried)
        raise fail(
            f"nothing was published: {len(tried.flips)} other questions would be answered "
            "otherwise; add --yes if that is meant",
            status=UNCONFIRMED,
        )


def schedule(
    article: ArticleArgument,
    at: Annotated[
        str, typer.Argument(help="2026-12-01 or 2026-12-01T09:00, where the company is.")
    ],
    language: LanguageOption = None,
    number: RevisionOption = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a draft to go live by itself at a time."""
    when = read_time(at)
    with changing() as session:
        row = find_waiting(session, article, language, number)
        publishing.publish(session, row, by=author(by), now=utc_now(), at=when)
    _tell(row, as_json=as_json)


def retire(
    article: ArticleArgument,
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="Only this one; else all.")
    ] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop saying an article at once; what was planned for it becomes a draft again."""
    with changing() as session:
        rows = publishing.retire(session, article, language, by=author(by), now=utc_now())
    if not rows:
        raise fail(f"nothing of {article!r} is live or planned")
    if as_json:
        print_json([revision_data(row) for row in rows])
        return
    for row in rows:
        console.print(f"{row.article_id} ({row.language}): revision {row.number} is {row.status}")


def restore(
    article: ArticleArgument,
    number: Annotated[int, typer.Argument(help="Number of the revision to bring back.")],
    language: LanguageOption = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish an earlier text again, under a new number."""
    with changing() as session:
        row = find(session, article, language, number)
        again = publishing.restore(session, row, by=author(by), now=utc_now())
    _tell(again, as_json=as_json)


def sync(as_json: JsonOption = False) -> None:
    """Publish what changed in the bot's folder, as every start does, without a restart."""
    try:
        _, articles, _ = read_folder(Settings().bot)
    except FaultyFileError as error:
        raise faults(error) from error
    with changing() as session:
        changes = synchronise(session, articles, now=utc_now())
    data = {
        "added": changes.added,
        "changed": changes.changed,
        "removed": changes.removed,
        "unchanged": changes.unchanged,
        "kept_retired": changes.kept_retired,
        "refused": changes.refused,
    }
    if as_json:
        print_json(data)
        return
    for name, keys in data.items():
        if isinstance(keys, list):
            listed = ", ".join(f"{article} ({language})" for article, language in keys)
            console.print(f"{name.replace('_', ' ')}: {listed or 'none'}", markup=False)
        else:
            console.print(f"{name}: {keys}")


@contextmanager
def changing() -> Iterator[Session]:
    """Open a session in a transaction; what cannot be done is told in a line.

    Raises:
        typer.Exit: it cannot be done; nothing was changed.
    """
    try:
        with opened() as database, database.session() as session:
            yield session
    except (FaultyArticleError, ForeignArticleError, RevisionConflictError) as error:
        raise fail(str(error)) from error


def author(by: str | None) -> str:
    """Return who changes something, for the history."""
    if by is None:
        try:
            by = getpass.getuser()
        except OSError:
            by = "unknown"
    return f"staff:{plain(by).strip()[:150]}"


def read_time(text: str) -> datetime:
    """Return a time that was typed, taken where the company is unless it says otherwise.

    Raises:
        typer.Exit: it is none.
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no time: say 2026-12-01 or 2026-12-01T09:00"
        raise fail(message, status=2) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=configured_bot().file.zone)
    return when.astimezone(UTC)


def configured_bot() -> Bot:
    """Return the bot of the settings.

    Raises:
        typer.Exit: it has faults, or is not there.
    """
    folder = Settings().bot
    if not (folder / "bot.yml").is_file():
        raise fail(f"TRIBUTARY_BOT: there is no bot in {folder} (no bot.yml)")
    try:
        return load_bot(folder)
    except FaultyFileError as error:
        raise faults(error) from error


def _warn(session: Session, row: Revision) -> None:
    for other in clashes(session, article_of(row)):
        errors.print(
            f"warning: {other.article_id} ({other.language}) has the same title; "
            "which of the two is given will be chance",
            style="yellow",
            markup=False,
        )


def _tell(row: Revision, *, as_json: bool) -> None:
    if as_json:
        print_json(revision_data(row))
        return
    at = f" for {row.publish_at:%Y-%m-%d %H:%M} UTC" if row.publish_at is not None else ""
    console.print(
        f"{row.article_id} ({row.language}): revision {row.number} is {row.status}{at}",
        markup=False,
    )
