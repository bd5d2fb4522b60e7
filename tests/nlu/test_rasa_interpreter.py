"""Rasa understands when it answers well; when it does not, the embedded interpreter does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from nlu.rasa_interpreter import RASA
from nlu.understanding import Entity
from tests.nlu import rasa_stage
from tests.nlu.rasa_stage import Make, RasaStage, understand, with_parts


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


def test_texts_are_parsed_side_by_side(stage: RasaStage, make: Make) -> None:
    """Eight texts of a batch are under way at once: each is answered when all have come."""
    together = threading.Barrier(8)

    def play(request: rasa_stage.Request, text: str) -> None:
        together.wait(20)
        rasa_stage.well(request, text)

    stage.play = play
    interpreter = make(stage.url, seconds=25.0)

    found = interpreter.interpret([f"parcel {n}" for n in range(8)], languages=["en"] * 8)

    assert {u.interpreter for u in found} == {RASA}


def test_threads_share_an_interpreter(stage: RasaStage, make: Make) -> None:
    """Batches of several workers at once each get the answers to their own texts."""
    interpreter = make(stage.url)
    texts = [[f"parcel {w}-{n}", f"it leaks {w}-{n}"] for w in range(6) for n in range(5)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda t: interpreter.interpret(t, languages=["en"] * 2), texts))

    assert [[u.text for u in batch] for batch in found] == texts
    assert {tuple(u.intent for u in batch) for batch in found} == {
        ("order_status", "report_problem")
    }
