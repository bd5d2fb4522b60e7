"""An encoder that reads both languages serves both: proven with a small model built here."""

from pathlib import Path

import pytest

from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import SentenceEncoder, open_encoder
from nlu.preparation import prepare
from nlu.text import normalise, tokens
from nlu.training_data import TrainingData

#: Not one of them stands in the training data.
ASKED = {
    "my kettle does not get hot any more, it is broken": "report_problem",
    "水壶不加热了，坏掉了": "report_problem",
    "i want to send it back": "return_request",
    "这个我不想要了，想退货": "return_request",
}


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory: pytest.TempPathFactory, shop: TrainingData) -> Path:
    """A sentence-transformers model of 2 layers that knows the shop's words and characters."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast  # type: ignore[attr-defined]

    folder = tmp_path_factory.mktemp("bilingual")
    known = {word for e in shop.examples for word in tokens(normalise(e.text).folded)}
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(known), *"?？!！,，.。'"]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(pieces)), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "words")
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(set(pieces)),
            hidden_size=96,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=128,
            max_position_embeddings=64,
        )
    ).save_pretrained(folder / "words")
    words = Transformer(str(folder / "words"), max_seq_length=64)
    model = SentenceTransformer(modules=[words, Pooling(96, "mean")], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="module")
def encoder(
    bilingual: Path, shop: TrainingData, tmp_path_factory: pytest.TempPathFactory
) -> SentenceEncoder:
    """The small model, exported and measured on the shop's texts."""
    texts = {
        language: [e.text for e in shop.examples if e.language == language]
        for language in shop.languages
    }
    opened = open_encoder(str(bilingual), cache_dir=tmp_path_factory.mktemp("cache"), texts=texts)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def understood(
    bilingual: Path, shop: TrainingData, tmp_path_factory: pytest.TempPathFactory
) -> EmbeddingInterpreter:
    """The shop's interpreter over the small model."""
    return prepare(shop, cache_dir=tmp_path_factory.mktemp("models"), encoder=str(bilingual))


def test_it_reads_both_languages(encoder: SentenceEncoder) -> None:
    """The share of unknown word pieces is measured on the bot's own texts of each language."""
    assert encoder.reads("en")
    assert encoder.reads("zh")
    assert encoder.unknown_share(["ünwörterlich gänzlich fremd"]) > 0.2


def test_one_second_stage_serves_both_languages(understood: EmbeddingInterpreter) -> None:
    """Chinese goes through the encoder as English does, and comes out right."""
    stage = understood.model.dense
    assert stage is not None
    assert stage.languages == ("en", "zh")
    found = understood.interpret(list(ASKED), languages=[None] * len(ASKED))
    assert {u.text: u.intents[0].name for u in found} == ASKED


def test_chinese_never_reaches_an_english_encoder(interpreter: EmbeddingInterpreter) -> None:
    """Three of four Chinese word pieces are unknown to the English model: its leg is refused."""
    stage = interpreter.model.dense
    assert stage is not None
    assert interpreter.encoder is not None
    assert stage.languages == ("en",)
    assert interpreter.encoder.reads("en")
    assert not interpreter.encoder.reads("zh")
    assert interpreter.encoder.unknown_share(["我的订单到哪里了", "请帮我退款"]) > 0.5
