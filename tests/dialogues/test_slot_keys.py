"""Slots keep days, times and words in the form and pattern they ask for, and show them well."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialogues.placeholders import form_fault, formed
from dialogues.slot import Slot
from dialogues.slot_values import Said, accept, extract, parse
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk, corner_shop, interpreter_of

#: A Monday.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def said(text: str) -> Said:
    """Return `text` as the parsers get it, understood in the test bot."""
    bot = corner_shop()
    language = "zh" if not text.isascii() else "en"
    understanding = interpreter_of(bot.folder).interpret([text], languages=[language])[0]
    return Said(text=text, bot=bot, region="GB", understanding=understanding, now=NOW)


def kept(slot: Slot, text: str) -> object:
    """Return what `slot` keeps of `text`."""
    parsed = parse(slot, said(text))
    return None if parsed is None else parsed.value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-03-03"),
        ("how about next Friday?", "2026-03-13"),
        ("5 April 2027", "2027-04-05"),
        ("5/4/2026", "2026-04-05"),
        ("2026-04-05", "2026-04-05"),
        ("tomorrow at 3pm", "2026-03-03"),
        ("tomorrow morning", "2026-03-03"),
        ("tomorrow night", "2026-03-03"),
        ("between 3 and 5 pm tomorrow", "2026-03-03"),
        ("下周三下午", "2026-03-11"),
        ("明天", "2026-03-03"),
        ("三月五号吧", "2026-03-05"),
        ("today", "2026-03-02"),
        ("the 5th", "2026-03-05"),
        ("next week", None),
        ("soon", None),
        ("31 February", None),
    ],
)
def test_a_day_is_kept_as_a_date(text: str, day: str | None) -> None:
    """Relative to now, in both languages; a part of a day names it, a week is no day."""
    assert kept(Slot(type="date", ask="x"), text) == day


@pytest.mark.parametrize("text", ["today", "yesterday", "1 March 2026", "今天", "昨天"])
def test_a_day_that_must_come_is_not_past(text: str) -> None:
    """Neither today nor before."""
    assert kept(Slot(type="date", ask="x", future=True), text) is None
    assert kept(Slot(type="date", ask="x"), text) is not None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("15:30", "15:30"),
        ("half past two in the afternoon", "14:30"),
        ("tomorrow at 9 am", "09:00"),
        ("下午三点半", "15:30"),
        ("9", "09:00"),
        ("3", "15:00"),
        ("at 3", "15:00"),
        ("9.30", "09:30"),
        ("noon", "12:00"),
        ("in the morning", None),
        ("25:00", None),
        ("99", None),
    ],
)
def test_a_time_of_day_is_kept_as_hours_and_minutes(text: str, clock: str | None) -> None:
    """A part of a day is no time."""
    assert kept(Slot(type="time", ask="x"), text) == clock


def test_one_sentence_gives_a_day_and_a_time(tmp_path: Path) -> None:
    """Both are in "tomorrow at three"."""
    flow = "triggers: [x]\nslots:\n  day: {type: date, ask: a}\n  clock: {type: time, ask: a}\n"
    steps = "steps: [{collect: day}, {collect: clock}]\nresponses: {a: {en: A?, zh: A？}}\n"
    bot = bot_of(tmp_path, {"main": flow + steps})
    text = said("tomorrow at 3pm please")
    found = extract(bot.flows["main"], text, without=())
    assert found == {"day": "2026-03-03", "clock": "15:00"}


@pytest.mark.parametrize(
    ("keys", "text", "value"),
    [
        ({"form": "upper"}, "ab 12", "AB 12"),
        ({"form": "lower"}, "AB", "ab"),
        ({"form": "digits"}, "No. 12-34 ５6", "123456"),
        ({"form": "digits"}, "none at all", None),
        ({"form": "simplified"}, "訂單", "订单"),
        ({"pattern": "[A-Z]{2}-[0-9]{4}"}, "AB-1234", "AB-1234"),
        ({"pattern": "[A-Z]{2}-[0-9]{4}"}, "it is AB-1234, I think", "AB-1234"),
        ({"pattern": "[A-Z]{2}-[0-9]{4}"}, "ab-1234", "AB-1234"),
        ({"pattern": "[A-Z]{2}-[0-9]{4}"}, "AB-1234 or AB-1235", None),
        ({"pattern": "[A-Z]{2}-[0-9]{4}"}, "AB-12345", None),
        ({"pattern": "[0-9]{8}", "form": "digits"}, "1234 56 78", "12345678"),
        ({"pattern": "[0-9]{8}", "form": "digits"}, "1234 5678 9", None),
    ],
)
def test_a_text_is_kept_in_the_form_and_pattern_of_its_slot(
    keys: dict[str, str], text: str, value: str | None
) -> None:
    """The form comes first; of a longer text only the one fitting part is kept."""
    assert kept(Slot.model_validate({"type": "text", "ask": "x", **keys}), text) == value


def test_what_is_pressed_is_held_to_the_same() -> None:
    """A hostile client presses anything."""
    day = Slot(type="date", ask="x", future=True)
    assert accept(day, "2026-03-03", said("x")) == "2026-03-03"
    assert accept(day, "2026-03-01", said("x")) is None
    code = Slot(type="text", ask="x", pattern="[0-9]{4}")
    assert accept(code, "1234", said("x")) == "1234"
    assert accept(code, "12345", said("x")) is None


BOOKING = """\
triggers: [x]
slots:
  day: {type: date, ask: ask_day, future: true}
  clock: {type: time, ask: ask_clock}
  amount: {type: number, ask: ask_amount}
