"""English times: right values wherever and whenever they are said, and none where none is."""

import time
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.circumstances import Circumstances
from nlu.entity_finder import EntityFinder
from nlu.text import normalise
from nlu.times.english import find_times
from nlu.times.expressions import times

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
#: A Tuesday.
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=SHANGHAI)
FINDER = EntityFinder(phone_region="CN")


def read(text: str, now: datetime = NOW) -> list[tuple[str, str, str]]:
    """Return (what was written, kind, value) of the times in a text."""
    folded = normalise(text).folded
    return [(folded[e.start : e.end], e.kind, e.value) for e in find_times(folded, now)]


def values(text: str, now: datetime = NOW) -> list[str]:
    """Return the values of the times in a text."""
    return [value for _, _, value in read(text, now)]


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        ("can it come today?", "today", "2026-11-24"),
        ("I need it by tomorrow", "by tomorrow", "../2026-11-25"),
        ("the day after tomorrow works", "the day after tomorrow", "2026-11-26"),
        ("yesterday's invoice is wrong", "yesterday", "2026-11-23"),
        ("see you Tuesday", "tuesday", "2026-11-24"),
        ("next Tuesday please", "next tuesday", "2026-12-01"),
        ("are you open on Friday", "friday", "2026-11-27"),
        ("my order was due last Friday", "last friday", "2026-11-20"),
        ("deliver Thursday next week", "thursday next week", "2026-12-03"),
        ("come on the 5th", "the 5th", "2026-12-05"),
        ("I'd like to move in on 24 December", "24 december", "2026-12-24"),
        ("our party is May 5", "may 5", "2027-05-05"),
        ("book the 3rd of March 2027", "the 3rd of march 2027", "2027-03-03"),
        ("dated 2026-12-24", "2026-12-24", "2026-12-24"),
        ("until 24/12/2026", "until 24/12/2026", "../2026-12-24"),
        ("on 8/11", "8/11", "2027-11-08"),
        ("8/11", "8/11", "2027-11-08"),
        ("Sat.", "sat", "2026-11-28"),
        ("the first Monday of December", "the first monday of december", "2026-12-07"),
        ("is there a Black Friday deal", "black friday", "2026-11-27"),
        ("open at Easter Monday?", "easter monday", "2027-03-29"),
        ("on Christmas Eve", "christmas eve", "2026-12-24"),
        ("I called two days ago", "two days ago", "2026-11-22"),
        ("ship it in three weeks", "in three weeks", "2026-12-15"),
        ("two weeks from tomorrow", "two weeks from tomorrow", "2026-12-09"),
        ("a week on Friday", "a week on friday", "2026-12-04"),
        ("how about the last day of May", "the last day of may", "2027-05-31"),
        ("closed for Chinese New Year 2027?", "chinese new year 2027", "2027-02-06"),
        ("in 3 business days", "in 3 business days", "2026-11-27"),
        ("a week after Christmas", "a week after christmas", "2027-01-01"),
    ],
)
def test_days(text: str, said: str, value: str) -> None:
    """A bare weekday or day of a month is the next one; today's weekday is today."""
    assert read(text) == [(said, "date", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("any rooms in May?", "2027-05-01/2027-05-31"),
        ("May", "2027-05-01/2027-05-31"),
        ("this week", "2026-11-23/2026-11-29"),
        ("free next week?", "2026-11-30/2026-12-06"),
        ("open this weekend?", "2026-11-28/2026-11-29"),
        ("what did I spend last month", "2026-10-01/2026-10-31"),
        ("a discount this quarter", "2026-10-01/2026-12-31"),
        ("the Q1 2027 budget", "2027-01-01/2027-03-31"),
        ("we moved here in 2019", "2019-01-01/2019-12-31"),
        ("3 to 5 June", "2027-06-03/2027-06-05"),
        ("from 20 December to 5 January", "2026-12-20/2027-01-05"),
        ("19-26 November", "2026-11-19/2026-11-26"),
        ("June 3-5, 2027", "2027-06-03/2027-06-05"),
        ("in the next 3 days", "2026-11-25/2026-11-27"),
        ("the last two weeks", "2026-11-10/2026-11-23"),
        ("returns within 30 days", "2026-11-24/2026-12-24"),
        ("the first week of June", "2027-05-31/2027-06-06"),
        ("end of January", "2027-01-21/2027-01-31"),
        ("before Friday", "../2026-11-26"),
        ("after Friday", "2026-11-28/.."),
        ("since Friday", "2026-11-27/.."),
        ("until Friday", "../2026-11-27"),
        ("no later than 5 December", "../2026-12-05"),
        ("starting next week", "2026-11-30/.."),
        ("from tomorrow until next Monday", "2026-11-25/2026-11-30"),
        ("from Monday to Wednesday", "2026-11-30/2026-12-02"),
        ("the rest of the month", "2026-11-24/2026-11-30"),
        ("the week of December 7", "2026-12-07/2026-12-13"),
    ],
)
def test_several_days(text: str, value: str) -> None:
    """Both ends of a range are included; an open end is "..", until includes its day."""
    assert read(text)[0][1:] == ("date", value)
    assert len(read(text)) == 1


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        ("call me at 3", "3", "T15:00"),
        ("call me at 10", "10", "T10:00"),
        ("3pm is fine", "3pm", "T15:00"),
        ("at 3:30 p.m. please", "3:30 p.m.", "T15:30"),
        ("12 am", "12 am", "T00:00"),
        ("12:15 pm", "12:15 pm", "T12:15"),
        ("at 15:45", "15:45", "T15:45"),
        ("half past nine", "half past nine", "T09:30"),
        ("a quarter to 8 in the evening", "a quarter to 8 in the evening", "T19:45"),
        ("at noon", "noon", "T12:00"),
        ("eight thirty pm", "eight thirty pm", "T20:30"),
        ("between 2 and 4 pm", "between 2 and 4 pm", "T14:00/T16:00"),
        ("from 11 to 3pm", "from 11 to 3pm", "T11:00/T15:00"),
        ("9am-5:30pm", "9am-5:30pm", "T09:00/T17:30"),
        ("any time after 6pm", "after 6pm", "T18:00/.."),
        ("call before 9:30", "before 9:30", "../T09:30"),
        ("in the morning", "in the morning", "T06:00/T12:00"),
        ("tomorrow at 7pm", "tomorrow at 7pm", "2026-11-25T19:00+08:00"),
        ("on Friday at 9", "friday at 9", "2026-11-27T09:00+08:00"),
        ("3pm on 24 December", "3pm on 24 december", "2026-12-24T15:00+08:00"),
        (
            "tomorrow afternoon",
            "tomorrow afternoon",
            "2026-11-25T12:00+08:00/2026-11-25T18:00+08:00",
        ),
        ("tonight", "tonight", "2026-11-24T18:00+08:00/2026-11-25T00:00+08:00"),
        ("tonight at 8", "tonight at 8", "2026-11-24T20:00+08:00"),
        (
            "Friday between 10 and 12",
            "friday between 10 and 12",
            "2026-11-27T10:00+08:00/2026-11-27T12:00+08:00",
        ),
        ("not before 10am", "not before 10am", "T10:00/.."),
        ("by 5 today", "by 5 today", "../2026-11-24T17:00+08:00"),
        ("2026-12-12T15:45:30Z", "2026-12-12t15:45:30z", "2026-12-12T23:45:30+08:00"),
        ("tomorrow before 5pm", "tomorrow before 5pm", "../2026-11-25T17:00+08:00"),
        ("I need it now", "now", "2026-11-24T10:30+08:00"),
        ("in two hours", "in two hours", "2026-11-24T12:30+08:00"),
        ("call back in half an hour", "in half an hour", "2026-11-24T11:00+08:00"),
        ("30 minutes ago", "30 minutes ago", "2026-11-24T10:00+08:00"),
        ("2026-12-24T18:30", "2026-12-24t18:30", "2026-12-24T18:30+08:00"),
        ("at 10:15:20", "10:15:20", "T10:15:20"),
    ],
)
def test_times_of_day(text: str, said: str, value: str) -> None:
    """Without a day a bare hour; with one a moment in the customer's zone; nobody means 3 am."""
    assert read(text) == [(said, "time", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("for two hours", "PT2H"),
        ("an hour and a half", "PT1H30M"),
        ("0.5 hours", "PT30M"),
        ("1h30m", "PT1H30M"),
        ("90 minutes", "PT1H30M"),
        ("a 2 year warranty", "P2Y"),
        ("three days", "P3D"),
        ("two weeks", "P2W"),
        ("a couple of days", "P2D"),
        ("one week and three days", "P10D"),
        ("half a year", "P6M"),
        ("1 1/2 hours", "PT1H30M"),
        ("1½ hours", "PT1H30M"),
        ("20 sec", "PT20S"),
        ("all day", "P1D"),
        ("2 nights", "P2D"),
    ],
)
def test_lengths(text: str, value: str) -> None:
    """Halves become smaller units; weeks stay weeks."""
    assert [e[1:] for e in read(text)] == [("duration", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("every Monday", "FREQ=WEEKLY;BYDAY=MO"),
        ("do you deliver on Sundays?", "FREQ=WEEKLY;BYDAY=SU"),
        ("every Tuesday and Thursday at 4pm", "FREQ=WEEKLY;BYDAY=TU,TH;BYHOUR=16"),
        ("daily at 9", "FREQ=DAILY;BYHOUR=9"),
        ("every weekday at 8:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=30"),
        ("every other Friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("every two weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("a monthly bill", "FREQ=MONTHLY"),
        ("the first Monday of every month", "FREQ=MONTHLY;BYDAY=1MO"),
        ("each month on the 5th", "FREQ=MONTHLY;BYMONTHDAY=5"),
        ("on the 19th of every month", "FREQ=MONTHLY;BYMONTHDAY=19"),
        ("every evening at 7", "FREQ=DAILY;BYHOUR=19"),
        ("once a year", "FREQ=YEARLY"),
        ("each 25 December", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25"),
    ],
)
def test_recurrences(text: str, value: str) -> None:
    """Rules of RFC 5545."""
    assert [e[1:] for e in read(text)] == [("recurrence", value)]


@pytest.mark.parametrize(
    "text",
    [
        "may I speak to someone?",
        "you may call me, it may take longer",
        "the second one is broken",
        "give me a second",
        "march on, soldier, in the sun",
        "I sat down and wed her",
        "I have 3 questions",
        "we need 2019 units, 30 of them red",
        "my order AB-12345678",
        "order 20261124 and invoice 2026-001",
        "call 555-1212 or +86 138-2010-2015",
        "it is $12 or 50 dollars a month, 20% off",
        "version 3.2.1 of the app",
        "are you open 24/7?",
        "I'd give it 4/5, the food 10/10",
        "a screen of 4:3, lesson 1:1",
        "table for 4 at 50 seats",
        "2 at 3 dollars each",
        "size 10 to 12, page 3 to 5, gate 12",
        "twice a day, 3 times a week",
        "good morning, have a nice day",
        "for the first time, first of all",
        "31 February, 30 Feb, 2026-02-30, 32/13/2026",
        "at 25:00, at 12:75, at 13am",
        "the 27th floor, a night shift",
        "may 5 people come? wait a minute",
    ],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    """Verbs, counts, codes, sums, shares, versions, greetings and impossible days."""
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I ordered it on Friday", "2026-11-20"),
        ("on 3 November I received a broken cup", "2026-11-03"),
        ("it was delivered on Monday", "2026-11-23"),
        ("I paid on Friday at 3pm", "2026-11-20T15:00+08:00"),
        ("I called you, can I come on Friday", "2026-11-27"),
        ("I booked a table for Friday", "2026-11-27"),
    ],
)
def test_days_of_deeds_are_past(text: str, value: str) -> None:
    """What was done on a Friday was done on the last one; what was arranged for it was not."""
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "now", "value"),
    [
        # Clocks skip from two to three on 29 March 2026 in Berlin, and turn back on 25 October.
        (
            "tomorrow at 9am",
            datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN),
            "2026-03-29T09:00+02:00",
        ),
        ("today at 8am", datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN), "2026-03-28T08:00+01:00"),
        (
            "on 29 March at 02:30",
            datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN),
            "2026-03-29T03:30+02:00",
        ),
        ("in 12 hours", datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN), "2026-03-29T09:00+02:00"),
        ("in 12 hours", datetime(2026, 10, 24, 20, 0, tzinfo=BERLIN), "2026-10-25T07:00+01:00"),
        ("in 3 hours", datetime(2026, 12, 31, 23, 0, tzinfo=NEW_YORK), "2027-01-01T02:00-05:00"),
        ("tonight at 9", datetime(2026, 7, 4, 12, 0, tzinfo=NEW_YORK), "2026-07-04T21:00-04:00"),
        ("in a month", datetime(2027, 1, 31, 9, 0, tzinfo=UTC), "2027-02-28"),
        ("a month ago", datetime(2028, 3, 31, 9, 0, tzinfo=UTC), "2028-02-29"),
        ("in a year", datetime(2028, 2, 29, 9, 0, tzinfo=UTC), "2029-02-28"),
        ("29 February", datetime(2026, 3, 1, 9, 0, tzinfo=UTC), "2028-02-29"),
        ("February", datetime(2028, 1, 1, 9, 0, tzinfo=UTC), "2028-02-01/2028-02-29"),
        ("the 31st", datetime(2026, 9, 10, 9, 0, tzinfo=UTC), ""),
        ("on the 31st", datetime(2026, 9, 10, 9, 0, tzinfo=UTC), "2026-10-31"),
        ("this week", datetime(2026, 12, 31, 9, 0, tzinfo=UTC), "2026-12-28/2027-01-03"),
        ("next month", datetime(2026, 12, 31, 9, 0, tzinfo=UTC), "2027-01-01/2027-01-31"),
        ("next Monday", datetime(2026, 11, 29, 9, 0, tzinfo=UTC), "2026-11-30"),
        ("tomorrow", datetime(2026, 11, 24, 23, 59, tzinfo=NEW_YORK), "2026-11-25"),
    ],
)
def test_clocks_and_calendars_of_the_customer(text: str, now: datetime, value: str) -> None:
    """Summer time, ends of months and leap years: offsets are those of the time meant."""
    assert values(text, now) == ([value] if value else [])


