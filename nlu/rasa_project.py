"""A Rasa 3.6 project made from what a bot is taught: the same examples, entities and word lists.

It trains understanding alone; dialogues stay with us. The pipeline reads English and Chinese
and needs no downloaded model: jieba cuts Chinese into words, grams of characters do the rest.
Every Chinese example is given in Traditional characters too, since Rasa reads texts as written.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import opencc
import yaml

from nlu.text import han_count
from nlu.training_data import Annotation, Example, TrainingData

#: Rounds of training: many over few examples, few over many; at the 4,800 lines of the example bot
#: eight rounds get 99 % of its own examples right.
_EPOCHS_LEAST: Final = 15
_EPOCHS_MOST: Final = 60
_EXAMPLES_SEEN: Final = 20_000
#: A meaning that is less probable is no meaning: Rasa answers `nlu_fallback`.
FALLBACK_THRESHOLD: Final = 0.6
#: The same when the second meaning is so near; whether to ask back is decided here, not there.
FALLBACK_AMBIGUITY: Final = 0.05

_HEAD: Final = (
    "# Made by `tributary export rasa` from a bot's folder; change that and export again.\n"
)
_VERSION: Final = "3.1"
#: What an entity's word and its neighbours look like; two on each side, since jieba counts blanks.
_NEIGHBOUR: Final = ("low", "title", "prefix5", "suffix3")
_WORD: Final = ("BOS", "EOS", "low", "title", "upper", "digit", "prefix5", "prefix2", "suffix3")
_WINDOW: Final = [list(each) for each in (*[_NEIGHBOUR] * 2, _WORD, *[_NEIGHBOUR] * 2)]

_ENDS: Final = " ?!.,;？！。，；…"

Words = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class RasaProject:
    """The three files that `rasa train nlu` reads, as data."""

    config: Mapping[str, Any]
    domain: Mapping[str, Any]
    nlu: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Write the project into `folder`; files whose content is the same stay untouched."""
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for name, data in (
            ("config.yml", self.config),
            ("domain.yml", self.domain),
            ("data/nlu.yml", self.nlu),
        ):
            path, text = folder / name, _HEAD + block_yaml(data)
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")


def make_project(
    data: TrainingData,
    *,
    name: str,
    patterns: Mapping[str, str] | None = None,
    lookups: Words | None = None,
    epochs: int | None = None,
) -> RasaProject:
    """Return the Rasa project of a bot.

    Args:
        data: what `read_training_data` returned.
        name: the bot's, for `assistant_id`.
        patterns: entity -> regular expression, from `bot.yml`.
        lookups: entity -> canonical value -> words for it, from `bot.yml`.
        epochs: rounds of training of the classifiers; None: as many as so many examples need.
    """
    expressions = {each: list(found) for each, found in data.patterns.items()}
    for entity, expression in (patterns or {}).items():
        expressions.setdefault(entity, []).append(expression)
    tables = {each: list(found) for each, found in data.lookups.items()}
    synonyms = {value: list(words) for value, words in data.synonyms.items()}
    for entity, values in (lookups or {}).items():
        for value, words in values.items():
            tables.setdefault(entity, []).extend(words)
            synonyms.setdefault(value, []).extend(words)
    marked = {a.name for example in data.examples for a in example.annotations}
    if epochs is None:
        rounds = _EXAMPLES_SEEN // max(1, len(data.examples))
        epochs = max(_EPOCHS_LEAST, min(_EPOCHS_MOST, rounds))
    retrieval = sorted(intent for intent in data.intents if "/" in intent)
    return RasaProject(
        config=_config(data.languages, name, epochs, sorted({_base(each) for each in retrieval})),
        domain={
            "version": _VERSION,
            "intents": sorted({_base(intent) for intent in data.intents}),
            "entities": sorted({*marked, *expressions, *tables}),
            # A retrieval intent needs a response to be chosen; what is said is ours to say.
            "responses": {f"utter_{each}": [{"text": each}] for each in retrieval},
        },
        nlu={
            "version": _VERSION,
            "nlu": [
                *_intents(data.examples),
                *_lists("synonym", synonyms),
                *_lists("lookup", tables),
                *_lists("regex", expressions),
            ],
        },
    )


