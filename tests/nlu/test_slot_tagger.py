"""Entities learnt from examples: found by their surroundings, right in place, guarded on disk."""

import dataclasses
import itertools
import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import slot_file
from nlu.array_file import ModelFileError
from nlu.encoder_export import model_folder
from nlu.entity_finder import EntityFinder
from nlu.preparation import prepare
from nlu.slot_features import TOKENS_MAX, slot_tokens
from nlu.slot_preparation import slots_fingerprint, with_tagger
from nlu.slot_tagger import SlotModel, SlotTagger
from nlu.slot_training import train_slots
from nlu.text import normalise
from nlu.training_data import Annotation, Example, TrainingData, parse_example
from nlu.understanding import Entity
from nlu.word_classes import learn_classes
from tests.nlu.travel import LANGUAGES, travel

DATA = travel(synonyms={"copper_kettle": ("boiler", "烧水壶")})


def taught(data: TrainingData = DATA, **parts: dict[str, str]) -> EntityFinder:
    """Return a finder with a tagger trained on `data`."""
    finder = EntityFinder.from_parts(data=data, patterns=parts.get("patterns"), phone_region="CN")
    model = train_slots(data, known=finder.known, closed=finder.closed)
    assert model is not None
    return finder.tagging(SlotTagger(model))


FINDER = taught()


def found(text: str, finder: EntityFinder = FINDER) -> list[tuple[str, str]]:
    """Return name and words of each entity in `text`."""
    return [(e.name, text[e.start : e.end]) for e in finder.find(text, "en")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ticket from Sevilla to Cadiz", [("city", "Sevilla"), ("city", "Cadiz")]),
        ("is there a train to Wroclaw tonight", [("city", "Wroclaw"), ("time", "tonight")]),
        (
            "play Winter Morning by Paul Hansen",
            [("song", "Winter Morning"), ("artist", "Paul Hansen")],
        ),
        ("how much is the lunch box", [("goods", "lunch box")]),
        ("我要从武汉到长沙的车票", [("city", "武汉"), ("city", "长沙")]),
        ("我要從武漢到長沙的車票", [("city", "武漢"), ("city", "長沙")]),
        ("有没有到哈尔滨的火车", [("city", "哈尔滨")]),
        ("播放张晓华的下雨天", [("artist", "张晓华"), ("song", "下雨天")]),
        ("保温杯多少钱", [("goods", "保温杯")]),
    ],
)
def test_words_never_seen_are_known_by_their_surroundings(
    text: str, expected: list[tuple[str, str]]
) -> None:
    """In both languages and both scripts; no word list holds these."""
    assert found(text, taught_without_words()) == expected
    assert found(text) == expected


def taught_without_words() -> EntityFinder:
    """Return a finder that has the tagger and no word list."""
    assert FINDER._tagger is not None
    return EntityFinder.from_parts().tagging(FINDER._tagger)


@pytest.mark.parametrize(
    "text", ["I want my money back", "把钱退给我", "hello", "谢谢", "ok", "👍"]
)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    """Sentences without entities stay without."""
    assert found(text) == []


def test_roles_tell_two_cities_apart() -> None:
    """Seen or not, listed or not; a merged entity keeps its role."""
    for text in ("a ticket from Krakow to Lublin", "book a train from Sevilla to Cadiz"):
        assert [e.role for e in FINDER.find(text, "en")] == ["origin", "destination"]
    turned = FINDER.find("I need to get to Krakow from Lublin", "en")
    assert [(e.value, e.role) for e in turned] == [("Krakow", "destination"), ("Lublin", "origin")]
    assert [e.role for e in FINDER.find("买从武汉到长沙的票", "zh")] == ["origin", "destination"]


def test_groups_are_learnt_like_roles() -> None:
    """Rasa's `group` comes out as it was annotated."""
    lines = [
        f'{first}{{"entity": "size", "group": "tea"}} tea and a '
        f'{second}{{"entity": "size", "group": "cake"}} cake'
        for first, second in (
            ("[large]", "[small]"),
            ("[tiny]", "[huge]"),
            ("[small]", "[large]"),
            ("[huge]", "[tiny]"),
        )
    ]
    examples = [Example(text, "order", "en", marks) for text, marks in map(parse_example, lines)]
    finder = taught(TrainingData(tuple(examples), ("en",)))

    entities = finder.find("huge tea and a small cake", "en")
    assert [(e.value, e.group) for e in entities] == [("huge", "tea"), ("small", "cake")]


def test_said_words_map_to_their_value() -> None:
    """By the annotation, by a synonym list; else the value is what was said."""
    values = {
        text: [e.value for e in FINDER.find(text, "en")]
        for text in (
            "how much is the kettle",
            "how much is the boiler",
            "烧水壶多少钱",
            "how much is the lunch box",
        )
    }

    assert values == {
        "how much is the kettle": ["copper_kettle"],
        "how much is the boiler": ["copper_kettle"],
        "烧水壶多少钱": ["copper_kettle"],
        "how much is the lunch box": ["lunch box"],
    }


