"""Values are read by type in both languages, and shown as plain text."""

import pytest

from channels.messages import Text
from dialogues.responses import escape
from dialogues.slot import Slot
from dialogues.slot_values import Said, extract, parse
from dialogues.words import bare_command, is_question
from tests.dialogues.talks import FOLDER, Talk, corner_shop, interpreter_of

OPTIONS = {"low": {"en": "Can wait", "zh": "不急"}, "high": {"en": "Urgent", "zh": "很急"}}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("email", "it is Anna@Acme.com, thanks", "anna@acme.com"),
        ("email", "邮箱：anna@acme.com", "anna@acme.com"),
        ("email", "anna at acme", None),
        ("email", "anna at acme dot com", "anna@acme.com"),
        ("phone", "020 7946 0018", "+442079460018"),
        ("phone", "call +86 138 0013 8000", "+8613800138000"),
        ("phone", "12345", None),
        ("phone", "my phone number is 07700 90012 3456", None),
        ("phone", "我的手机是138 1234 5678", "+8613812345678"),
        ("number", "１２", 12),
        ("number", "two hundred and fifty", 250),
        ("number", "二百五十", 250),
        ("number", "none", None),
        ("number", "five dollars 50 cents", 5.5),
        ("number", "降价百分之二十", 20),
        ("quantity", "about 1,200 please", 1200),
        ("quantity", "两千个", 2000),
        ("quantity", "0", None),
        ("rating", "4", 4),
        ("rating", "四星", 4),
        ("rating", "five stars", 5),
        ("rating", "4/5", 4),
        ("rating", "3 out of 5", 3),
        ("rating", "⭐⭐⭐", 3),
        ("rating", "5分", 5),
        ("rating", "非常满意", 5),
        ("rating", "terrible!", 1),
        ("rating", "7", None),
        ("boolean", "yes please", True),
        ("boolean", "好的", True),
        ("boolean", "No, thanks", False),
        ("boolean", "不用了", False),
        ("boolean", "maybe", None),
        ("choice", "urgent", "high"),
        ("choice", "不急", "low"),
        ("choice", "it is quite urgent for us", "high"),
        ("choice", "purple", None),
        ("name", "My name is Anna Smith.", "Anna Smith"),
        ("name", "我叫王芳", "王芳"),
        ("name", "12345", None),
        ("name", "Anna Smith, anna@acme.com", "Anna Smith"),
        ("name", "Anna Smith and my email is anna@acme.com", "Anna Smith"),
        ("name", "anna@acme.com", None),
        ("name", "my email is anna@acme.com", None),
        ("name", "please use anna@acme.com", None),
        ("company", "请发到 anna@acme.com", None),
        ("name", "王芳，邮箱是wang@acme.com", "王芳"),
        ("company", "we are Acme Ltd", "Acme Ltd"),
        ("company", "街角有限公司", "街角有限公司"),
        ("entity", "a cup", "cup"),
        ("entity", "水壶", "kettle"),
        ("text", "  hello there ", "hello there"),
        ("text", "!!!", None),
        ("date_text", "next Tuesday", "next Tuesday"),
    ],
)
def test_a_value_is_read_by_its_type(kind: str, text: str, value: object) -> None:
    """Digits, words and both languages."""
    more: dict[str, object] = {"options": OPTIONS} if kind == "choice" else {}
    if kind == "entity":
        more = {"entity": "product"}
    slot = Slot.model_validate({"type": kind, "ask": "ask", **more})
    understanding = interpreter_of(FOLDER).interpret([text], languages=["en"])[0]
    said = Said(text=text, bot=corner_shop(), region="GB", understanding=understanding)

    parsed = parse(slot, said)
    assert (parsed.value if parsed is not None else None) == value


