"""`tributary why`: one page that explains a turn to whoever asks, and harms no terminal."""

import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bots.__main__ import build
from bots.explanation import Explanation, explain
from bots.explanation_page import page
from bots.tried_turns import explain_tried
from channels.messages import Choice, Media, Text
from crm_store import dead_letters, outbox, turns
from crm_store.commit_delivery import deliver
from crm_store.conversations import Conversation
from crm_store.database import Database
from tests.builders import MONDAY, an_address, an_arrival, store
from tests.desk import ADA, Desk, echo
from tests.dialogues.talks import FakeInterpreter, Talk, corner_shop, interpreter_of

HOSTILE = "\x1b[31m[red]<b>\u202etxt.exe\x07 [/red]"
#: What would steer a terminal.
STEERING = {"\x1b", "\x07", "\x9b", "\u202e", "\r"}


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a desk with the corner shop's bot."""
    return Desk(database, corner_shop(), FakeInterpreter(corner_shop()))


def explained(desk: Desk, seq: int, address: object = ADA) -> Explanation:
    """Return the explanation of a turn."""
    with desk.database.reading() as connection:
        record = turns.find(connection, ADA.conversation_id, seq)
    assert record is not None
    return explain(record)


def shown(explanation: Explanation, *, width: int = 120) -> str:
    """Return the page as a file or a pipe gets it."""
    file = io.StringIO()
    Console(file=file, width=width).print(page(explanation))
    return file.getvalue()


def test_a_turn_is_explained_from_the_message_to_the_send(desk: Desk) -> None:
    """Message, meaning with scores, commands, steps, slots, replies and sends: all are there."""
    desk.say("hello", "I want a quote for 50 kettles")
    told = explained(desk, 2)

    assert told.messages[0].text == "I want a quote for 50 kettles"
    assert told.understanding is not None
    assert [(i.name, i.confidence) for i in told.understanding.intents] == [
        ("request_quote", 0.95)
    ]
    product = next(e for e in told.understanding.entities if e.name == "product")
    assert (product.text, product.value, product.start, product.end) == (
        *("kettles", "kettle"),
        *(22, 29),
    )
    assert (told.understanding.frustration, told.understanding.abuse) == (0.0, 0.0)
    assert [c.name for c in told.commands] == ["StartFlow"]
    assert told.commands[0].details["slots"] == ["product", "quantity"]
    assert {"step", "ask"} <= {step.what for step in told.steps}
    slots = {slot.name: (slot.how, slot.value) for slot in told.slots}
    assert slots["quantity"] == ("given at the start", 50)
    assert slots["company"] == ("asked", None)
    assert [(s.response, s.text) for s in told.said] == [("ask_company", "For which company?")]
    assert [(s.state, s.attempts, s.receipts) for s in told.sends] == [("queued", 0, [])]
    text = shown(told)
    for words in ("request_quote", "95.00%", "StartFlow", "ask_company", "queued", "22–29"):
        assert words in text


def test_crm_effects_searches_and_hand_offs_are_told(desk: Desk) -> None:
    """What a turn changed in the CRM and what it searched stand on the page."""
    desk.say("qwrtz", "I would rather have someone alive")

    assert [s.outcome for s in explained(desk, 1).searches] == ["declined"]
    assert [e.kind for e in explained(desk, 1).effects] == ["knowledge_missed"]
    handed = explained(desk, 2)
    assert [e.kind for e in handed.effects] == ["handoff_requested"]
    assert handed.outcome == "handed_over"
    assert handed.owner == "queue"
    assert [s.response for s in handed.said] == ["handing_over"]


def test_as_what_a_question_was_read_is_told() -> None:
    """The page names the question that was searched, why, and the subject it went on about."""
    talk = Talk()
    for text in ("How do I return a product?", "and for refunds?"):
        content = Text(text=text)
        understanding = talk.input(content).understanding
        result = talk.take(content)
    told = explain_tried(
        content, understanding, result, address=talk.address, seq=talk.seq, at=MONDAY
    )

    (search,) = told.searches
    assert (search.ways, search.topic) == (["follow_up"], "returns")
    assert search.read_as == "How do I return a product? and for refunds?"
    shown_text = " ".join(shown(told).split())
    assert f"read as “{search.read_as}” (follow up about returns)" in shown_text


