"""Answers from the knowledge base are cited, rated once, and missed openly."""

import pytest

from channels.messages import Card
from crm_store.feedback import Feedback
from knowledge_base.answer import Topic
from knowledge_base.questions import AskedQuestion
from tests.dialogues import talks
from tests.dialogues.talks import Talk


def test_an_answer_is_a_card_with_its_source() -> None:
    """Title, text, link to the article, and a way to say whether it helped."""
    talk = Talk()
    assert talk.say("How do I return a product?") == ["answer"]

    assert talk.last is not None
    card = talk.last.replies[0].content
    assert isinstance(card, Card)
    assert card.link is not None
    assert card.link.label == "Source"
    assert card.link.url == "https://shop.example/returns"
    assert talk.options == ["kb:helpful:returns", "kb:not_helpful:returns", "human"]
    cited = next(e for e in talk.last.entries if e.kind == "article_cited")
    assert (cited.data["article"], cited.data["version"]) == ("returns", "v1")


def test_the_source_is_labelled_in_the_customers_language() -> None:
    """Chinese questions have Chinese labels."""
    talk = Talk()
    talk.say("如何退货？")

    assert talk.last is not None
    card = talk.last.replies[0].content
    assert isinstance(card, Card)
    assert card.link is not None
    assert card.link.label == "来源"


def test_a_question_is_answered_in_its_own_language_whatever_was_asked() -> None:
    """A company's name tells nothing of the customer's language; a question in its place does."""
    talk = Talk()
    assert talk.say("quote for 200 kettles, anna@acme.com") == ["ask_company"]

    assert talk.say("如何退货？") == ["answer", "ask_company"]
    assert talk.last is not None
    assert talk.last.language == "zh"
    talk.say("Acme Ltd")
    assert talk.last.language == "zh"


def test_a_rating_counts_once() -> None:
    """The second press changes nothing."""
    talk = Talk()
    talk.say("How do I return a product?")

    assert talk.press("kb:helpful:returns") == ["answer_helpful"]
    assert talk.press("kb:not_helpful:returns") == ["already_rated"]
    assert [(f.rating, f.about) for f in talk.rows(Feedback)] == [(5, "article:returns")]


def test_an_answer_that_did_not_help_is_a_gap_and_offers_more() -> None:
    """The miss is recorded with the question; near questions and a person are offered."""
    talk = Talk()
    talk.say("How do I return a product?")

    assert talk.press("kb:not_helpful:returns") == ["answer_not_helpful"]
    assert talk.options == ["kb:ask:How are refunds paid?", "human"]
    assert talk.rows(Feedback)[0].rating == 1
    asked = talk.rows(AskedQuestion)[0]
    assert (asked.question, asked.outcome) == ("How do I return a product?", "not_helpful")
    assert (asked.missed, asked.helped, asked.article_id) == (True, False, "returns")


def test_an_article_that_was_never_shown_cannot_be_rated() -> None:
    """A forged press is stale."""
    talk = Talk()

    assert talk.press("kb:helpful:returns") == ["stale_choice"]
    assert talk.rows(Feedback) == []


def test_nothing_found_is_said_and_recorded() -> None:
    """Near questions can be pressed and are then answered."""
    talk = Talk()
    assert talk.say("refnds?") == ["near_questions"]
    asked = talk.rows(AskedQuestion)[0]
    assert (asked.outcome, asked.missed, asked.near) == ("offered", True, [["returns", 0.4]])
    assert talk.options == ["kb:ask:How do I return a product?", "human"]

    assert talk.press("kb:ask:How do I return a product?") == ["answer"]


def test_a_flow_may_search_for_itself() -> None:
    """The search step cites what it finds and goes on either way."""
    talk = Talk()
    for text in ("I have a problem", "the lid does not fit", "urgent"):
        says = talk.say(text)

    assert says == ["ask_email"]
    assert talk.say("anna@acme.com") == ["answer", "ticket_opened", "ask_rating"]


def test_a_near_question_that_is_taken_tells_the_article_that_was_meant() -> None:
    """The customer chose it, so nothing was missed."""
    talk = Talk()
    talk.say("refnds?")
    talk.press("kb:ask:How do I return a product?")

    talk.session.expire_all()
    first = talk.rows(AskedQuestion)[0]
    assert (first.next_step, first.missed, first.article_id) == ("taken", False, "returns")


def test_a_person_asked_for_after_an_answer_makes_it_a_miss() -> None:
    """The answer was not what the customer wanted."""
    talk = Talk()
    talk.say("How do I return a product?")
    assert not talk.rows(AskedQuestion)[0].missed

    talk.press("human")

    talk.session.expire_all()
    asked = talk.rows(AskedQuestion)[0]
    assert (asked.outcome, asked.next_step, asked.missed) == ("answered", "handed_over", True)


