"""Decisions about gaps on the command line, and what they take."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import yaml

from bots.api import gap_values as values
from bots.commands.gap_options import (
    UNCONFIRMED,
    ByOption,
    GapArgument,
    JsonOption,
    ReasonOption,
    YesOption,
    author,
    find_gap,
    find_gap_id,
    refusals,
    workbench,
)
from bots.commands.gap_tables import (
    show_askers,
    show_replay,
)
from bots.commands.opened import opened
from bots.commands.terminal import console, fail, print_json, progress
from bots.gap_work import Done, draft_of, find_askers, link_gap, publish_gap, tell_askers
from crm_store.database import utc_now
from dialogues.telling import DAYS
from knowledge_base import gap_decisions
from knowledge_base.forgetting import forget_before, forget_customer
from knowledge_base.gaps import KnowledgeGap
from knowledge_base.gathering import Comparisons


def approve(
    gap: GapArgument,
    article: Annotated[
        str | None, typer.Option(help="Which article answers it; default: its candidate.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the article.")] = None,
    question: Annotated[
        list[str] | None, typer.Option(help="Wording to add; repeatable; default: the gap's.")
    ] = None,
    *,
    yes: YesOption = False,
    by: ByOption = None,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make wordings of a gap wordings of an article, and publish that, after a replay."""
    with opened() as database, refusals():
        gap_id = find_gap_id(database, gap)
        with workbench(database) as bench, progress("asking all questions anew") as tell:
            done = link_gap(
                bench,
                gap_id,
                article_id=article,
                language=language,
                questions=question or (),
                by=author(by),
                reason=reason,
                agreed=yes,
                progress=tell,
            )
    _tell_done(done, as_json=as_json)


def write(
    gap: GapArgument,
    article: Annotated[str, typer.Option("--id", help="Id of the new article.")],
    body: Annotated[
        Path | None, typer.Option(help="File with its text in Markdown; default: write a file.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Where to write a file to fill in, front matter filled.")
    ] = None,
    *,
    title: Annotated[str | None, typer.Option(help="Its title; default: the question.")] = None,
    language: Annotated[str | None, typer.Option(help="Its language; default: the gap's.")] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Draft an article for a gap, from a text or as a file to fill in."""
    if (body is None) == (to is None):
        raise fail(
            "say --body FILE with the text, or --to FILE to get a file to fill in", status=2
        )
    with opened() as database, refusals(), database.session() as session:
        found = find_gap(session, gap)
        if to is not None:
            _write_file(to, found, gap_decisions.wordings(session, found.id), title=title)
            return
        assert body is not None  # noqa: S101 - one of the two is given
        given = values.DraftIn(
            article_id=article, title=title, language=language, body=_read(body)
        )
        now = utc_now()
        made = values.article_in(given, found, day=now.date())
        draft = gap_decisions.write(session, found.id, made, by=author(by), now=now, reason=reason)
        told = {"article": draft.article_id, "language": draft.language, "number": draft.number}
    if as_json:
        print_json(told)
        return
    console.print(
        f"draft {told['number']} of {told['article']} ({told['language']}) is saved; "
        f"`tributary knowledge gaps publish {gap}` tries and publishes it",
        markup=False,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path} cannot be read as UTF-8 text: {type(error).__name__}") from error


def _write_file(path: Path, gap: KnowledgeGap, wordings: list[str], *, title: str | None) -> None:
    """Write an article with front matter, to be filled in and put into the bot's folder."""
    if path.exists():
        raise fail(f"{path} is there already; take another name")
    head = {
        "title": title or " ".join(gap.question.split()),
        "questions": [text for text in wordings if text != gap.question] or wordings,
        "audience": "public",
        "updated": utc_now().date(),
    }
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False)
    try:
        path.write_text(f"---\n{front}---\n\n", encoding="utf-8")
    except OSError as error:
        raise fail(f"{path} cannot be written: {type(error).__name__}") from error
    console.print(f"{path} waits for its text", markup=False)


def publish(
    gap: GapArgument, *, yes: YesOption = False, by: ByOption = None, as_json: JsonOption = False
) -> None:
    """Publish the article that was drafted for a gap, after a replay."""
    with opened() as database, refusals():
        gap_id = find_gap_id(database, gap)
        with workbench(database) as bench, progress("asking all questions anew") as tell:
            done = publish_gap(bench, gap_id, by=author(by), agreed=yes, progress=tell)
    _tell_done(done, as_json=as_json)


