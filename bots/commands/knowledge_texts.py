"""`tributary knowledge list|show|history|diff`: what the bot may say, and what it could before."""

from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from bots.commands.opened import opened
from bots.commands.terminal import console, fail, plain, print_json
from knowledge_base.article_file import article_file, difference
from knowledge_base.catalogue import PAGE_MAX, Listed, Wanted, list_articles
from knowledge_base.revisions import Revision, Status, article_of, history, live_revision, revision

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ArticleArgument = Annotated[str, typer.Argument(help="Id of the article.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", "-l", help="Needed when there are several.")
]
RevisionOption = Annotated[
    int | None, typer.Option("--revision", "-r", help="Number of the revision.")
]

_STYLES = {"published": "green", "scheduled": "cyan", "draft": "yellow", "retired": "dim"}


def list_(
    language: Annotated[str | None, typer.Option("--language", "-l")] = None,
    status: Annotated[
        str | None, typer.Option(help="published, scheduled, draft or retired.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="folder, staff, or the name of an import.")
    ] = None,
    words: Annotated[str | None, typer.Option(help="Words in the title or the id.")] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Only those whose day of review has come.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List articles with how they stand."""
    if status not in {None, "published", "scheduled", "draft", "retired"}:
        raise fail(f"--status {status}: say published, scheduled, draft or retired", status=2)
    known: dict[str, Status] = {
        "published": "published",
        "scheduled": "scheduled",
        "draft": "draft",
        "retired": "retired",
    }
    wanted = Wanted(
        language=language,
        source=source,
        status=known[status] if status is not None else None,
        words=words,
        review_before=date.today() if review else None,  # noqa: DTZ011 - the reader's own day
    )
    found: list[Listed] = []
    with opened() as database, database.session() as session:
        while True:
            after = (found[-1].article_id, found[-1].language) if found else None
            page = list_articles(session, wanted, after=after)
            found += page
            if len(page) < PAGE_MAX:
                break
    if as_json:
        print_json([listed_data(each) for each in found])
        return
    _show_list(found)


def _show_list(found: list[Listed]) -> None:
    table = Table("article", "", "title", "status", "live", "waits", "source", "valid", "review")
    for each in found:
        table.add_row(
            each.article_id,
            each.language,
            Text(plain(each.title), overflow="ellipsis", no_wrap=True),
            Text(each.status, style=_STYLES[each.status]),
            f"#{each.live} since {_day(each.live_from)}" if each.live else "",
            ", ".join(
                [
                    *(f"#{number} {_minute(at)}" for number, at in each.planned),
                    *(f"#{number} draft" for number in each.drafts),
                ]
            ),
            escape(each.source or "staff") + ("" if each.audience == "public" else ", staff only"),
            _validity(each.valid_from, each.valid_to),
            _day(each.review_by),
        )
    console.print(table, f"{len(found)} articles", sep="\n")


def show(
    article: ArticleArgument,
    language: LanguageOption = None,
    number: RevisionOption = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the file it would be, to change and `draft`.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show an article: its live text, else its newest, or the revision that is named."""
    with opened() as database, database.session() as session:
        row = find(session, article, language, number)
        if as_json:
            print_json(revision_data(row))
            return
        text = article_file(article_of(row))
        if not markdown:
            console.print(_heading(row))
        console.print(Text(plain(text)), soft_wrap=True, end="")


def history_(
    article: ArticleArgument, language: LanguageOption = None, as_json: JsonOption = False
) -> None:
    """List the revisions of an article: who wrote and published them, and when each was live."""
    with opened() as database, database.session() as session:
        rows = history(session, article, language)
        if not rows:
            raise _unknown(article, language)
        if as_json:
            print_json([revision_data(row) for row in rows])
            return
    table = Table("", "revision", "status", "written", "by", "live (UTC)", "by", "version", "note")
    for row in rows:
        live = f"{_minute(row.live_from)} – {_minute(row.live_until)}" if row.live_from else ""
        table.add_row(
            row.language,
            f"#{row.number}",
            Text(row.status, style=_STYLES[row.status]),
            _minute(row.created_at),
            escape(plain(row.created_by)),
            live or (f"planned {_minute(row.publish_at)}" if row.publish_at else ""),
            escape(plain(row.published_by or "")),
            row.version,
            escape(plain(row.note)),
        )
    console.print(table)


def diff(
    article: ArticleArgument,
    old: Annotated[int, typer.Argument(help="Number of the older revision.")],
    new: Annotated[
        int | None, typer.Argument(help="Number of the newer one; the live one if left out.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Show what differs between two revisions of an article."""
    with opened() as database, database.session() as session:
        first = find(session, article, language, old)
        second = find(session, article, language, new)
        lines = difference(
            article_of(first),
            article_of(second),
            names=(f"revision {first.number}", f"revision {second.number}"),
        )
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        console.print(Text(plain(line), style=styles.get(line[:1], "")), soft_wrap=True)
    if not lines:
        console.print("no difference")


def find(session: Session, article_id: str, language: str | None, number: int | None) -> Revision:
    """Return the revision that a command names: the live one, else the newest, if by no number.

    Raises:
        typer.Exit: there is none, or it is not clear of which language.
    """
    if language is None:
        languages = sorted({row.language for row in history(session, article_id)})
        if len(languages) > 1:
            known = ", ".join(languages)
            raise fail(f"{article_id} is there in {known}: say which with --language", status=2)
        language = languages[0] if languages else ""
    if number is not None:
        row = revision(session, article_id, language, number)
    else:
        row = live_revision(session, article_id, language)
        row = row or next(iter(history(session, article_id, language, limit=1)), None)
    if row is None:
        raise _unknown(article_id, language or None, number)
    return row


def _unknown(article_id: str, language: str | None, number: int | None = None) -> typer.Exit:
    which = f" ({language})" if language else ""
    numbered = f" no revision {number} of" if number is not None else " no article"
    return fail(f"there is{numbered} {article_id!r}{which}; `tributary knowledge list` shows all")


def listed_data(each: Listed) -> dict[str, Any]:
    """Return a line of the catalogue as JSON data."""
    return {
        **{name: getattr(each, name) for name in each.__slots__ if name != "planned"},
        "source": each.source or "staff",
        "planned": [{"number": number, "at": at} for number, at in each.planned],
    }


def revision_data(row: Revision) -> dict[str, Any]:
    """Return a revision as JSON data."""
    data = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    return {**data, "id": str(row.id), "source": row.source or "staff"}


def _heading(row: Revision) -> Text:
    live = f", live {_minute(row.live_from)} – {_minute(row.live_until)}" if row.live_from else ""
    text = Text(f"{row.article_id} ({row.language}) revision {row.number}: ")
    text.append(row.status, style=_STYLES[row.status])
    text.append(f"{live}, version {row.version}, source {plain(row.source or 'staff')}")
    return text


def _day(when: date | None) -> str:
    return when.strftime("%Y-%m-%d") if when is not None else ""


def _minute(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M") if when is not None else "now"


def _validity(first: date | None, last: date | None) -> str:
    return f"{_day(first)} – {_day(last)}" if first or last else ""


def find_waiting(
    session: Session, article: str, language: str | None, number: int | None
) -> Revision:
    """Return the draft or planned revision that is named, else the newest draft."""
    if number is not None:
        return find(session, article, language, number)
    named = find(session, article, language, None)
    for row in history(session, article, named.language):
        if row.status in {"draft", "scheduled"}:
            return row
    raise fail(f"{article} ({named.language}) has no draft; `tributary knowledge draft` makes one")
