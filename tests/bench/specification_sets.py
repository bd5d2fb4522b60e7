"""Which published entity cases are counted, and which of our finders answers them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import ModuleType

from nlu.amounts.units import dimension_of
from nlu.circumstances import Circumstances
from nlu.entities import email, money, ordinal, percentage, phone, quantity, url
from nlu.numerals import numerals
from nlu.text import normalise
from tests.bench.specifications import Span, finds_times, score

#: The option modes of the specifications are left out: they contradict the ordinary one.
_TIMES = (
    "DateTimeModel",
    "MergedExtractor",
    "MergedParser",
    *(
        f"{name}{step}"
        for name in (
            "Date",
            "Time",
            "DateTime",
            "DatePeriod",
            "TimePeriod",
            "DateTimePeriod",
            "Duration",
            "Holiday",
            "Set",
        )
        for step in ("Extractor", "Parser")
    ),
)

#: Kind -> folder and files.
SETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "dates and times": ("DateTime", _TIMES),
    "numbers": ("Number", ("NumberModel", "PercentModel", "OrdinalModel")),
    "units and money": (
        "NumberWithUnit",
        ("CurrencyModel", "DimensionModel", "TemperatureModel", "AgeModel"),
    ),
    "phones, e-mails, links": ("Sequence", ("PhoneNumberModel", "EmailModel", "URLModel")),
}

_MODULES: Mapping[str, ModuleType] = {
    "PercentModel": percentage,
    "OrdinalModel": ordinal,
    "CurrencyModel": money,
    "DimensionModel": quantity,
    "TemperatureModel": quantity,
    "AgeModel": quantity,
    "PhoneNumberModel": phone,
    "EmailModel": email,
    "URLModel": url,
}

#: What a quantity is of, in the files that tell such apart.
_DIMENSIONS = {"DimensionModel": "measure", "TemperatureModel": "temperature", "AgeModel": "age"}

Find = Callable[[str, datetime], Iterable[Span]]


def rates(folder: Path, kind: str, language: str) -> tuple[int, int]:
    """Return how many cases of a kind have exactly the right spans, and how many there are."""
    under, names = SETS[kind]
    right = cases = 0
    for name in names:
        path = folder / under / language / f"{name}.json"
        if not path.is_file():
            continue
        for found in score([path], _finder(name, language)):
            right, cases = right + found.right, cases + found.cases
    return right, cases


def _finder(name: str, language: str) -> Find:
    if name in _TIMES:
        return finds_times(name, region="US")
    region = "CN" if language == "Chinese" else "US"
    code = "zh" if language == "Chinese" else "en"
    module = _MODULES.get(name)

    def find(text: str, now: datetime) -> Iterable[Span]:
        normal = normalise(text)
        if module is None:  # a bare numeral counts, whatever it is the number of
            spans = [(each.start, each.end) for each in numerals(normal.folded, normal.plain)]
        else:
            found = module.find(normal.plain, code, Circumstances(region, now))
            if name in _DIMENSIONS:
                found = [e for e in found if dimension_of(e.unit or "") == _DIMENSIONS[name]]
            spans = [(each.start, each.end) for each in found]
        return [normal.span(*each) for each in spans]

    return find