def test_day_and_month_go_by_the_region() -> None:
    """05/06 is in May in the United States alone."""
    at_home = times("on 05/06/2027", Circumstances("GB", NOW))
    abroad = times("on 05/06/2027", Circumstances("US", NOW))

    assert [e.value for e in at_home] == ["2027-06-05"]
    assert [e.value for e in abroad] == ["2027-05-06"]


def test_both_languages_in_one_text() -> None:
    """A customer may mix them; digits are read once."""
    found = times("明天下午三点 or next Monday at 10:30", Circumstances("CN", NOW))

    assert [e.value for e in found] == ["2026-11-25T15:00+08:00", "2026-11-30T10:30+08:00"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("two hours", {"duration"}),
        ("at 3pm", {"time"}),
        ("two weeks", {"duration"}),
        ("200 boxes by 5 December", {"number", "quantity", "date"}),
        ("I'm April from Acme Ltd", {"person", "company"}),
        ("call 13812345678 at 15:30", {"phone", "time"}),
        ("every Monday at ９ ａｍ", {"recurrence"}),
    ],
)
def test_the_longer_entity_is_kept(text: str, names: set[str]) -> None:
    """The 3 of 3pm is no number; people may be called April; spans are of the text as sent."""
    found = FINDER.find(text, "en", now=NOW)

    assert {e.name for e in found} == names
    assert all(0 <= e.start < e.end <= len(text) for e in found)


