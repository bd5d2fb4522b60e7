"""What the commands about gaps have in common: options, refusals, and finding a gap."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from bots.commands.terminal import fail, faults, plain, progress
from bots.settings import Settings
from bots.workbench import Workbench, of_settings
from crm_store.database import Database
from knowledge_base import gaps
from knowledge_base.article_faults import FaultyArticleError
from knowledge_base.drafts import ForeignArticleError, RevisionConflictError
from knowledge_base.gap_decisions import GapError
from knowledge_base.gaps import KnowledgeGap
from nlu.encoder import EncoderError
from nlu.yaml_file import FaultyFileError

#: Status of a command that changed nothing because other answers would change.
UNCONFIRMED: Final = 3
GapArgument = Annotated[str, typer.Argument(help="Id of the gap, or its first characters.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ByOption = Annotated[str | None, typer.Option(help="Who decides; default: your login.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the record.")]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Also when other questions would be answered otherwise.")
]


def author(by: str | None) -> str:
    """Return who decides, for the record."""
    if by is None:
        try:
            by = getpass.getuser()
        except OSError:
            by = "unknown"
    return f"staff:{plain(by).strip()[:50]}"


@contextmanager
def refusals() -> Iterator[None]:
    """Tell in a line what cannot be done; nothing was changed then."""
    try:
        yield
    except FaultyFileError as error:
        raise faults(error) from error
    except (
        EncoderError,
        FaultyArticleError,
        ForeignArticleError,
        GapError,
        RevisionConflictError,
    ) as error:
        raise fail(plain(str(error))) from error


@contextmanager
def workbench(database: Database) -> Iterator[Workbench]:
    """Open what trying a change takes."""
    with progress("reading the bot's folder") as tell:
        opening = of_settings(Settings(), database, progress=tell)
        bench = opening.__enter__()
    try:
        yield bench
    finally:
        opening.__exit__(None, None, None)


def find_gap(session: Session, wanted: str) -> KnowledgeGap:
    """Return the gap whose id begins so."""
    found = gaps.with_prefix(session, wanted)
    if not found:
        raise fail(f"no gap begins with {wanted!r}; `tributary knowledge gaps list` shows them")
    if len(found) > 1:
        ids = "\n".join(f"  {gap.id}" for gap in found)
        raise fail(f"several gaps begin with {wanted!r}; give more of the id:\n{ids}")
    return found[0]


def find_gap_id(database: Database, wanted: str) -> UUID:
    """Return the id of the gap whose id begins so."""
    with database.session() as session:
        return find_gap(session, wanted).id
