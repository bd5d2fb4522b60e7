"""Clauses: the parts of a message that may each mean something of their own.

Splitting is conservative: what is not split is understood as a whole, as always; what is split
too often costs time only, because a clause counts for nothing unless it is clearly understood.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from nlu.interpreter import Interpreter
from nlu.text import HAN, comparable, fold
from nlu.understanding import Understanding

#: Longer messages tell a story; its sentences are not goals.
TEXT_MAX: Final = 400
CLAUSES_MAX: Final = 4

#: Never split inside: quotes, addresses of pages and mailboxes, figures, initials and titles.
_WHOLE: Final = re.compile(
    r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|「[^」\n]{1,200}」|『[^』\n]{1,200}』|《[^》\n]{1,200}》"
    r"|(?<!\w)'[^'\n]{2,200}'(?!\w)|[^\s@,;，；]{1,64}@[\w.-]{0,252}\w"
    r"|(?:https?://|www\.)[^\s，。；]{0,499}[\w/]"
    r"|\d[\d.,:/-]*\d|\b(?:mr|mrs|ms|dr|st|no|nr|vs|etc|approx|e\.g|i\.e|inc|ltd|co|[a-z])\.",
    re.IGNORECASE,
)
_QUESTION: Final = (
    r"where|what|what's|when|why|who|which|how|can|could|would|will|is|are|do|does|did|has|have"
)
_OPENING: Final = (
    rf"(?:please )?(?:i|i'm|i'd|i've|i'll|we|we'd|{_QUESTION}|tell me|let me|show me"
    r"|please|cancel|return|refund|track|check|change|update|send|book|report)"
)
_BREAK: Final = re.compile(
    # The end of a sentence.
    r"[!?！？。；;\n]+[\"”’』」)）]*\s*|(?<=[\w)])\.\s+(?=\S)"
    # A connective before what opens a clause, or one that always begins something new.
    rf"|,?\s+(?:(?:and|plus|also|then)\s+)+(?={_OPENING}\b)"
    r"|[,;:]?\s*\b(?:and |oh )?(?:by the way|btw|another (?:thing|question)"
    r"|one more (?:thing|question)|while (?:i am|i'm|we are|we're) at it|on top of that)\b[,:]?\s*"
    rf"|,\s+(?=(?:{_QUESTION})\b)"
    r"|[，,、\s]*(?:顺便(?:再|也|想)?(?:请)?(?:问|说)?(?:一下|下|问|一句)?|另外(?:再)?(?:问一下|问下)?"
    r"|还有(?:就是|一个问题|一件事|个问题)|(?<=[，,。])对了|(?<=[，,])\s*还有(?=[，,我想怎运能可])"
    r"|(?<=[，,])(?:同时|并且|而且|然后|以及)|再问一?下)[，,、:：]?\s*"
    r"|[，,]\s*(?=请问|我(?:还|也)?(?:要|想)|(?:还|也)(?:想|要)|(?:再)?帮我|能不能|可不可以|怎么|如何|多少|什么时候|哪里"
    rf"|为什么|[{HAN}]{{2,4}}(?:多少|怎么|在哪|什么时候|多久))",
    re.IGNORECASE,
)
#: What a clause begins with that is no part of what it says.
_LEAD: Final = re.compile(
    r"^(?:(?:and|also|plus|oh|then)\b[,，]?\s+|(?:另外|对了|還有(?!货|貨)|还有(?!货))[,，]?\s*)+(?=\S)",
    re.IGNORECASE,
)
_MORE: Final = re.compile(
    r"(?:and |oh |,)*(?:also|plus|by the way|btw|another (?:thing|question)"
    r"|one more (?:thing|question))\b"
    r"|(?:顺便|另外|还有(?!货)|对了|还想|也想|还要|再帮我|再问|同时)"
)
_MORE_BEFORE: Final = re.compile(
    r"(?:\b(?:also|plus|by the way|btw|another (?:thing|question)|one more (?:thing|question)"
    r"|while (?:i am|i'm|we are|we're) at it|on top of that)"
    r"|顺便(?:再|也|想)?(?:请)?(?:问|说)?(?:一下|下|问|一句)?|另外(?:再)?(?:问一下|问下)?"
    r"|还有(?:就是|一个问题|一件事|个问题)?|对了|同时|并且|而且|然后|以及|再问一?下)$"
)
_AND_BEFORE: Final = re.compile(r"\band(?: then)?$")
_NEW_WISH: Final = re.compile(
    r"(?:where|what|when|why|who|which|how|can|could|do|does|did|is|are|will)\b"
    r"|i(?:'d| would)? (?:also )?(?:want|like) |i also |please |tell me|let me know"
)
#: Clauses that say nothing, as compared; understanding them would cost as much as any other.
_COURTESY: Final = re.compile(
    r"(?:hi|hello|hey)?(?: ?(?:there|again))?|good (?:morning|afternoon|evening|day)|excuse me"
    r"|(?:a )?quick question|sorry to bother you|please"
    r"|(?:many )?thanks?(?: you)?(?: (?:so|very) much| a lot)?"
    r"|(?:你|您)好(?:呀|啊)?|(?:您)?在吗|(?:不好意思)?打扰(?:一下|了)?|请问(?:一下)?|麻烦(?:了|您了?)?|劳驾|急"
    r"|(?:谢谢|多谢)(?:你|您|了|啦)?|辛苦了|早上好|下午好|晚上好"
)
_COMMA: Final = re.compile("[,，]")
#: What begins so only says under which condition or why the rest is asked.
_SUBORDINATE: Final = re.compile(
    r"\s*(?:and |but )?(?:if|when|because|since|as|after|before|once|unless|although|while)\b"
    r"|\s*(?:如果|要是|因为|由于|既然|虽然|等|当)",
    re.IGNORECASE,
)


def split(text: str) -> tuple[str, ...]:
    """Return the clauses of `text` when it has two or more, else nothing."""
    if len(text) > TEXT_MAX or len(text) < 4:
        return ()
    whole = whole_spans(text)
    parts: list[str] = []
    start = 0
    for match in _BREAK.finditer(fold(text)):
        if any(a < match.end() and match.start() < b for a, b in whole):
            continue
        # "If it does not fit, can I return it?" is one question.
        if _COMMA.search(match[0]) and _SUBORDINATE.match(text, start):
            continue
        parts.append(text[start : match.start()] + _mark(match[0]))
        start = match.end()
    parts.append(text[start:])
    parts = [_LEAD.sub("", part.strip(" ,，、")) for part in parts]
    kept = tuple(part for part in parts if not _COURTESY.fullmatch(comparable(part)))
    return kept if 2 <= len(kept) <= CLAUSES_MAX else ()


def adds(text: str, clause: str) -> bool:
    """Tell whether `clause` of `text` is introduced as something more, rather than explaining.

    Two sentences in a row are mostly one matter: "My card is lost. Can I get a new one?"
    """
    folded, part = fold(text), fold(clause)
    before = folded[: max(folded.find(part), 0)].rstrip(" ,，、:：")
    # What was written on a line of its own was perhaps a message of its own.
    if before.endswith("\n") or _MORE.match(part) or _MORE_BEFORE.search(before[-40:]):
        return True
    return _AND_BEFORE.search(before[-8:]) is not None and _NEW_WISH.match(part) is not None


def whole_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans nothing is split in: quotes, addresses, figures, initials."""
    return [match.span() for match in _WHOLE.finditer(text)]