_WORDS = (
    "from to between and the next last this of in at on 5 12 31 2026 1st half past quarter may "
    "sun monday june week weeks days hours noon pm a.m. : / - , . every other morning tonight ago "
    "before after 10:30 24/12 \ud800 \u202e 明天 é ½"
)
_SAID = st.lists(st.sampled_from(_WORDS.split(" ")), max_size=14)
_TEXTS = st.one_of(st.text(st.characters(codec=None), max_size=60), _SAID.map(" ".join))


@given(_TEXTS, st.integers(0, 7 * 10**9))
def test_no_text_raises(text: str, seconds: int) -> None:
    """Spans lie in the text, in order, one after another."""
    folded = normalise(text).folded
    found = find_times(folded, datetime.fromtimestamp(seconds, BERLIN))

    assert all(0 <= e.start < e.end <= len(folded) and e.value for e in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "mon ",
        "from 5 to ",
        "5/6/",
        "a.m.",
        "in 3 days ",
        "twenty ",
        "9-",
        "\ud800",
        "😀",
    ],
)
def test_a_hostile_text_costs_no_more_than_its_beginning(piece: str) -> None:
    """Of 100,000 characters the first thousand are read."""
    text = (piece * 100_000)[:100_000]
    circumstances = Circumstances("US", NOW)
    began = time.process_time()
    times(text, circumstances)

    assert time.process_time() - began < 0.05
