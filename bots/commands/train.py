"""`tributary train`: train what understands a bot's customers, and tell what was learnt."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bots.commands.terminal import console, fail, faults, print_json, progress
from bots.preparation import read_folder
from bots.settings import Settings
from dialogues.cases import read_cases
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import EncoderError
from nlu.evaluation.runs import CountingEncoder
from nlu.preparation import model_path, prepare
from nlu.text import comparable
from nlu.training_data import TrainingData
from nlu.yaml_file import FaultyFileError


def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bot.")] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Train though it is trained.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Train a bot's interpreter, or take it from the cache, and tell what it learnt."""
    settings = Settings()
    folder = folder or settings.bot
    started = time.monotonic()
    try:
        with progress("reading the bot's folder") as tell:
            bot, _, data = read_folder(folder)
            told: list[str] = []

            def note(message: str) -> None:
                told.append(message)
                tell(message)

            interpreter = prepare(
                data,
                cache_dir=settings.cache,
                encoder=settings.encoder,
                patterns=bot.file.patterns,
                lookups=bot.file.lookups,
                phone_region=bot.file.phone_region,
                progress=note,
                force=force,
            )
            seconds = time.monotonic() - started
            facts = _facts(data, interpreter)
            cases = read_cases(folder)
            texts = [text for read in cases for turn in read.case.turns for text in turn.words]
            facts["first_stage"] = _first_stage(interpreter, texts)
    except FaultyFileError as error:
        raise faults(error) from error
    except EncoderError as error:
        raise fail(str(error)) from error
    facts |= {
        "bot": bot.name,
        "trained": any(message.startswith("training") for message in told),
        "seconds": round(seconds, 2),
        "model": str(model_path(data, encoder=interpreter.encoder, cache_dir=settings.cache)),
    }
    if as_json:
        print_json(facts)
    else:
        _show(facts)


def _facts(data: TrainingData, interpreter: EmbeddingInterpreter) -> dict[str, Any]:
    """Return what is known of the model, by language where it differs."""
    model, encoder = interpreter.model, interpreter.encoder
    languages: dict[str, dict[str, Any]] = {}
    for language in data.languages:
        texts = [each.text for each in data.examples if each.language == language]
        languages[language] = {
            "examples": len(texts),
            "accuracy": model.facts.get(f"accuracy_{language}"),
            "accuracy_first_stage": model.facts.get(f"accuracy_lexical_{language}"),
            "threshold_first_stage": model.lexical_thresholds.get(language),
            "threshold": model.full_thresholds.get(language),
            "encoder_reads": encoder.reads(language) if encoder is not None else False,
            "unknown_tokens": encoder.unknown_share(texts) if encoder is not None else None,
        }
    return {
        "examples": len(data.examples),
        "intents": len(data.intents),
        "encoder": encoder.name if encoder is not None else None,
        "gate": model.dense.gate if model.dense is not None else None,
        "languages": languages,
    }


def _first_stage(interpreter: EmbeddingInterpreter, texts: list[str]) -> dict[str, Any] | None:
    """Return which share of the bot's own conversations the first stage answers alone.

    Messages that stand among the examples word for word are not counted: they need no stage.
    """
    encoder = interpreter.encoder
    taught = interpreter.model.exact
    asked = [text for text in dict.fromkeys(texts) if comparable(text) not in taught]
    if encoder is None or not asked:
        return None
    interpreter.encoder = counting = CountingEncoder(encoder)
    try:
        interpreter.interpret(asked, languages=[None] * len(asked))
    finally:
        interpreter.encoder = encoder
    return {"share": 1.0 - counting.asked / len(asked), "messages": len(asked)}


def _show(facts: dict[str, Any]) -> None:
    table = Table(title=f"{facts['bot']}", title_justify="left")
    names = ("language", "examples", "accuracy", "first stage", "thresholds", "unknown", "encoder")
    for at, name in enumerate(names):
        table.add_column(name, justify="left" if at in (0, 6) else "right")
    for language, each in facts["languages"].items():
        limits = (each["threshold_first_stage"], each["threshold"])
        table.add_row(
            language,
            f"{each['examples']:,}",
            _percent(each["accuracy"]),
            _percent(each["accuracy_first_stage"]),
            " / ".join("" if limit is None else f"{limit:.2f}" for limit in limits),
            _percent(each["unknown_tokens"]),
            "reads it" if each["encoder_reads"] else "not used",
        )
    console.print(table)
    how = "trained" if facts["trained"] else "taken from the cache"
    lines = [
        (
            f"{facts['examples']:,} examples of {facts['intents']} intents, {how} in "
            f"{facts['seconds']:.1f} s; accuracy is of examples that were not taught."
        ),
        f"Encoder: {facts['encoder'] or 'none'}.",
    ]
    if (first := facts["first_stage"]) is not None:
        lines.append(
            f"The first stage answers {first['share']:.0%} alone of {first['messages']} "
            "messages of the bot's own conversations."
        )
    lines.append(f"Model: {facts['model']}")
    for line in lines:
        console.print(Text(line))


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
