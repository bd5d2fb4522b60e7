"""Passages are cut at headings, keep lists and tables whole, and lose nothing."""

from datetime import date

import numpy as np
import pytest

from knowledge_base.articles import Article
from knowledge_base.excerpts import join, shorten, units_of
from knowledge_base.passages import PASSAGE_WORDS, Passage, split_passages, split_sentences
from knowledge_base.terms import size


def an_article(body: str, *, language: str = "en") -> Article:
    """Return an article with this body."""
    return Article(
        id="care",
        language=language,
        title="Care",
        questions=("a", "b"),
        body=body,
        audience="public",
        updated=date(2026, 1, 1),
        tags=(),
        url=None,
        version="0" * 12,
    )


BODY = """Intro with **bold** text
over two lines.

Do this:

1. one `c`
2. two
   - nested

## Fees

| Item | Cost | Note |
|---|---|---|
| Ship | 5 | **new** |
| Box | 6 | |

### Deep

> quoted

***

## Again
End."""


def test_headings_cut_and_name_the_passages() -> None:
    """Each section is a passage that knows the headings above it."""
    passages = split_passages(an_article(BODY))

    assert [p.headings for p in passages] == [(), ("Fees",), ("Fees", "Deep"), ("Again",)]
    assert [p.id for p in passages] == [f"care.en#{n}" for n in (1, 2, 3, 4)]


def test_text_is_searched_plain_and_shown_as_markdown() -> None:
    """Marks are kept for showing and gone for searching; soft line breaks are blanks."""
    first = split_passages(an_article(BODY))[0].blocks[0]

    assert first.plain == "Intro with bold text over two lines."
    assert first.markdown == "Intro with **bold** text over two lines."


def test_a_list_stays_whole() -> None:
    """A list is one block with an item per line."""
    block = split_passages(an_article(BODY))[0].blocks[2]

    assert block.kind == "list"
    assert block.plain == "one c\ntwo nested"
    assert block.markdown == "1. one `c`\n2. two\n   - nested"


def test_a_table_becomes_a_list_of_its_rows() -> None:
    """The web chat has no tables; each row keeps its names."""
    block = split_passages(an_article(BODY))[1].blocks[0]

    assert block.kind == "table"
    assert block.markdown == "- **Ship**: Cost: 5; Note: **new**\n- **Box**: Cost: 6"
    assert "Item Cost Note" in block.plain


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The {n}th sentence says a little about bicycles. "),
        ("zh", "第{n}句话说的是自行车。"),
    ],
)
def test_a_long_section_is_cut_between_sentences(language: str, sentence: str) -> None:
    """No passage is longer than the limit, and every sentence is in exactly one."""
    body = "".join(sentence.format(n=n) for n in range(120)).strip()
    passages = split_passages(an_article(body, language=language))

    assert len(passages) > 2
    assert all(size(p.plain) <= PASSAGE_WORDS for p in passages)
    joint = " " if language == "en" else ""
    assert joint.join(p.plain for p in passages) == body


def test_a_list_stays_with_the_line_that_introduces_it() -> None:
    """A passage never begins with a list whose lead is in the passage before."""
    filler = "word " * (PASSAGE_WORDS - 10)
    items = "\n".join(f"- item number {n}" for n in range(20))
    passages = split_passages(an_article(f"{filler}.\n\nYou need the following:\n\n{items}"))

    assert [block.kind for block in passages[-1].blocks][-2:] == ["text", "list"]


def test_chinese_lines_are_joined_without_a_blank() -> None:
    """A line break inside a Chinese paragraph is no word boundary."""
    (passage,) = split_passages(an_article("第一行\n第二行", language="zh"))

    assert passage.plain == "第一行第二行"
    assert passage.markdown == "第一行第二行"


def test_sentences_end_where_sentences_end() -> None:
    """Abbreviations, decimals and Chinese stops are read right."""
    assert split_sentences("Use tools, e.g. A key. It costs 3.50 euros! Why? So.") == [
        "Use tools, e.g. A key.",
        "It costs 3.50 euros!",
        "Why?",
        "So.",
    ]
    assert split_sentences("可以退货。多久？三天！") == ["可以退货。", "多久？", "三天！"]


def test_a_body_without_words_still_gives_a_passage() -> None:
    """An article always has something to show and to index."""
    (passage,) = split_passages(an_article("***"))

    assert passage.markdown == "***"


def long_passage() -> Passage:
    """Return a passage of nine sentences and a list with its lead."""
    body = " ".join(
        f"Fact number {n} is told in this plain sentence of ten words." for n in range(9)
    )
    return split_passages(an_article(f"{body} The steps are these:\n\n- first\n- second\n"))[0]


def test_an_excerpt_is_the_best_sentences_in_order() -> None:
    """What scores best is shown with its neighbours, without a gap."""
    passage = long_passage()
    scores = np.zeros(len(units_of(passage)), dtype=np.float32)
    scores[3:5] = (0.6, 0.5)
    scores[8] = 0.4

    text = shorten(passage, scores)

    assert text.startswith("Fact number 3")
    assert text.endswith("Fact number 4 is told in this plain sentence of ten words.")
    assert text in passage.markdown


def test_an_excerpt_keeps_a_list_with_its_lead() -> None:
    """A list is shown whole and never without the line that introduces it."""
    passage = long_passage()
    scores = np.zeros(len(units_of(passage)), dtype=np.float32)
    scores[-1] = 0.9

    assert shorten(passage, scores) == "The steps are these:\n\n- first\n- second"


def test_a_short_passage_is_shown_whole() -> None:
    """Two sentences need no shortening."""
    (passage,) = split_passages(an_article("One thing. Another thing."))

    assert shorten(passage, np.zeros(2, dtype=np.float32)) == passage.markdown


def test_units_joined_are_the_passage_again() -> None:
    """Cutting into units loses nothing."""
    passage = split_passages(an_article(BODY))[0]

    assert join(units_of(passage)) == passage.markdown