def _tell_done(done: Done, *, as_json: bool) -> None:
    told = values.ReplayOut.of(done.replay).model_dump(mode="json")
    if as_json:
        gap = values.GapOut.of(done.gap).model_dump(mode="json")
        print_json({"gap": gap, "published": done.revisions, "replay": told})
    else:
        show_replay(done.replay)
    if done.revisions is None:
        raise fail(
            f"nothing was published: {len(done.replay.flips)} other questions would be answered "
            "otherwise; add --yes if that is meant",
            status=UNCONFIRMED,
        )
    if not as_json:
        console.print("Published." if done.revisions else "The article knew these wordings.")


def replay(gap: GapArgument, as_json: JsonOption = False) -> None:
    """Show what would be answered otherwise if the draft for a gap were published."""
    with opened() as database, refusals():
        with database.session() as session:
            draft = draft_of(session, find_gap(session, gap).id)
        with workbench(database) as bench, progress("asking all questions anew") as tell:
            tried = bench.try_revision(draft, progress=tell)
    if as_json:
        print_json(values.ReplayOut.of(tried).model_dump(mode="json"))
    else:
        show_replay(tried)


def ignore(
    gap: GapArgument,
    reason: Annotated[str, typer.Option(help="Why nobody needs to answer it.")],
    until: Annotated[
        int, typer.Option(min=1, help="It comes back when so many more people ask.")
    ] = 5,
    by: ByOption = None,
) -> None:
    """Put a gap aside until more people ask."""
    with opened() as database, refusals(), database.session() as session:
        found = gap_decisions.ignore(
            session,
            find_gap(session, gap).id,
            reason=reason,
            until_people=until,
            by=author(by),
            now=utc_now(),
        )
        back = found.returns_at
    console.print(f"ignored until {back} people have asked")


def reopen(gap: GapArgument, by: ByOption = None, reason: ReasonOption = "") -> None:
    """Open a gap again; articles stay as they are."""
    with opened() as database, refusals(), database.session() as session:
        gap_decisions.reopen(
            session, find_gap(session, gap).id, by=author(by), now=utc_now(), reason=reason
        )
    console.print("open again")


def merge(
    gap: GapArgument,
    others: Annotated[list[str], typer.Argument(help="Gaps that mean the same.")],
    by: ByOption = None,
    reason: ReasonOption = "",
) -> None:
    """Make other gaps part of one."""
    with (
        opened() as database,
        refusals(),
        workbench(database) as bench,
        database.session() as session,
    ):
        merged = gap_decisions.merge(
            session,
            find_gap(session, gap).id,
            [find_gap(session, other).id for other in others],
            comparisons=bench.comparisons,
            by=author(by),
            now=utc_now(),
            reason=reason,
        )
        people = merged.people
    console.print(f"merged: {people} people asked it")


def split(
    gap: GapArgument,
    questions: Annotated[list[UUID], typer.Argument(help="Ids of questions, as `show` has them.")],
    by: ByOption = None,
    reason: ReasonOption = "",
) -> None:
    """Take questions out of a gap into a new one."""
    with (
        opened() as database,
        refusals(),
        workbench(database) as bench,
        database.session() as session,
    ):
        new = gap_decisions.split(
            session,
            find_gap(session, gap).id,
            questions,
            comparisons=bench.comparisons,
            by=author(by),
            now=utc_now(),
            reason=reason,
        )
        key = new.id
    console.print(f"new gap {key}")


def tell(
    gap: GapArgument,
    days: Annotated[int, typer.Option(min=1, max=365, help="Nobody who asked before.")] = DAYS,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send; without it, only show.")] = False,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who asked and can be told the answer; tell them with --send, each once."""
    with opened() as database, refusals():
        gap_id = find_gap_id(database, gap)
        with workbench(database) as bench:
            found = find_askers(bench, gap_id, days=days)
            told = tell_askers(bench, gap_id, days=days, by=author(by)) if send else []
    if as_json:
        people = [values.AskerOut.of(asker).model_dump(mode="json") for asker in found]
        print_json({"askers": people, "told": told})
        return
    show_askers(found)
    can = sum(asker.exclusion is None for asker in found)
    line = f"{len(told)} will hear from us" if send else f"{can} can be told: add --send"
    console.print(line)


def forget(
    customer: Annotated[
        UUID | None, typer.Option(help="Everything this customer asked, by their id.")
    ] = None,
    older_than: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="All that was asked so many days ago.")
    ] = None,
) -> None:
    """Delete questions for good: of one customer, or old ones; gaps are counted anew."""
    if (customer is None) == (older_than is None):
        raise fail("say --customer ID or --older-than DAYS", status=2)
    now = utc_now()
    with opened() as database, database.session() as session:
        if customer is not None:
            count = forget_customer(session, customer, comparisons=Comparisons(), now=now)
        else:
            before = now - timedelta(days=older_than or 0)
            count = forget_before(session, before, comparisons=Comparisons(), now=now)
    console.print(f"{count} questions are deleted")
