"""Imports for tests, and what can be said after them."""

from datetime import UTC, datetime
from pathlib import Path

from knowledge_base.articles import Article
from knowledge_base.outcome import Outcome
from knowledge_base.revisions import live_articles
from knowledge_base.source_places import ImportSettings, Surroundings, find_place, import_place

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def imported(around: Surroundings, place: Path | str, **settings: object) -> Outcome:
    """Import a place and return what it brought."""
    with around.database.session() as session:
        found = find_place(session, str(place), ImportSettings.model_validate(settings))
    return import_place(found, around, lambda _key: None)


def live(around: Surroundings) -> dict[str, Article]:
    """Return what may be said now by title."""
    with around.database.reading() as connection:
        return {a.title: a for a in live_articles(connection, NOW.date())}


def figures(outcome: Outcome) -> tuple[int, int, int, int]:
    """Return new, changed, unchanged and removed articles."""
    return outcome.new, outcome.changed, outcome.unchanged, outcome.removed
