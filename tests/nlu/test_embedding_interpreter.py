"""The embedded interpreter understands what it was not taught word for word, and says when not."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.encoder import open_encoder
from nlu.understanding import Understanding

#: Held out: none of these stands in the training data.
ENGLISH = {
    "where's the parcel i ordered last week": "order_status",
    "could you check when my order gets here": "order_status",
    "has my package been shipped": "order_status",
    "I'd like a quotation for 120 kettles": "request_quote",
    "what would 80 units cost us": "request_quote",
    "my kettle won't switch on anymore": "report_problem",
    "there is water leaking from the kettle": "report_problem",
    "the grinder is not working": "report_problem",
    "i'd like to send the kettle back": "return_request",
    "can I get a refund": "return_request",
    "Hello, good day to you": "greet",
    "ok thank you so much": "thank",
    "please let me speak to a real human": "ask_human",
    "am I chatting with a robot": "chitchat_bot",
    "forget it, cancel this please": "cancel",
    "could you repeat the question please": "repeat",
    "let us start over again": "start_over",
    "what time do you open": "ask_knowledge",
    "you are such an idiot": "insult",
    "i want to complain about your company": "complain",
}
CHINESE = {
    "我的快递到哪了": "order_status",
    "帮我查查物流": "order_status",
    "订单什么时候发货": "order_status",
    "想要八十台的报价": "request_quote",
    "批量购买的价格是多少": "request_quote",
    "壶坏了不能用": "report_problem",
    "我的壶一直漏水": "report_problem",
    "机器没反应了": "report_problem",
    "我想申请退款": "return_request",
    "这个壶我要退货": "return_request",
    "你好，有人在吗": "greet",
    "谢谢你的帮忙": "thank",
    "给我转人工客服": "ask_human",
    "你是不是机器人": "chitchat_bot",
    "算了，取消吧": "cancel",
    "麻烦你再说一遍": "repeat",
    "我们重新开始吧": "start_over",
    "几点开门营业": "ask_knowledge",
    "你这个笨蛋": "insult",
    "我要投诉你们公司": "complain",
}
TRADITIONAL = {
    "我的訂單到哪裡了": "order_status",
    "我要退貨": "return_request",
    "壺壞了": "report_problem",
    "請給我報價單": "request_quote",
    "轉人工客服": "ask_human",
    "謝謝你的幫助": "thank",
    "你是機器人嗎": "chitchat_bot",
    "重新開始": "start_over",
}
NONSENSE = [
    "qwrtz",
    "asdf",
    "asdfghjkl qwertz",
    "xkcd zzyzx",
    "?!?!",
    "🙂🙂",
    "",
    "   ",
    "\u200b",
    "200",
    "anna@acme.com",
    "https://example.com/x",
]
UNRELATED = [
    "what is the weather in berlin tomorrow",
    "who is the king of spain",
    "tell me a funny joke about cats",
    "how do i cook rice",
    "北京明天天气如何",
    "给我讲一个鬼故事",
    "西班牙的首都在哪",
    "怎么学弹钢琴",
]


def understand(interpreter: EmbeddingInterpreter, text: str, hint: str = "en") -> Understanding:
    """Return what `text` means in a conversation held in `hint`."""
    return interpreter.interpret([text], languages=[hint])[0]


def share_right(interpreter: EmbeddingInterpreter, cases: dict[str, str], hint: str) -> float:
    """Return the share of `cases` that are clear and right."""
    found = interpreter.interpret(list(cases), languages=[hint] * len(cases))
    return float(np.mean([u.intent == cases[u.text] for u in found]))


@pytest.mark.parametrize(
    ("cases", "hint", "least"),
    [(ENGLISH, "en", 0.85), (CHINESE, "zh", 0.85), (TRADITIONAL, "zh", 0.85)],
)
def test_held_out_texts_are_understood_and_acted_on(
    interpreter: EmbeddingInterpreter, cases: dict[str, str], hint: str, least: float
) -> None:
    """English, Simplified and Traditional Chinese: clear and right for new wordings."""
    assert share_right(interpreter, cases, hint) >= least


def test_without_an_encoder_most_is_still_understood(
    lexical_interpreter: EmbeddingInterpreter,
) -> None:
    """No encoder configured: the lexical stage alone serves both languages."""
    assert lexical_interpreter.model.dense is None
    assert share_right(lexical_interpreter, ENGLISH, "en") >= 0.6
    assert share_right(lexical_interpreter, CHINESE, "zh") >= 0.85


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_and_bare_values_are_unknown(
    interpreter: EmbeddingInterpreter, text: str
) -> None:
    """What has no known word means nothing, and no intent is claimed."""
    understanding = understand(interpreter, text)

    assert understanding.outcome == "unknown"
    assert understanding.intent is None


def test_unrelated_questions_are_unknown(interpreter: EmbeddingInterpreter) -> None:
    """Sensible questions outside the bot's world are declined, not forced into an intent."""
    found = interpreter.interpret(UNRELATED, languages=[None] * len(UNRELATED))

    assert sum(u.outcome == "unknown" for u in found) >= len(UNRELATED) - 1


