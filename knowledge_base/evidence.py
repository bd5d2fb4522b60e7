"""Evidence: a passage as lines and clauses whose words, values and limits can be compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from knowledge_base.passages import Passage, plain_text, split_sentences
from knowledge_base.stated_values import Value, stated_values
from knowledge_base.support_limits import DOUBLE, LIMITED, LIMITS, NEGATION
from knowledge_base.support_words import ALIKE, ALIKE_HAN, EMPTY, EMPTY_HAN, PHRASES
from knowledge_base.terms import stem
from nlu.text import HAN, han_count, is_han, normalise

#: Between clauses, and between what clauses list.
_CLAUSE: Final = re.compile(
    r"[,，;；:：—()（）]+\s*(?!\d)|\s[-–]\s|\b(?:but|while|whereas)\b|但是?|不过|而且|并且"
)
_PART: Final = re.compile(rf"(?:{_CLAUSE.pattern})|、(?!\s*\d)|\b(?:and|or)\b(?!\s*\d)")
#: Says something of its own, and is not merely listed.
_STATEMENT: Final = re.compile(
    r"\b(?:it|they|we|you|this|that|is|are|will|can|may|must|do|does)\b", re.I
)
#: Has a subject of its own, besides what stands before it.
_INDEPENDENT: Final = re.compile(
    r"^(?!(?:is|are|was|were|will|can|may|must|do|does|has|have|not|nor|which|who)\b)"
    r".*\b(?:is|are|was|were|will|can|may|must|do|does|has|have|cannot|can't|don't|doesn't)\b"
    r"|^(?:it|they|we|you|this|that)\b"
    rf"|^(?!不|没|无|可|能|会|须|请)[^\n]*[{HAN}]{{2,}}(?:会|能|可|是|由|将|要|须|必|不|没|已|需)"
)
#: "Yes" and "no" before a sentence answer the title, not the customer.
_ANSWER: Final = re.compile(r"^(?:yes|no)[.,!:]\s+", re.I)
#: Begins a condition or a circumstance, which says nothing by itself.
_CIRCUMSTANCE: Final = re.compile(
    r"^(?:if|when|once|after|before|for|with|as|since|because|in|on|until|while|whether|then)\b"
    r"|^(?:如果|若|当|对于|关于|在|自|为了|由于|因为|只要|关于)|(?:后|时|前|的话|起)$"
)
#: A listed part of so few words has the negation of what it is listed with.
_FRAGMENT_WORDS: Final = 4
#: A word as names and codes are made of: letters and digits, joined inside.
_WORD: Final = re.compile(rf"[^\W_{HAN}]+(?:[-'’./&+][^\W_{HAN}]+)*")
_HAN_RUN: Final = re.compile(f"[{HAN}]+")
_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>()\[\]，。；、]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|cn|example|shop|co|uk|hk|info|biz|app|dev|ru|xyz|top)\b(?:/[\w./-]*)?",
    re.I,
)
#: Capital letters that name nothing.
_CAPITAL_ALWAYS: Final = frozenset({"I", "I'm", "I'll", "I'd", "I've", "OK"})
#: Characters of a Chinese word may stand so far apart: 退货 in 退回的货物.
_SPREAD: Final = 4


@dataclass(frozen=True)
class Clause:
    """The smallest part of a text that can be affirmed or denied."""

    text: str  #: in normal form
    listed: bool = False  #: it is listed behind a part that denies

    @cached_property
    def folded(self) -> str:
        """In lower case and Simplified Chinese."""
        return normalise(self.text).folded

    @cached_property
    def values(self) -> frozenset[Value]:
        """Its numbers with their units."""
        return frozenset(each.value for each in stated_values(self.text))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that state something: English stems and Chinese words, in order."""
        folded = _phrased(self.folded)
        return tuple(dict.fromkeys([*_latin(folded), *_han(folded)]))

    @cached_property
    def known(self) -> frozenset[str]:
        """All stems, and those of the parts of joined words."""
        words = _WORD.findall(_phrased(self.folded))
        parts = [part for word in words for part in (word, *re.split(r"[-/.&+]", word))]
        return frozenset(stem(part) for part in parts if part)

    @cached_property
    def negated(self) -> bool:
        """Whether it denies."""
        text = DOUBLE.sub(" ", self.folded)
        denied = len(NEGATION.findall(text)) % 2 == 1
        return denied or (self.listed and len(self.words) <= _FRAGMENT_WORDS)

    @cached_property
    def limits(self) -> frozenset[str]:
        """What it is limited or stretched by, see `support_words.LIMITS`."""
        return frozenset(name for name, form in LIMITS.items() if form.search(self.folded))

    @cached_property
    def limited(self) -> frozenset[str]:
        """The same with weaker words, as far as they are evidence."""
        return frozenset(name for name, form in LIMITED.items() if form.search(self.folded))

    @cached_property
    def is_circumstance(self) -> bool:
        """Whether it only says when or if something holds."""
        return _CIRCUMSTANCE.search(self.folded.strip()) is not None

    @cached_property
    def is_independent(self) -> bool:
        """Whether it seems to have a subject of its own."""
        return _INDEPENDENT.search(self.folded.strip()) is not None

    @cached_property
    def is_bare(self) -> bool:
        """Whether it is an exception that stands before what it is an exception of."""
        return self.folded.strip().startswith(("unless", "except", "除非", "除"))

    def covers(self, word: str) -> bool:
        """Tell whether `word`, or one that means the same, is said here."""
        if is_han(word):
            return _has_han(self.folded, word)
        if word in self.known or any(alike in self.known for alike in ALIKE.get(word, ())):
            return True
        return any(_related(word, each) for each in self.known)


