"""What a bot is taught: Rasa NLU YAML as examples, every fault named by file and line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from nlu.language import written_in
from nlu.text import comparable, normalise
from nlu.yaml_file import Fault, FaultyFileError, YamlFile

#: An intent with fewer examples in a language cannot be told from the others in it.
EXAMPLES_MIN = 2
#: Longest example, in code points; longer ones are pasted by mistake.
EXAMPLE_MAX = 500
#: Customers' texts that mean nothing a bot knows; the interpreter answers "unknown" for them.
OUT_OF_SCOPE = "out_of_scope"

#: Languages of the shared intents; a bot that does not speak one is not taught it.
_SHARED = ("en", "zh")
_NAME = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?")
_ANNOTATION = re.compile(r"\[([^\[\]]+)\](?:\(([^()]+)\)|\{([^{}]+)\})")
_FILE_KEYS = {"version", "nlu"}
_ITEM_KEYS = {
    "intent": {"intent", "examples", "metadata"},
    "synonym": {"synonym", "examples"},
    "lookup": {"lookup", "examples"},
    "regex": {"regex", "examples"},
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """An entity marked in an example: `text[start:end]`, half-open, in code points."""

    name: str
    start: int
    end: int
    value: str
    role: str | None = None  #: Rasa's; kept for Rasa, without meaning here
    group: str | None = None  #: as role


@dataclass(frozen=True, slots=True)
class Example:
    """One thing customers say, and what it means."""

    text: str
    intent: str
    language: str  #: the bot's language whose script it is written in
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All a bot's examples, word lists and expressions."""

    examples: tuple[Example, ...]
    languages: tuple[str, ...]  #: of the bot, the first is the default
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: value -> words for it
    lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: entity -> values
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: entity -> expressions

    @property
    def intents(self) -> tuple[str, ...]:
        """The names of all intents, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    languages: Sequence[str]
    shared: bool = False  #: reading the files every bot shares, which may lack a bot's language
    examples: list[tuple[Example, Path, int]] = field(default_factory=list)
    words: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {"synonym": {}, "lookup": {}, "regex": {}}
    )
    intents: dict[str, Fault] = field(default_factory=dict)  #: name -> its first place
    faults: list[Fault] = field(default_factory=list)


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
    examples = [example for example, _, _ in reading.examples]
    examples += _extra_examples(extra or {}, examples, languages)
    return TrainingData(
        examples=tuple(_without_repetitions(examples)),
        languages=tuple(languages),
        synonyms=_frozen(reading.words["synonym"]),
        lookups=_frozen(reading.words["lookup"]),
        patterns=_frozen(reading.words["regex"]),
    )


def parse_example(line: str) -> tuple[str, tuple[Annotation, ...]]:
    """Return the plain text of an annotated example and its annotations.

    Raises:
        ValueError: an annotation that is not `[text](entity)` or `[text]{"entity": "..."}`.
    """
    text, at, annotations = "", 0, []
    for match in _ANNOTATION.finditer(line):
        text += line[at : match.start()]
        start = len(text)
        text += match[1]
        annotations.append(_annotation(match, start, len(text)))
        at = match.end()
    return text + line[at:], tuple(annotations)


def _annotation(match: re.Match[str], start: int, end: int) -> Annotation:
    if match[2] is not None:
        name, _, value = match[2].partition(":")  # the older short form [text](entity:value)
        return Annotation(name.strip(), start, end, value.strip() or match[1])
    data = YamlFile.parse("{" + match[3] + "}", path=Path("example")).data
    known = {"entity", "value", "role", "group"}
    if not isinstance(data, dict) or "entity" not in data or set(data) - known:
        raise ValueError(f"an annotation needs entity (and perhaps value), not {{{match[3]}}}")
    role, group = (str(data[key]) if data.get(key) else None for key in ("role", "group"))
    return Annotation(
        str(data["entity"]), start, end, str(data.get("value", match[1])), role, group
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
    lines = _example_lines(file, (*key, "examples"), item.get("examples"), reading)
    if kind != "intent":
        reading.words[kind].setdefault(name, []).extend(text for text, _ in lines)
        return
    if not _NAME.fullmatch(name):
        reading.faults.append(file.fault((*key, kind), f"{name!r} must match [a-z][a-z0-9_]*"))
    if not reading.shared:
        reading.intents.setdefault(name, file.fault((*key, kind), name))
    for text, line in lines:
        _add_example(file, name, text, line, reading)


def _example_lines(
    file: YamlFile,
    key: tuple[str | int, ...],
    examples: Any,  # noqa: ANN401 - YAML is untyped until checked here
    reading: _Reading,
) -> list[tuple[str, int]]:
    """Return each example with its line; they stand as `- …` lines of a block or as a list."""
    if isinstance(examples, list):
        pairs = [
            (each.get("text") if isinstance(each, dict) else each, file.line((*key, index)))
            for index, each in enumerate(examples)
        ]
        found = [(str(text).strip(), line) for text, line in pairs if text is not None]
        reading.faults.extend(
            Fault(file.path, line, ".".join(map(str, key)), "empty example")
            for text, line in pairs
            if text is None or not str(text).strip()
        )
        return [(text, line) for text, line in found if text]
    if not isinstance(examples, str) or not examples.strip():
        reading.faults.append(file.fault(key, "must be a block of lines that start with '- '"))
        return []
    first = file.line(key) + 1
    lines: list[tuple[str, int]] = []
    for offset, raw in enumerate(examples.split("\n")):
        content = raw.strip()
        if not content or content.startswith("#"):
            continue
        text = content[1:].strip() if content.startswith("-") else ""
        if text:
            lines.append((text, first + offset))
        else:
            problem = "empty example" if content == "-" else "a line must start with '- '"
            reading.faults.append(
                Fault(file.path, first + offset, ".".join(map(str, key)), problem)
            )
    return lines


def _add_example(file: YamlFile, intent: str, line: str, number: int, reading: _Reading) -> None:
    key = f"{intent}.examples"
    try:
        text, annotations = parse_example(line)
    except (ValueError, FaultyFileError) as error:
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
    reading.examples.append((Example(text, intent, language, annotations), file.path, number))


def _speaks(languages: Sequence[str], language: str) -> bool:
    return any(each.partition("-")[0].lower() == language for each in languages)


def _check_duplicates(reading: _Reading) -> None:
    first: dict[str, tuple[Example, Path, int]] = {}
    for example, path, line in reading.examples:
        other = first.setdefault(comparable(example.text), (example, path, line))
        if other[0].intent != example.intent:
            message = (
                f"{example.text!r} also stands under {other[0].intent} "
                f"({other[1].name}:{other[2]}); keep it in one"
            )
            reading.faults.append(Fault(path, line, f"{example.intent}.examples", message))


def _check_counts(reading: _Reading) -> None:
    counts: dict[tuple[str, str], set[str]] = {}
    for example, _, _ in reading.examples:
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