def test_a_person_asked_for_after_an_answer_that_helped_is_no_miss() -> None:
    """Whoever said that it helped wants a person for something else."""
    talk = Talk()
    talk.say("How do I return a product?")
    talk.press("kb:helpful:returns")
    talk.press("human")

    talk.session.expire_all()
    asked = talk.rows(AskedQuestion)[0]
    assert (asked.helped, asked.next_step, asked.missed) == (True, None, False)


def test_the_same_asked_in_other_words_makes_the_first_answer_a_miss() -> None:
    """The passage was given twice, so it did not do the first time."""
    talk = Talk()
    talk.say("How do I return a product?")
    talk.say("Can I send it back?")

    talk.session.expire_all()
    rows = sorted(talk.rows(AskedQuestion), key=lambda row: row.seq)
    assert [(row.next_step, row.missed) for row in rows] == [("asked_again", True), (None, False)]


def test_a_search_of_a_flow_that_finds_nothing_is_a_miss() -> None:
    """What customers report and no article covers is worth writing about."""
    talk = Talk()
    for text in ("I have a problem", "the spout is bent", "urgent"):
        talk.say(text)
    talk.say("anna@acme.com")

    rows = talk.rows(AskedQuestion)
    assert [(row.question, row.outcome) for row in rows] == [("the spout is bent", "declined")]


def test_what_identifies_a_customer_is_masked_in_a_question() -> None:
    """Staff who write articles read questions, not phone numbers."""
    talk = Talk()
    talk.say("why did you call 13812345678 and write to anna@acme.com?")

    assert talk.rows(AskedQuestion)[0].question == (
        "why did you call [phone] and write to [email]?"
    )


def test_after_a_no_another_answer_is_given_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What else answers the question is shown, and is what the next question goes on about."""
    monkeypatch.setitem(talks.SECOND, "how do i return a product", "refunds")
    talk = Talk()
    talk.say("How do I return a product?")

    assert talk.press("kb:not_helpful:returns") == ["answer_another", "answer"]
    assert talk.options == ["kb:helpful:refunds", "kb:not_helpful:refunds", "human"]
    assert talk.state["subject"]["article"] == "refunds"


@pytest.mark.parametrize(
    "words",
    ["that did not help", "No.", "Not helpful", "that's not what I asked", "没帮助", "答非所问"],
)
def test_a_no_may_be_typed(words: str) -> None:
    """Words that say the answer was no help count as the button does."""
    talk = Talk()
    talk.say("How do I return a product?")

    assert talk.say(words) == ["answer_not_helpful"]
    assert talk.rows(Feedback)[0].rating == 1


@pytest.mark.parametrize("words", ["that helped", "This was very helpful", "有帮助", "解决了"])
def test_thanks_for_an_answer_may_be_typed(words: str) -> None:
    """Words that say the answer helped count as the button does."""
    talk = Talk()
    talk.say("How do I return a product?")

    assert talk.say(words) == ["answer_helpful"]


def test_what_did_not_help_is_not_said_again_in_other_words() -> None:
    """Whoever rephrases after a no gets something else: near questions and a person."""
    talk = Talk()
    talk.say("How do I return a product?")
    talk.press("kb:not_helpful:returns")

    assert "answer" not in talk.say("can I send it back")
    assert "human" in talk.options


def test_what_did_not_help_may_be_asked_again_later() -> None:
    """After half an hour the question is a new one."""
    talk = Talk()
    talk.say("How do I return a product?")
    talk.press("kb:not_helpful:returns")
    talk.seq += 31  # a turn takes a minute

    assert talk.say("can I send it back") == ["answer"]


def test_what_was_answered_is_the_subject_until_a_goal_begins() -> None:
    """A question is asked with what it may go on about; a flow is another matter."""
    talk = Talk()
    talk.say("How do I return a product?")
    assert talk.state["subject"]["question"] == "How do I return a product?"
    assert talk.say("and for refunds?") == ["answer"]
    assert talks.TOPICS[-1] == Topic("How do I return a product?", "returns", "returns#0")

    talk.say("I have a problem")
    assert "subject" not in talk.state


def test_the_answer_says_as_what_a_question_was_read() -> None:
    """The mended question stands above the answer as plain text, whatever was typed."""
    talk = Talk()
    talk.say("how do i [retrun](https://evil.example) a *product*")

    assert talk.last is not None
    card = talk.last.replies[0].content
    assert isinstance(card, Card)
    assert card.text.startswith("Showing answers for “how do i \\[return\\](https:\\//evil")
    assert "\\*product\\*" in card.text
    searched = next(n for n in talk.last.trace if isinstance(n, dict) and "search" in n)
    assert searched["ways"] == ["spelling"]


def test_an_answer_in_another_language_says_so() -> None:
    """The note is in the customer's language, the text in the article's."""
    talk = Talk()
    talk.say("可以退货退到英国吗")

    assert talk.last is not None
    card = talk.last.replies[0].content
    assert isinstance(card, Card)
    assert card.text == (
        "这部分内容暂时没有中文版，以下是原文。\n\nYou can return it within **30 days**."
    )
