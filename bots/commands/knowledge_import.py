"""`tributary import knowledge`: articles from folders, files and sites."""

import getpass
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from bots.commands.opened import opened
from bots.commands.terminal import console, errors, fail, faults, plain, print_json, progress
from bots.settings import Settings
from channels.fetcher import parse_hosts
from crm_store.database import Database, utc_now
from dialogues.bot import load_bot
from knowledge_base.article_of_extract import fit_language
from knowledge_base.document import UnreadableError
from knowledge_base.outcome import Left, Outcome
from knowledge_base.reader import Reader
from knowledge_base.source_items import find_source
from knowledge_base.source_places import (
    ImportSettings,
    Place,
    Surroundings,
    find_place,
    import_place,
    remove_place,
)
from knowledge_base.sources.site import DEPTH_DEFAULT, PAGES_DEFAULT
from nlu.yaml_file import FaultyFileError

#: Places named in one cell of the report.
_PLACES_SHOWN = 3
#: Lines of the report of what was left out; `--json` has them all.
_LINES_SHOWN = 30

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")
]
BotOption = Annotated[Path | None, typer.Option(help="Folder of the bot.")]
ByOption = Annotated[str | None, typer.Option(help="Who imports; default: your login.")]


def knowledge(
    places: Annotated[
        list[str] | None, typer.Argument(help="Folder, file, zip, page or sitemap to read.")
    ] = None,
    *,
    language: Annotated[
        str | None, typer.Option(help="Language of all documents; default: as found.")
    ] = None,
    audience: Annotated[
        Literal["public", "staff"], typer.Option(help="Who may read it.")
    ] = "public",
    tags: Annotated[list[str] | None, typer.Option(help="Tag of all; repeatable.")] = None,
    state: Annotated[
        Literal["draft", "published"], typer.Option("--as", help="What becomes of what is new.")
    ] = "published",
    name: Annotated[
        str | None, typer.Option(help="What to call the source; default: made of the place.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="Source whose articles are taken out; repeatable.")
    ] = None,
    max_pages: Annotated[
        int, typer.Option(min=1, max=50_000, help="Pages read of one site.")
    ] = PAGES_DEFAULT,
    depth: Annotated[
        int, typer.Option(min=0, max=50, help="Links followed one after another.")
    ] = DEPTH_DEFAULT,
    bot: BotOption = None,
    by: ByOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make articles of Markdown, text, tables, HTML, PDF and Word documents, and of sites.

    Read again, a source brings what changed and takes out what is gone.
    """
    if not places and not remove:
        raise fail("say what to read: a folder, a file, or the address of a site")
    if name is not None and len(places or []) != 1:
        raise fail("--name is for one source at a time")
    with surroundings(bot, by=by, dry_run=dry_run) as around:
        settings = ImportSettings(
            language=_language(language, around.languages),
            audience=audience,
            tags=tuple(tags or ()),
            state=state,
            pages=max_pages,
            depth=depth,
        )
        removed = [_removed(each, around) for each in remove or ()]
        found: list[Place] = []
        lost: list[tuple[str, str]] = []
        for text in places or ():
            try:
                with around.database.session() as session:
                    found.append(find_place(session, text, settings, name=name))
            except UnreadableError as error:
                lost.append((text, str(error)))
        finish(import_places(found, around), lost, removed, around, as_json=as_json)


@contextmanager
def surroundings(bot: Path | None, *, by: str | None, dry_run: bool) -> Iterator[Surroundings]:
    """Open all that an import needs, and close it after."""
    settings = Settings()
    try:
        languages = load_bot(bot or settings.bot).languages
    except FaultyFileError as error:
        raise faults(error) from error
    hosts, networks = parse_hosts(settings.knowledge_hosts)
    with opened() as database, Reader() as reader:
        yield Surroundings(
            database=database,
            reader=reader,
            languages=languages,
            by=f"staff:{by or getpass.getuser()}"[:200],
            now=utc_now(),
            hosts=hosts,
            networks=networks,
            dry_run=dry_run,
        )


def import_places(
    places: Sequence[Place], around: Surroundings
) -> list[tuple[Place, Outcome | str]]:
    """Import one place after another; one that fails does not keep the others from it."""
    done: list[tuple[Place, Outcome | str]] = []
    for place in places:
        count = 0
        with progress(place.name) as tell:

            def told(key: str, name: str = place.name) -> None:
                nonlocal count
                count += 1
                tell(f"{name}: {count:,} {plain(key)[-70:]}")

            try:
                done.append((place, import_place(place, around, told)))
            except UnreadableError as error:
                done.append((place, str(error)))
    return done


def finish(
    done: Sequence[tuple[Place, Outcome | str]],
    lost: Sequence[tuple[str, str]],
    removed: Sequence[tuple[str, int]],
    around: Surroundings,
    *,
    as_json: bool,
) -> None:
    """Print the report; exit with 1 when nothing could be read at all."""
    failed = [*lost, *((place.location, why) for place, why in done if isinstance(why, str))]
    outcomes = [(place, found) for place, found in done if isinstance(found, Outcome)]
    if as_json:
        print_json(_as_data(outcomes, failed, removed, dry_run=around.dry_run))
    else:
        _show(outcomes, failed, removed, dry_run=around.dry_run)
    nothing = all(outcome.is_nothing for _, outcome in outcomes)
    if nothing and not removed:
        raise typer.Exit(1)


def _language(language: str | None, languages: Sequence[str]) -> str | None:
    if language is None:
        return None
    fitting = fit_language(language, languages)
    if fitting is None:
        known = ", ".join(languages)
        raise fail(f"{language} is not a language of this bot ({known})")
    return fitting


def _removed(wanted: str, around: Surroundings) -> tuple[str, int]:
    with around.database.session() as session:
        source = find_source(session, wanted) or find_source(session, str(Path(wanted).resolve()))
    if source is None:
        raise fail(f"no source is called {wanted!r}; `tributary knowledge sources` lists them")
    return source.name, remove_place(source, around)


def _as_data(
    outcomes: Sequence[tuple[Place, Outcome]],
    failed: Sequence[tuple[str, str]],
    removed: Sequence[tuple[str, int]],
    *,
    dry_run: bool,
) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "sources": [
            {
                "name": place.name,
                "kind": place.kind,
                "location": place.location,
                "counts": outcome.counts(),
                "left": [
                    {"document": left.key, "where": left.where, "why": left.why}
                    for left in outcome.left
                ],
            }
            for place, outcome in outcomes
        ],
        "failed": [{"location": place, "why": why} for place, why in failed],
        "removed": [{"name": name, "articles": count} for name, count in removed],
    }


def _show(
    outcomes: Sequence[tuple[Place, Outcome]],
    failed: Sequence[tuple[str, str]],
    removed: Sequence[tuple[str, int]],
    *,
    dry_run: bool,
) -> None:
    if outcomes:
        title = "Would be brought" if dry_run else "Brought"
        names = ("new", "changed", "unchanged", "removed")
        table = Table("source", *(f"{n} articles" for n in names), "documents", title=title)
        for place, outcome in outcomes:
            counts = outcome.counts()
            documents = f"{outcome.read} read, {outcome.same} as before, {outcome.failed} not read"
            table.add_row(Text(place.name), *(f"{counts[n]:,}" for n in names), documents)
        console.print(table)
    for _, outcome in outcomes:
        if outcome.left:
            _show_left(outcome)
    verb = "would be removed" if dry_run else "removed"
    for name, count in removed:
        console.print(f"{name}: {count} articles {verb}", markup=False)
    for location, why in failed:
        errors.print(plain(f"{location}: {why}"), style="red", markup=False)


def _show_left(outcome: Outcome) -> None:
    """Print what was left out, each reason once."""
    by_reason: defaultdict[str, list[Left]] = defaultdict(list)
    for left in outcome.left:
        by_reason[left.why].append(left)
    table = Table("left out because it", "times", "where", title=f"{outcome.source}: left out")
    for why, those in list(by_reason.items())[:_LINES_SHOWN]:
        shown = [f"{left.key} {left.where}".strip() for left in those[:_PLACES_SHOWN]]
        more = len(those) - _PLACES_SHOWN
        where = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        table.add_row(Text(plain(why)), str(len(those)), Text(plain(where)))
    if (more := len(by_reason) - _LINES_SHOWN) > 0:
        table.add_row(f"… and {more} more reasons; --json lists them", "", "")
    console.print(table)


def sources_table(database: Database) -> Table:
    """Return a table of the sources with when they were last read."""
    from knowledge_base.source_items import count_articles, sources

    table = Table("name", "kind", "articles", "last read (UTC)", "imported as", "from")
    with database.session() as session:
        counts = count_articles(session)
        for source in sources(session):
            read = source.read_at.strftime("%Y-%m-%d %H:%M") if source.read_at else "never"
            how = ImportSettings.model_validate(source.settings)
            told = ", ".join(filter(None, (how.state, how.audience, how.language, *how.tags)))
            cells = (source.name, source.kind, f"{counts.get(source.name, 0):,}", read, told)
            table.add_row(*map(Text, cells), Text(plain(source.location)))
    return table
