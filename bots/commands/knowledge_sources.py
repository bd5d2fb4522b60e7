"""`tributary knowledge sources` and `refresh`: what was imported from where, read again."""

from typing import Annotated

import typer

from bots.commands.knowledge_import import (
    BotOption,
    ByOption,
    DryRunOption,
    JsonOption,
    finish,
    import_places,
    sources_table,
    surroundings,
)
from bots.commands.opened import opened
from bots.commands.terminal import console, fail, print_json
from knowledge_base.source_items import count_articles, find_source
from knowledge_base.source_items import sources as all_sources
from knowledge_base.source_places import place_of


def sources(as_json: JsonOption = False) -> None:
    """List the sources of imported articles and when they were last read."""
    with opened() as database:
        if not as_json:
            table = sources_table(database)
            if table.row_count:
                console.print(table)
            else:
                console.print("Nothing was imported yet: tributary import knowledge PATH")
            return
        with database.session() as session:
            counts = count_articles(session)
            found = all_sources(session)
    print_json(
        [
            {
                "name": source.name,
                "kind": source.kind,
                "location": source.location,
                "articles": counts.get(source.name, 0),
                "created_at": source.created_at,
                "read_at": source.read_at,
                "settings": source.settings,
                "outcome": source.outcome,
            }
            for source in found
        ]
    )


def refresh(
    names: Annotated[
        list[str] | None, typer.Argument(help="Source to read again; default: all.")
    ] = None,
    bot: BotOption = None,
    by: ByOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read sources again as they were imported; bring what changed, take out what is gone."""
    with surroundings(bot, by=by, dry_run=dry_run) as around:
        with around.database.session() as session:
            known = all_sources(session)
            if not known:
                raise fail("nothing was imported yet: tributary import knowledge PATH")
            chosen = []
            for name in names or [source.name for source in known]:
                source = find_source(session, name)
                if source is None:
                    told = ", ".join(each.name for each in known)
                    raise fail(f"no source is called {name!r}; there are: {told}")
                chosen.append(place_of(source))
        finish(import_places(chosen, around), [], [], around, as_json=as_json)
