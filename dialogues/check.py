"""Everything that can be wrong in a bot folder, gathered in one list."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from dialogues.bot import REPAIR_PREFIX, Bot, load_bot
from dialogues.conversation_tests import ReadCase, read_cases
from knowledge_base.articles import read_articles, training_questions
from nlu.entity_finder import EntityFinder, standard_entities
from nlu.language import is_known
from nlu.patterns import PatternError
from nlu.training_data import read_training_data
from nlu.yaml_file import Fault, FaultyFileError, YamlFile

#: The built-in intent whose examples are the titles and questions of the articles.
ASK_KNOWLEDGE: Final = "ask_knowledge"

T = TypeVar("T")


def check_folder(folder: Path) -> list[Fault]:
    """Return every fault of the bot in `folder`, by file and line; none: it can be served."""
    faults: list[Fault] = []
    bot = _collect(faults, lambda: load_bot(folder))
    if bot is None and not (folder / "bot.yml").is_file():
        return faults
    languages = bot.languages if bot is not None else _declared(folder / "bot.yml")
    if languages is None:
        return faults  # whatever else is wrong depends on the languages
    articles = _collect(faults, lambda: read_articles(folder / "knowledge", languages))
    questions = training_questions(articles or ()).values()
    data = _collect(
        faults,
        lambda: read_training_data(
            sorted((folder / "intents").glob("*.yml")),
            languages=languages,
            extra={ASK_KNOWLEDGE: [text for texts in questions for text in texts]},
        ),
    )
    cases = _collect(faults, lambda: read_cases(folder))
    if bot is not None and data is not None:
        known = {*data.intents, ASK_KNOWLEDGE}
        shown = {each.name for example in data.examples for each in example.annotations}
        entities = {*standard_entities(), *data.lookups, *data.patterns, *shown}
        _collect(faults, lambda: load_bot(folder, intents=known, entities=entities))
        try:
            EntityFinder.from_parts(patterns=bot.file.patterns, lookups=bot.file.lookups)
        except PatternError as error:
            faults.append(Fault(folder / "bot.yml", 1, "patterns", str(error)))
    if bot is not None and cases is not None:
        faults += _untested(bot, cases)
    faults += [
        Fault(path, 1, "", f"is not read; name it {path.stem}.yml")
        for path in folder.rglob("*.yaml")
    ]
    return sorted(dict.fromkeys(faults), key=lambda f: (str(f.path), f.line, f.key))


def _declared(path: Path) -> tuple[str, ...] | None:
    """Return the languages `bot.yml` names, though other things in it are wrong."""
    try:
        data = YamlFile.read(path).data
    except FaultyFileError:
        return None
    languages = data.get("languages") if isinstance(data, dict) else None
    if not isinstance(languages, list) or not languages:
        return None
    known = all(isinstance(each, str) and is_known(each) for each in languages)
    return tuple(languages) if known else None


def _collect(faults: list[Fault], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except FaultyFileError as error:
        faults += error.faults
        return None


def _untested(bot: Bot, cases: list[ReadCase]) -> list[Fault]:
    """Return a fault for each flow that no conversation expects or is named after."""
    tested = {
        turn.expect.flow for read in cases for turn in read.case.turns if turn.expect.flow
    } | {read.path.stem for read in cases}
    return [
        Fault(path, 1, "id", f"no conversation tests this flow; write conversations/{flow}.yml")
        for flow, path in bot.flow_paths.items()
        if flow not in tested and not flow.startswith(REPAIR_PREFIX)
    ]
