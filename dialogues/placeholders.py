"""Placeholders: `{slot}` or `{slot|form}` in a text, read, checked and shown in a language."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, is_currency
from pydantic import JsonValue

from dialogues.hints import hint

#: A placeholder in a text; braces with anything else inside are plain text.
PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_.]*(?:\|[^{}|\n]*)*)\}")

#: What English and Chinese are written like where nothing nearer is said: 24 Nov 2026, 15:30.
_LOCALES: Final = {"en": "en_GB", "zh": "zh_Hans", "zh-Hant": "zh_Hant"}

#: Longest number that is written out, in digits.
_DIGITS_MAX: Final = 15


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return how dates and numbers are written in `language` (BCP-47)."""
    tag = _LOCALES.get(language, language).replace("-", "_")
    try:
        return Locale.parse(tag)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_LOCALES["en"])


def split(expression: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the name in a placeholder and its forms, each with what stands behind its colon."""
    name, *forms = expression.split("|")
    parted = [form.partition(":") for form in forms]
    return name, [(form.strip(), argument.strip()) for form, _, argument in parted]


def is_slot(expression: str) -> bool:
    """Tell whether the placeholder is the plain name of a slot."""
    return "." not in expression and "|" not in expression


def names_in(text: str) -> list[str]:
    """Return the slots, facts and fields that `text` inserts, in its order."""
    return [split(expression)[0] for expression in PLACEHOLDER.findall(text)]


def form_fault(expression: str) -> str | None:
    """Return what is wrong with the forms of a placeholder, None when nothing is."""
    for form, argument in split(expression)[1]:
        if form not in _FORMS and form != "or":
            return f"{{{expression}}} has no form {form!r}{hint(form, [*_FORMS, 'or'])}"
        if form == "or" and not argument:
            return f"{{{expression}}} needs words behind `or:`"
        if form == "money" and not is_currency(argument):
            return f"{{{expression}}} needs a currency behind `money:`, e.g. money:EUR"
        if argument and form not in {"or", "money"}:
            return f"{{{expression}}}: the form {form} takes nothing behind it"
    return None


def formed(expression: str, value: JsonValue, shown: str, *, language: str) -> str:
    """Return a value as the forms of its placeholder ask; what a form cannot read stays as it is.

    Args:
        expression: what stands between the braces.
        value: as it is kept.
        shown: as it is shown without any form, "" when it is not known.
        language: of the text, BCP-47.
    """
    text = shown
    for form, argument in split(expression)[1]:
        if form == "or":
            text = text or argument
        elif text:
            text = _FORMS[form](value, text, argument, locale_of(language))
    return text


def shown_date(value: str, language: str) -> str:
    """Return an ISO date as `language` writes it: 24 Nov 2026, 2026年11月24日."""
    return _date(value, value, "", locale_of(language))


def _date(value: JsonValue, text: str, _: str, locale: Locale) -> str:
    day = _day(value)
    return text if day is None else format_date(day, "medium", locale=locale)


def _weekday(value: JsonValue, text: str, _: str, locale: Locale) -> str:
    day = _day(value)
    return text if day is None else format_date(day, "EEEE", locale=locale)


def _time(value: JsonValue, text: str, _: str, locale: Locale) -> str:
    clock = _clock(value)
    return text if clock is None else format_time(clock, "short", locale=locale)


def _number(value: JsonValue, text: str, _: str, locale: Locale) -> str:
    number = _figure(value)
    return text if number is None else format_decimal(number, locale=locale)


def _money(value: JsonValue, text: str, currency: str, locale: Locale) -> str:
    number = _figure(value)
    return text if number is None else format_currency(number, currency, locale=locale)


def _day(value: JsonValue) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _clock(value: JsonValue) -> time | None:
    text = str(value)
    try:
        return datetime.fromisoformat(text).time() if len(text) > 10 else time.fromisoformat(text)
    except ValueError:
        return None


def _figure(value: JsonValue) -> int | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    if not re.fullmatch(rf"-?\d{{1,{_DIGITS_MAX}}}(\.\d{{1,6}})?", text):
        return None
    return float(text) if "." in text else int(text)


#: Form -> value as kept, text so far, what stands behind the colon, locale -> text.
_FORMS: Final[Mapping[str, Callable[[JsonValue, str, str, Locale], str]]] = {
    "date": _date,
    "weekday": _weekday,
    "time": _time,
    "number": _number,
    "money": _money,
    "upper": lambda value, text, _, locale: text.upper(),
    "lower": lambda value, text, _, locale: text.lower(),
}
