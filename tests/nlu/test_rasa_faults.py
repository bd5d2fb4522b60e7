"""A Rasa that is down, slow or wrong, and texts of the hostile: there is always an answer."""

import json
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.rasa_interpreter import RASA, STAND_IN
from tests.nlu import rasa_stage
from tests.nlu.rasa_stage import Make, Play, RasaStage, answer, understand, with_body, with_parts

BROKEN: dict[str, Play] = {
    "status 500": with_body(b"oops", status=500),
    "not allowed": with_body(b'{"status": "failure"}', status=401),
    "elsewhere": with_body(b"", status=302),
    "html": with_body(b"<html><body>Welcome to nginx</body></html>", kind="text/html"),
    "empty": with_body(b""),
    "half": with_body(b'{"text": "my kettle lea'),
    "a list": with_body(b"[]"),
    "nothing": with_body(b"null"),
    "not a number": with_body(b'{"text": "x", "intent": {"name": "greet", "confidence": NaN}}'),
    "not utf-8": with_body(b'{"text": "\xff\xfe"}'),
    "a surrogate": with_body(b'{"text": "\\ud800", "intent": {"name": "a", "confidence": 1}}'),
    "deep": with_body(b"[" * 100_000),
    "too long": with_body(b" " * 10_000_000),
    "too sure": with_parts(intent={"name": "greet", "confidence": 7}, intent_ranking=[]),
    "doubtful": with_parts(intent_ranking=[{"name": "greet", "confidence": -1}]),
    "no name": with_parts(intent={"confidence": 1}),
    "wrong types": with_parts(intent_ranking={"name": "greet"}),
    "entities are a word": with_parts(entities="none"),
    "about another": with_parts(text="where is my parcel"),
    "reset": rasa_stage.reset,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_none(stage: RasaStage, make: Make, name: str) -> None:
    """Whatever comes instead of Rasa's answer, the embedded interpreter's counts and is told."""
    stage.play = BROKEN[name]
    reasons: list[str] = []
    interpreter = make(stage.url, on_change=lambda change, reason: reasons.append(reason))

    for _ in range(3):
        found = understand(interpreter, "my kettle leaks")
        assert (found.intent, found.interpreter) == ("report_problem", STAND_IN)

    assert interpreter.breaker.is_open
    assert len(reasons) == 1
    assert reasons[0]
    assert "kettle" not in reasons[0]


@pytest.mark.parametrize(
    "play",
    [rasa_stage.slowly(5.0), rasa_stage.in_drops, rasa_stage.in_drops_from_the_start],
)
def test_no_message_waits_longer_than_the_batch_may(
    stage: RasaStage, make: Make, play: Play
) -> None:
    """A server that hangs or drips costs the batch its time once, however many texts it has."""
    stage.play = play
    interpreter = make(stage.url, seconds=0.4)
    started = time.monotonic()

    found = interpreter.interpret([f"parcel {n}" for n in range(30)], languages=["en"] * 30)

    assert time.monotonic() - started < 1.9
    assert {u.interpreter for u in found} == {STAND_IN}
    assert interpreter.breaker.is_open


def test_what_came_in_time_counts(stage: RasaStage, make: Make) -> None:
    """One slow text leaves the others their answers, and Rasa is not given up for it."""

    def play(request: rasa_stage.Request, text: str) -> None:
        rasa_stage.slowly(3.0 if "slow" in text else 0.0)(request, text)

    stage.play = play
    interpreter = make(stage.url, seconds=0.6)

    found = interpreter.interpret(
        ["my parcel", "a slow parcel", "the kettle leaks", "my parcel"], languages=["en"] * 4
    )

    assert [u.interpreter for u in found] == [RASA, STAND_IN, RASA, RASA]
    assert sorted(stage.asked) == ["a slow parcel", "my parcel", "the kettle leaks"]
    assert not interpreter.breaker.is_open


def test_after_failures_rasa_is_left_alone_and_then_taken_back(
    stage: RasaStage, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open: nothing is asked; after the rest one text is, and when it succeeds all are again."""
    changes: list[tuple[str, str]] = []
    interpreter = make(
        stage.url, rest=60.0, on_change=lambda change, reason: changes.append((change, reason))
    )
    stage.play = BROKEN["status 500"]
    interpreter.interpret([f"parcel {n}" for n in range(5)], languages=["en"] * 5)
    asked = len(stage.asked)

    for _ in range(20):
        assert understand(interpreter, "the parcel").interpreter == STAND_IN
    assert len(stage.asked) == asked

    stage.play = rasa_stage.well
    monkeypatch.setattr(interpreter.breaker, "_clock", lambda: time.monotonic() + 61.0)
    batch = interpreter.interpret(["parcel 1", "parcel 2"], languages=["en"] * 2)
    assert [u.interpreter for u in batch] == [RASA, STAND_IN]
    assert understand(interpreter, "the parcel").interpreter == RASA
    assert changes == [("opened", "status 500"), ("closed", "status 500")]


def test_threads_that_a_dripping_server_holds_are_freed(stage: RasaStage, make: Make) -> None:
    """A server that sends a byte now and then does not keep Rasa away once it is well again."""
    interpreter = make(stage.url, seconds=1.0, rest=0.2)
    stage.play = rasa_stage.in_drops_from_the_start
    interpreter.interpret([f"parcel {n}" for n in range(20)], languages=["en"] * 20)

    stage.play = rasa_stage.well
    deadline = time.monotonic() + 10
    while understand(interpreter, "the parcel").interpreter != RASA:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nobody_listens(make: Make) -> None:
    """A port without a server is a Rasa that is down."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    found = understand(make(f"http://127.0.0.1:{port}"), "my kettle leaks")

    assert (found.intent, found.interpreter) == ("report_problem", STAND_IN)


def test_it_answers_when_it_was_closed(stage: RasaStage, make: Make) -> None:
    """A batch that is under way while the process ends is still understood."""
    interpreter = make(stage.url)
    interpreter.close()

    assert understand(interpreter, "my kettle leaks").interpreter == STAND_IN


@pytest.mark.parametrize(
    "text",
    [
        "parcel \ud83d\ude00 \ud800 \udfff lost",
        "parcel\x00\x07\u202e\u2066 lost",
        "🙂" * 50_000 + " parcel",
        "parcel " * 15_000,
        "\ud800" * 100_000,
        "/" * 99_999 + "a",
        " " * 99_999 + "a",
        '{"text": "parcel"}' * 5_000,
    ],
    ids=[
        "surrogates",
        "controls",
        "emoji",
        "words",
        "only surrogates",
        "strokes",
        "blanks",
        "json",
    ],
)
def test_hostile_texts_are_sent_short_and_whole(stage: RasaStage, make: Make, text: str) -> None:
    """Lone surrogates and 100,000 characters break neither JSON nor spans."""
    begins = len(text) - len(text.lstrip("/ "))
    last = {"entity": "last", "start": 0, "end": 1, "value": None}
    stage.play = with_parts(entities=[last])

    found = understand(make(stage.url), text)

    assert all(len(each) <= 1000 for each in stage.asked)
    if stage.asked:
        assert found.interpreter == RASA
        assert found.entities
        assert all(0 <= e.start < e.end <= len(text) for e in found.entities)
        assert any(e.start == begins for e in found.entities)
    assert found.text == text


#: Anything JSON can say, the names of Rasa's parts among it.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "text",
                    "intent",
                    "name",
                    "confidence",
                    "entities",
                    "entity",
                    "start",
                    "end",
                    "intent_ranking",
                    "response_selector",
                    "ranking",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


def test_no_answer_raises(stage: RasaStage, make: Make) -> None:
    """Any JSON, also in the place of any part of a good answer, gives an understanding."""
    interpreter = make(stage.url, rest=0.0)

    @given(ANYTHING)
    @settings(max_examples=60)
    def understands(made_up: object) -> None:
        parts = made_up if isinstance(made_up, dict) else {"intent": made_up}
        good = answer("my kettle leaks")
        for value in (made_up, good | parts, good | {"entities": [parts, parts]}):
            stage.play = with_body(json.dumps(value).encode())
            assert understand(interpreter, "my kettle leaks").interpreter in (RASA, STAND_IN)

    understands()
    assert len(stage.asked) >= 100