steps:
  - collect: day
  - collect: clock
  - collect: amount
  - say: booked
responses:
  ask_day: {en: "Which day?", zh: "哪天？"}
  ask_clock: {en: "What time?", zh: "几点？"}
  ask_amount: {en: "How much?", zh: "多少钱？"}
  booked:
    en: "{day} ({day|weekday}) at {clock}, {amount|money:EUR}, {customer.name|or:dear customer}"
    zh: "{day}（{day|weekday}）{clock|time}，{amount|number}，{customer.name|or:您}"
"""


def test_days_and_times_are_asked_again_shown_and_corrected(tmp_path: Path) -> None:
    """Each type has its own words when an answer does not fit."""
    talk = Talk(bot=bot_of(tmp_path, {"main": BOOKING}))
    talk.press("flow:main")
    assert talk.say("yesterday") == ["invalid_date", "ask_day"]
    assert talk.say("next Friday would be fine") == ["ask_clock"]
    assert talk.say("whenever") == ["invalid_time", "ask_clock"]
    assert talk.say("half past three") == ["ask_amount"]
    assert talk.say("sorry, the date is 24 November 2026") == ["corrected", "ask_amount"]
    assert "24 Nov 2026" in talk.texts[0]
    assert talk.say("no, at 4 pm, not half past 3") == ["corrected", "ask_amount"]
    assert talk.slots["clock"] == "16:00"
    assert talk.say("not the 24th but the 25th of November 2026") == ["corrected", "ask_amount"]
    assert talk.slots["day"] == "2026-11-25"
    assert talk.say("1234.5") == ["booked"]
    assert talk.texts == ["25 Nov 2026 (Wednesday) at 16:00, €1,234.50, dear customer"]


def test_chinese_customers_read_days_in_chinese(tmp_path: Path) -> None:
    """The same flow, the customer's way of writing."""
    talk = Talk(bot=bot_of(tmp_path, {"main": BOOKING}), language="zh")
    talk.press("flow:main")
    talk.say("11月24号")
    talk.say("下午三点半")
    assert talk.say("一千二") == ["booked"]
    assert talk.texts == ["2026年11月24日（星期二）15:30，1,200，您"]


@pytest.mark.parametrize(
    ("expression", "value", "shown", "text"),
    [
        ("x|date", "2026-03-09", "2026-03-09", "9 Mar 2026"),
        ("x|date", "2026-03-09T15:00+00:00", "…", "9 Mar 2026"),
        ("x|date", "soon", "soon", "soon"),
        ("x|time", "2026-03-09T15:00+00:00", "…", "15:00"),
        ("x|time", "T09", "T09", "09:00"),
        ("x|number", 1234567, "1234567", "1,234,567"),
        ("x|number", "12.50", "12.50", "12.5"),
        ("x|number", "NaN", "NaN", "NaN"),
        ("x|money:USD", 5, "5", "US$5.00"),
        ("x|upper", "abc", "abc", "ABC"),
        ("x|upper|or:none", None, "", "none"),
        ("x|or:there", "Anna", "Anna", "Anna"),
    ],
)
def test_a_form_shows_what_it_can_read_and_leaves_the_rest(
    expression: str, value: str | float | None, shown: str, text: str
) -> None:
    """No value breaks a text."""
    assert form_fault(expression) is None
    assert formed(expression, value, shown, language="en") == text
