"""Flows ask for what they need, take what was said, and act once."""

from channels.messages import Choices, Contact
from crm_store.customers import Customer
from crm_store.feedback import Feedback
from crm_store.leads import Lead
from crm_store.tickets import Ticket
from tests.dialogues.talks import Talk


def test_one_sentence_fills_every_slot_it_names() -> None:
    """What a customer says before it is asked is not asked again."""
    talk = Talk()

    assert talk.say("quote for 200 kettles, anna@acme.com") == ["ask_company"]
    assert talk.slots["quantity"] == 200
    assert talk.slots["product"] == "kettle"
    assert talk.slots["email"] == "anna@acme.com"


def test_a_quote_ends_in_a_qualified_lead_with_its_reasons() -> None:
    """The lead stands in the store with score, reasons and everything collected."""
    talk = Talk()
    for text in ("quote for 200 kettles, anna@acme.com", "Acme Ltd", "skip"):
        talk.say(text)

    lead = talk.rows(Lead)[0]
    assert lead.status == "qualified"
    assert lead.score == sum(reason["points"] for reason in lead.reasons)
    assert {r["code"] for r in lead.reasons} == {"business_mail", "company", "quantity", "product"}
    assert lead.details["quantity"] == 200
    assert talk.kinds() == [
        "message_received",
        "customer_changed",
        "lead_opened",
        "message_sent",
    ]
    assert talk.rows(Customer)[0].email == "anna@acme.com"
    assert talk.flow is None


def test_several_slots_in_one_answer_are_all_taken() -> None:
    """An answer may hold more than was asked."""
    talk = Talk()
    talk.say("quote for 200 kettles")

    assert talk.say("my email is anna@acme.com") == ["ask_company"]
    assert talk.say("Acme Ltd") == ["ask_phone"]
    assert talk.slots["email"] == "anna@acme.com"


def test_a_value_that_does_not_fit_is_asked_again_in_other_words() -> None:
    """The same rejection is never said twice in a row, and a person is offered in the end."""
    talk = Talk()
    talk.say("I have a problem")
    talk.say("It leaks on the table")
    talk.press("slot:urgency:high")

    first = talk.say("foo")
    text = talk.texts[0]
    second = talk.say("foo")
    assert first == second == ["invalid_email", "ask_email"]
    assert talk.texts[0] != text
    assert talk.say("foo") == ["too_many_attempts", "ask_email"]
    assert "human" in talk.options
    talk.say("yes")
    assert talk.owner == "queue"


def test_choices_are_taken_by_button_label_number_ordinal_and_misspelling() -> None:
    """However a customer names an option, it is the same value."""
    for answer in (
        "Urgent",
        "2",
        "２",
        "二",
        "the second one",
        "第二个",
        "Urgnet",
        "很急",
        "last",
    ):
        talk = Talk()
        talk.say("I have a problem")
        talk.say("It leaks on the table")
        talk.say(answer)

        assert talk.slots.get("urgency") == "high", answer


def test_choices_are_shown_as_buttons() -> None:
    """The options of a choice slot go below its question."""
    talk = Talk()
    talk.say("I have a problem")
    talk.say("It leaks on the table")

    assert talk.last is not None
    content = talk.last.replies[0].content
    assert isinstance(content, Choices)
    assert content.style == "buttons"
    assert [o.value for o in content.options] == ["slot:urgency:low", "slot:urgency:high"]


def test_a_ticket_has_a_number_and_leads_to_its_rating() -> None:
    """Link ends one flow and starts the next with slots of the same name."""
    talk = Talk()
    for text in ("I have a problem", "It leaks on the table", "urgent", "anna@acme.com"):
        talk.say(text)

    ticket = talk.rows(Ticket)[0]
    assert ticket.priority == "high"
    assert ticket.number in talk.texts[0]
    assert talk.flow == "give_feedback"
    talk.say("四星")
    feedback = talk.rows(Feedback)[0]
    assert (feedback.rating, feedback.about) == (4, f"ticket:{ticket.number}")


def test_an_optional_question_can_be_declined() -> None:
    """Skip, nothing and 没有 go on without the value."""
    for answer in ("skip", "no", "没有", "n/a", "none"):
        talk = Talk()
        for text in ("quote for 200 kettles, anna@acme.com", "Acme Ltd"):
            talk.say(text)

        assert talk.say(answer) == ["quote_done"], answer


def test_a_required_question_cannot_be_skipped() -> None:
    """Skip says so and asks again."""
    talk = Talk()
    talk.say("quote for 200 kettles, anna@acme.com")

    assert talk.say("skip") == ["cannot_skip", "ask_company"]


def test_a_known_fact_is_not_asked() -> None:
    """A slot with `fact` is taken over from the CRM."""
    talk = Talk()
    talk.customer.email = "known@acme.com"
    talk.say("I have a problem")
    talk.say("It leaks on the table")

    assert talk.say("urgent") == ["ticket_opened", "ask_rating"]


def test_a_shared_phone_number_fills_the_phone_slot() -> None:
    """A contact card is an answer, and a fact about the customer."""
    talk = Talk()
    for text in ("quote for 200 kettles, anna@acme.com", "Acme Ltd"):
        talk.say(text)
    talk.take(Contact(phone="+44 20 7946 0018", verified=True))

    assert talk.flow is None
    assert talk.customer.phone == "+442079460018"


def test_an_action_that_fails_goes_its_own_way() -> None:
    """An order that is not known runs `on_failure`."""
    talk = Talk()

    assert talk.say("where is my order CS-9999") == ["unknown_order", "handing_over"]
    assert talk.owner == "queue"


def test_a_yes_is_needed_for_consent() -> None:
    """Consent is recorded only after a yes, with the customer's name and evidence."""
    talk = Talk()
    talk.say("send me news")
    talk.say("yes please")
    talk.say("My name is Anna Smith")

    assert "consent_recorded" in talk.kinds()
    assert talk.texts == ["Thanks, Anna Smith."]
