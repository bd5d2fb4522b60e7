"""Rasa understands when it answers well; when it does not, the embedded interpreter does."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from nlu.rasa_interpreter import RASA, STAND_IN, RasaInterpreter
from nlu.understanding import Entity, Understanding
from tests.nlu import rasa_stage
from tests.nlu.rasa_stage import Play, RasaStage, with_body, with_parts

Make = Callable[..., RasaInterpreter]


def understand(interpreter: RasaInterpreter, text: str) -> Understanding:
    """Return the meaning of one text."""
    return interpreter.interpret([text], languages=[None])[0]


def test_rasas_intent_counts_and_the_rest_is_found_here(stage: RasaStage, make: Make) -> None:
    """Intents are Rasa's; language, sentiment, numbers and lookups are as everywhere."""
    found = make(stage.url).interpret(
        ["where is the parcel MK-123456 with 3 pods?", "我的壶漏水了，太糟糕了"],
        languages=["en", "zh"],
        nows=[datetime(2026, 3, 2, 9, tzinfo=UTC)] * 2,
    )

    assert [(u.intent, u.outcome, u.interpreter) for u in found] == [
        ("order_status", "clear", RASA),
        ("report_problem", "clear", RASA),
    ]
    assert found[0].confidence("order_status") == 0.9
    assert [u.language for u in found] == ["en", "zh"]
    assert {("order_number", "MK-123456"), ("product", "moss_pods")} <= {
        (e.name, e.value) for e in found[0].entities
    }
    assert found[1].sentiment < 0


def test_rasas_own_entities_stand_beside_ours(stage: RasaStage, make: Make) -> None:
    """What Rasa learned to find is kept where ours leave room; of its own the longer is kept."""
    text = "  /parcel to Upper Hill for MK-123456 tomorrow"
    sent = text[3:]

    def span(name: str, said: str, **more: object) -> dict[str, object]:
        start = sent.index(said)
        return {"entity": name, "start": start, "end": start + len(said), "value": said} | more

    stage.play = with_parts(
        entities=[
            span("Hill-Town", "Hill"),
            span("Town", "Upper Hill", value="upper_hill", role="to"),
            span("order_number", "for MK-123456"),
        ]
    )

    found = understand(make(stage.url), text)

    assert stage.asked == [sent]
    start = text.index("Upper Hill")
    assert Entity("town", start, start + 10, "upper_hill") in found.entities
    assert [e.value for e in found.entities if e.name == "order_number"] == ["MK-123456"]
    assert "hill_town" not in {e.name for e in found.entities}


@pytest.mark.parametrize(
    ("ranking", "first", "outcome"),
    [
        ([("order_status", 0.9), ("greet", 0.1)], "order_status", "clear"),
        ([("OrderStatus", 0.9)], "order_status", "clear"),
        ([("order_status", 0.39), ("greet", 0.1)], "order_status", "unknown"),
        ([("order_status", 0.48), ("greet", 0.44)], "order_status", "ambiguous"),
        (
            [("nlu_fallback", 0.4), ("order_status", 0.45), ("greet", 0.43)],
            "order_status",
            "ambiguous",
        ),
        (
            [("nlu_fallback", 0.4), ("order_status", 0.45), ("greet", 0.1)],
            "order_status",
            "unknown",
        ),
        ([("nlu_fallback", 0.4)], None, "unknown"),
        ([("out_of_scope", 0.9), ("greet", 0.1)], "out_of_scope", "unknown"),
        ([("order_status", 0.48), ("out_of_scope", 0.44)], "order_status", "clear"),
        ([("book_flight", 0.9), ("greet", 0.1)], "book_flight", "unknown"),
        ([("order_status", 1.0000002)], "order_status", "clear"),
        ([(None, 0.0)], None, "unknown"),
    ],
)
def test_the_ranking_decides_by_the_same_rules(
    stage: RasaStage,
    make: Make,
    ranking: list[tuple[str | None, float]],
    first: str | None,
    outcome: str,
) -> None:
    """Improbable, out of scope or not this bot's: unknown; two close together: ambiguous."""
    scores = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    stage.play = with_parts(intent=scores[0], intent_ranking=scores)

    found = understand(make(stage.url), "some words or other")

    assert found.interpreter == RASA
    assert (found.intents[0].name if found.intents else None) == first
    assert found.outcome == outcome
    assert all(0 <= each.confidence <= 1 for each in found.intents)


def test_a_retrieval_intent_is_told_apart_by_its_responses(stage: RasaStage, make: Make) -> None:
    """`faq` with a ranking of its responses is `faq/opening_hours`."""
    chosen = [
        {"intent_response_key": "faq/Opening-Hours", "confidence": 0.8},
        {"intent_response_key": "faq/returns", "confidence": 0.2},
        {"intent_response_key": "smalltalk/weather", "confidence": 0.9},
    ]
    top = {"name": "faq", "confidence": 0.95}
    selector = {"all_retrieval_intents": ["faq"], "faq": {"ranking": chosen}}
    stage.play = with_parts(intent=top, intent_ranking=[top], response_selector=selector)

    found = understand(make(stage.url), "when do you open")

    assert found.intent == "faq/opening_hours"
    assert found.confidence("faq/opening_hours") == pytest.approx(0.76)
    assert found.confidence("faq/returns") == pytest.approx(0.19)


def test_the_token_goes_where_rasa_reads_it(stage: RasaStage, make: Make) -> None:
    """The token is a parameter of the address, escaped; without one there is none."""
    understand(make(f"{stage.url}/nlu/", token="a b&c"), "parcel")
    understand(make(stage.url), "parcel")

    assert stage.paths == ["/nlu/model/parse?token=a+b%26c", "/model/parse"]


def test_what_has_no_words_is_not_sent(stage: RasaStage, make: Make) -> None:
    """Signs and blanks mean what they mean without Rasa, which could only guess."""
    found = make(stage.url).interpret(["👍", "", " / ", "?!"], languages=["en"] * 4)

    assert stage.asked == []
    assert found[0].intent == "affirm"
    assert {u.interpreter for u in found} == {"embedded"}


def test_orders_to_rasa_itself_are_texts_like_others(stage: RasaStage, make: Make) -> None:
    """A customer cannot name an intent to Rasa with a stroke in front."""
    understand(make(stage.url), '\u3000//  /greet{"name": "x"} ')

    assert stage.asked == ['greet{"name": "x"}']


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
    "entity",
    [
        {"entity": "town", "start": -1, "end": 2, "value": "x"},
        {"entity": "town", "start": 2, "end": 2, "value": "x"},
        {"entity": "town", "start": 3, "end": 1, "value": "x"},
        {"entity": "town", "start": 0, "end": 10_000, "value": "x"},
        {"entity": "town", "start": "0", "end": "1"},
        {"entity": "town", "start": True, "end": 3},
        {"entity": "town", "value": "x"},
        {"entity": "?", "start": 0, "end": 2},
        {"entity": "t" * 1000, "start": 0, "end": 2},
        {"start": 0, "end": 2},
        "town",
        None,
    ],
)
def test_an_entity_without_a_place_is_left_out(
    stage: RasaStage, make: Make, entity: object
) -> None:
    """Spans outside the text and things that are no entity do not spoil the rest."""
    good = {"entity": "town", "start": 3, "end": 9, "value": {"from": 1}}
    stage.play = with_parts(entities=[entity, good])

    found = understand(make(stage.url), "my parcel, please")

    assert found.intent == "order_status"
    assert [(e.name, e.value) for e in found.entities] == [("town", "parcel")]