def test_a_quantity_is_no_age_and_no_sum() -> None:
    """Of all that a message counts, only things fill a quantity."""
    bot, text = corner_shop(), "I'm 25 years old, it is 20°C and I pay $30 for 50 of them"
    understanding = interpreter_of(FOLDER).interpret([text], languages=["en"])[0]
    said = Said(text=text, bot=bot, region="GB", understanding=understanding)

    assert extract(bot.flows["request_quote"], said, without=())["quantity"] == 50


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("200 kettles, my phone is 020 7946 0018", {"phone": "+442079460018"}),
        ("200 kettles, my phone is 020 794 00018 00", {}),
    ],
)
def test_a_phone_said_by_the_way_is_taken_if_it_can_be_called(
    text: str, phones: dict[str, str]
) -> None:
    """What cannot exist is asked for again when its turn comes."""
    understanding = interpreter_of(FOLDER).interpret([text], languages=["en"])[0]
    said = Said(text=text, bot=corner_shop(), region="GB", understanding=understanding)

    found = extract(corner_shop().flows["request_quote"], said, without=())

    assert {name: value for name, value in found.items() if name == "phone"} == phones
    assert found["quantity"] == 200


@pytest.mark.parametrize(
    "value",
    [
        "**bold** and *it*",
        "[click](https://evil.example)",
        "`code`",
        "- list",
        "1. list",
        "1) list",
        "• list",
        "see https://evil.example",
        "a\n\n- b\n[x](http://y)",
        "back\\slash [x](y)",
    ],
)
def test_inserted_text_is_never_markup(value: str) -> None:
    """Each character that could begin markup has a backslash before it, on one line."""
    shown = escape(value)

    assert "\n" not in shown
    rest = shown
    for escaped in ("\\\\", "\\*", "\\`", "\\[", "\\]", "\\-", "\\.", "\\)", "\\/"):
        rest = rest.replace(escaped, "")
    assert not set("*`[]\\") & set(rest)
    assert not rest.startswith(("- ", "1. ", "1) ", "• "))
    assert "://" not in shown


def test_a_customers_text_in_a_reply_stays_text() -> None:
    """A company called like a link is shown as its name."""
    talk = Talk()
    talk.say("quote for 200 kettles, anna@acme.com")
    talk.say("[Acme](https://evil.example)")
    talk.say("skip")

    assert talk.last is not None
    content = talk.last.replies[0].content
    assert isinstance(content, Text)
    assert "\\[Acme\\](https:\\//evil.example)" in content.text


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("cancel", "cancel"),
        ("Please cancel that!", "cancel"),
        ("cancel my order", None),
        ("取消订单", None),
        ("算了吧", "cancel"),
        ("I want to talk to a human", "human"),
        ("转人工客服", "human"),
        ("a human error", None),
        ("skip this one", "skip"),
        ("跳过", "skip"),
        ("Can you repeat that?", "repeat"),
        ("再说一遍", "repeat"),
        ("start over", "start_over"),
        ("", None),
    ],
)
def test_a_command_is_bare_or_none(text: str, command: str | None) -> None:
    """Only what is said alone commands the bot."""
    assert bare_command(text) == command


def test_questions_are_told_by_mark_or_form() -> None:
    """In both languages."""
    for text in (
        "Do you ship to France",
        "really?",
        "可以退货吗",
        "多少钱？",
        "how long does it take",
    ):
        assert is_question(text), text
    for text in ("Acme Ltd", "it leaks", "水壶坏了", ""):
        assert not is_question(text), text


PLACES = Slot.model_validate(
    {
        "type": "choice",
        "ask": "ask",
        "options": {
            "shanghai": {"en": "Shanghai showroom", "zh": "上海展厅"},
            "london": {"en": "London showroom", "zh": "伦敦展厅"},
            "service": {"en": "An order or a machine", "zh": "订单或售后"},
        },
    }
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the London one please", "london"),
        ("in Shanghai", "shanghai"),
        ("上海吧", "shanghai"),
        ("我要去倫敦的", "london"),
        ("售后", "service"),
        ("a machine", "service"),
        ("showroom", None),
        ("展厅", None),
        ("London or Shanghai", None),
        ("the", None),
        ("Paris", None),
    ],
)
def test_an_option_is_named_by_a_part_of_its_label(text: str, value: str | None) -> None:
    """A part that only one option has; a part of several names none."""
    parsed = parse(PLACES, Said(text=text, bot=corner_shop(), region="GB", understanding=None))
    assert (parsed.value if parsed is not None else None) == value
