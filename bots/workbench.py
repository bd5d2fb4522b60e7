"""The workbench: what looking after gaps needs, in a serving process or a command."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from bots.accounts import open_accounts
from bots.live_knowledge import read_edition
from bots.node import Node
from bots.preparation import prepare_bot, read_folder
from bots.settings import Settings
from channels.contract import Capabilities
from crm_store.database import Database, utc_now
from dialogues.bot import Bot
from knowledge_base import gaps
from knowledge_base.articles import Article
from knowledge_base.clusters import Comparison
from knowledge_base.gap_decisions import GapError
from knowledge_base.gathering import GATHERED_MAX, Comparisons, Gathered, gather
from knowledge_base.replay import Replay, recorded, replay, with_article, with_wordings
from knowledge_base.revisions import Revision, article_of
from knowledge_base.search import Knowledge
from knowledge_base.suggesting import candidates, note_candidates
from knowledge_base.vectors import VectorStore

#: Open gaps whose candidates are looked up anew each time, the most pressing.
SUGGESTED_MAX: Final = 300

#: Gaps that are looked up at once.
_AT_ONCE: Final = 100

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Workbench:
    """What may be said now, and what is needed to try a change of it."""

    database: Database
    bot: Bot
    knowledge: Knowledge
    articles: Sequence[Article]  #: published and valid today
    served: Mapping[tuple[str, str], Capabilities]  #: by channel and account name

    @property
    def comparisons(self) -> Comparisons:
        """How questions are compared: by meaning where the encoder reads the language."""
        recipe = self.knowledge.recipe
        encoder = recipe.encoder if recipe is not None else None
        if recipe is None or encoder is None:
            return Comparisons()
        by_meaning = Comparison(VectorStore(recipe.cache_dir / "knowledge", encoder).of_messages)
        chinese = [each for each in self.bot.languages if each.startswith("zh")]
        others = [each for each in self.bot.languages if not each.startswith("zh")]
        return Comparisons(
            chinese=by_meaning if chinese and all(map(encoder.reads, chinese)) else Comparison(),
            others=by_meaning if others and all(map(encoder.reads, others)) else Comparison(),
        )

    def tidy(
        self, *, now: datetime, most: int = GATHERED_MAX, progress: Progress | None = None
    ) -> Gathered:
        """Let every missed question belong to a gap, and find candidates for the gaps on top."""
        gathered = gather(self.database, self.comparisons, now=now, most=most, progress=progress)
        if progress is not None:
            progress("looking for articles that could answer them")
        with self.database.session() as session:
            top = [gap.id for gap in gaps.page(session, limit=SUGGESTED_MAX)]
        touched = [*gathered.opened, *gathered.grown]
        self.suggest(list(dict.fromkeys([*touched, *top])), now=now)
        return gathered

    def suggest(self, gap_ids: Sequence[UUID], *, now: datetime) -> None:
        """Find the article that could answer each of these gaps."""
        for start in range(0, len(gap_ids), _AT_ONCE):
            with self.database.reading() as connection:
                some = gap_ids[start : start + _AT_ONCE]
                # Searching takes its time and holds no lock.
                found = candidates(connection, self.knowledge, some)
            with self.database.session() as session:
                note_candidates(session, found, now=now)

    def try_wordings(
        self,
        article_id: str,
        language: str,
        questions: Sequence[str],
        *,
        progress: Progress | None = None,
        most: int | None = None,
    ) -> Replay:
        """Ask all questions on record anew as if an article had more wordings.

        Raises:
            GapError: there is no such article.
        """
        for article in self.articles:
            if (article.id, article.language) == (article_id, language):
                changed = with_wordings(article, questions)
                return self._replay(changed, progress=progress, most=most)
        message = f"no article {article_id!r} is published in {language!r}"
        raise GapError("article_id", message)

    def try_revision(
        self, revision: Revision, *, progress: Progress | None = None, most: int | None = None
    ) -> Replay:
        """Ask all questions on record anew as if a draft were published."""
        return self._replay(article_of(revision), progress=progress, most=most)

    def _replay(self, changed: Article, *, progress: Progress | None, most: int | None) -> Replay:
        with self.database.reading() as connection:
            limit = {} if most is None else {"most": most}
            questions, skipped = recorded(connection, **limit)
        if progress is not None:
            progress("building the knowledge with the change")
        new = with_article(self.knowledge, self.articles, changed)
        return replay(self.knowledge, new, questions, skipped=skipped, progress=progress)


def of_node(node: Node) -> Workbench | None:
    """Return the workbench of a serving process; None when it answers nobody."""
    if node.live is None or node.brain is None:
        return None
    edition = node.live.edition
    if edition.knowledge is None:
        return None
    return Workbench(
        database=node.database,
        bot=node.brain.bot,
        knowledge=edition.knowledge,
        articles=list(edition.articles.values()),
        served={key: account.capabilities() for key, account in node.accounts.items()},
    )


@contextmanager
def of_settings(
    settings: Settings, database: Database, *, progress: Progress
) -> Iterator[Workbench]:
    """Open the workbench of a command: what is published, or the bot's folder when nothing is.

    Raises:
        FaultyFileError: the bot's folder has faults.
        EncoderError: the encoder is not there.
    """
    bot, articles, _ = read_folder(settings.bot)
    edition = read_edition(database, bot.file.zone, now=utc_now())
    live = list(edition.articles.values()) or articles
    brain = prepare_bot(
        settings.bot,
        encoder=settings.encoder,
        cache=settings.cache,
        public_url=(settings.public_url or "").rstrip("/"),
        progress=progress,
        live=live,
    )
    accounts = open_accounts(bot, settings.environment())
    yield Workbench(
        database=database,
        bot=bot,
        knowledge=brain.knowledge,
        articles=live,
        served={key: account.capabilities() for key, account in accounts.items()},
    )
