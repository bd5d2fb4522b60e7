"""An excerpt is what was asked for: a row, an item, or the sentence with the kind of thing."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.aspects import aspect_of, tells
from knowledge_base.excerpts import excerpt, units_of
from knowledge_base.passages import Passage, split_passages
from knowledge_base.search import Question
from tests.knowledge_base.test_passages import an_article
from tests.knowledge_base.test_search import ARTICLES, prepare

PRICES = """All prices include tax:

| product | CNY | GBP |
|---|---|---|
| Kettle One | 899 | 109 |
| Kettle Pro | 4,980 | 595 |
| Moss Pods, box of 30 | 90 | 11 |
| Moss Pods on subscription | 81 | 9.90 |

Companies pay less."""
DISCOUNTS = """From 20 machines:

| machines | discount |
|---|---|
| 20-49 | 8 % |
| 50-99 | 12 % |
| 100 and more | 15 % |"""
SHOWROOMS = """You can visit us:

- **Shanghai**, Jing'an
- **Hong Kong**, Sheung Wan
- **London**, Clerkenwell

They open on Tuesdays."""
STEPS = """Do this:

1. **Open** the lid.
2. **Pour** the water."""


def the_passage(body: str, *, language: str = "en") -> Passage:
    """Return the one passage of an article with this body."""
    return split_passages(an_article(body, language=language))[0]


def shown(body: str, asked: str, *, language: str = "en") -> str:
    """Return the excerpt of a body, all of whose sentences are as near."""
    passage = the_passage(body, language=language)
    return excerpt(passage, asked, lambda: np.ones(len(units_of(passage)), dtype=np.float32))


@pytest.mark.parametrize(
    ("body", "asked", "rows"),
    [
        (PRICES, "how much is the Kettle Pro?", ["- **Kettle Pro**: CNY: 4,980; GBP: 595"]),
        (PRICES, "kettle one price", ["- **Kettle One**: CNY: 899; GBP: 109"]),
        (DISCOUNTS, "what discount for 60 machines?", ["- **50-99**: discount: 12 %"]),
        (DISCOUNTS, "discount for 250", ["- **100 and more**: discount: 15 %"]),
        (SHOWROOMS, "is there a showroom in Hong Kong?", ["- **Hong Kong**, Sheung Wan"]),
    ],
)
def test_what_is_named_is_shown_alone_with_its_lead(
    body: str, asked: str, rows: list[str]
) -> None:
    """Of a table the row, of a list the item, below the sentence that leads to it."""
    lead = body.split("\n", maxsplit=1)[0]

    assert shown(body, asked) == "\n\n".join([lead, *rows])


def test_rows_that_are_named_alike_are_shown_together() -> None:
    """Who asks for pods sees both prices of pods."""
    assert shown(PRICES, "how much are Moss Pods?").count("Moss Pods") == 2


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (PRICES, "what does it all cost?"),
        (DISCOUNTS, "is there a discount?"),
        (SHOWROOMS, "where are your showrooms?"),
        (STEPS, "how do I pour the water?"),
        (DISCOUNTS, "discount for 7 machines?"),
    ],
)
def test_what_is_not_named_is_shown_whole(body: str, asked: str) -> None:
    """Tables, lists and above all steps stay whole when no single part is asked for."""
    assert shown(body, asked) == the_passage(body).markdown


def test_rows_are_named_in_chinese_too() -> None:
    """Characters count as words do."""
    body = "价格：\n\n| 产品 | 人民币 |\n|---|---|\n| 壶一号 | 899 |\n| 壶专业版 | 4980 |"

    assert shown(body, "壶专业版多少钱", language="zh") == "价格：\n\n- **壶专业版**：人民币：4980"


@pytest.mark.parametrize(
    ("asked", "aspect", "told", "untold"),
    [
        ("how long does it take?", "duration", "It takes **3-5 working days**.", "By courier."),
        ("要多久？", "duration", "3 到 5 个工作日送到。", "由快递送货。"),
        ("how much is it?", "money", "That costs CNY 25.", "You can order it online."),
        ("多少钱", "money", "运费 25 元。", "可以在网上下单。"),
        ("is it free?", "money", "Returns are free at a showroom.", "Bring the box."),
        ("how often must I do it?", "frequency", "Every 3 months.", "Use citric acid."),
        ("多久换一次？", "frequency", "每 6 个月更换。", "用柠檬酸。"),
        ("when do you open?", "moment", "Tuesday to Saturday, 10:00 to 18:00.", "In Jing'an."),
        ("几点开门", "moment", "10:00 到 18:00。", "在静安。"),
        ("how hot should it be?", "degree", "Use 80 °C.", "Use soft water."),
        ("why?", "reason", "Opened boxes stay, because it is food.", "Boxes of 30."),
    ],
)
def test_a_question_tells_what_kind_of_thing_it_wants(
    asked: str, aspect: str, told: str, untold: str
) -> None:
    """A sentence either has a duration, an amount, a time, or it has none."""
    found = aspect_of(asked)

    assert found == aspect
    assert found is not None
    assert tells(found, told)
    assert not tells(found, untold)


def test_the_sentence_with_what_was_asked_for_is_the_excerpt() -> None:
    """Of sentences as near as each other the one that tells a duration wins."""
    facts = [
        f"Fact {n} is told in this plain sentence about parcels and boxes." for n in "abcdefgh"
    ]
    body = " ".join([*facts[:5], "A parcel takes 3 to 5 working days.", *facts[5:]])

    assert "3 to 5 working days" in shown(body, "how long does a parcel take?")
    assert "3 to 5 working days" not in shown(body, "what of the parcel?")


def test_a_prepared_answer_is_given_as_it_stands(tmp_path: Path) -> None:
    """An article that says so is shown whole, with all its parts, whatever was asked of it."""
    folder = tmp_path / "knowledge"
    shutil.copytree(ARTICLES, folder)
    path = folder / "returns.en.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("tags:", "answer: whole\ntags:", 1), encoding="utf-8")
    knowledge = prepare(tmp_path / "cache", folder=folder)
    (result,) = knowledge.search([Question("is the trade-in estimate of a bicycle valid", "en")])

    assert result.answer is not None
    assert result.answer.text.startswith("You can return any unused bicycle")
    assert "Print the label" in result.answer.text
    assert "child seat" in result.answer.text
