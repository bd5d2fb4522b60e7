"""Flows that call others: what goes in, what comes back, and that they are one goal."""

from pathlib import Path

from crm_store.handoffs import Handoff
from crm_store.tickets import Ticket
from tests.dialogues.talks import Talk
from tests.dialogues.test_steps import TALK, texts_of

CALLER = """\
slots:
  email: {type: email, ask: ask_email}
  quantity: {type: quantity, ask: ask_quantity}
steps:
  - collect: quantity
  - call: address
    with: {hint: "{quantity} boxes"}
    save: {city: town}
  - collect: email
  - say: done
responses:
  ask_email: {en: "E-mail?", zh: "邮箱？"}
  ask_quantity: {en: "How many?", zh: "多少？"}
  done: {en: "{quantity} to {street}, {town}; {email}", zh: "{street}"}
"""
CALLED = """\
slots:
  hint: {type: text}
  city: {type: name, ask: ask_city}
  street: {type: text, ask: ask_street, min_length: 3}
  email: {type: email}
steps:
  - collect: city
  - collect: street
  - say: noted
responses:
  ask_city: {en: "For {hint}: which city?", zh: "城市？"}
  ask_street: {en: "Street?", zh: "街道？"}
  noted: {en: "Noted.", zh: "记下了。"}
"""


def caller(tmp_path: Path) -> Talk:
    """Return a talk whose flow has called another."""
    body = CALLER.replace("slots:\n", "slots:\n  street: {type: text}\n")
    talk = texts_of(tmp_path, body, ("address", CALLED))
    assert talk.say("3") == ["ask_city"]
    return talk


def test_a_called_flow_takes_values_in_and_gives_them_back(tmp_path: Path) -> None:
    """Nothing is said about going back: the called flow is part of the caller."""
    talk = caller(tmp_path)
    assert talk.texts == ["For 3 boxes: which city?"]
    talk.say("Paris")
    assert talk.say("12 Main Road") == ["noted", "ask_email"]
    assert talk.flow == "main"
    assert talk.say("anna@acme.com") == ["done"]
    assert talk.texts == ["3 to 12 Main Road, Paris; anna@acme.com"]
    assert talk.flow is None


def test_a_call_gone_through_again_asks_and_does_nothing_twice(tmp_path: Path) -> None:
    """A correction of what went into it changes what depends on that, and no more."""
    body = CALLER.replace("slots:\n", "slots:\n  street: {type: text}\n")
    act = """\
  - act: open_ticket
    with: {subject: "{hint}", description: "{street}"}
    save: {number: ticket}
  - say: noted
"""
    called = CALLED.replace("  - say: noted\n", act).replace("Noted.", "Noted: {hint}.")
    talk = texts_of(tmp_path, body, ("address", called))
    for text in ("3", "Paris", "12 Main Road"):
        talk.say(text)
    assert talk.count(Ticket) == 1

    told = talk.say("make it 7 instead of 3")
    assert told[-2:] == ["noted", "ask_email"]
    assert talk.texts[-2] == "Noted: 7 boxes."
    assert talk.count(Ticket) == 1
    assert talk.say("anna@acme.com") == ["done"]
    assert talk.texts == ["7 to 12 Main Road, Paris; anna@acme.com"]


def test_cancelling_a_called_flow_cancels_what_the_customer_wanted(tmp_path: Path) -> None:
    """One text tells it, by the name of the goal, and what was interrupted goes on."""
    talk = caller(tmp_path)
    assert talk.say("cancel") == ["cancelled"]
    assert talk.flow is None
    assert "The main" in talk.texts[0]


FAILING = """\
slots: {stars: {type: number, ask: ask_stars}}
steps:
  - collect: stars
  - act: record_feedback
    with: {rating: "{stars}"}
responses: {ask_stars: {en: "Stars?", zh: "几星？"}}
"""
ASKING = """\
triggers: [y]
slots: {a: {type: rating, ask: ask_a}}
steps: [{collect: a}]
responses: {ask_a: {en: "A?", zh: "A？"}}
"""