def test_words_of_examples_are_still_found_alone() -> None:
    """An annotated phrase is an answer, too."""
    for text, name in (("Krakow", "city"), ("Glass River", "song"), ("厦门", "city")):
        assert (name, text) in found(text)


def test_form_is_proof_against_the_tagger() -> None:
    """An e-mail, a phone number, an address or a pattern is never called a city."""
    finder = taught(patterns={"ticket": r"TR-\d{4}"})
    for said, name in (
        ("anna@example.com", "email"),
        ("+16502530000", "phone"),
        ("https://example.com", "url"),
        ("TR-1234", "ticket"),
    ):
        assert found(f"is there a train to {said}", finder) == [(name, said)]


def test_a_number_taken_as_an_entity_stays_a_number() -> None:
    """Slots of type number find what examples call the size of a party."""
    lines = [f"a table for [{n}](party) people" for n in (2, 3, 4, 5, 6)]
    examples = [Example(text, "table", "en", marks) for text, marks in map(parse_example, lines)]
    finder = taught(TrainingData(tuple(examples), ("en",)))

    assert {(e.name, e.value) for e in finder.find("a table for 9 people", "en")} >= {
        ("number", 9),
        ("party", "9"),
    }


def test_lists_of_the_bot_are_not_guessed_beyond() -> None:
    """What `bot.yml` or a pattern defines is complete: no tagger is trained for it."""
    finder = EntityFinder.from_parts(
        data=DATA, lookups={"goods": {"copper_kettle": ["kettle"]}}, patterns={"city": "[A-Z]{3}"}
    )
    model = train_slots(DATA, known=finder.known, closed=finder.closed)

    assert model is not None
    assert {label.name for label in model.labels} == {"song", "artist"}