def test_an_example_means_what_it_was_written_for(interpreter: EmbeddingInterpreter) -> None:
    """Word for word, whatever case, width, script or punctuation."""
    for text, intent in {"HELLO!!": "greet", "ｙｅｓ": "affirm", "轉人工。": "ask_human"}.items():
        understanding = understand(interpreter, text)
        assert understanding.intent == intent
        assert understanding.intents[0].confidence >= 0.98


def test_intents_are_ranked_probabilities(interpreter: EmbeddingInterpreter) -> None:
    """At most five, best first, each 0..1, together at most 1."""
    for text in [*ENGLISH, *CHINESE]:
        scores = [each.confidence for each in understand(interpreter, text).intents]
        assert len(scores) == 5
        assert scores == sorted(scores, reverse=True)
        assert scores[-1] >= 0.0
        assert sum(scores) <= 1.0 + 1e-6


def test_thumbs_speak(interpreter: EmbeddingInterpreter) -> None:
    """A message of one plain sign is understood like its word."""
    assert understand(interpreter, "👍").intent == "affirm"
    assert understand(interpreter, "🙏").intent == "thank"


def test_the_language_of_the_text_wins_over_the_conversation(
    interpreter: EmbeddingInterpreter,
) -> None:
    """A Chinese sentence in an English conversation is answered in Chinese; a number is not."""
    assert understand(interpreter, "我的快递到哪了", "en").language == "zh"
    assert understand(interpreter, "200", "zh").language == "zh"


def test_entities_come_with_the_meaning(interpreter: EmbeddingInterpreter) -> None:
    """One pass gives intent and entities, with spans of the text as it was sent."""
    text = "ＭＫ－１２３４５６ 這個訂單到哪了"
    understanding = understand(interpreter, text, "zh")
    order = next(e for e in understanding.entities if e.name == "order_number")

    assert understanding.intent == "order_status"
    assert order.value == "MK-123456"
    assert text[order.start : order.end] == "ＭＫ－１２３４５６"


def test_a_batch_is_understood_as_its_texts_one_by_one(interpreter: EmbeddingInterpreter) -> None:
    """Batching changes the cost, not the meaning; order is kept."""
    texts = [f"{text} please" for text in [*ENGLISH, *CHINESE]]
    hints: list[str | None] = [None] * len(texts)
    together = interpreter.interpret(texts, languages=hints)
    alone = [
        EmbeddingInterpreter(
            interpreter.model, encoder=interpreter.encoder, entities=interpreter._entities
        ).interpret([text], languages=[None])[0]
        for text in texts
    ]

    assert [u.text for u in together] == texts
    assert [(u.outcome, u.intents[0].name) for u in together] == [
        (u.outcome, u.intents[0].name) for u in alone
    ]


def test_threads_may_share_an_interpreter(interpreter: EmbeddingInterpreter) -> None:
    """The same texts from several threads at once give the same meanings."""
    texts = [f"{text}, ok" for text in ENGLISH]
    expected = [understand(interpreter, text).intents for text in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda t: understand(interpreter, t).intents, texts * 4))

    assert found == expected * 4


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(codec=None), max_size=200), max_size=5))
def test_no_text_is_too_hostile(interpreter: EmbeddingInterpreter, texts: list[str]) -> None:
    """Any code points, lone surrogates too: an understanding with honest spans, never an error."""
    found = interpreter.interpret(texts, languages=[None] * len(texts))

    for text, understanding in zip(texts, found, strict=True):
        assert understanding.text == text
        assert understanding.language in {"en", "zh"}
        assert all(0 <= e.start < e.end <= len(text) for e in understanding.entities)


def test_ten_thousand_random_texts_never_raise(lexical_interpreter: EmbeddingInterpreter) -> None:
    """A flood of random code points, surrogates and digits among them, is only unknown."""
    random = np.random.default_rng(7)
    blocks = [(0, 0x250), (0x300, 0x370), (0x600, 0x700), (0x2000, 0x2070), (0x4E00, 0x9FFF)]
    blocks += [(0xD800, 0xE000), (0xFE00, 0x10000), (0x1F300, 0x1FAFF), (0xE0000, 0xE0080)]
    texts = []
    for _ in range(10_000):
        low, high = blocks[random.integers(len(blocks))]
        texts.append("".join(map(chr, random.integers(low, high, size=random.integers(1, 30)))))

    assert len(lexical_interpreter.interpret(texts, languages=[None] * len(texts))) == 10_000