def test_an_act_that_fails_in_a_called_flow_closes_the_goal(tmp_path: Path) -> None:
    """One apology, a person is offered, and what was interrupted stays."""
    body = "steps: [{call: part}, {say: one}]\nresponses:" + TALK.rpartition("  two")[0]
    talk = texts_of(tmp_path, body, ("part", FAILING), ("other", ASKING))
    talk.press("flow:other")
    assert talk.press("flow:main") == ["ask_stars"]
    assert [f["flow"] for f in talk.state["frames"]] == ["other", "main", "part"]

    told = talk.say("9")
    assert told[0] == "something_went_wrong"
    assert "one" not in told
    assert [f["flow"] for f in talk.state["frames"]] == ["other"]


def test_the_oldest_goal_makes_room_with_all_that_it_called(tmp_path: Path) -> None:
    """No called flow is left behind without its caller."""
    body = "steps: [{call: part}, {say: one}]\nresponses:" + TALK.rpartition("  two")[0]
    more = {f"o{n}": ASKING.replace("[y]", f"[y{n}]") for n in range(4)}
    talk = texts_of(tmp_path, body, ("part", FAILING), *more.items())
    for name in more:
        told = talk.press(f"flow:{name}")
    assert told == ["flow_dropped", "ask_a"]
    assert [f["flow"] for f in talk.state["frames"]] == list(more)


def test_what_interrupts_a_called_flow_comes_back_to_it(tmp_path: Path) -> None:
    """A goal and what it called are brought up together, named by the goal."""
    body = CALLER.replace("slots:\n", "slots:\n  street: {type: text}\n")
    other = (
        "triggers: [y]\nslots: {a: {type: rating, ask: ask_a}}\n"
        "steps: [{collect: a}]\nresponses: {ask_a: {en: A?, zh: A？}}\n"
    )
    talk = texts_of(tmp_path, body, ("address", CALLED), ("other", other))
    talk.say("3")
    assert talk.press("flow:other") == ["ask_a"]
    assert talk.say("5") == ["resuming", "ask_city"]
    assert "The main" in talk.texts[0]
    assert talk.press("flow:other") == ["ask_a"]
    assert talk.press("flow:main") == ["ask_city"]
    assert [f["flow"] for f in talk.state["frames"]] == ["other", "main", "address"]
    talk.say("Paris")
    assert talk.say("12 Main Road") == ["noted", "ask_email"]


def test_a_called_flow_that_hands_over_tells_all_that_is_known(tmp_path: Path) -> None:
    """The person sees the customer's goal, and the caller does not go on."""
    body = CALLER.replace("slots:\n", "slots:\n  street: {type: text}\n")
    called = CALLED.replace("  - say: noted\n", "  - hand_off: sales\n").replace(
        '  noted: {en: "Noted.", zh: "记下了。"}\n', ""
    )
    talk = texts_of(tmp_path, body, ("address", called))
    talk.say("3")
    talk.say("Paris")
    assert talk.say("12 Main Road") == ["handing_over"]
    summary = talk.rows(Handoff)[0].summary
    assert summary["goal"] == "main"
    assert (summary["slots"]["quantity"], summary["slots"]["city"]) == (3, "Paris")
    assert talk.state.get("frames", []) == []


def test_a_person_asked_for_in_a_called_flow_learns_the_goal(tmp_path: Path) -> None:
    """What the customer wanted, with what both flows know."""
    talk = caller(tmp_path)
    talk.say("Paris")
    talk.press("human")
    summary = talk.rows(Handoff)[0].summary
    assert summary["goal"] == "main"
    assert (summary["slots"]["quantity"], summary["slots"]["city"]) == (3, "Paris")


def test_a_called_flow_that_links_still_returns(tmp_path: Path) -> None:
    """What it links to answers the call in its place."""
    body = CALLER.replace("slots:\n", "slots:\n  street: {type: text}\n")
    called = CALLED.replace("  - say: noted\n", "  - link: more\n").replace(
        '  noted: {en: "Noted.", zh: "记下了。"}\n', ""
    )
    more = (
        "slots: {street: {type: text}, a: {type: rating, ask: ask_a}}\n"
        "steps: [{collect: a}]\nresponses: {ask_a: {en: A?, zh: A？}}\n"
    )
    talk = texts_of(tmp_path, body, ("address", called), ("more", more))
    talk.say("3")
    talk.say("Paris")
    assert talk.say("12 Main Road") == ["ask_a"]
    assert talk.say("4") == ["ask_email"]
    assert talk.slots["street"] == "12 Main Road"
