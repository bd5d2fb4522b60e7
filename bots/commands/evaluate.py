"""`tributary evaluate`: how well a bot, or any file of labelled texts, is understood."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bots.commands.evaluation_tables import show
from bots.commands.terminal import console, errors, fail, faults, print_json
from bots.preparation import read_folder
from bots.settings import Settings
from dialogues.check import ASK_KNOWLEDGE
from knowledge_base.articles import training_questions
from nlu.encoder import EncoderError, open_encoder
from nlu.evaluation.labelled import (
    LabelledFile,
    Options,
    detect_languages,
    in_languages,
    read_labelled,
)
from nlu.evaluation.lessons import LessonsError, Plan, lessons
from nlu.evaluation.page import write_report
from nlu.evaluation.results import Results, gather
from nlu.evaluation.runs import Entities
from nlu.evaluation.runs import Progress as Told
from nlu.evaluation.runs import run as run_parts
from nlu.language import is_known
from nlu.training_data import OUT_OF_SCOPE, Example, TrainingData, read_training_data
from nlu.yaml_file import FaultyFileError


@dataclass(frozen=True, slots=True)
class _Source:
    """What is taught from, and what comes along to test with."""

    title: str
    data: TrainingData
    entities: Entities = field(default_factory=Entities)
    own_test: tuple[Example, ...] | None = None
    notes: tuple[str, ...] = ()


_Folder = Annotated[Path | None, typer.Argument(help="Folder of the bot.")]
_Train = Annotated[Path | None, typer.Option(help="Teach this file instead of a bot.")]
_Test = Annotated[Path | None, typer.Option(help="Test with this file.")]
_Strange = Annotated[
    Path | None, typer.Option(help="Test also with these texts, which mean nothing known.")
]
_Folds = Annotated[
    int | None, typer.Option(min=2, max=20, help="Parts of a cross-validation; default 5.")
]
_Few = Annotated[
    int | None, typer.Option(min=1, help="Teach so many examples of each intent and language.")
]
_Seeds = Annotated[list[int] | None, typer.Option(help="Draw of examples; repeatable.")]
_Languages = Annotated[
    list[str] | None, typer.Option(help="Language; repeatable. Default: as found.")
]
_Encoder = Annotated[str | None, typer.Option(help="Encoder by name or folder, or none.")]
_Base = Annotated[
    bool | None, typer.Option(help="Teach the shared intents too; default: only with a bot.")
]
_TextColumn = Annotated[str | None, typer.Option(help="Column of the texts.")]
_LabelColumn = Annotated[str | None, typer.Option(help="Column of the labels.")]
_OutOfScope = Annotated[
    list[str] | None, typer.Option(help="Label that means nothing known; repeatable.")
]
_TeachOutOfScope = Annotated[
    bool, typer.Option(help="Teach also the examples that mean nothing known.")
]
_KeepTested = Annotated[
    bool, typer.Option("--keep-tested", help="Teach also what is tested word for word.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
_Report = Annotated[Path | None, typer.Option(help="Folder for report.html and pictures.")]


def run(
    folder: _Folder = None,
    *,
    train: _Train = None,
    test: _Test = None,
    out_of_scope_test: _Strange = None,
    folds: _Folds = None,
    examples: _Few = None,
    seed: _Seeds = None,
    language: _Languages = None,
    encoder: _Encoder = None,
    base: _Base = None,
    text_column: _TextColumn = None,
    label_column: _LabelColumn = None,
    out_of_scope: _OutOfScope = None,
    teach_out_of_scope: _TeachOutOfScope = True,
    keep_tested: _KeepTested = False,
    as_json: _Json = False,
    report: _Report = None,
) -> None:
    """Measure understanding, by cross-validation or on texts kept for testing."""
    settings = Settings()
    if folder is not None and train is not None:
        raise fail("give the folder of a bot or --train, not both")
    if wrong := [each for each in language or () if not is_known(each)]:
        raise fail(f"--language {wrong[0]}: no language code is known by this name; try en or zh")
    options = Options(text_column, label_column, frozenset(out_of_scope or ()))
    plan = Plan(folds or 5, examples, tuple(seed or ()), teach_out_of_scope, keep_tested)
    try:
        if train is not None:
            source = _file_source(train, options, language, base=bool(base))
        else:
            source = _bot_source(folder or settings.bot, language, base=base is not False)
        if folds is not None:
            source = replace(source, own_test=None)
        exam = _exam(source, test, out_of_scope_test, options)
        results = _measure(source, exam, plan, encoder or settings.encoder, settings.cache)
        page = write_report(results, report) if report is not None else None
    except FaultyFileError as error:
        raise faults(error) from error
    except (LessonsError, EncoderError) as error:
        raise fail(str(error)) from error
    except OSError as error:
        raise fail(f"{report}: the report cannot be written: {error.strerror}") from error
    if as_json:
        print_json(results.document())
    else:
        show(results, console)
    if page is not None:
        errors.print(f"The report is {page}", markup=False)


@dataclass(frozen=True, slots=True)
class _Exam:
    """What is tested with."""

    title: str
    tested: tuple[Example, ...] | None  #: None: cross-validation
    strange: tuple[Example, ...]  #: texts that mean nothing known, besides


def _exam(
    source: _Source, test: Path | None, out_of_scope_test: Path | None, options: Options
) -> _Exam:
    languages = source.data.languages
    strange: tuple[Example, ...] = ()
    if out_of_scope_test is not None:
        file = read_labelled(out_of_scope_test, replace(options, unlabelled=True))
        texts = [replace(each, intent=OUT_OF_SCOPE) for each in file.part("test")]
        strange = in_languages(texts, languages)
    if test is None:
        title = source.title if source.own_test is None else f"{source.title} on its own test part"
        return _Exam(title, source.own_test, strange)
    tested = in_languages(read_labelled(test, options).part("test"), languages)
    return _Exam(f"{source.title} on {test.name}", tested, strange)


def _measure(source: _Source, exam: _Exam, plan: Plan, encoder: str, cache: Path) -> Results:
    data = source.data
    parts, notes = lessons(data.examples, exam.tested, exam.strange, plan=plan)
    with _bar() as told:
        texts = {
            language: [each.text for each in data.examples if each.language == language]
            for language in data.languages
        }
        opened = open_encoder(
            encoder, cache_dir=cache, texts=texts, progress=lambda message: told(0, 1, message)
        )
        measured = run_parts(parts, data, encoder=opened, entities=source.entities, progress=told)
    return gather(
        measured,
        title=exam.title,
        languages=data.languages,
        encoder=encoder,
        notes=[*source.notes, *notes],
    )


def _bot_source(folder: Path, wanted: Sequence[str] | None, *, base: bool) -> _Source:
    bot, articles, data = read_folder(folder)
    if not base:
        questions = [text for texts in training_questions(articles).values() for text in texts]
        data = read_training_data(
            sorted((folder / "intents").glob("*.yml")),
            languages=bot.languages,
            extra={ASK_KNOWLEDGE: questions},
            base=False,
        )
    if wanted:
        if strange := [each for each in wanted if each not in bot.languages]:
            spoken = ", ".join(bot.languages)
            raise LessonsError(f"{bot.name} does not speak {strange[0]!r}; it speaks {spoken}")
        kept = tuple(each for each in data.examples if each.language in wanted)
        data = replace(data, examples=kept, languages=tuple(wanted))
    entities = Entities(bot.file.patterns, bot.file.lookups, bot.file.phone_region)
    return _Source(bot.name, data, entities)


def _file_source(
    path: Path, options: Options, wanted: Sequence[str] | None, *, base: bool
) -> _Source:
    file: LabelledFile = read_labelled(path, options)
    raw = file.part("train")
    languages = tuple(wanted) if wanted else detect_languages(raw)
    examples = in_languages(raw, languages)
    if base:
        examples += read_training_data([], languages=languages).examples
    own_test = in_languages(file.part("test"), languages) if file.has_own_test else None
    once = {(each.text, each.intent): each for each in examples}
    data = TrainingData(tuple(once.values()), languages)
    repeated = len(examples) - len(once)
    notes = [f"{repeated} rows of {path.name} repeat another"] if repeated else []
    return _Source(path.name, data, Entities(), own_test, tuple(notes))


@contextmanager
def _bar() -> Iterator[Told]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as shown:
        task = shown.add_task("starting")

        def told(done: int, total: int, what: str) -> None:
            shown.update(task, completed=done, total=total, description=what)

        yield told
