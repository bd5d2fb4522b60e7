"""`tributary knowledge replay`: what a draft would change, before anybody is told it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bots.api import gap_values
from bots.commands.gap_options import refusals, workbench
from bots.commands.gap_tables import show_replay
from bots.commands.knowledge_texts import (
    ArticleArgument,
    JsonOption,
    LanguageOption,
    RevisionOption,
    find_waiting,
)
from bots.commands.opened import opened
from bots.commands.terminal import print_json, progress
from crm_store.database import Database
from knowledge_base.questions import AskedQuestion
from knowledge_base.replay import Replay
from knowledge_base.revisions import Revision


def replay(
    article: ArticleArgument,
    language: LanguageOption = None,
    number: RevisionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask all questions on record anew as if a draft were published, and show what changes."""
    with opened() as database, refusals():
        with database.session() as session:
            row = find_waiting(session, article, language, number)
        tried = try_out(database, row)
    if as_json:
        print_json(gap_values.ReplayOut.of(tried).model_dump(mode="json"))
    else:
        show_replay(tried)


def try_out(database: Database, row: Revision) -> Replay:
    """Return what publishing a revision would change; quick while nobody has asked anything."""
    with database.session() as session:
        if not _anything_asked(session):
            return Replay(0)
    with workbench(database) as bench, progress("asking all questions anew") as tell:
        return bench.try_revision(row, progress=tell)


def _anything_asked(session: Session) -> bool:
    return session.execute(select(AskedQuestion.id).limit(1)).first() is not None
