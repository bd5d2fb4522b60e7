"""Desks know when staff work, and a customer who is handed over learns when it will be."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_store.handoffs import Handoff
from dialogues.desk import Desk
from dialogues.opening_hours import in_words
from tests.dialogues.small_bots import BOT, bot_of
from tests.dialogues.talks import Talk, said

LONDON = ZoneInfo("Europe/London")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    """Return a time by the clock of `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


OFFICE = Desk(hours={"mon-fri": ("09:00-12:30", "13:30-18:00"), "sat": ("10:00-14:00",)})
NIGHT = Desk(hours={"fri-sun": ("22:00-06:00",)})


@pytest.mark.parametrize(
    ("desk", "now", "opens"),
    [
        (OFFICE, "2026-11-24T09:00", "2026-11-24T09:00"),
        (OFFICE, "2026-11-24T08:59", "2026-11-24T09:00"),
        (OFFICE, "2026-11-24T12:30", "2026-11-24T13:30"),
        (OFFICE, "2026-11-24T18:00", "2026-11-25T09:00"),
        (OFFICE, "2026-11-27T19:00", "2026-11-28T10:00"),
        (OFFICE, "2026-11-28T14:00", "2026-11-30T09:00"),
        (NIGHT, "2026-11-24T23:00", "2026-11-27T22:00"),
        (NIGHT, "2026-11-28T05:59", "2026-11-28T05:59"),
        (NIGHT, "2026-11-28T06:00", "2026-11-28T22:00"),
        (NIGHT, "2026-11-30T05:00", "2026-11-30T05:00"),
        (Desk(), "2026-11-24T03:00", "2026-11-24T03:00"),
        (Desk(hours={"mon-sun": ("00:00-24:00",)}), "2026-11-24T00:00", "2026-11-24T00:00"),
        (Desk(hours={"sat-mon": ("09:00-17:00",)}), "2026-11-24T10:00", "2026-11-28T09:00"),
    ],
)
def test_a_desk_opens_when_its_hours_say(desk: Desk, now: str, opens: str) -> None:
    """Several spans a day, spans over midnight and ranges over the end of a week all count."""
    assert desk.opens_at(at(now), LONDON) == at(opens)
    assert desk.is_open(at(now), LONDON) is (now == opens)


def test_hours_are_those_of_the_clock_on_the_wall_when_it_jumps() -> None:
    """Before and after the clocks change it opens at nine, one hour apart in UTC."""
    winter = OFFICE.opens_at(datetime(2026, 3, 27, 20, tzinfo=UTC), LONDON)
    summer = OFFICE.opens_at(datetime(2026, 3, 29, 20, tzinfo=UTC), LONDON)
    assert winter == datetime(2026, 3, 28, 10, tzinfo=UTC)
    assert summer == datetime(2026, 3, 30, 8, tzinfo=UTC)
    autumn = OFFICE.opens_at(datetime(2026, 10, 25, 12, tzinfo=UTC), LONDON)
    assert autumn == datetime(2026, 10, 26, 9, tzinfo=UTC)

    # 01:30 happens twice in this night: the span from 01:00 to 02:00 is two hours long.
    early = Desk(hours={"sun": ("01:00-02:00",)})
    assert early.is_open(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), LONDON)
    assert early.is_open(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), LONDON)
    assert not early.is_open(datetime(2026, 10, 25, 2, 0, tzinfo=UTC), LONDON)


def test_nobody_works_on_holidays() -> None:
    """The next working day is named; a shift that began the evening before goes on."""
    desk = Desk(hours={"mon-fri": ("09:00-18:00",)}, holidays=(date(2026, 12, 25),))
    assert desk.opens_at(at("2026-12-24T20:00"), LONDON) == at("2026-12-28T09:00")
    assert not desk.is_open(at("2026-12-25T10:00"), LONDON)

    night = Desk(hours={"thu": ("22:00-06:00",)}, holidays=(date(2026, 12, 25),))
    assert night.is_open(at("2026-12-25T03:00"), LONDON)


def test_a_desk_that_is_closed_for_months_promises_nothing() -> None:
    """No opening is found, and it is not open."""
    days = tuple(date.fromordinal(date(2026, 11, 1).toordinal() + n) for n in range(200))
    desk = Desk(hours={"mon-sun": ("09:00-18:00",)}, holidays=days)
    assert desk.opens_at(at("2026-11-24T10:00"), LONDON) is None
    assert not desk.is_open(at("2026-11-24T10:00"), LONDON)


@pytest.mark.parametrize(
    ("opens", "language", "words"),
    [
        ("2026-11-24T09:00", "en", "today at 09:00"),
        ("2026-11-25T09:00", "en", "tomorrow at 09:00"),
        ("2026-11-30T09:00", "en", "on Monday at 09:00"),
        ("2026-12-07T09:00", "en", "on Monday 7 December at 09:00"),
        ("2026-11-24T09:00", "zh", "今天09:00"),
        ("2026-11-25T13:30", "zh", "明天13:30"),
        ("2026-11-30T09:00", "zh", "星期一09:00"),
        ("2026-12-07T09:00", "zh", "12月7日周一09:00"),
        ("2026-11-30T09:00", "de", "Montag 09:00"),
    ],
)
def test_an_opening_is_said_as_people_say_it(opens: str, language: str, words: str) -> None:
    """The nearer it is, the fewer words it needs."""
    assert in_words(at(opens), at("2026-11-24T07:00"), language) == words


ASK = """\
triggers: [x]
steps:
  - if: {open: service}
    then: [{say: open_now}]
    else: [{say: closed_now}]
  - hand_off: service
responses:
  open_now: {en: "Open.", zh: "在班。"}
  closed_now: {en: "Closed.", zh: "不在班。"}
"""


def handed_over(tmp_path: Path, *, bot: str = BOT, language: str = "en") -> Talk:
    """Return a talk that was handed over on Monday 2 March 2026 at nine in London."""
    talk = Talk(bot=bot_of(tmp_path, {"main": ASK}, bot=bot), language=language)
    talk.press("flow:main")
    return talk


def test_within_hours_a_colleague_takes_over_at_once(tmp_path: Path) -> None:
    """Nothing is said of hours."""
    talk = handed_over(tmp_path)
    assert said_of(talk) == ["open_now", "handing_over"]


@pytest.mark.parametrize(
    ("hours", "language", "words"),
    [
        ("10:00-18:00", "en", "opens today at 10:00"),
        ("07:00-08:00", "en", "opens tomorrow at 07:00"),
    ],
)
def test_outside_hours_the_customer_learns_when_the_desk_opens(
    tmp_path: Path, hours: str, language: str, words: str
) -> None:
    """A promise of an answer names its time."""
    talk = handed_over(tmp_path, bot=BOT.replace("09:00-18:00", hours), language=language)
    assert said_of(talk) == ["closed_now", "handing_over_closed"]
    assert words in talk.texts[-1]
    assert talk.rows(Handoff)[0].desk == "service"


def test_another_desk_is_taken_where_the_customers_language_is_spoken(tmp_path: Path) -> None:
    """The named desk speaks English only; sales speaks everything."""
    talk = handed_over(tmp_path, language="zh")
    assert said_of(talk) == ["open_now", "handing_over"]
    assert talk.rows(Handoff)[0].desk == "sales"


def test_a_language_that_no_desk_speaks_is_admitted(tmp_path: Path) -> None:
    """The customer learns what is spoken there, in their own language."""
    bot = BOT.replace('  sales: {hours: {mon-sun: "00:00-24:00"}}\n', "")
    talk = handed_over(tmp_path, bot=bot, language="zh")
    assert said_of(talk) == ["open_now", "handing_over", "desk_speaks"]
    assert "英语" in talk.texts[-1]
    assert "bot" in talk.options


def said_of(talk: Talk) -> list[str]:
    """Return what the last turn said."""
    assert talk.last is not None
    return said(talk.last)
