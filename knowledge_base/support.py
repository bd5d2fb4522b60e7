"""The support check: whether every sentence somebody wrote is said by the passage it cites.

Deterministic and without a model. It would rather refuse a good sentence than let a bad one
through: who is refused still gets the passage's own words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowledge_base.evidence import Clause, Evidence, Line, addresses, names
from knowledge_base.instructions import instructs
from knowledge_base.passages import split_sentences
from knowledge_base.stated_values import Value, kind
from knowledge_base.support_limits import ACTORS, BINDING, DUTY, NARROW, PAYS, PERMISSION, UNADDED
from knowledge_base.support_words import OPPOSITES
from knowledge_base.terms import stem
from nlu.text import han_count, is_han, normalise

#: Least share of a sentence's words that its passage has to say: all. On the pairs of the tests
#: 0.8 lets 3 of 298 unsupported sentences through, 0.7 seven and 0.6 twenty-three; 0.9 none, but
#: one word of ten may be the one that is made up, and all costs no more than 0.9.
COVERED_AT: Final = 1.0
#: Least share that the lines themselves have to say, title and headings apart.
OWN_COVERED_AT: Final = 0.5
#: Words of Latin letters a Chinese sentence may have whatever its length.
WORDS_OF_NAMES: Final = 4
#: Lines of a passage that may say one sentence together.
WINDOW_LINES: Final = 3
#: What a number in common counts when clauses are matched, compared with a telling word.
_VALUE_WEIGHT: Final = 0.25
#: What a word of the rest of the sentence counts for one of its clauses.
_REST: Final = 0.15
#: What a word counts for a clause when an earlier clause of its line says it, or a later one.
_CARRIED: Final = 0.8
_BESIDE: Final = 0.5
#: Words two clauses have in common from which on they are told apart by their others.
MIXED_SHARED: Final = 2
#: Longest sentence and text that are looked at, in code points.
SENTENCE_MAX: Final = 500
TEXT_MAX: Final = 1500
SENTENCES_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was written."""

    text: str
    cites: tuple[int, ...]  #: numbers of the passages that say it, from 1


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The first sentence that no cited passage says."""

    number: int  #: from 1
    reason: str  #: e.g. "value", "negation"; never words of the text


def find_unsupported(
    sentences: Sequence[Sentence], passages: Sequence[Evidence], *, language: str
) -> Unsupported | None:
    """Return the first sentence that is not supported, or None when all are.

    Args:
        sentences: what was written, in order.
        passages: what may be cited; the first has the number 1.
        language: BCP-47 in which it had to be written.
    """
    if not sentences or len(sentences) > SENTENCES_MAX:
        return Unsupported(min(len(sentences), SENTENCES_MAX), "length")
    if sum(len(sentence.text) for sentence in sentences) > TEXT_MAX:
        return Unsupported(len(sentences), "length")
    for number, sentence in enumerate(sentences, start=1):
        cited = [passages[n - 1] for n in sentence.cites if 1 <= n <= len(passages)]
        if not cited or len(cited) < len(sentence.cites):
            return Unsupported(number, "citation")
        if (reason := form_fault(sentence.text, language)) is not None:
            return Unsupported(number, reason)
        text = normalise(sentence.text).plain.replace("**", "").replace("`", "")
        for part in split_sentences(text.removeprefix("- ")):
            if (reason := refusal(part, cited)) is not None:
                return Unsupported(number, reason)
    return None


def form_fault(text: str, language: str) -> str | None:
    """Return why `text` may not be shown whatever it says, or None."""
    if not text.strip() or len(text) > SENTENCE_MAX:
        return "length"
    plain = normalise(text).plain
    if any(ord(c) < 32 for c in text) or "�" in plain:
        return "characters"
    marks = ("](", "![", "<", ">", "|", "#", "```", "{", "}", "&lt")
    if any(mark in plain for mark in marks):
        return "markup"
    if instructs(text):
        return "instruction"
    letters = sum(c.isalpha() for c in plain)
    han = han_count(plain)
    chinese = language.partition("-")[0].lower() == "zh"
    # Names keep their letters in Chinese; an English sentence has next to no Chinese character.
    share = han / max(letters, 1)
    foreign = share < 0.2 and (han < 2 or len(plain.split()) > WORDS_OF_NAMES)
    if letters and (foreign if chinese else share > 0.3):
        return "language"
    return None


def refusal(text: str, cited: Sequence[Evidence], *, covered_at: float = COVERED_AT) -> str | None:
    """Return why none of the `cited` passages says the sentence `text`, or None when one does."""
    said = Line(normalise(text).plain)
    best: tuple[float, str] = (-1.0, "words")
    for length in range(1, WINDOW_LINES + 1):
        held: list[tuple[float, Clause, Evidence]] = []
        for evidence in cited:
            for window in evidence.windows(length):
                covered = _coverage(said.words, (window, evidence.lead))
                reason = _missing(said, window, evidence.lead, covered, covered_at)
                if reason is None:
                    held.append((covered, window, evidence))
                best = max(best, (covered, reason or ""))
        # What one line says of all the words decides; more lines would only lend it words.
        if held:
            most = max(covered for covered, _, _ in held)
            nearest = [(w, e) for covered, w, e in held if covered >= most - 1e-9]
            reasons = [_contradicts(said, window, evidence) for window, evidence in nearest]
            return None if None in reasons else reasons[0]
    return best[1]


def _missing(
    said: Line, window: Clause, lead: Clause, covered: float, covered_at: float
) -> str | None:
    """Return what of the sentence a window does not have, or None."""
    stated = window.values | lead.values
    if not said.values <= stated:
        return "value"
    source = f"{window.text}\n{lead.text}"
    if not addresses(said.text) <= addresses(source):
        return "address"
    known = window.known | lead.known
    folded = normalise(source).folded
    if any(name not in known and name not in folded for name in names(said.text)):
        return "name"
    if covered < covered_at or _coverage(said.words, (window,)) < OWN_COVERED_AT:
        return "words"
    return None


def _contradicts(said: Line, window: Clause, evidence: Evidence) -> str | None:
    """Return how a window that has all the words says something else, or None."""
    lines = [line for line in evidence.lines if line.text in window.text]
    if _opposes(said, window, evidence.lead):
        return "opposite"
    if (reason := _limits_refusal(said, window, lines)) is not None:
        return reason
    if _denies(said, lines):
        return "negation"
    if not all(_belongs(value, said, evidence) for value in said.values):
        return "value"
    if _swaps_payer(said, lines):
        return "actor"
    if not all(_is_of_one_piece(part, lines, evidence.lead) for part in said.clauses):
        return "mixed"
    return "mixed" if any(_mixes(said, line) for line in lines) else None


def _is_of_one_piece(part: Clause, lines: Sequence[Line], lead: Clause) -> bool:
    """Tell whether one statement has all words of a clause.

    "The settings are lost, the account is kept" says nowhere that the settings are kept.
    """
    segments = [segment for line in lines for segment in line.segments]
    told = [word for word in part.words if any(s.covers(word) for s in segments)]
    return any(
        all(segment.covers(word) or lead.covers(word) for word in told) for segment in segments
    )


def _swaps_payer(said: Line, lines: Sequence[Line]) -> bool:
    for part in said.clauses:
        ours = _actors(part)
        if not PAYS.search(part.folded) or len(ours) != 1:
            continue
        near = [clause for clause in _nearest(part, said, lines) if PAYS.search(clause.folded)]
        if near and all(theirs and not theirs & ours for theirs in map(_actors, near)):
            return True
    return False


def _coverage(words: Sequence[str], sources: Sequence[Clause]) -> float:
    """Return which share of `words` the sources say."""
    if not words:
        return 1.0
    return sum(any(source.covers(word) for source in sources) for word in words) / len(words)


def _opposes(said: Line, window: Clause, lead: Clause) -> bool:
    """Tell whether a word is said of which the passage has only the opposite."""
    here = window.known | lead.known
    for word in said.known:
        for prefix in ("un", "in", "non", "dis"):
            longer = stem(prefix + word)
            if len(word) > 2 and longer in here and word not in here:
                return True
            rest = word.removeprefix(prefix)
            if rest != word and len(rest) > 3 and rest in here and word not in here:
                return True
    for word, others in OPPOSITES.items():
        if _says(said, word) and not _says(window, word) and any(_says(window, o) for o in others):
            return True
    return False


def _says(clause: Clause, word: str) -> bool:
    if is_han(word):
        return word in clause.folded
    beginning = word[:-1] if word.endswith("e") else word
    return any(
        each.startswith(beginning) and len(each) - len(beginning) <= 3 for each in clause.known
    )


def _limits_refusal(said: Line, window: Clause, lines: Sequence[Line]) -> str | None:
    """Return the limit that is added or left out, or None."""
    added = [name for name in UNADDED if name in said.limits and name not in window.limited]
    if added:
        return f"limit {added[0]}"
    for name in NARROW:
        if name in said.limits and not all(
            _has_of_its_own(part, lines, name) for part in said.clauses if name in part.limits
        ):
            return f"limit {name}"
    for name in BINDING:
        if name in window.limits and name not in said.limits and _leaves_out(said, lines, name):
            return f"limit {name}"
    must, may = DUTY.search(said.folded), PERMISSION.search(said.folded)
    has_must, has_may = DUTY.search(window.folded), PERMISSION.search(window.folded)
    if (must and not may and has_may and not has_must) or (
        may and not must and has_must and not has_may
    ):
        return "duty"
    return None


def _has_of_its_own(part: Clause, lines: Sequence[Line], limit: str) -> bool:
    """Tell whether a clause with the limit is about what `part` is about.

    "Tours cost £3, children go free" has nothing of tours that are free.
    """
    own = [word for word in part.words if limit not in Clause(word).limits]
    for line in lines:
        for clause in line.parts:
            if limit in clause.limited:
                told = [word for word in clause.words if limit not in Clause(word).limits]
                if not own or not told or any(clause.covers(word) for word in own):
                    return True
    return False


def _leaves_out(said: Line, lines: Sequence[Line], limit: str) -> bool:
    """Tell whether what is said is what the limit limits: no clause without it says as much."""
    clauses = [clause for line in lines for clause in line.clauses]
    limiting = 0.0
    other = 0.0
    for line in lines:
        before: Clause | None = None
        for clause in line.clauses:
            covered = _closeness(said, said, clause, line, clauses)
            # "Unless you ask, nothing is kept": the clause behind is limited too.
            if limit in clause.limits or (
                limit == "except" and before is not None and before.is_bare
            ):
                # "Only online, not in our shops": who repeats the second half needs no "only".
                if limit != "only" or clause.negated == said.negated:
                    limiting = max(limiting, covered)
            else:
                other = max(other, covered)
            before = clause
    return limiting > 0 and limiting >= other - 1e-9


def _denies(said: Line, lines: Sequence[Line]) -> bool:
    """Tell whether a clause affirms what its best match denies, or the other way round."""
    matched = [(part, _nearest(part, said, lines)) for part in said.clauses if part.words]
    wrong = [
        (part, near)
        for part, near in matched
        if near and not any(clause.negated == part.negated for clause in near)
    ]
    for part, near in wrong:
        if part.negated:
            return True
        # Part of a denial: "once it is sent, it cannot be changed" of one clause that says both.
        shares = any(
            other.negated and any(clause in near for clause in theirs) for other, theirs in matched
        )
        if not (shares or (part.is_circumstance and len(said.clauses) > 1)):
            return True
    return False


def _nearest(part: Clause, said: Line, lines: Sequence[Line]) -> list[Clause]:
    """Return the clauses that say most of `part`, none when all say nothing of it."""
    clauses = [clause for line in lines for clause in line.clauses]
    scored = [
        (_closeness(part, said, clause, line, clauses), clause)
        for line in lines
        for clause in line.clauses
    ]
    most = max((score for score, _ in scored), default=0.0)
    return [clause for score, clause in scored if score >= most - 1e-9] if most > 0 else []


def _closeness(
    part: Clause,
    said: Line,
    clause: Clause,
    line: Line,
    among: Sequence[Clause],
    *,
    but: Value | None = None,
) -> float:
    """Return how much of `part` a clause says, as compared with the others `among` which it is.

    A word that all of them say tells nothing; the rest of the sentence, and what the clause's
    line says elsewhere, count a little.
    """
    score = 0.0
    for word in dict.fromkeys([*said.words, *map(stem, names(said.text))]):
        weight = math.log((len(among) + 1) / (1 + sum(c.covers(word) for c in among)) + 1.05)
        share = 1.0 if part.covers(word) else _REST
        score += weight * share * _said(word, clause, line)
    return score + _VALUE_WEIGHT * len((part.values & clause.values) - {but})


def _said(word: str, clause: Clause, line: Line) -> float:
    """Return how much a clause says a word: itself, by what it goes on from, or by its line."""
    if clause.covers(word):
        return 1.0
    before = line.text[: max(0, line.text.find(clause.text))]
    if before and Clause(before).covers(word):
        return _CARRIED
    return _BESIDE * line.covers(word)


def _belongs(value: Value, said: Line, evidence: Evidence) -> bool:
    """Tell whether a value is said of what the passage states it of.

    "Express takes 3 days" uses a value and words of "Standard takes 3 days, express takes 1", but
    the part that says most of it states another number of days.
    """
    part = next((c for c in said.clauses if value in c.values), said)
    if len(part.words) < 2:
        part = said
    among = [clause for clause, _ in evidence.parts]
    own = [0.0]
    rivals = [0.0]
    states = False
    for clause, line in evidence.parts:
        close = _closeness(part, said, clause, line, among, but=value)
        if value in clause.values:
            states = True
            own.append(close)
        elif any(kind(each) == kind(value) for each in clause.values):
            rivals.append(close)
    # One that is in the title alone is said of everything below it.
    return not states or max(own) >= max(rivals) - 1e-9


def _mixes(said: Line, line: Line) -> bool:
    """Tell whether one clause takes words from two parts of a line that are told apart by them.

    Of "returns are paid by you, faults are paid by us" it makes "faults are paid by you".
    """
    clauses = line.clauses
    for first, second in pairwise(clauses):
        ours, theirs = _told(first), _told(second)
        if len(ours & theirs) < MIXED_SHARED or not ours - theirs or not theirs - ours:
            continue
        for part in said.clauses:
            words = _told(part)
            if words & (ours - theirs) and words & (theirs - ours) and words & ours & theirs:
                missing = (ours | theirs) - words
                if missing & (ours - theirs) and missing & (theirs - ours):
                    return True
    return False


def _told(clause: Clause) -> frozenset[str]:
    return frozenset([*clause.words, *_actors(clause)])


def _actors(clause: Clause) -> frozenset[str]:
    return frozenset(name for name, form in ACTORS.items() if form.search(clause.folded))
