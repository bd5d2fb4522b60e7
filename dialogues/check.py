"""Everything that can be wrong in a bot folder, gathered in one list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from dialogues.bot import REPAIR_PREFIX, Bot, load_bot
from dialogues.case_references import Names
from dialogues.cases import ReadCase, read_cases
from dialogues.training_warnings import training_warnings
from knowledge_base.articles import read_articles, training_questions
from knowledge_base.synonyms import read_synonyms
from nlu.entity_finder import standard_entities
from nlu.language import is_known
from nlu.patterns import PatternError, compile_pattern
from nlu.training_data import Example, TrainingData, read_training_data
from nlu.yaml_file import Fault, FaultyFileError, Place, YamlFile

#: The built-in intent whose examples are the titles and questions of the articles.
ASK_KNOWLEDGE: Final = "ask_knowledge"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a bot's folder."""

    folder: Path
    faults: list[Fault]
    bot: Bot | None = None  #: None: it could not be read
    data: TrainingData | None = None  #: None: it could not be read

    def warnings(self) -> list[Fault]:
        """Return what is likely a slip in the training data, though the bot can be served."""
        if self.bot is None or self.data is None:
            return []
        slots = {s.entity for flow in self.bot.flows.values() for s in flow.slots.values()}
        named = {*self.bot.file.patterns, *self.bot.file.lookups, *self.data.lookups}
        known = {*standard_entities(), *named, *self.data.patterns, *(slots - {None})}
        return training_warnings(
            self.data,
            entities={name for name in known if name is not None},
            locate=lambda example: _in_article(self.folder, example),
        )


def check_folder(folder: Path) -> list[Fault]:
    """Return every fault of the bot in `folder`, by file and line; none: it can be served."""
    return inspect_folder(folder).faults


def inspect_folder(folder: Path) -> Inspection:
    """Read everything in a bot's folder and return it with every fault."""
    faults: list[Fault] = []
    bot = _collect(faults, lambda: load_bot(folder))
    if bot is None and not (folder / "bot.yml").is_file():
        return Inspection(folder, faults)
    languages = bot.languages if bot is not None else _declared(folder / "bot.yml")
    if languages is None:
        return Inspection(folder, faults)  # whatever else is wrong depends on the languages
    articles = _collect(faults, lambda: read_articles(folder / "knowledge", languages))
    _collect(faults, lambda: read_synonyms(folder / "knowledge", languages))
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
        annotated = {a.name for example in data.examples for a in example.annotations}
        entities = {*standard_entities(), *data.lookups, *data.patterns, *annotated}
        _collect(faults, lambda: load_bot(folder, intents=known, entities=entities))
    if bot is not None:
        faults += _pattern_faults(folder / "bot.yml", bot)
    if bot is not None and cases is not None:
        faults += _untested(bot, cases)
        ids = {article.id for article in articles} if articles is not None else None
        intents = {*data.intents, ASK_KNOWLEDGE} if data is not None else None
        faults += Names.of(bot, articles=ids, intents=intents).faults(cases)
    faults += [
        Fault(path, 1, "", f"is not read; name it {path.stem}.yml")
        for path in folder.rglob("*.yaml")
    ]
    faults = sorted(dict.fromkeys(faults), key=lambda f: (str(f.path), f.line, f.key))
    return Inspection(folder, faults, bot, data)


def _pattern_faults(path: Path, bot: Bot) -> Iterator[Fault]:
    """Yield each expression of `bot.yml` that is not safe, at its own line."""
    file: YamlFile | None = None
    for name, expression in bot.file.patterns.items():
        try:
            compile_pattern(name, expression)
        except PatternError as error:
            file = file or YamlFile.read(path)
            yield file.fault(("patterns", name), str(error))


def _in_article(folder: Path, example: Example) -> Place | None:
    """Return where in the articles an example stands that is one of their questions."""
    for path in sorted((folder / "knowledge").glob("*.md")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if example.text in line:
                return Place(path, number)
    return None


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
    tested = {read.path.stem for read in cases}
    for turn in (turn for read in cases for turn in read.case.turns):
        named = (turn.expect.flow, *turn.expect.stack, *turn.expect.starts, *turn.expect.ends)
        tested |= {flow for flow in named if flow is not None}
    return [
        Fault(path, 1, "id", f"no conversation tests this flow; write conversations/{flow}.yml")
        for flow, path in bot.flow_paths.items()
        if flow not in tested and not flow.startswith(REPAIR_PREFIX)
    ]