def _config(
    languages: Sequence[str], name: str, epochs: int, retrieval: Sequence[str]
) -> dict[str, Any]:
    chinese = any(each.partition("-")[0].lower() == "zh" for each in languages)
    classifier = {
        "epochs": epochs,
        "constrain_similarities": True,
        "random_seed": 1,
        # A quarter of Rasa's default size; sparse features need no more and train far faster.
        "number_of_transformer_layers": 1,
        "transformer_size": 128,
    }
    return {
        "recipe": "default.v1",
        "assistant_id": name,
        "language": "zh" if chinese else languages[0].partition("-")[0].lower(),
        "pipeline": [
            {"name": "JiebaTokenizer" if chinese else "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer", "case_sensitive": False, "use_word_boundaries": False},
            {"name": "LexicalSyntacticFeaturizer", "features": _WINDOW},
            {"name": "CountVectorsFeaturizer"},
            {
                "name": "CountVectorsFeaturizer",
                "analyzer": "char_wb",
                "min_ngram": 1,
                "max_ngram": 4,
            },
            {"name": "DIETClassifier", **classifier},
            {"name": "EntitySynonymMapper"},
            *(
                {"name": "ResponseSelector", "retrieval_intent": each, **classifier}
                for each in retrieval
            ),
            {
                "name": "FallbackClassifier",
                "threshold": FALLBACK_THRESHOLD,
                "ambiguity_threshold": FALLBACK_AMBIGUITY,
            },
        ],
        "policies": [],
    }


def _base(intent: str) -> str:
    """Return the part of a retrieval intent that Rasa's classifier knows: `faq` of `faq/hours`."""
    return intent.partition("/")[0]


def _intents(examples: Iterable[Example]) -> list[dict[str, Any]]:
    by_intent: dict[str, list[str]] = {}
    for example in examples:
        texts = by_intent.setdefault(example.intent, [])
        text = _without_end(example)
        texts.append(annotated(text, example.annotations))
        traditional = _traditional(text)
        if traditional != text and len(traditional) == len(text):
            texts.append(annotated(traditional, example.annotations))
    return [
        {"intent": intent, "examples": _lines(sorted(set(by_intent[intent])))}
        for intent in sorted(by_intent)
    ]


def _lists(kind: str, words: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [
        {kind: name, "examples": _lines(dict.fromkeys(words[name]))}
        for name in sorted(words)
        if words[name]
    ]


def _without_end(example: Example) -> str:
    """Return an example without the signs it ends with.

    Articles' questions end with one and other examples do not, so Rasa would take every "?" for a
    question to the knowledge base.
    """
    shorter = example.text.rstrip(_ENDS)
    inside = all(each.end <= len(shorter) for each in example.annotations)
    return shorter if shorter and inside else example.text


def _traditional(text: str) -> str:
    return _to_traditional().convert(text) if han_count(text) else text


@lru_cache(maxsize=1)
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def annotated(written: str, annotations: Iterable[Annotation]) -> str:
    """Return a plain text with its annotations as Rasa writes them."""
    text, at = "", 0
    for each in sorted(annotations, key=lambda a: a.start):
        said = written[each.start : each.end]
        parts = {"value": None if each.value == said else each.value}
        parts |= {"role": each.role, "group": each.group}
        more = {key: value for key, value in parts.items() if value}
        target = json.dumps({"entity": each.name, **more}, ensure_ascii=False)
        mark = target if more else f"({each.name})"
        text += f"{written[at : each.start]}[{said}]{mark}"
        at = each.end
    return text + written[at:]


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"- {' '.join(text.split())}\n" for text in texts)


class _Dumper(yaml.SafeDumper):
    """Writes blocks of examples as blocks."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _block)


def block_yaml(data: object) -> str:
    """Return `data` as YAML with texts of several lines as blocks."""
    return yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000, line_break="\n"
    )
