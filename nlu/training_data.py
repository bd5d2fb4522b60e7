"""What a bot is taught: Rasa NLU YAML as examples, every fault named by file and line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from nlu.annotations import Annotation, parse_example
from nlu.language import written_in
from nlu.patterns import PatternError, compile_pattern
from nlu.text import comparable, normalise
from nlu.yaml_file import Fault, FaultyFileError, Place, YamlFile

__all__ = [
    "EXAMPLES_MIN",
    "EXAMPLE_MAX",
    "OUT_OF_SCOPE",
    "Annotation",
    "Example",
    "TrainingData",
    "base_intent_files",
    "example_lines",
    "parse_example",
    "read_training_data",
]

#: An intent with fewer examples in a language cannot be told from the others in it.
EXAMPLES_MIN = 2
#: Longest example, in code points; longer ones are pasted by mistake.
EXAMPLE_MAX = 500
#: Customers' texts that mean nothing a bot knows; the interpreter answers "unknown" for them.
OUT_OF_SCOPE = "out_of_scope"

#: Languages of the shared intents; a bot that does not speak one is not taught it.
_SHARED = ("en", "zh")
_NAME = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?")
_FILE_KEYS = {"version", "nlu"}
_ITEM_KEYS = {
    "intent": {"intent", "examples", "metadata"},
    "synonym": {"synonym", "examples"},
    "lookup": {"lookup", "examples"},
    "regex": {"regex", "examples"},
}


@dataclass(frozen=True, slots=True)
class Example:
    """One thing customers say, and what it means."""

    text: str
    intent: str
    language: str  #: the bot's language whose script it is written in
    annotations: tuple[Annotation, ...] = ()
    place: Place | None = field(default=None, compare=False)  #: in a file, if it stands in one


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All a bot's examples, word lists and expressions."""

    examples: tuple[Example, ...]
    languages: tuple[str, ...]  #: of the bot, the first is the default
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: value -> words for it
    lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: entity -> values
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: entity -> expressions
    #: What is likely a slip but does no harm, such as an example that stands twice.
    warnings: tuple[Fault, ...] = field(default=(), compare=False)

    @property
    def intents(self) -> tuple[str, ...]:
        """The names of all intents, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    languages: Sequence[str]
    shared: bool = False  #: reading the files every bot shares, which may lack a bot's language
    examples: list[Example] = field(default_factory=list)
    words: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {"synonym": {}, "lookup": {}, "regex": {}}
    )
    intents: dict[str, Fault] = field(default_factory=dict)  #: name -> its first place
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def base_intent_files() -> list[Path]:
    """Return the files of the intents every bot shares (greet, affirm, ask_human ...)."""
    folder = Path(str(files("nlu"))) / "intents"
    return sorted(folder.glob("*.yml"))


def read_training_data(
    paths: Iterable[Path],
    *,
    languages: Sequence[str],
    extra: Mapping[str, Sequence[str]] | None = None,
    base: bool = True,
) -> TrainingData:
    """Read and check the intent files of a bot.

    Args:
        paths: Rasa NLU YAML files.
        languages: the bot's languages, the first is the default.
        extra: examples of built-in intents that stand elsewhere, such as the questions of articles
            for `ask_knowledge`; an example also written under an intent is left to that intent.
        base: whether the shared intents are read too.

    Raises:
        FaultyFileError: with every fault found, each with file, key and line.
    """
    reading = _Reading(languages)
    shared = base_intent_files() if base else []
    for index, path in enumerate([*shared, *paths]):
        reading.shared = index < len(shared)
        try:
            _read_file(YamlFile.read(path), reading)
        except FaultyFileError as error:
            reading.faults.extend(error.faults)
    _check_duplicates(reading)
    _check_counts(reading)
    if reading.faults:
        raise FaultyFileError(reading.faults)
    examples = list(reading.examples)
    examples += _extra_examples(extra or {}, examples, languages)
    return TrainingData(
        examples=tuple(_without_repetitions(examples)),
        languages=tuple(languages),
        synonyms=_frozen(reading.words["synonym"]),
        lookups=_frozen(reading.words["lookup"]),
        patterns=_frozen(reading.words["regex"]),
        warnings=tuple(reading.warnings),
    )


def _read_file(file: YamlFile, reading: _Reading) -> None:
    data = file.data
    if not isinstance(data, dict):
        reading.faults.append(file.fault((), "must be a mapping with version and nlu"))
        return
    reading.faults.extend(
        file.fault((str(key),), "unknown key; known are version and nlu")
        for key in data
        if key not in _FILE_KEYS
    )
    version = str(data.get("version", ""))
    if not re.fullmatch(r"3\.\d+", version):
        reading.faults.append(file.fault(("version",), 'must be "3.1" (Rasa NLU YAML)'))
    items = data.get("nlu")
    if not isinstance(items, list) or not items:
        reading.faults.append(file.fault(("nlu",), "must be a list of intents"))
        return
    for index, item in enumerate(items):
        _read_item(file, ("nlu", index), item, reading)


def _read_item(file: YamlFile, key: tuple[str | int, ...], item: Any, reading: _Reading) -> None:  # noqa: ANN401 - YAML is untyped until checked here
    kinds = [kind for kind in _ITEM_KEYS if isinstance(item, dict) and kind in item]
    if len(kinds) != 1:
        reading.faults.append(file.fault(key, "needs one of intent, synonym, lookup, regex"))
        return
    kind = kinds[0]
    known = _ITEM_KEYS[kind]
    reading.faults.extend(
        file.fault((*key, str(each)), f"unknown key; known are {', '.join(sorted(known))}")
        for each in item
        if each not in known
    )
    name = item[kind]
    if not isinstance(name, str) or not name.strip():
        reading.faults.append(file.fault((*key, kind), "must be a name"))
        return
    lines, faults = example_lines(file, (*key, "examples"), item.get("examples"))
    reading.faults.extend(faults)
    if kind == "regex":
        _check_patterns(file, name, lines, reading)
    if kind != "intent":
        reading.words[kind].setdefault(name, []).extend(text for text, _ in lines)
        return
    if not lines and not faults:
        reading.faults.append(file.fault((*key, "examples"), f"intent {name} has no examples"))
    if not _NAME.fullmatch(name):
        reading.faults.append(file.fault((*key, kind), f"{name!r} must match [a-z][a-z0-9_]*"))
    if not reading.shared:
        reading.intents.setdefault(name, file.fault((*key, kind), name))
    for text, line in lines:
        _add_example(file, name, text, line, reading)


def _check_patterns(
    file: YamlFile, name: str, lines: Sequence[tuple[str, int]], reading: _Reading
) -> None:
    for expression, line in lines:
        try:
            compile_pattern(name, expression)
        except PatternError as error:
            reading.faults.append(Fault(file.path, line, f"{name}.examples", str(error)))


def example_lines(
    file: YamlFile,
    key: tuple[str | int, ...],
    examples: Any,  # noqa: ANN401 - YAML is untyped until checked here
) -> tuple[list[tuple[str, int]], list[Fault]]:
    """Return each example with its line, and what is wrong.

    Examples stand as `- …` lines of a block or as a list.
    """
    name = ".".join(map(str, key))
    if isinstance(examples, list):
        pairs = [
            (each.get("text") if isinstance(each, dict) else each, file.line((*key, index)))
            for index, each in enumerate(examples)
        ]
        found = [("" if text is None else str(text).strip(), line) for text, line in pairs]
        empty = [Fault(file.path, line, name, "empty example") for text, line in found if not text]
        return [(text, line) for text, line in found if text], empty
    if not isinstance(examples, str) or not examples.strip():
        return [], [file.fault(key, "must be a block of lines that start with '- '")]
    first = file.line(key) + 1
    lines: list[tuple[str, int]] = []
    faults: list[Fault] = []
    for offset, raw in enumerate(examples.split("\n")):
        content = raw.strip()
        if not content or content.startswith("#"):
            continue
        text = content[1:].strip() if content.startswith("-") else ""
        if text:
            lines.append((text, first + offset))
        else:
            problem = "empty example" if content == "-" else "a line must start with '- '"
            faults.append(Fault(file.path, first + offset, name, problem))
    return lines, faults


def _add_example(file: YamlFile, intent: str, line: str, number: int, reading: _Reading) -> None:
    key = f"{intent}.examples"
    try:
        text, annotations = parse_example(line)
    except ValueError as error:
        reading.faults.append(Fault(file.path, number, key, f"bad annotation: {error}"))
        return
    if len(text) > EXAMPLE_MAX:
        problem = f"longer than {EXAMPLE_MAX} characters"
        reading.faults.append(Fault(file.path, number, key, problem))
        return
    if not comparable(text):
        reading.faults.append(Fault(file.path, number, key, f"{text!r} has no words"))
        return
    normal = normalise(text)
    if reading.shared and not _speaks(reading.languages, written_in(normal, languages=_SHARED)):
        return
    language = written_in(normal, languages=reading.languages)
    place = Place(file.path, number)
    reading.examples.append(Example(text, intent, language, annotations, place))


def _speaks(languages: Sequence[str], language: str) -> bool:
    return any(each.partition("-")[0].lower() == language for each in languages)


def _check_duplicates(reading: _Reading) -> None:
    first: dict[str, Example] = {}
    shared = set(base_intent_files())
    for example in reading.examples:
        other = first.setdefault(comparable(example.text), example)
        if other is example or example.place is None or other.place is None:
            continue
        place, key = example.place, f"{example.intent}.examples"
        if other.intent != example.intent:
            message = (
                f"{example.text!r} also stands under {other.intent} "
                f"({other.place}); keep it in one"
            )
            reading.faults.append(Fault(place.path, place.line, key, message))
        elif other.place.path not in shared:
            message = f"{example.text!r} stands here already ({other.place}); delete one"
            reading.warnings.append(Fault(place.path, place.line, key, message))


def _check_counts(reading: _Reading) -> None:
    counts: dict[tuple[str, str], set[str]] = {}
    for example in reading.examples:
        spoken = counts.setdefault((example.intent, example.language), set())
        spoken.add(comparable(example.text))
    for intent, place in reading.intents.items():
        for language in reading.languages:
            count = len(counts.get((intent, language), ()))
            if count < EXAMPLES_MIN:
                message = (
                    f"intent {intent} has {count} example{'' if count == 1 else 's'} "
                    f"in {language}; at least {EXAMPLES_MIN} are needed"
                )
                reading.faults.append(Fault(place.path, place.line, place.key, message))


def _extra_examples(
    extra: Mapping[str, Sequence[str]], written: Sequence[Example], languages: Sequence[str]
) -> list[Example]:
    taken = {comparable(example.text) for example in written}
    found = []
    for intent, texts in extra.items():
        for text in texts:
            words = comparable(text)
            if words and words not in taken:
                taken.add(words)
                language = written_in(normalise(text), languages=languages)
                found.append(Example(text[:EXAMPLE_MAX], intent, language))
    return found


def _without_repetitions(examples: Iterable[Example]) -> list[Example]:
    """Drop what stands twice; a bot's own file may repeat a shared example."""
    return list({comparable(example.text): example for example in examples}.values())


def _frozen(words: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys(values)) for name, values in words.items()}