def test_the_same_data_trains_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the order of the files."""
    turned = dataclasses.replace(DATA, examples=DATA.examples[::-1])
    for name, data in (("one", DATA), ("two", turned)):
        finder = EntityFinder.from_parts(data=DATA)
        model = train_slots(data, known=finder.known, closed=finder.closed)
        assert model is not None
        slot_file.save(model, tmp_path / name, fingerprint="x")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    finder = EntityFinder.from_parts(data=DATA)
    assert slots_fingerprint(finder, DATA, encoder=None) == slots_fingerprint(
        finder, turned, encoder=None
    )


def test_a_loaded_tagger_is_the_saved_one(tmp_path: Path) -> None:
    """Nothing is lost on the way through the file, and it is quick."""
    model = model_of(FINDER)
    model = dataclasses.replace(model, classes={"paris": (1, 2), "rain": (3, 4)})
    slot_file.save(model, tmp_path / "m", fingerprint="x")
    began = time.process_time()
    loaded = slot_file.load(tmp_path / "m", fingerprint="x")

    assert time.process_time() - began < 0.5
    assert (loaded.labels, dict(loaded.classes)) == (model.labels, dict(model.classes))
    assert dict(loaded.features) == dict(model.features)
    assert np.array_equal(loaded.weights, model.weights)
    assert loaded.values == model.values


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "was changed"),
        (lambda raw: raw[: len(raw) // 2], "was changed"),
        (lambda raw: b"\x80\x04pickle" + raw, "is not a tagger"),
        (lambda raw: b"lCRF" + raw, "is not a tagger"),
        (lambda raw: b"", "is not a tagger"),
        (lambda raw: raw.replace(b'"version": 1', b'"version": 9', 1), "has version 9"),
        (lambda raw: raw.replace(b'"fingerprint": "x"', b'"fingerprint": "y"', 1), "other data"),
    ],
)
def test_a_tampered_or_foreign_tagger_is_refused(
    tmp_path: Path, damage: object, reason: str
) -> None:
    """One flipped bit is enough; the error names the file and what to do."""
    assert callable(damage)
    path = tmp_path / "m"
    slot_file.save(model_of(FINDER), path, fingerprint="x")
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(ModelFileError, match=reason):
        slot_file.load(path, fingerprint="x")


def test_parts_that_do_not_fit_are_refused() -> None:
    """A model of right hash and wrong shape fails when it is read, not when a customer writes."""
    model = model_of(FINDER)
    for change in (
        {"weights": model.weights[:-1]},
        {"weights": model.weights * np.float32(np.nan)},
        {"transitions": model.transitions[:, :-1]},
        {"features": {name: 0 for name in model.features}},
    ):
        with pytest.raises(ValueError, match=r"fit|numbered|number"):
            dataclasses.replace(model, **change)


def test_preparing_trains_once_and_heals_a_damaged_tagger(tmp_path: Path) -> None:
    """The second start reads the cache; what a full disk left behind is trained anew and told."""
    told: list[str] = []
    for _ in range(2):
        interpreter = prepare(DATA, cache_dir=tmp_path, encoder="none", progress=told.append)
    assert len([each for each in told if "tagger" in each]) == 1
    (path,) = (tmp_path / "models").glob("*.slots")
    path.write_bytes(path.read_bytes()[:-9])
    interpreter = prepare(DATA, cache_dir=tmp_path, encoder="none", progress=told.append)

    assert any("training again" in each for each in told)
    (understanding,) = interpreter.interpret(["two seats to Aarhus please"], languages=["en"])
    assert Entity("city", 13, 19, "Aarhus", role="destination") in understanding.entities


def test_words_used_alike_share_classes(tmp_path: Path) -> None:
    """By the word table of the installed encoder; a folder without one gives no classes."""
    classes = learn_classes(model_folder("all-MiniLM-L6-v2"))

    for one, other, far in (("lisbon", "berlin", "jazz"), ("tuesday", "friday", "kettle")):
        assert set(enumerate(classes[one])) & set(enumerate(classes[other]))
        assert classes[one][-1] != classes[far][-1]
    assert learn_classes(tmp_path) == {}


def test_a_bot_without_annotations_has_no_tagger(tmp_path: Path) -> None:
    """Nothing is trained, nothing is stored."""
    bare = [dataclasses.replace(each, annotations=()) for each in DATA.examples]
    finder = EntityFinder.from_parts()

    data = TrainingData(tuple(bare), LANGUAGES)
    assert with_tagger(finder, data, cache_dir=tmp_path) is finder
    assert list(tmp_path.iterdir()) == []


_SAID = (
    "from to Krakow Sevilla play 从 到 武汉 的票 ＭＫ ¼ a@b.com 42 "
    "é \u0301 \u200b \ud800 ， 👍🏽 \u202e"
)
FRAGMENTS = st.sampled_from(_SAID.split(" "))
MIXED = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.lists(FRAGMENTS, max_size=12).map(" ".join),
    st.lists(FRAGMENTS, max_size=12).map("".join),
)


@given(MIXED)
def test_spans_are_sane_in_any_text(text: str) -> None:
    """In the text, in order, overlapping nothing but numbers; probabilities are such."""
    entities = FINDER.find(text, "zh")

    assert all(0 <= e.start < e.end <= len(text) for e in entities)
    others = [e for e in entities if e.name not in {"number", "quantity"}]
    assert all(a.end <= b.start for a, b in itertools.pairwise(others))
    assert FINDER._tagger is not None
    for span in FINDER._tagger.read(normalise(text)).spans():
        assert 0 <= span.first <= span.last
        assert 0.0 <= span.probability <= 1.0


@given(st.lists(st.sampled_from(["from", "Sevilla", "to", "play", "到", "武", "汉"]), max_size=3))
def test_probabilities_agree_with_counting_all_ways(words: list[str]) -> None:
    """The best tags, each span's chance and that of no entity are those of the enumeration."""
    assert FINDER._tagger is not None
    tagger = FINDER._tagger
    reading = tagger.read(normalise(" ".join(words)))
    if not words:
        assert reading.spans() == []
        return
    scores, ways = reading._scores, {}
    for way in itertools.product(range(scores.shape[1]), repeat=len(words)):
        steps = sum(float(tagger._transitions[pair]) for pair in itertools.pairwise(way))
        ways[way] = math.exp(steps + sum(float(scores[at, tag]) for at, tag in enumerate(way)))
    total = sum(ways.values())

    assert tuple(tagger.best(scores)) == max(ways, key=ways.__getitem__)
    for span in reading.spans():
        inside = 2 + 2 * span.label
        tags = (inside - 1, *[inside] * (span.last - span.first))
        after = span.last + 1
        chance = sum(
            weight
            for way, weight in ways.items()
            if way[span.first : after] == tags and way[after : after + 1] != (inside,)
        )
        assert span.probability == pytest.approx(chance / total, rel=1e-6, abs=1e-12)
    outside = sum(weight for way, weight in ways.items() if way[0] == 0)
    assert reading.outside(0, 1) == pytest.approx(outside / total, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a" * 100_000,
        "从武汉" * 33_000,
        "from \ud800 " * 15_000,
        "9" * 100_000,
        "（" * 100_000,
    ],
)
def test_long_texts_cost_little(text: str) -> None:
    """Only the beginning is read."""
    assert FINDER._tagger is not None
    normal = normalise(text)
    FINDER._tagger.find(normal)
    began = time.process_time()
    FINDER._tagger.find(normal)

    assert time.process_time() - began < 0.25
    assert len(slot_tokens(normal)) <= TOKENS_MAX


def model_of(finder: EntityFinder) -> SlotModel:
    """Return the model of a finder's tagger."""
    assert finder._tagger is not None
    return finder._tagger.model


def test_annotations_carry_role_and_group() -> None:
    """Both are optional."""
    _, marks = parse_example(
        'to [Oslo]{"entity": "city", "role": "to", "group": "1"} or [Ghent](city)'
    )

    assert marks == (
        Annotation("city", 3, 7, "Oslo", "to", "1"),
        Annotation("city", 11, 16, "Ghent"),
    )
