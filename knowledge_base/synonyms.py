"""Synonyms: words of customers and of articles that mean the same, from `knowledge/synonyms.yml`.

They are used on the question's side only: the articles and their index stay as they are.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, RootModel, StringConstraints

from knowledge_base.terms import has_han, question_key, stem
from nlu.text import normalise, token_spans
from nlu.yaml_file import Fault, FaultyFileError, YamlFile

#: The file in a bot's `knowledge` folder.
FILE_NAME: Final = "synonyms.yml"
#: Wordings of one question that are tried; each costs a search.
VARIANTS_MAX: Final = 4

_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_Group = Annotated[list[_Word], Field(min_length=2, max_length=20)]


class _File(RootModel[dict[str, Annotated[list[_Group], Field(max_length=1000)]]]):
    """Groups of words by language."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A question in which words stand for others that mean the same."""

    text: str
    kept: str  #: what of the question is as the customer wrote it


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The groups of a bot, by language."""

    groups: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def readings(self, text: str) -> tuple[str, ...]:
        """Return `text` and its other wordings."""
        return (text, *(variant.text for variant in self.variants(text)))

    def wide(self, text: str) -> str:
        """Return `text` with everything its words may stand for behind it."""
        return " ".join(self.readings(text))

    def variants(self, text: str) -> list[Variant]:
        """Return other wordings of `text`, at most VARIANTS_MAX, first those that change least.

        The script of a word decides, not a declared language: "怎么用 voucher" has both.
        """
        folded = normalise(text).folded
        groups = tuple(group for groups in self.groups.values() for group in groups)
        spans = list(_found(folded, groups))
        if not spans:
            return []
        choices: list[list[str | None]] = [[None, *others] for _, _, others in spans]
        ways = itertools.islice(itertools.product(*choices), 1, 200)
        ordered = sorted(ways, key=lambda way: sum(word is not None for word in way))
        # All at once as well: a question may be wholly in other words than the article.
        return [_variant(folded, spans, way) for way in ordered[:VARIANTS_MAX]]


def read_synonyms(folder: Path, languages: Sequence[str]) -> Synonyms:
    """Read `synonyms.yml` of a bot's `knowledge` folder; a missing file holds none.

    Args:
        folder: the folder of the articles.
        languages: the bot's languages; others cannot be keys.

    Raises:
        FaultyFileError: naming the key and line of each fault.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Synonyms()
    file = YamlFile.read(path)
    if file.data is None:
        return Synonyms()
    groups = file.validate(_File).root
    if faults := list(_faults(file, groups, languages)):
        raise FaultyFileError(faults)
    return Synonyms({name: tuple(map(tuple, found)) for name, found in groups.items()})


def _faults(
    file: YamlFile, groups: Mapping[str, list[list[str]]], languages: Sequence[str]
) -> Iterator[Fault]:
    for language, members in groups.items():
        if language not in languages:
            known = ", ".join(languages)
            yield file.fault((language,), f"is not a language of this bot ({known})")
            continue
        first: dict[str, int] = {}
        for number, group in enumerate(members):
            for place, word in enumerate(group):
                key, at = question_key(word), (language, number, place)
                if not key:
                    yield file.fault(at, f"{word!r} has no words")
                elif key in first and first[key] == number:
                    yield file.fault(at, f"{word!r} is given twice")
                elif key in first:
                    message = f"{word!r} is also in group {first[key]}; join the two groups"
                    yield file.fault(at, message)
                first.setdefault(key, number)


@dataclass(frozen=True, slots=True)
class _Form:
    """A word of a group, made ready to be looked for."""

    word: str
    others: tuple[str, ...]  #: of its group
    folded: str
    stems: tuple[str, ...]  #: none: Chinese, which is looked for as it stands


@lru_cache(maxsize=32)
def _forms(groups: tuple[tuple[str, ...], ...]) -> tuple[_Form, ...]:
    """Return all words of these groups, longest first."""
    made: list[_Form] = []
    for group in groups:
        for word in group:
            folded = normalise(word).folded
            parts = () if has_han(folded) else tuple(stem(t) for t, _, _ in token_spans(folded))
            others = tuple(other for other in group if other != word)
            made.append(_Form(word, others, folded, parts))
    return tuple(sorted(made, key=lambda form: -len(form.word)))


def _found(
    folded: str, groups: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where words of a group stand, longest first, with the others of the group."""
    taken: list[tuple[int, int]] = []
    stems = [(stem(token), start, end) for token, start, end in token_spans(folded)]
    said = {each for each, _, _ in stems}
    for form in _forms(groups):
        span = _span(folded, stems, form) if said.issuperset(form.stems) else None
        if span is None or any(a < span[1] and span[0] < b for a, b in taken):
            continue
        taken.append(span)
        yield (*span, form.others)


def _span(
    folded: str, stems: Sequence[tuple[str, int, int]], form: _Form
) -> tuple[int, int] | None:
    wanted = form.stems
    if not wanted:
        at = folded.find(form.folded) if has_han(form.folded) else -1
        return None if at < 0 else (at, at + len(form.folded))
    for at in range(len(stems) - len(wanted) + 1):
        if tuple(each for each, _, _ in stems[at : at + len(wanted)]) == wanted:
            return stems[at][1], stems[at + len(wanted) - 1][2]
    return None


def _variant(
    folded: str,
    spans: Sequence[tuple[int, int, tuple[str, ...]]],
    way: Sequence[str | None],
) -> Variant:
    text, kept = folded, folded
    replaced = [(start, end, word) for (start, end, _), word in zip(spans, way, strict=True)]
    for start, end, word in sorted(replaced, key=lambda each: -each[0]):
        if word is not None:
            text = text[:start] + word + text[end:]
            kept = f"{kept[:start]} {kept[end:]}"
    return Variant(text, kept)
