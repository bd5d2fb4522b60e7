"""Contents as the reader of each channel sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Capabilities
from channels.messages import Card, Choices, Link, Media, Option, Text, fallback_text
from channels.profiles import PROFILES
from channels.rendering import plain, render, split

YES_NO = (Option(value="y", label="Yes"), Option(value="n", label="不要"))


def test_options_are_buttons_or_numbers() -> None:
    """Where a message carries too few buttons, all of them are numbered lines."""
    content = Choices(text="**Sure?**", options=YES_NO)

    pressed = render(content, Capabilities(text_max=100, choices_max=2))
    typed = render(content, Capabilities(text_max=100, choices_max=1))

    assert str(pressed) == "Sure?\n[Yes] [不要]"
    assert pressed.number("n") is None
    assert str(typed) == "Sure?\n1. Yes\n2. 不要"
    assert (typed.number("n"), typed.number("other")) == ("2", None)


def test_what_opens_a_page_is_an_address_and_no_number() -> None:
    """Numbers count what can be chosen by typing them; links say where they lead."""
    link = Option(value="page", label="Our page", url="https://shop.example/")
    content = Choices(text="?", options=(link, *YES_NO))

    typed = render(content, Capabilities(text_max=100))

    assert str(typed) == "?\n1. Yes\n2. 不要\nOur page: https://shop.example/"
    assert (typed.number("y"), typed.number("page")) == ("1", None)
    assert fallback_text(content) == str(typed)


def test_long_labels_are_cut() -> None:
    """A button never has more characters than the channel allows."""
    option = Option(value="x", label="a very long label")

    rendered = render(
        Choices(text="?", options=(option,)), Capabilities(text_max=9, choices_max=1, label_max=7)
    )

    assert rendered.options[0].label == "a very…"


def test_cards_and_pictures_become_words() -> None:
    """A card is its title, text, source and options; a picture that cannot be sent is its link."""
    card = Card(
        title="Returns",
        text="Within **30 days**.",
        link=Link(label="Source", url="https://shop.example/r"),
        options=YES_NO,
    )
    picture = Media(url="https://shop.example/p.webp", mime="image/webp", caption="Our *shop*")

    assert str(render(card, PROFILES["wechat"])) == (
        "Returns\nWithin 30 days.\nSource: https://shop.example/r\n1. Yes\n2. 不要"
    )
    assert str(render(picture, PROFILES["webchat"])) == "Our shop\n(image/webp)"
    assert str(render(picture, PROFILES["console"])) == "Our shop\nhttps://shop.example/p.webp"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**bold** *it* `code`", "bold it code"),
        (r"\*not bold\* :\//x", "*not bold* ://x"),
        ("[our shop](https://a.example/b)", "our shop (https://a.example/b)"),
        ("- one\n- two", "• one\n• two"),
        ("3. one\n4. two", "3. one\n4. two"),
        ("one\n\ntwo\nthree", "one\n\ntwo\nthree"),
        ("# no heading\n<b>", "# no heading\n<b>"),
        ("**壶一号**：好", "壶一号：好"),
    ],
)
def test_marks_are_not_seen(written: str, read: str) -> None:
    """The Markdown subset reads as plain words; what is not of it stays as it is."""
    assert plain(written) == read


def test_long_texts_are_split_where_they_may_be() -> None:
    """Pieces end at paragraphs, sentences or words, and fit in the channel's own unit."""
    capabilities = Capabilities(text_max=12, text_unit="utf8_bytes")

    assert split("one two three four", capabilities) == ("one two", "three four")
    assert split("你好。再见朋友", capabilities) == ("你好。", "再见朋友")


@given(
    st.text(max_size=200),
    st.sampled_from(["utf8_bytes", "utf16_units", "code_points"]),
    st.integers(4, 40),
)
def test_nothing_is_lost_and_every_piece_fits(text: str, unit: str, most: int) -> None:
    """Whatever the text, all its characters but white space arrive, in pieces that fit."""
    sizes = {
        "utf8_bytes": lambda piece: len(piece.encode()),
        "utf16_units": lambda piece: len(piece.encode("utf-16-le")) // 2,
        "code_points": len,
    }
    pieces = split(text, Capabilities(text_max=most, text_unit=unit))  # type: ignore[arg-type] # one of the literals

    assert all(sizes[unit](piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_every_profile_can_show_a_text() -> None:
    """The channels a bot can be tried on."""
    assert set(PROFILES) >= {"webchat", "telegram", "slack", "wechat", "console", "callback"}
    for profile in PROFILES.values():
        assert str(render(Text(text="hi"), profile)) == "hi"
