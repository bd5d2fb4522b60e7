"""Entities by regular expression, such as order numbers; only expressions that stay fast.

The expressions are a company's own, but the texts are strangers': an expression that can take
exponential time on a hostile text is refused when the bot is checked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from re import _constants as constants  # type: ignore[attr-defined] # the parser has no public name
from re import _parser as parser  # type: ignore[attr-defined] # as above
from typing import Any

from nlu.understanding import Entity

SPECIFICITY = 90
#: Longest expression, in characters.
_EXPRESSION_MAX = 300
#: An unbounded repetition may try this many lengths (a text has at most 4,000 characters).
_UNBOUNDED = 4000
#: Ways to match that may be tried from one place of a text.
_WAYS_MAX = 8000
_MATCHES_MAX = 20
_REPEATS = {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}
_REFUSED = {
    constants.GROUPREF: "a back-reference",
    constants.GROUPREF_EXISTS: "a conditional group",
    constants.ASSERT: "a look-ahead or look-behind",
    constants.ASSERT_NOT: "a look-ahead or look-behind",
}


class PatternError(ValueError):
    """A pattern of `bot.yml` is not safe or not valid; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """An entity found by a regular expression, whatever the case of letters."""

    name: str
    exact: re.Pattern[str]
    relaxed: re.Pattern[str]

    def find(self, text: str) -> Iterator[Entity]:
        """Yield the matches that are not part of a longer word or number."""
        for count, match in enumerate(self.relaxed.finditer(text)):
            if count >= _MATCHES_MAX:
                return
            start, end = match.span()
            if start == end or _joined(text, start) or _joined(text, end):
                continue
            yield Entity(self.name, start, end, self._value(match[0]))

    def _value(self, written: str) -> str:
        """Return `written` in the case the expression asks for."""
        forms = (written, written.upper(), written.lower())
        return next((form for form in forms if self.exact.fullmatch(form)), written)


def compile_pattern(name: str, expression: str) -> Pattern:
    """Compile an entity's expression.

    Raises:
        PatternError: not valid, too long, or able to take very long on some text.
    """
    if not expression or len(expression) > _EXPRESSION_MAX:
        raise PatternError(f"pattern {name}: must have 1 to {_EXPRESSION_MAX} characters")
    try:
        tree = parser.parse(expression)
        ways = _ways(tree, inside_repeat=False)
        pattern = Pattern(name, re.compile(expression), re.compile(expression, re.IGNORECASE))
    except PatternError as error:
        raise PatternError(f"pattern {name}: {expression!r} {error}") from None
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"pattern {name}: {expression!r} is not valid: {error}") from error
    if ways > _WAYS_MAX:
        raise PatternError(
            f"pattern {name}: {expression!r} can match in too many ways; bound the repetitions, "
            r"e.g. \d{4,8} instead of \d+"
        )
    if pattern.relaxed.fullmatch("") is not None:
        raise PatternError(f"pattern {name}: {expression!r} matches the empty text")
    return pattern


def _ways(tree: Iterable[Any], *, inside_repeat: bool) -> int:
    """Return in how many ways at most a parsed expression can match from one place."""
    ways = 1
    for operation, argument in tree:
        if operation in _REFUSED:
            raise PatternError(f"uses {_REFUSED[operation]}, which RE2 has not")
        if operation in _REPEATS:
            low, high, body = argument
            choices = (_UNBOUNDED if high is constants.MAXREPEAT else high) - low + 1
            if choices > 1 and inside_repeat:
                raise PatternError("repeats a repetition, which can take very long; unnest it")
            inner = _ways(body, inside_repeat=inside_repeat or high > 1)
            ways *= choices * min(inner, _WAYS_MAX + 1) ** min(high, 4)
        elif operation is constants.BRANCH:
            ways *= sum(_ways(each, inside_repeat=inside_repeat) for each in argument[1])
        elif operation is constants.SUBPATTERN:
            ways *= _ways(argument[-1], inside_repeat=inside_repeat)
        elif operation is constants.ATOMIC_GROUP:
            ways *= _ways(argument, inside_repeat=inside_repeat)
        if ways > _WAYS_MAX:
            return ways
    return ways


def _joined(text: str, at: int) -> bool:
    """Tell whether the characters on both sides of `at` make one word or number."""
    if at <= 0 or at >= len(text):
        return False
    pair = text[at - 1 : at + 1]
    return pair.isascii() and pair.isalnum()
