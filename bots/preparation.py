"""Prepare a bot: read its folder, check it, and train what it needs, once per content."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from bots.brain import Brain
from bots.rasa import RasaServer, over_rasa
from crm_store.database import utc_now
from dialogues.bot import Bot, load_bot
from dialogues.check import ASK_KNOWLEDGE, check_folder
from knowledge_base.articles import Article, read_articles, training_questions
from knowledge_base.prepare import build_knowledge
from knowledge_base.synonyms import read_synonyms
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.preparation import prepare
from nlu.training_data import TrainingData, read_training_data
from nlu.yaml_file import FaultyFileError

#: Intent whose examples nothing may answer.
OUT_OF_SCOPE = "out_of_scope"

Progress = Callable[[str], None]


def article_path(article: Article) -> str:
    """Return the path of an article's own page on our server."""
    return f"/knowledge/{article.id}?{urlencode({'lang': article.language})}"


def read_folder(folder: Path) -> tuple[Bot, list[Article], TrainingData]:
    """Read everything in a bot's folder.

    Raises:
        FaultyFileError: with the faults of all files, not only of the first.
    """
    if faults := check_folder(folder):
        raise FaultyFileError(faults)
    bot = load_bot(folder)
    articles = read_articles(folder / "knowledge", bot.languages)
    # What may not be said today is in no model either.
    valid = valid_articles(bot, articles)
    questions = [text for texts in training_questions(valid).values() for text in texts]
    data = read_training_data(
        sorted((folder / "intents").glob("*.yml")),
        languages=bot.languages,
        extra={ASK_KNOWLEDGE: questions},
    )
    return bot, articles, data


def valid_articles(bot: Bot, articles: Sequence[Article]) -> list[Article]:
    """Return the articles that may be said today, where the company is."""
    today = utc_now().astimezone(bot.file.zone).date()
    return [article for article in articles if article.is_valid(today)]


def prepare_bot(
    folder: Path,
    *,
    encoder: str,
    cache: Path,
    public_url: str,
    rasa: RasaServer | None = None,
    progress: Progress | None = None,
    live: Sequence[Article] | None = None,
) -> Brain:
    """Return the brain of the bot in `folder`, trained now or taken from the cache.

    Args:
        folder: the bot.
        encoder: sentence-transformers model by name or folder; "none" for none.
        cache: where trained parts are kept.
        public_url: how customers reach our server, for links to articles.
        rasa: finds the intents, with what was trained here to stand in; None: it finds them.
        progress: told what takes long.
        live: what may be said, whatever the folder holds; None: what is valid of the folder.

    Raises:
        FaultyFileError: the folder has faults.
        EncoderError: the encoder is not there.
    """
    bot, articles, data = read_folder(folder)
    interpreter: EmbeddingInterpreter = prepare(
        data,
        cache_dir=cache,
        encoder=encoder,
        patterns=bot.file.patterns,
        lookups=bot.file.lookups,
        phone_region=bot.file.phone_region,
        progress=progress,
    )
    knowledge = build_knowledge(
        valid_articles(bot, articles) if live is None else live,
        encoder=interpreter.encoder,
        cache_dir=cache,
        out_of_scope=[e.text for e in data.examples if e.intent == OUT_OF_SCOPE],
        public_url_of=lambda article: public_url + article_path(article),
        answer_at=bot.file.thresholds.answer,
        synonyms=read_synonyms(folder / "knowledge", bot.languages),
    )
    if rasa is None:
        return Brain(bot=bot, interpreter=interpreter, knowledge=knowledge)
    known = over_rasa(rasa, stand_in=interpreter, intents=[*data.intents, ASK_KNOWLEDGE])
    return Brain(bot=bot, interpreter=known, knowledge=knowledge)
