"""Preparing a bot: the same data trains the same model, kept by content, and guarded when read."""

import json
from pathlib import Path

import numpy as np
import pytest

from nlu import model_file
from nlu.array_file import ModelFileError
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import EncoderError, open_encoder
from nlu.preparation import fingerprint, prepare
from nlu.training import train
from nlu.training_data import Example, TrainingData

DATA = TrainingData(
    examples=tuple(
        Example(text, intent, language)
        for intent, language, texts in (
            ("refund", "en", "money back|refund please|i want a refund|give me my money"),
            ("refund", "zh", "退款|把钱退给我|我要退款|退钱"),
            ("track", "en", "where is my order|track my parcel|order status|has it shipped"),
            ("track", "zh", "订单到哪了|查物流|我的快递呢|发货了吗"),
        )
        for text in texts.split("|")
    ),
    languages=("en", "zh"),
)


def test_training_is_deterministic_whatever_the_order(tmp_path: Path) -> None:
    """The same examples give the same bytes."""
    turned = TrainingData(examples=DATA.examples[::-1], languages=DATA.languages)
    for name, data in (("one", DATA), ("two", turned)):
        model_file.save(train(data, encoder=None), tmp_path / name, fingerprint="x")
    first, second = (model_file.load(tmp_path / name) for name in ("one", "two"))

    assert np.array_equal(first.lexical.weights, second.lexical.weights)
    assert first.exact == second.exact
    assert first.lexical_thresholds == second.lexical_thresholds
    assert fingerprint(DATA, encoder=None) == fingerprint(turned, encoder=None)


def test_a_loaded_model_is_the_saved_one(tmp_path: Path) -> None:
    """Nothing is lost on the way through the file."""
    model = train(DATA, encoder=None)
    model_file.save(model, tmp_path / "m", fingerprint="x")
    loaded = model_file.load(tmp_path / "m", fingerprint="x")

    assert loaded.intents == model.intents
    assert dict(loaded.vocabulary.ids) == dict(model.vocabulary.ids)
    assert np.array_equal(loaded.examples.values, model.examples.values)
    assert loaded.lexical.temperature == model.lexical.temperature


def test_the_second_start_reads_the_cache(tmp_path: Path) -> None:
    """Training is told once; changed data trains anew beside the old model."""
    told: list[str] = []
    prepare(DATA, cache_dir=tmp_path, encoder="none", progress=told.append)
    prepare(DATA, cache_dir=tmp_path, encoder="none", progress=told.append)
    assert len(told) == 1

    more = (*DATA.examples, Example("reimburse me", "refund", "en"))
    prepare(
        TrainingData(more, DATA.languages),
        cache_dir=tmp_path,
        encoder="none",
        progress=told.append,
    )
    assert len(told) == 2
    assert len(list((tmp_path / "models").iterdir())) == 2


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "was changed"),
        (lambda raw: raw[: len(raw) // 2], "was changed"),
        (lambda raw: b"\x80\x04pickle" + raw, "is not a model"),
        (lambda raw: b"{}\n" + raw, "is not a model"),
        (lambda raw: b"", "is not a model"),
        (lambda raw: raw.replace(b'"version": 2', b'"version": 9', 1), "has version 9"),
        (lambda raw: raw.replace(b'"fingerprint": "x"', b'"fingerprint": "y"', 1), "other data"),
    ],
)
def test_a_tampered_or_foreign_model_is_refused(
    tmp_path: Path, damage: object, reason: str
) -> None:
    """One flipped bit is enough; the error names the file and what to do."""
    assert callable(damage)
    path = tmp_path / "m"
    model_file.save(train(DATA, encoder=None), path, fingerprint="x")
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(ModelFileError, match=reason) as raised:
        model_file.load(path, fingerprint="x")
    assert "prepare the bot again" in str(raised.value)


def test_a_damaged_cache_is_trained_anew_and_told(tmp_path: Path) -> None:
    """A start heals what a full disk left behind, and says so."""
    prepare(DATA, cache_dir=tmp_path, encoder="none")
    (path,) = (tmp_path / "models").iterdir()
    path.write_bytes(json.dumps({"kind": "other"}).encode())
    told: list[str] = []
    prepare(DATA, cache_dir=tmp_path, encoder="none", progress=told.append)

    assert "training again" in told[0]
    assert model_file.load(path).intents == ("refund", "track")


def test_a_missing_encoder_is_named(tmp_path: Path) -> None:
    """A model that is nowhere stops the start with what to set instead."""
    with pytest.raises(EncoderError, match="TRIBUTARY_ENCODER"):
        open_encoder("no-such/model", cache_dir=tmp_path, texts={})


def test_one_intent_alone_can_be_prepared(tmp_path: Path) -> None:
    """The smallest bot has one intent."""
    data = TrainingData(DATA.examples[:4], ("en",))
    found = prepare(data, cache_dir=tmp_path, encoder="none")

    assert found.interpret(["money back"], languages=["en"])[0].intent == "refund"


def test_training_with_an_encoder_is_deterministic(
    shop: TrainingData, interpreter: EmbeddingInterpreter, tmp_path: Path
) -> None:
    """Both cores are used, and yet the same data train the same model, byte for byte."""
    files = []
    for name in ("one", "two", "three"):
        model = train(shop, encoder=interpreter.encoder)
        model_file.save(model, tmp_path / name, fingerprint="x")
        files.append((tmp_path / name).read_bytes())

    assert files[0] == files[1] == files[2]