@pytest.mark.parametrize(
    "text",
    ["1" * 4000, "a" * 4000, "我" * 4000, "a@" * 2000, "1-" * 2000, "(" * 4000, "i am A " * 570],
)
def test_long_repetitions_do_not_cost_seconds(
    lexical_interpreter: EmbeddingInterpreter, text: str
) -> None:
    """The longest text a channel lets through is understood in well under a second."""
    began = time.process_time()
    lexical_interpreter.interpret([text], languages=[None])

    assert time.process_time() - began < 0.5


def test_another_encoder_than_the_trained_one_is_refused(
    interpreter: EmbeddingInterpreter,
) -> None:
    """Vectors of two models do not compare; a mix-up is an error at the start, not nonsense."""
    with pytest.raises(ValueError, match="another encoder"):
        EmbeddingInterpreter(interpreter.model, encoder=None, entities=interpreter._entities)


def test_the_encoder_refuses_a_language_it_cannot_read(encoder_cache: Path) -> None:
    """English MiniLM reads English and not Chinese, by measuring, not by a list."""
    encoder = open_encoder(
        "all-MiniLM-L6-v2",
        cache_dir=encoder_cache,
        texts={"en": list(ENGLISH), "zh": list(CHINESE)},
    )

    assert encoder is not None
    assert encoder.reads("en")
    assert not encoder.reads("zh")
    assert not encoder.reads("fr")


def test_embeddings_are_unit_vectors_that_know_meaning(encoder_cache: Path) -> None:
    """Equal meaning is nearer than equal words, whatever the order and size of the batch."""
    encoder = open_encoder("all-MiniLM-L6-v2", cache_dir=encoder_cache, texts={})
    assert encoder is not None
    texts = ["I want my money back", "please refund me", "I want my dog back", ""]
    vectors = encoder.encode(texts)

    assert vectors.shape == (4, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.allclose(encoder.encode(texts[::-1])[::-1], vectors)


def test_serving_imports_neither_torch_nor_scikit_learn(
    interpreter: EmbeddingInterpreter, encoder_cache: Path
) -> None:
    """A second start reads the cache and stays small."""
    del interpreter  # prepared: the cache is filled
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'tests/nlu'); "
        "import conftest; from nlu.preparation import prepare; "
        "from nlu.training_data import read_training_data; "
        "data = read_training_data(sorted(Path('tests/nlu/shop').glob('*.yml')), "
        "languages=conftest.LANGUAGES, extra={'ask_knowledge': conftest.QUESTIONS}); "
        f"found = prepare(data, cache_dir=Path({str(encoder_cache)!r}), "
        "patterns=conftest.PATTERNS, lookups=conftest.LOOKUPS, phone_region='CN'); "
        "print(found.interpret(['my kettle wont turn on'], languages=['en'])[0].intents[0].name); "
        "heavy = {'torch', 'sklearn', 'sentence_transformers', 'transformers'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )

    assert result.stdout.split("\n")[:2] == ["report_problem", "[]"]


HOSTILE = {
    "empty": "",
    "blank": " \n\t",
    "emoji": "😡" * 100_000,
    "lone surrogates": "\ud800" * 100_000,
    "controls": "\x07" * 100_000,
    "right-to-left overrides": "a\u202e" * 50_000,
    "fractions": "¼" * 100_000,
    "numbers": "9 " * 50_000,
    "Chinese numbers": "三" * 100_000,
    "dates": "明天下午 may 3 " * 7_000,
    "names": "i am Anna Li from Acme Ltd in London " * 2_700,
    "addresses": "a@b.co https://a.b/ +44 20 7946 0018 " * 2_700,
    "a third language": "Ich möchte gern wissen, wo mein Paket ist. " * 2_300,
    "code": "def f(x): return {x: [1]}\n" * 4_000,
    "brackets": "[" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_unknown_and_cost_little(
    interpreter: EmbeddingInterpreter, name: str
) -> None:
    """A hundred thousand characters of anything: low confidence, no error, under 50 ms."""
    understand(interpreter, "3 pm for $5 in London, 明天")  # what is read once is read
    began = time.process_time()
    found = understand(interpreter, HOSTILE[name])
    took = time.process_time() - began

    assert found.text == HOSTILE[name]
    assert found.outcome == "unknown"
    assert found.score < 0.5
    assert took < 0.05
