"""Messages are split where something new begins, and nowhere else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.clauses import CLAUSES_MAX, adds, interpret, split
from tests.dialogues.talks import NOW, corner_shop, interpreter_of


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "I want to return this and where is my refund",
            ("I want to return this", "where is my refund"),
        ),
        ("我要退货，顺便问下运费多少", ("我要退货", "运费多少")),
        ("我要退貨，順便問下運費多少", ("我要退貨", "運費多少")),
        ("我要开发票。另外，运费怎么算？", ("我要开发票", "运费怎么算？")),
        (
            "I want a quote by the way do you ship abroad?",
            ("I want a quote", "do you ship abroad?"),
        ),
        (
            "cancel my order, how long does the refund take",
            ("cancel my order", "how long does the refund take"),
        ),
        ("Where is it? Can I change the address?", ("Where is it?", "Can I change the address?")),
        ("My kettle leaks. I want to return it.", ("My kettle leaks", "I want to return it.")),
    ],
)
def test_clauses_begin_where_something_new_is_said(text: str, clauses: tuple[str, ...]) -> None:
    """Sentence marks and connectives, in both languages."""
    assert split(text) == clauses


@pytest.mark.parametrize(
    "text",
    [
        "3 kettles, 2 cups and 5 pods",
        "Flat 3, 12 Baker St. London, and NW1 6XE",
        "anna.smith@x.com and bob@x.com",
        "Johnson, Smith and Sons Ltd. and partners",
        'it says "Stop. And go" on it',
        "它显示“停止。另外重启”",
        "If it does not fit, can I return it?",
        "如果不合适，怎么退货",
        "Dr. Anna Smith",
        "version 3.2.1",
        "https://x.example/a.b?c=d and more",
        "红色和蓝色",
        "还有货吗",
        "hi",
        "",
        "a. " * 200,
        "x? " * (CLAUSES_MAX + 1),
    ],
)
def test_lists_names_addresses_and_quotes_are_one(text: str) -> None:
    """What is one thing is not torn."""
    assert split(text) == ()


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("I want to return this and where is my refund", True),
        ("I want to return this and I'd like a quote", True),
        ("I want to return this. Also, where is my refund?", True),
        ("I want to return this, by the way where is my refund", True),
        ("我要退货，顺便问下运费多少", True),
        ("我要退貨，另外想開發票", True),
        ("我要退货，还想问运费多少", True),
        ("My card is lost. Can I get a new one?", False),
        ("I lost my phone and would like to freeze my account", False),
        ("I need a refund and cancel a transaction", False),
        ("我的壶漏水了，怎么办", False),
    ],
)
def test_only_what_is_introduced_as_more_is_more(text: str, more: bool) -> None:
    """A second sentence mostly explains the first."""
    clauses = split(text)
    assert any(adds(text, clause) for clause in clauses[1:]) is more


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab ,.?!\"'“”@和，。？顺便and1", max_size=80))
def test_a_clause_is_a_part_of_its_text(text: str) -> None:
    """Nothing is invented, and the order holds."""
    at = 0
    for clause in split(text):
        found = text.find(clause.rstrip("?？"), at)
        assert found >= at
        at = found


@pytest.mark.parametrize("piece", ["， ", "a@", '"', "and i ", "1.", " ", "，顺便", "。"])
def test_hostile_texts_take_no_time(piece: str) -> None:
    """Long texts are not looked at, short ones are soon done."""
    begun = time.process_time()
    for size in (400, 100_000):
        split((piece * size)[:size])
    assert time.process_time() - begun < 0.05


def test_clauses_are_understood_in_one_batch_with_their_text() -> None:
    """Each text has the clauses that are its own, and an interpreter is asked once."""
    calls: list[int] = []
    inner = interpreter_of(corner_shop().folder)

    class Counting:
        def interpret(self, texts, *, languages, nows=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as the Protocol
            calls.append(len(texts))
            return inner.interpret(texts, languages=languages, nows=nows)

    texts = ["hello", "I want a quote and where is my order", "thanks"]
    found = interpret(Counting(), texts, languages=[None] * 3, nows=[NOW] * 3)

    assert calls == [5]
    assert [meaning.text for meaning in found] == texts
    assert [len(meaning.clauses) for meaning in found] == [0, 2, 0]
    assert [clause.intent for clause in found[1].clauses] == ["request_quote", "order_status"]


@pytest.mark.parametrize(
    "text",
    [
        "Hello! Where is my order?",
        "Quick question: is it dishwasher safe? Thanks a lot",
        "打扰了，怎么查物流？，麻烦了",
        "在吗？我想改收貨地址？急",
    ],
)
def test_courtesies_are_no_clauses(text: str) -> None:
    """What says nothing costs nothing: a greeting and thanks leave one thing to understand."""
    assert split(text) == ()
