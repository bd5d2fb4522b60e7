"""`tributary knowledge answered|asof`: what was said to whom, and what would have been."""

import csv
import sys
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.orm import Session

from bots.commands.knowledge_changes import configured_bot, read_time
from bots.commands.knowledge_texts import ArticleArgument, JsonOption
from bots.commands.opened import opened
from bots.commands.terminal import console, plain, print_json, progress
from bots.preparation import prepare_bot
from bots.settings import Settings
from crm_store.customers import Customer
from crm_store.database import Database
from dialogues.citations import PAGE_MAX, Citation, citations, cited_revision
from knowledge_base.answer import SearchResult
from knowledge_base.question import Question
from knowledge_base.revisions import live_at, revisions_of_version

#: People who are written to in one transaction.
_AT_ONCE = 50


def answered(
    article: ArticleArgument,
    language: Annotated[str | None, typer.Option("--language", "-l")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Only on this day, e.g. 2026-11-24.")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", help="Only answers taken from this version.")
    ] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List who was given an article and when, with the very text it was taken from."""
    since = read_time(at) if at is not None else None
    until = since + timedelta(days=1) if since is not None else None
    versions = [version] if version is not None else None
    with opened() as database, database.session() as session:
        found = _read(session, article, language, versions, since, until)
        names = names_of(database, {each.customer_id for each in found})
        texts, numbers = _texts(session, found)
    lines = [
        {
            "at": each.at.isoformat(),
            "customer_id": str(each.customer_id),
            "name": names.get(each.customer_id) or "",
            "channel": each.channel,
            "conversation_id": str(each.conversation_id) if each.conversation_id else "",
            "seq": each.seq,
            "language": each.language,
            "version": each.version,
            "revision": numbers[each.id],
            "passage": each.passage_id,
        }
        for each in found
    ]
    if as_json:
        print_json({"article": article, "answers": lines, "texts": list(texts.values())})
    elif as_csv:
        _print_csv(lines)
    else:
        _show_answers(lines, texts)


def _read(
    session: Session,
    article: str,
    language: str | None,
    versions: list[str] | None,
    since: datetime | None,
    until: datetime | None,
) -> list[Citation]:
    found: list[Citation] = []
    while True:
        page = citations(
            session,
            article,
            language=language,
            versions=versions,
            since=since,
            until=until,
            after=found[-1] if found else None,
        )
        found += page
        if len(page) < PAGE_MAX:
            return found


def _texts(
    session: Session, found: list[Citation]
) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[UUID, int | None]]:
    """Return the texts that were cited, and the number of the revision of each citation."""
    texts: dict[tuple[str, str], dict[str, Any]] = {}
    numbers: dict[UUID, int | None] = {}
    for each in found:
        row = cited_revision(session, each)
        numbers[each.id] = row.number if row is not None else None
        key = (each.language, each.version)
        if row is None or key in texts:
            continue
        same = revisions_of_version(session, each.article_id, *key)
        texts[key] = {
            "language": each.language,
            "version": each.version,
            "revisions": [one.number for one in same],
            "title": row.title,
            "body": row.body,
        }
    return texts, numbers


def _print_csv(lines: list[dict[str, Any]]) -> None:
    names = list(lines[0]) if lines else ["at", "customer_id"]
    writer = csv.DictWriter(sys.stdout, names)
    writer.writeheader()
    # What begins so is a formula to a spreadsheet.
    writer.writerows(
        {
            name: f"'{value}" if str(value)[:1] in "=+-@\t\r" and str(value) else value
            for name, value in line.items()
        }
        for line in lines
    )


def _show_answers(
    lines: list[dict[str, Any]], texts: dict[tuple[str, str], dict[str, Any]]
) -> None:
    table = Table("when (UTC)", "customer", "channel", "", "revision", "version", "message")
    for line in lines:
        table.add_row(
            line["at"][:16].replace("T", " "),
            escape(plain(line["name"] or line["customer_id"])),
            line["channel"],
            line["language"],
            f"#{line['revision']}" if line["revision"] else "before the history",
            line["version"],
            f"{line['conversation_id']} {line['seq'] or ''}",
        )
    console.print(table)
    console.print(f"{len(lines)} answers")
    for (language, version), text in texts.items():
        numbers = ", ".join(f"#{number}" for number in text["revisions"])
        console.print(
            f"\n{language} version {version} ({numbers}): {plain(text['title'])}",
            style="bold",
            markup=False,
        )
        console.print(Text(plain(text["body"])), soft_wrap=True)


def asof(
    when: Annotated[str, typer.Argument(help="2026-11-24 or 2026-11-24T09:00, company's time.")],
    question: Annotated[str, typer.Argument(help="As a customer would ask it.")],
    language: Annotated[str | None, typer.Option("--language", "-l")] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with what was live at a time: what would we have said then?"""
    bot = configured_bot()
    settings = Settings()
    at = read_time(when)
    asked = Question(question, language or bot.languages[0])
    with opened() as database, progress("reading what was live then") as tell:
        with database.reading() as connection:
            articles = live_at(connection, at, day=at.astimezone(bot.file.zone).date())
        brain = prepare_bot(
            settings.bot,
            encoder=settings.encoder,
            cache=settings.cache,
            public_url=(settings.public_url or "").rstrip("/"),
            progress=tell,
            live=articles,
        )
        (result,) = brain.knowledge.search([asked])
        answer = result.answer
        number = None
        if answer is not None:
            with database.session() as session:
                rows = revisions_of_version(
                    session, answer.article_id, answer.language, answer.version
                )
            number = max(
                (r.number for r in rows if r.live_from and r.live_from <= at), default=None
            )
    if as_json:
        print_json({"at": at, "articles": len(articles), **_result_data(result, number)})
        return
    console.print(f"{len(articles)} articles were live; the outcome: {result.outcome}")
    if answer is not None:
        console.print(
            f"\n{plain(answer.title)} ({answer.article_id}, {answer.language}, "
            f"revision {number}, version {answer.version})\n",
            style="bold",
            markup=False,
        )
        console.print(Text(plain(answer.text)), soft_wrap=True)
    for each in result.near:
        console.print(f"  near: {plain(each.question)}", markup=False)


def _result_data(result: SearchResult, number: int | None) -> dict[str, Any]:
    answer = result.answer
    cited = answer and {
        "article": answer.article_id,
        "language": answer.language,
        "version": answer.version,
        "revision": number,
        "title": answer.title,
        "text": answer.text,
        "score": answer.score,
    }
    near = [each.question for each in result.near]
    return {"outcome": result.outcome, "answer": cited, "near": near}


def names_of(database: Database, customer_ids: set[UUID]) -> dict[UUID, str | None]:
    """Return what customers are called, as far as it is known."""
    names: dict[UUID, str | None] = {}
    wanted = sorted(customer_ids)
    with database.reading() as connection:
        for start in range(0, len(wanted), 500):
            rows = connection.execute(
                select(Customer.id, Customer.name).where(
                    Customer.id.in_(wanted[start : start + 500])
                )
            )
            names |= {row[0]: row[1] for row in rows}
    return names
