"""Long texts are cut where a reader loses nothing."""

from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Capabilities
from channels.pieces import piece_edges, size
from channels.styled import Run, between, cut, parse, words


def _pieces(text: str, most: int, unit: str = "code_points") -> list[str]:
    capabilities = Capabilities(text_max=most, text_unit=unit)  # type: ignore[arg-type] # one of the literals
    return [text[start:end] for start, end in piece_edges(text, capabilities)]


def test_an_address_is_never_cut() -> None:
    """A link that begins in a piece ends in it."""
    url = "https://shop.example/returns?order=MK-1"

    assert _pieces(f"Please read our page {url} today", 45) == [
        "Please read our page",
        f"{url} today",
    ]
    assert _pieces(f"请先看说明：{url}。谢谢", 42) == ["请先看说明：", f"{url}。谢谢"]


def test_what_reads_as_one_character_stays_whole() -> None:
    """Families, flags and accents are not torn apart."""
    family = "👩‍👩‍👧‍👦"

    for piece in _pieces(family * 5, 17, "utf8_bytes") + _pieces("🇨🇳" * 9, 5):
        assert set(regex.findall(r"\X", piece)) <= {family, "🇨🇳"} or len(piece) < len(family)
    assert _pieces("e\u0301" * 6, 5) == ["e\u0301" * 2, "e\u0301" * 2, "e\u0301" * 2]


@pytest.mark.parametrize("unit", ["utf8_bytes", "utf16_units", "code_points"])
@given(text=st.text(max_size=300), most=st.integers(8, 60))
def test_pieces_fit_and_lose_only_space(unit: str, text: str, most: int) -> None:
    """Every piece fits, they are in order, and only space between them is dropped."""
    capabilities = Capabilities(text_max=most, text_unit=unit)  # type: ignore[arg-type] # as above

    edges = piece_edges(text, capabilities)

    assert all(size(text[start:end], unit) <= most for start, end in edges)
    assert all(
        end <= start and not text[end:start].strip() for (_, end), (start, _) in pairwise(edges)
    )
    assert "".join("".join(text[a:b] for a, b in edges).split()) == "".join(text.split())


def test_styles_are_kept_in_every_piece() -> None:
    """A bold sentence that is cut is bold in both messages, and a link leads there from both."""
    runs = parse("Now **this is important** and [a long link](https://a.example/).")

    pieces = cut(runs, Capabilities(text_max=16))

    assert [words(piece) for piece in pieces] == [
        "Now this is",
        "important and a",
        "long link.",
    ]
    assert pieces[0] == (Run("Now "), Run("this is", frozenset({"bold"})))
    assert pieces[1][0] == Run("important", frozenset({"bold"}))
    assert pieces[2] == (Run("long link", frozenset(), "https://a.example/"), Run("."))


@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_a_part_of_runs_is_that_part_of_their_words(text: str, start: int, end: int) -> None:
    """Cutting runs cuts exactly the words."""
    runs = parse(text)

    assert words(between(runs, start, end)) == words(runs)[start:end]
