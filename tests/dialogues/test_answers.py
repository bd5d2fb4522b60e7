"""Answers from the knowledge base are cited, rated once, and missed openly."""

from channels.messages import Card
from crm_store.feedback import Feedback
from knowledge_base.questions import AskedQuestion
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