def _mark(separator: str) -> str:
    """Return the question mark that ends the clause before, which is part of it."""
    return next((mark for mark in "?？" if mark in separator), "")


def interpret(
    interpreter: Interpreter,
    texts: Sequence[str],
    *,
    languages: Sequence[str | None],
    nows: Sequence[datetime] | None = None,
) -> list[Understanding]:
    """Return one Understanding per text with those of its clauses, all asked for at once.

    Args:
        interpreter: understands texts and clauses in one batch.
        texts: customer texts.
        languages: for each text the language its conversation is held in, or None.
        nows: for each text when it was said.
    """
    clauses = [split(text) for text in texts]
    owners = [at for at, parts in enumerate(clauses) for _ in parts]
    meanings = interpreter.interpret(
        [*texts, *(part for parts in clauses for part in parts)],
        languages=[*languages, *(languages[at] for at in owners)],
        nows=None if nows is None else [*nows, *(nows[at] for at in owners)],
    )
    if not owners:
        return meanings
    parts: dict[int, list[Understanding]] = {}
    for at, meaning in zip(owners, meanings[len(texts) :], strict=True):
        parts.setdefault(at, []).append(meaning)
    return [
        replace(meaning, clauses=tuple(parts[at])) if at in parts else meaning
        for at, meaning in enumerate(meanings[: len(texts)])
    ]
