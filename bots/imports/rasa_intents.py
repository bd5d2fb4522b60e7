"""Rasa's training data as ours: names, examples, word lists, and which languages they speak."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bots.imports.rasa_files import Item, RasaFiles
from bots.imports.report import Report
from nlu.language import is_known, written_in
from nlu.patterns import PatternError, compile_pattern
from nlu.rasa_names import SHARED, our_name
from nlu.text import comparable, normalise
from nlu.training_data import (
    EXAMPLE_MAX,
    EXAMPLES_MIN,
    Annotation,
    base_intent_files,
    parse_example,
    read_training_data,
)
from nlu.yaml_file import FaultyFileError

#: Rasa's form for several entities in one place, of which the first is kept.
_MANY: Final = re.compile(r"\[([^\[\]]{1,500})\]\[(\{[^\[\]{}]{1,500}\})[^\[\]]{0,2000}\]")
_SPOKEN: Final = ("en", "zh")
_REASON_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Said:
    """One example that is brought."""

    text: str
    annotations: tuple[Annotation, ...]
    path: Path


@dataclass(slots=True)
class Taught:
    """What a bot's intent files will say."""

    languages: tuple[str, ...] = ("en",)
    intents: dict[str, list[Said]] = field(default_factory=dict)
    words: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {"synonym": {}, "lookup": {}, "regex": {}}
    )
    names: dict[str, str] = field(default_factory=dict)  #: Rasa's name of an intent -> ours


def convert_training_data(files: RasaFiles, report: Report) -> Taught:
    """Return what can be brought of a project's training data; the report tells the rest."""
    taught = Taught()
    found: dict[str, list[Said]] = {}
    for item in files.items:
        if item.kind == "intent":
            name = _intent_name(item.name, taught, report)
            found.setdefault(name, []).extend(_examples(item, report))
    taught.languages = _languages(files.language, found)
    _choose(found, taught, report)
    entities = {
        a.name for all_ in taught.intents.values() for said in all_ for a in said.annotations
    }
    entities |= _declared_entities(files, report)
    for item in files.items:
        if item.kind != "intent":
            _bring_words(item, entities, taught, report)
    return taught


def _intent_name(name: str, taught: Taught, report: Report) -> str:
    if name not in taught.names:
        plain = our_name(name) or f"intent_{len(taught.names) + 1}"
        taught.names[name] = SHARED.get(plain, plain)
        report.rename("intent", name, taught.names[name])
    return taught.names[name]


def _examples(item: Item, report: Report) -> list[Said]:
    found = []
    for written, line in item.examples:
        raw, many = _MANY.subn(r"[\1]\2", written)
        if many:
            why = "more than one in a place; the first was kept"
            report.leave("entity annotations", item.path, why, count=many, line=line)
        try:
            text, marks = parse_example(raw)
        except (ValueError, FaultyFileError) as error:
            reason = str(error).splitlines()[0][:_REASON_MAX]
            report.leave("examples", item.path, f"bad annotation: {reason}", line=line)
            continue
        if len(text) > EXAMPLE_MAX or not comparable(text):
            why = "without a word" if not comparable(text) else f"over {EXAMPLE_MAX} characters"
            report.leave("examples", item.path, why, line=line)
            continue
        found.append(Said(text, tuple(_renamed(m, item, report) for m in marks), item.path))
    return found


def _renamed(mark: Annotation, item: Item, report: Report) -> Annotation:
    name = our_name(mark.name).replace("/", "_") or "entity"
    report.rename("entity", mark.name, name)
    if mark.role or mark.group:
        why = "kept for Rasa; entities here have no roles and groups"
        report.bring("roles and groups", item.path, why=why)
    return Annotation(name, mark.start, mark.end, mark.value, mark.role, mark.group)


def _languages(declared: str | None, found: dict[str, list[Said]]) -> tuple[str, ...]:
    """Return the languages that every intent has examples in; the project's own comes first."""
    own = (declared or "").partition("-")[0].partition("_")[0].lower()
    candidates = list(dict.fromkeys([own if is_known(own) else "en", *_SPOKEN]))
    counts = [
        Counter(written_in(normalise(said.text), languages=candidates) for said in all_)
        for all_ in found.values()
        if len(all_) >= EXAMPLES_MIN
    ]
    spoken = [
        each for each in candidates if counts and all(c[each] >= EXAMPLES_MIN for c in counts)
    ]
    if spoken:
        return tuple(spoken)
    whole: Counter[str] = Counter()
    for count in counts:
        whole += count
    return (max(candidates, key=lambda each: whole[each]),)


def _choose(found: dict[str, list[Said]], taught: Taught, report: Report) -> None:
    """Keep each example under one intent, and intents that have enough of them."""
    # One intent of the base may lack a language that the bot has; that is no matter here.
    shared = read_training_data([], languages=_SPOKEN).examples if base_intent_files() else ()
    owners = {comparable(each.text): (each.intent, "") for each in shared}
    for intent, examples in found.items():
        kept: list[Said] = []
        seen: set[str] = set()
        for said in examples:
            words = comparable(said.text)
            owner, where = owners.setdefault(words, (intent, said.path.name))
            if words in seen:
                report.leave("examples", said.path, "twice under its intent")
            elif owner != intent:
                place = f"also under {owner}" if where else f"belongs to the shared {owner}"
                report.leave("examples", said.path, place)
            else:
                seen.add(words)
                kept.append(said)
        if len(kept) < EXAMPLES_MIN:
            for path in {said.path for said in examples}:
                report.leave("intents", path, f"fewer than {EXAMPLES_MIN} examples: {intent}")
            continue
        taught.intents[intent] = kept
        for said in kept:
            report.bring("examples", said.path)
        for path in dict.fromkeys([said.path for said in kept][:1]):
            report.bring("intents", path)


def _declared_entities(files: RasaFiles, report: Report) -> set[str]:
    declared: set[str] = set()
    for file in files.domain.get("entities", []):
        for each in file.data["entities"] if isinstance(file.data["entities"], list) else []:
            name = next(iter(each), None) if isinstance(each, dict) else each
            if isinstance(name, str) and our_name(name):
                declared.add(our_name(name))
                report.rename("entity", name, our_name(name))
                report.bring("entities", file.path)
    return declared


def _bring_words(item: Item, entities: set[str], taught: Taught, report: Report) -> None:
    values = [text for text, _ in item.examples]
    name = item.name if item.kind == "synonym" else our_name(item.name).replace("/", "_")
    what = {"synonym": "synonyms", "lookup": "lookup tables", "regex": "regular expressions"}
    if not name or not values:
        report.leave(what[item.kind], item.path, f"empty: {item.name}")
        return
    if item.kind == "regex":
        values = _safe(item, name, entities, report)
    elif item.kind == "lookup":
        report.rename("entity", item.name, name)
    if values:
        taught.words[item.kind].setdefault(name, []).extend(values)
        report.bring(what[item.kind], item.path, count=len(values) if item.kind == "regex" else 1)


def _safe(item: Item, name: str, entities: set[str], report: Report) -> list[str]:
    """Return the expressions that find an entity and are safe to run on customers' texts."""
    what = "regular expressions"
    if name not in entities:
        report.leave(what, item.path, f"a hint to Rasa's classifier, not an entity: {item.name}")
        return []
    safe = []
    for expression, line in item.examples:
        try:
            compile_pattern(name, expression)
        except PatternError as error:
            report.leave(what, item.path, str(error)[: 2 * _REASON_MAX], line=line)
        else:
            safe.append(expression)
    return safe
