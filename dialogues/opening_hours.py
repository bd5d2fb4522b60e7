"""Opening hours in words: when a desk opens next and what is spoken there, for customers."""

from datetime import datetime
from typing import Final

from babel.dates import format_date, format_skeleton, format_time

from dialogues.placeholders import locale_of

#: Days ahead that a weekday alone names without doubt.
_WEEK: Final = 6

#: Language -> today, tomorrow, this week, later; `day` and `clock` in its own way of writing.
_WORDS: Final = {
    "en": (
        "today at {clock}",
        "tomorrow at {clock}",
        "on {day} at {clock}",
        "on {day} at {clock}",
    ),
    "zh": ("今天{clock}", "明天{clock}", "{day}{clock}", "{day}{clock}"),
}
_ANY: Final = ("{day} {clock}",) * 4


def in_words(opens: datetime, now: datetime, language: str) -> str:
    """Return when a desk opens, e.g. `on Monday at 09:00` or 周一09:00; both times of one zone."""
    locale = locale_of(language)
    ahead = (opens.date() - now.date()).days
    near, tomorrow, week, later = _WORDS.get(language.partition("-")[0], _ANY)
    words = near if ahead <= 0 else tomorrow if ahead == 1 else week if ahead <= _WEEK else later
    if ahead <= _WEEK:
        day = format_date(opens, "EEEE", locale=locale)
    else:
        day = format_skeleton("MMMMEEEEd", opens, locale=locale)
    return words.format(day=day, clock=format_time(opens, "HH:mm", locale=locale))


def spoken_names(languages: tuple[str, ...], language: str) -> str:
    """Return the names of `languages` in `language`, e.g. `English, German` or 英语、德语."""
    names = locale_of(language).languages
    found = [str(names.get(code.partition("-")[0], code)) for code in languages]
    return ("、" if language.startswith("zh") else ", ").join(found)