@dataclass(frozen=True)
class Line(Clause):
    """A sentence, a list item or a row of a table."""

    whole: bool = False  #: a row or an item: its values belong to its first words

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Its parts that can be affirmed or denied."""
        return self._split(_CLAUSE)

    @cached_property
    def parts(self) -> tuple[Clause, ...]:
        """Its parts that can be listed."""
        return self._split(_PART)

    @cached_property
    def segments(self) -> tuple[Clause, ...]:
        """Its clauses, each with those beside it that have no subject of their own."""
        grouped: list[list[str]] = []
        waiting = False
        for clause in self.clauses:
            if grouped and (waiting or not clause.is_independent):
                grouped[-1].append(clause.text)
            else:
                grouped.append([clause.text])
            waiting = clause.is_circumstance
        return tuple(Clause("\n".join(texts)) for texts in grouped)

    def _split(self, seam: re.Pattern[str]) -> tuple[Clause, ...]:
        if self.whole:
            head, *parts = re.split(r"[;；]\s*", self.text)
            name = re.split(r"[:：]", head)[0]
            return (Clause(head), *(Clause(f"{name}: {part}") for part in parts if part.strip()))
        # A thousand has a comma of its own.
        text = re.sub(r"(?<=\d),(?=\d{3})", "", self.text)
        clauses: list[Clause] = []
        for part in seam.split(text):
            if part.strip():
                own = _STATEMENT.search(part) or han_count(part)
                listed = bool(clauses) and clauses[-1].negated and not own
                clauses.append(Clause(part.strip(), listed=listed))
        return tuple(clauses) or (Clause(self.text),)


@dataclass(frozen=True)
class Evidence:
    """One passage as it may be cited."""

    lead: Clause  #: title and headings: they name what the lines are about
    lines: tuple[Line, ...]

    @cached_property
    def parts(self) -> tuple[tuple[Clause, Line], ...]:
        """All parts of all lines, each with its line."""
        return tuple((part, line) for line in self.lines for part in line.parts)

    def windows(self, length: int) -> tuple[Clause, ...]:
        """Return the runs of `length` lines, each as one text."""
        texts = [line.text for line in self.lines]
        return tuple(
            Clause("\n".join(texts[start : start + length]))
            for start in range(max(0, len(texts) - length + 1))
        )


@lru_cache(maxsize=1024)
def evidence_of(passage: Passage, title: str) -> Evidence:
    """Return what `passage` of the article called `title` is evidence of."""
    lead = "\n".join([title, *passage.headings])
    return Evidence(Clause(normalise(lead).plain), tuple(_lines(passage)))


def passage_text(passage: Passage) -> str:
    """Return the passage in plain words, with the names of columns in each row of a table."""
    return "\n".join(line.text for line in _lines(passage))


def _lines(passage: Passage) -> Iterable[Line]:
    for block in passage.blocks:
        match block.kind:
            case "text":
                for sentence in split_sentences(block.plain):
                    yield Line(_ANSWER.sub("", normalise(sentence).plain))
            case "table":
                for row in block.markdown.split("\n"):
                    text = plain_text(row.removeprefix("- "))
                    yield Line(normalise(text).plain, whole=True)
            case _:
                for item in block.plain.split("\n"):
                    if item.strip():
                        yield Line(normalise(item.strip()).plain, whole=block.kind == "list")


def addresses(text: str) -> frozenset[str]:
    """Return the links, e-mail addresses and hosts in a text, in lower case."""
    return frozenset(match[0].lower().rstrip(".,;:/") for match in _ADDRESS.finditer(text))


def names(text: str) -> frozenset[str]:
    """Return the names and codes of a text: capitals inside a sentence, letters with digits.

    Latin words in Chinese text are names too.
    """
    found: set[str] = set()
    chinese = han_count(text) > 0
    taken = [(each.start, each.end) for each in stated_values(text)]
    for match in _WORD.finditer(text):
        word = match[0]
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        before = text[: match.start()].rstrip(" \"'“‘(*_")
        opens = not before or before[-1] in ".!?:\n-•。！？：;"
        mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        capital = word[:1].isupper() and (not opens or word[1:2].isupper())
        if word in _CAPITAL_ALWAYS or (opens and word.lower() in EMPTY):
            continue
        if mixed or capital or any(c.isupper() for c in word[1:]) or (chinese and len(word) > 1):
            found.add(word.lower().removesuffix("'s").removesuffix("’s"))
    return frozenset(found)


def _phrased(folded: str) -> str:
    for form, word in PHRASES:
        folded = form.sub(word, folded)
    return folded


def _latin(folded: str) -> Iterable[str]:
    taken = [(each.start, each.end) for each in stated_values(folded)]
    for match in _WORD.finditer(folded):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        for part in re.split(r"[-/.&+]", match[0].replace("’", "'")):
            word = part.removesuffix("n't").removesuffix("'s")
            if word and not word.isdigit() and word not in EMPTY and stem(word) not in EMPTY:
                yield stem(word)


def _han(folded: str) -> Iterable[str]:
    import rjieba

    taken = [(each.start, each.end) for each in stated_values(folded)]
    text = list(folded)
    for start, end in taken:
        text[start:end] = "\n" * (end - start)
    for run in _HAN_RUN.findall("".join(text)):
        for word in rjieba.cut(run):
            if word not in EMPTY_HAN and not all(c in EMPTY_HAN for c in word):
                yield word


def _has_han(folded: str, word: str) -> bool:
    if word in folded or any(alike in folded for alike in ALIKE_HAN.get(word, ())):
        return True
    if len(word) == 2:
        first, last = map(re.escape, word)
        return re.search(f"{first}[{HAN}]{{0,{_SPREAD}}}{last}", folded) is not None
    # A longer word is covered when the two of it are: 保修期限 by 保修 and 期限.
    if len(word) > 2:
        return all(
            _has_han(folded, word[i : i + 2]) or word[i] in EMPTY_HAN
            for i in range(0, len(word) - 1, 2)
        ) and (len(word) % 2 == 0 or word[-1] in folded or word[-1] in EMPTY_HAN)
    return False


def _related(word: str, other: str) -> bool:
    """Tell whether two stems are forms of one word: deliver, delivery; refund, refundable."""
    short, long = sorted((word, other), key=len)
    if len(short) < 5 or len(long) - len(short) > 5:
        return False
    return long.startswith(short) or (
        len(short) >= 6 and long.startswith(short[:-1]) and len(long) - len(short) <= 3
    )
