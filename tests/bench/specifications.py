"""Published entity cases (Recognizers-Text specifications): read, and scored for exact spans."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nlu.circumstances import Circumstances
from nlu.text import normalise
from nlu.times.expressions import times

#: Their own time of speaking, where a case names none.
_NOW = datetime(2016, 11, 7, tzinfo=UTC)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One text and the half-open spans that are to be found in it."""

    file: str
    text: str
    now: datetime
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How many cases of a file had exactly the right spans."""

    file: str
    right: int
    cases: int
    wrong: tuple[tuple[Case, tuple[Span, ...]], ...]  #: with what was found instead

    @property
    def rate(self) -> float:
        """The share of right cases, 0..1."""
        return self.right / max(1, self.cases)


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the cases of one specification file.

    Cases marked as supported by none of its authors' own programs are left out.
    """
    for case in json.loads(path.read_text(encoding="utf-8-sig")):
        unsupported = case.get("NotSupported", "") + case.get("NotSupportedByDesign", "")
        if all(each in unsupported for each in (".NET", "JavaScript", "Python", "Java")):
            continue
        said = case.get("Context", {}).get("ReferenceDateTime")
        now = datetime.fromisoformat(said[:19]).replace(tzinfo=UTC) if said else _NOW
        yield Case(path.stem, case["Input"], now, tuple(sorted(_spans(case))))


def _spans(case: Mapping[str, Any]) -> Iterator[Span]:
    text, after = case["Input"], 0
    for each in case.get("Results", []):
        if "Length" in each:
            yield each["Start"], each["Start"] + each["Length"]
        elif "End" in each:
            yield each["Start"], each["End"] + 1
        elif "Text" in each:  # sequences are given by their text alone
            start = text.lower().find(each["Text"].lower(), after)
            after = start + len(each["Text"])
            yield start, after


def score(
    paths: Iterable[Path], find: Callable[[str, datetime], Iterable[Span]]
) -> Iterator[Score]:
    """Yield for each file how often `find(text, now)` gave exactly the spans of the case."""
    for path in paths:
        wrong, cases = [], 0
        for case in read_cases(path):
            cases += 1
            found = tuple(sorted(set(find(case.text, case.now))))
            if found != case.spans:
                wrong.append((case, found))
        yield Score(path.stem, cases - len(wrong), cases, tuple(wrong))


_SORTS = {
    "Date": "date",
    "Holiday": "date",
    "DatePeriod": "dates",
    "Time": "hour",
    "TimePeriod": "hours",
    "DateTime": "moment",
    "DateTimePeriod": "moments",
    "Duration": "duration",
    "Set": "recurrence",
}
#: The sort of time that the files of one sort look for; other files look for all.
TIME_KINDS = {
    f"{name}{step}": sort for name, sort in _SORTS.items() for step in ("Extractor", "Parser")
}


def time_sort(kind: str, value: str) -> str:
    """Return the sort of a time: date(s), hour(s), moment(s), duration or recurrence."""
    if kind not in {"date", "time"}:
        return kind
    if kind == "time":
        kind = "hour" if value.removeprefix("../").startswith("T") else "moment"
    return f"{kind}s" if "/" in value else kind


def finds_times(
    file: str, *, region: str | None = None
) -> Callable[[str, datetime], Iterator[Span]]:
    """Return the finder of times that a specification file is scored with."""
    wanted = TIME_KINDS.get(file)

    def find(text: str, now: datetime) -> Iterator[Span]:
        normal = normalise(text)
        for each in times(normal.plain, Circumstances(region, now)):
            if wanted in {None, time_sort(each.kind, each.value)}:
                yield normal.span(each.start, each.end)

    return find
