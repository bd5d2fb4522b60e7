"""Rasa's names in our spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.rasa_answer import RasaAnswer
from nlu.rasa_names import NAME_MAX, our_name
from nlu.training_data import Example, TrainingData


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("greet", "greet"),
        ("CheckBalance", "check_balance"),
        ("check-balance", "check_balance"),
        ("check balance!", "check_balance"),
        ("FAQ/Opening-Hours", "faq/opening_hours"),
        ("Café", "cafe"),
        ("2nd_offer", "n2nd_offer"),
        ("user's_wish", "users_wish"),
        ("查询余额", ""),
        ("faq/查询", ""),
        ("", ""),
    ],
)
def test_names_are_spelled_our_way(before: str, after: str) -> None:
    """Small letters, digits and strokes; nothing where no letter is left."""
    assert our_name(before) == after


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_is_allowed(name: str) -> None:
    """Whatever Rasa calls it, the result can stand in a file, and stays as it is."""
    ours = our_name(name)

    assert our_name(ours) == ours
    assert all(len(part) <= NAME_MAX for part in ours.split("/"))
    if ours:
        TrainingData((Example("x", ours, "en"),), ("en",))
        assert ours.replace("/", "_").replace("_", "a").isalnum()
        assert ours[0].isascii()
        assert ours[0].isalpha()


def test_names_of_a_foreign_server_meet_the_bots_own() -> None:
    """As written if the bot has it so, else in our spelling, else as the shared intent it is."""
    ranking = [
        {"name": "thanks", "confidence": 0.4},
        {"name": "bot_challenge", "confidence": 0.3},
        {"name": "CheckBalance", "confidence": 0.2},
        {"name": "Mine", "confidence": 0.1},
    ]
    answer = RasaAnswer.model_validate(
        {"text": "x", "intent": ranking[0], "intent_ranking": ranking}
    )

    names = [s.name for s in answer.scores({"thanks", "thank", "chitchat_bot", "check_balance"})]

    assert names == ["thanks", "chitchat_bot", "check_balance", "mine"]
