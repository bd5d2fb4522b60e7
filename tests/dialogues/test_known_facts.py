"""What the CRM knows is not asked again, but confirmed when it is old."""

from datetime import timedelta
from pathlib import Path

import pytest

from crm_store.customers import learn, reaffirm
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import NOW, Talk

FLOW = """\
triggers: [report_problem]
slots:
  email: {type: email, ask: ask_email, fact: email, fresh: 90d}
  note: {type: text, ask: ask_note}
steps: [{collect: email}, {collect: note}, {say: done}]
responses:
  ask_email: {en: Your e-mail?, zh: 您的邮箱？}
  ask_note: {en: A note?, zh: 备注？}
  done: {en: "Thanks, {email}.", zh: "谢谢，{email}。"}
"""


def asked(path: Path, *, days: int) -> Talk:
    """Return a talk in which the flow began, with an e-mail address so many days old."""
    talk = Talk(bot=bot_of(path, {"note": FLOW}))
    then = NOW - timedelta(days=days)
    learn(talk.customer, source="test", now=then, verified=False, email="anna@acme.com")
    talk.press("flow:note")
    return talk


def test_a_young_fact_is_taken_over(tmp_path: Path) -> None:
    """Nothing is asked."""
    talk = asked(tmp_path, days=30)

    assert talk.slots == {"email": "anna@acme.com"}


@pytest.mark.parametrize("text", ["yes", "still the same", "对", "没变"])
def test_an_old_fact_is_confirmed_and_young_again(tmp_path: Path, text: str) -> None:
    """The next flow takes it over without a question."""
    talk = asked(tmp_path, days=120)
    assert "anna@acme.com" in talk.texts[0]
    assert talk.options == ["fact:yes", "fact:no"]

    assert talk.say(text) == ["ask_note"]
    assert talk.say("thank you very much for that") == ["done"]
    assert talk.press("flow:note") == ["ask_note"]


@pytest.mark.parametrize("text", ["no", "不对", "变了"])
def test_an_old_fact_that_is_wrong_is_asked_for(tmp_path: Path, text: str) -> None:
    """Then the new one is kept for the next time."""
    talk = asked(tmp_path, days=120)

    assert talk.say(text) == ["ask_email"]
    talk.say("b@x.com")
    talk.say("a note of some length")
    assert talk.customer.email == "b@x.com"


def test_another_value_is_taken_at_once(tmp_path: Path) -> None:
    """No need to say no first."""
    talk = asked(tmp_path, days=120)

    assert talk.say("no, it is b@x.com now") == ["ask_note"]
    assert talk.slots["email"] == "b@x.com"


def test_an_old_fact_is_asked_about_again_after_a_question(tmp_path: Path) -> None:
    """The answer to something else confirms nothing."""
    talk = asked(tmp_path, days=120)

    assert talk.say("How do I return a product?") == ["answer", "confirm_fact"]
    assert "email" not in talk.slots


def test_a_claim_that_is_confirmed_stays_a_claim() -> None:
    """Only who verified a fact makes it verified."""
    talk = Talk()
    learn(talk.customer, source="test", now=NOW, verified=True, email="anna@acme.com")
    reaffirm(talk.customer, "email", source="turn", now=NOW + timedelta(days=1))
    assert talk.customer.facts["email"]["verified"] is True

    talk.customer.email = "other@acme.com"
    reaffirm(talk.customer, "email", source="turn", now=NOW)
    assert talk.customer.facts["email"] == {
        "value": "other@acme.com",
        "source": "turn",
        "at": NOW.isoformat(),
        "verified": False,
    }


def test_who_is_known_is_greeted_by_name() -> None:
    """A name that is no name is left out."""
    talk = Talk()
    assert talk.say("hello") == ["greet"]
    talk.customer.name = "Anna Smith"
    assert talk.say("hello") == ["greet_known"]
    assert "Anna Smith" in talk.texts[0]
    assert talk.say("你好") == ["greet_known"]
    talk.customer.name = "x" * 60
    assert talk.say("hello") == ["greet"]


def test_a_bots_own_greeting_stays_its_own(tmp_path: Path) -> None:
    """A bot that greets in its own words and knows none for names is not overruled."""
    own = "greet: {en: Ahoy., zh: 嗨。}\n"
    talk = Talk(bot=bot_of(tmp_path / "a", {"note": FLOW}, responses=own))
    talk.customer.name = "Anna"
    assert talk.say("hello") == ["greet"]
    both = own + 'greet_known: {en: "Ahoy {customer.name}.", zh: "嗨{customer.name}。"}\n'
    talk = Talk(bot=bot_of(tmp_path / "b", {"note": FLOW}, responses=both))
    talk.customer.name = "Anna"

    assert talk.say("hello") == ["greet_known"]
    assert talk.texts[0].startswith("Ahoy Anna.")


def test_insults_are_met_politely_with_a_limit_and_a_person() -> None:
    """The conversation is never ended by the bot."""
    talk = Talk()

    assert talk.say("you are useless") == ["insult"]
    assert talk.say("you are useless") == ["insult_again"]
    assert talk.options == ["human"]
    assert talk.say("I want a quote") == ["ask_product"]
    assert talk.say("you are useless") == ["insult_again", "ask_product"]
