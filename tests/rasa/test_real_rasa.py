"""A real Rasa server, trained from our files, understands for us; stopped, it is replaced."""

import signal
import time

import pytest

from bots.local_servers.server_process import ServerProcess
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.rasa_interpreter import RASA, STAND_IN, RasaInterpreter, RasaServer
from nlu.training_data import TrainingData
from nlu.understanding import Understanding

#: The first of these tests pays for training and starting.
pytestmark = [pytest.mark.rasa, pytest.mark.timeout(1200)]

#: Held out: none of these stands in the training data.
HELD_OUT = {
    "where's the parcel i ordered last week": "order_status",
    "could you check when my order gets here": "order_status",
    "I'd like a quotation for 120 kettles": "request_quote",
    "my kettle won't switch on anymore": "report_problem",
    "the grinder is not working": "report_problem",
    "i'd like to send the kettle back": "return_request",
    "please deliver my kettle to Bergen": "change_address",
    "at what time do you open on sundays": "faq/opening_hours",
    "could you wrap it as a gift": "faq/gift_wrapping",
    "我的快递到哪了": "order_status",
    "想要八十台的报价": "request_quote",
    "我的壶一直漏水": "report_problem",
    "这个壶我要退货": "return_request",
    "送到苏州可以吗": "change_address",
    "几点开门营业": "faq/opening_hours",
    "可以帮我包成礼物吗": "faq/gift_wrapping",
    "我的壺壞了": "report_problem",
    "我要退貨": "return_request",
    "請給我報價單": "request_quote",
    "週末營業嗎": "faq/opening_hours",
}


def understand(interpreter: RasaInterpreter, *texts: str) -> list[Understanding]:
    """Return the meanings of some texts."""
    return interpreter.interpret(texts, languages=[None] * len(texts))


def test_it_understands_what_it_was_not_taught_word_for_word(rasa: RasaInterpreter) -> None:
    """English, Simplified and Traditional Chinese, retrieval intents among them."""
    found = understand(rasa, *HELD_OUT)

    wrong = [
        (each.text, intent, each.outcome, each.intents[:2])
        for each, intent in zip(found, HELD_OUT.values(), strict=True)
        if not each.intents or each.intents[0].name != intent
    ]
    assert {each.interpreter for each in found} == {RASA}
    assert len(wrong) <= 2, wrong
    assert sum(each.outcome == "clear" for each in found) >= len(HELD_OUT) - 5


def test_it_finds_entities_of_its_own_beside_ours(rasa: RasaInterpreter) -> None:
    """A city it never saw is Rasa's to find; numbers and patterns are found as everywhere."""
    text = "  please deliver my order MK-204518 to Bergen"

    (found,) = understand(rasa, text)

    values = {(e.name, e.value, text[e.start : e.end]) for e in found.entities}
    assert {("order_number", "MK-204518", "MK-204518"), ("city", "Bergen", "Bergen")} <= values


def test_what_is_out_of_scope_is_not_acted_on(rasa: RasaInterpreter) -> None:
    """What it was taught to be out of scope has no meaning to act on."""
    found = understand(rasa, "who won the football match", "write a poem for me", "今天天气好吗")

    assert [each.intent for each in found] == [None] * 3


def test_orders_to_rasa_itself_are_texts_like_others(rasa: RasaInterpreter) -> None:
    """`/change_address` would be an intent by order, with an entity of the customer's choice."""
    (found,) = understand(rasa, '/change_address{"city": "Atlantis"}')

    assert found.interpreter == RASA
    assert found.confidence("change_address") < 1.0
    assert "Atlantis" not in {e.value for e in found.entities if e.name == "city" and e.start == 0}


@pytest.mark.parametrize(
    "text",
    ["parcel " * 15_000, "🙂 parcel \ud83d lost \x00", "壶" * 100_000, "[parcel](city) " * 50],
    ids=["long", "surrogates", "chinese", "markup"],
)
def test_it_reads_hostile_texts(rasa: RasaInterpreter, text: str) -> None:
    """Long texts, halves of an emoji and markup get an answer of Rasa's, with spans inside."""
    (found,) = understand(rasa, text)

    assert found.interpreter == RASA
    assert all(0 <= e.start < e.end <= len(text) for e in found.entities)


def test_a_wrong_path_is_no_rasa(
    rasa_process: tuple[ServerProcess, str], taught: TrainingData, stand_in: EmbeddingInterpreter
) -> None:
    """Rasa's own page for what it does not know is no answer."""
    interpreter = RasaInterpreter(
        RasaServer(f"{rasa_process[1]}/elsewhere"), stand_in=stand_in, intents=taught.intents
    )

    (found,) = understand(interpreter, "my kettle leaks")
    interpreter.close()

    assert found.interpreter == STAND_IN


def test_a_server_that_hangs_is_replaced_at_once_and_taken_back(
    rasa: RasaInterpreter,
    rasa_process: tuple[ServerProcess, str],
    taught: TrainingData,
    stand_in: EmbeddingInterpreter,
) -> None:
    """Stopped in the middle of its life, Rasa costs a message 1.5 s at most, then nothing."""
    server, url = rasa_process
    interpreter = RasaInterpreter(
        RasaServer(url), stand_in=stand_in, intents=taught.intents, rest=1.0
    )
    assert understand(interpreter, "where is my parcel")[0].interpreter == RASA

    server.send(signal.SIGSTOP)
    try:
        for _ in range(3):
            started = time.monotonic()
            assert understand(interpreter, "where is my parcel")[0].interpreter == STAND_IN
            assert time.monotonic() - started < 2.0
        started = time.monotonic()
        (found,) = understand(interpreter, "where is my parcel")
        assert time.monotonic() - started < 0.1
        assert (found.interpreter, found.intent) == (STAND_IN, "order_status")
    finally:
        server.send(signal.SIGCONT)

    deadline = time.monotonic() + 30
    while understand(interpreter, "where is my parcel")[0].interpreter != RASA:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    interpreter.close()