def test_replies_are_paired_with_their_responses_by_place(desk: Desk) -> None:
    """Two replies of one turn, and replies sent again, name the right response or none."""
    desk.say("I want a quote for 50 kettles", "15")
    told = explained(desk, 2)
    assert [s.response for s in told.said] == ["invalid_text", "ask_company"]

    desk.say("repeat that")
    again = explained(desk, 3)
    assert [s.response for s in again.said] == [None, None]
    assert [s.text for s in again.said] == [s.text for s in told.said]
    assert "(again)" in shown(again)


def test_sends_tell_attempts_receipts_and_refusals(desk: Desk) -> None:
    """Tried again, sent with the provider's ids, refused: each with its reason."""
    desk.say("hello")
    now = MONDAY + timedelta(hours=1)
    with desk.database.transaction() as connection:
        [item] = outbox.claim(connection, ["callback"], process="p", most=1, now=now)
        outbox.put_back(connection, item, process="p", not_before=now, reason="HTTP 503")
    [send] = explained(desk, 1).sends
    assert (send.state, send.attempts, send.reason) == ("queued", 1, "HTTP 503")
    assert "HTTP 503" in shown(explained(desk, 1))

    with desk.database.transaction() as connection:
        [item] = outbox.claim(connection, ["callback"], process="p", most=1, now=now)
        outbox.mark_sent(connection, item, process="p", provider_ids=["wamid.7"], now=now)
    [send] = explained(desk, 1).sends
    assert (send.state, send.attempts, send.receipts, send.seq) == ("sent", 2, ["wamid.7"], 2)
    assert "receipt wamid.7" in shown(explained(desk, 1))

    desk.say("hello")
    with desk.database.session() as session:
        session.get_one(Conversation, ADA.conversation_id).fence = 9
    with desk.database.transaction() as connection:
        assert outbox.claim(connection, ["callback"], process="p", most=1, now=now) == []
    refused = explained(desk, 3)
    assert (refused.sends[0].state, refused.sends[0].reason) == ("refused", "owner_changed")
    assert [effect.kind for effect in refused.effects] == ["message_refused"]


def test_the_number_of_a_reply_leads_to_its_turn(desk: Desk) -> None:
    """Whoever reads a transcript may ask about a reply."""
    desk.say("hello")
    with desk.database.transaction() as connection:
        deliver(connection, ["callback"], most=9, now=MONDAY)

    assert explained(desk, 2).seq == 1
    with desk.database.reading() as connection:
        assert turns.find(connection, ADA.conversation_id, 3) is None


def test_waiting_pressed_and_given_up_messages_are_explained_too(desk: Desk) -> None:
    """A turn that was not taken, was a press or failed for good has a page as well."""
    desk.receive("hello")
    assert explained(desk, 1).state == "waiting"
    assert "not yet" in shown(explained(desk, 1))
    desk.worker.work_once()
    desk.say(Choice(value="human", label="A person"))
    assert explained(desk, 2).messages[0].text == "A person"
    desk.say(Media(url="https://shop.example/1.jpg", mime="image/jpeg"))
    assert "(image/jpeg)" in shown(explained(desk, 3))
    with desk.database.transaction() as connection:
        dead_letters.bury(
            connection,
            conversation_id=ADA.conversation_id,
            seq=1,
            outbox_id=None,
            reason="RuntimeError",
            attempts=3,
            now=MONDAY,
        )
    assert "inbound: RuntimeError" in shown(explained(desk, 1))


def test_a_burst_is_explained_with_its_last_message(database: Database) -> None:
    """All its messages stand on one page, and the earlier ones lead there."""
    desk = Desk(database, echo({"default": timedelta(seconds=1)}))
    desk.receive("hi", "my order", "is late.")
    desk.worker.work_once()

    assert [m.text for m in explained(desk, 3).messages] == ["hi", "my order", "is late."]
    assert explained(desk, 1).answered_with == 3
    assert "with message 3" in shown(explained(desk, 1))


def test_hostile_texts_are_plain_data(desk: Desk) -> None:
    """They come out of JSON as they came in, and on the page nothing of them steers."""
    desk.say("I want a quote for 50 kettles", HOSTILE)
    told = explained(desk, 2)

    assert json.loads(told.model_dump_json())["messages"][0]["text"] == HOSTILE
    text = shown(told)
    assert not STEERING & set(text)
    assert "[red]<b>" in text


def test_chinese_lines_up_in_two_columns(desk: Desk) -> None:
    """Every line of a wide text begins in the same column."""
    desk.say("我要询价" + "水壶" * 60)
    lines = shown(explained(desk, 1), width=60).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Message"))
    column = lines[start].index("我要")

    assert lines[start + 1][:column].strip() == ""
    assert lines[start + 1][column] in "水壶"


def test_old_and_broken_rows_are_still_explained(desk: Desk) -> None:
    """What an older or newer version stored is shown as far as it can be read."""
    conversation = {
        "id": uuid4(),
        "channel": "webchat",
        "account": "a",
        "peer": "p",
        "thread": None,
        "customer_id": None,
        "owner": "bot",
        "state": {"version": 99},
    }
    item = {"seq": 1, "message": {"content": {"kind": "hologram"}}, "received_at": MONDAY}
    turn = {
        "outcome": "answered",
        "at": MONDAY,
        "customer_id": uuid4(),
        "understanding": {
            "language": "en",
            "outcome": "clear",
            "interpreter": "embedded",
            "intents": [["greet", 1.0]],
            "entities": [],
            "sentiment": 0.0,
        },
        "trace": ["?", {}, {"say": "greet"}, {"command": "Later", "x": 1}, {"note": None}],
    }
    record = turns.TurnRecord(conversation, 1, [{**item, "attempts": 0}], turn)

    told = explain(record)

    assert told.messages[0].text == "(hologram)"
    assert told.understanding is not None
    assert told.understanding.frustration is None
    assert [c.name for c in told.commands] == ["Later"]
    assert "hologram" in shown(told)


# ---- the command


def ask(database: Database, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """Run `tributary why`; return its status and all it said."""
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TRIBUTARY_DATABASE_URL", url)
    outcome = CliRunner().invoke(build(["why", "timeline"]), ["why", *arguments])
    return outcome.exit_code, outcome.output


def test_a_conversation_is_found_by_id_prefix_and_address(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any of the three names it; what names none or several says how to go on."""
    desk.say("hello", "thanks")
    key = str(ADA.conversation_id)
    for name in (key, key[:9], key.replace("-", "")[:12], str(ADA)):
        status, output = ask(desk.database, monkeypatch, name, "--json")
        assert status == 0, output
        assert json.loads(output)["seq"] == 2
    status, output = ask(desk.database, monkeypatch, key, "1", "--json")
    assert json.loads(output)["messages"][0]["text"] == "hello"

    for wrong in ("zzzz", key[:3], "callback:partner:nobody", "a:b", "%%%%"):
        status, output = ask(desk.database, monkeypatch, wrong)
        assert status == 1
        assert "no conversation is known" in output
    status, output = ask(desk.database, monkeypatch, key, "77")
    assert (status, "has no message 77" in output) == (1, True)


def test_an_ambiguous_prefix_lists_the_ids(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several conversations that begin so are listed to choose from."""
    wanted = 0
    by_prefix: dict[str, list[str]] = {}
    while not wanted:  # a few hundred addresses until two ids begin with the same four digits
        address = an_address(f"p{sum(map(len, by_prefix.values()))}")
        mine = by_prefix.setdefault(address.conversation_id.hex[:4], [])
        mine.append(address.peer)
        wanted = len(mine) > 1
    prefix, peers = next((k, v) for k, v in by_prefix.items() if len(v) > 1)
    with desk.database.transaction() as connection:
        store(connection, [an_arrival(address=an_address(peer)) for peer in peers])

    status, output = ask(desk.database, monkeypatch, prefix)

    assert status == 1
    assert all(str(an_address(peer).conversation_id) in output for peer in peers)


def test_the_page_of_a_pipe_has_no_colours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the page nor the timeline carries a customer's escapes to the terminal."""
    desk.say(HOSTILE)

    _, output = ask(desk.database, monkeypatch, str(ADA))
    timeline = CliRunner().invoke(build(["why", "timeline"]), ["timeline", "ada"])

    assert "answered" in output
    assert timeline.exit_code == 0
    assert f"tributary why {ADA.conversation_id}" in timeline.output
    assert not STEERING & set(output + timeline.output)


def test_a_tried_turn_is_explained_like_a_stored_one(desk: Desk) -> None:
    """Whoever tries a bot reads the same page, without a store."""
    talk = Talk()
    for text in ("hello", "I want a quote for 50 kettles"):
        desk.say(text)
        result = talk.take(Text(text=text))
    stored = explained(desk, 2)

    tried = explain_tried(
        Text(text=text),
        interpreter_of(talk.bot.folder).interpret([text], languages=["en"])[0],
        result,
        address=ADA,
        seq=2,
        at=MONDAY,
    )

    varying = {"at", "customer_id", "sends", "messages"}
    assert tried.model_dump(exclude=varying) == stored.model_dump(exclude=varying)
    assert tried.messages[0].text == stored.messages[0].text
    assert "ask_company" in shown(tried)
