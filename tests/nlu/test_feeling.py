"""How messages feel: sentiment, frustration and abuse in both languages."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.feeling import ACTING, TELLING, Feeling, feel
from nlu.feeling.phrases import HanPhrases, WordPhrases, words_of
from nlu.feeling.taught import taught
from nlu.text import normalise
from tests.bench import feeling as bench

HOSTILE = st.text(st.characters(codec=None), max_size=200)


def _feel(text: str) -> Feeling:
    return feel(normalise(text))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("thanks, that was great", 0.3, 1.0),
        ("this is terrible!", -1.0, -0.7),
        ("not good", -1.0, -0.1),
        ("hello", 0.0, 0.0),
        ("服务很好，很满意", 0.3, 1.0),
        ("太差了！", -1.0, -0.7),
        ("没问题", 0.01, 1.0),
        ("太讓人失望了", -1.0, -0.3),
        ("谢谢，但是壶坏了", -1.0, -0.01),
        ("the pump broke but you replaced it, lovely", 0.15, 1.0),
        ("thank you, but the lid is cracked", -1.0, -0.15),
        ("what is your refund policy", -0.14, 0.14),
        ("how do I report a problem", -0.14, 0.14),
        ("怎么投诉", -0.14, 0.14),
        ("great, broken again", -1.0, -0.3),
        ("真棒，又坏了", -1.0, -0.3),
        ("👎", -1.0, -0.5),
        ("❤️", 0.3, 1.0),
        ("", 0.0, 0.0),
    ],
)
def test_sentiment_tells_good_from_bad(text: str, low: float, high: float) -> None:
    """Plain words with negation, what follows a "but", irony; a question's topic says nothing."""
    assert low <= _feel(text).sentiment <= high


@pytest.mark.parametrize(
    "text",
    [
        "I have told you this three times already",
        "still waiting, still nothing!!",
        "nobody ever answers my emails",
        "WHY IS THIS STILL NOT FIXED",
        "I will dispute the charge with my bank",
        "fix it 😡😡",
        "thanks for nothing",
        "我都说了五遍了",
        "都三天了还没发货",
        "再不退款我就找12315",
        "又坏了，你们真行",
        "等了兩個禮拜還沒人理我",
        "你们到底管不管",
    ],
)
def test_frustration_is_told_by_what_shows_it(text: str) -> None:
    """Asking again, waiting, threats, shouting, angry signs and irony."""
    assert _feel(text).frustration >= ACTING


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "my kettle is leaking",
        "how can I leave a review",
        "do I need a lawyer for this contract",
        "please call me back at five",
        "thank you so much!!!",
        "THANK YOU",
        "DO YOU SHIP TO THE USA",
        "try again later please",
        "could you repeat that",
        "壶漏水了",
        "怎么写评价",
        "有没有现货",
        "还有货吗",
        "快递什么时候到",
        "谢谢！！！",
        "",
    ],
)
def test_questions_plain_complaints_and_thanks_are_no_frustration(text: str) -> None:
    """Complaining once, politely, is what customer care is for."""
    assert _feel(text).frustration < ACTING


def test_several_weak_signs_add_up() -> None:
    """One again says little, one again with shouting more."""
    once, shouted = _feel("it stopped again"), _feel("it stopped AGAIN!!!")

    assert once.frustration < shouted.frustration
    assert shouted.frustration >= ACTING


@pytest.mark.parametrize(
    "text",
    [
        "you are such an idiot",
        "f*ck you",
        "f u c k you",
        "fuuuck you",
        "you b1tch",
        "stupid bot",
        "I know where you live",
        "你这个傻X",
        "傻 逼客服",
        "煞笔",
        "nmsl",
        "你们这群sb",
        "去死吧",
        "滾",
        "我要杀了你",
    ],
)
def test_insults_and_threats_are_told_through_their_disguises(text: str) -> None:
    """Stars, digits, blanks, doubled letters, initials and homophones."""
    feeling = _feel(text)

    assert feeling.abuse >= ACTING
    assert feeling.sentiment <= -ACTING


@pytest.mark.parametrize(
    "text",
    [
        "do you deliver to Scunthorpe",
        "a cocktail glass and a class schedule",
        "I feel like an idiot, wrong address",
        "this kettle is garbage",
        "you are not helping",
        "kill the process",
        "滚筒洗衣机",
        "垃圾桶多少钱",
        "手机死机了",
        "我妈的手机",
        "傻瓜相机",
        "SBK-200有货吗",
        "去死皮的磨砂膏",
    ],
)
def test_harmless_words_that_look_like_insults_are_none(text: str) -> None:
    """Things, oneself and words within words are nobody's insult."""
    assert _feel(text).abuse < ACTING


@pytest.mark.parametrize("language", bench.LANGUAGES)
def test_messages_no_list_was_made_with_are_told(language: str) -> None:
    """The floor under what `python -m tests.bench.feeling` shows."""
    pairs = bench.messages("feeling", language)
    later = bench.messages("later_feeling", language)

    assert bench.sentiment_figures(pairs)[0] >= 0.88
    assert bench.sentiment_figures(later)[0] >= 0.58
    for sample, precision, recall in ((pairs, 0.9, 0.85), (later, 0.8, 0.25)):
        found = bench.frustration_figures(sample)
        assert found.precision >= precision
        assert found.recall >= recall
    abuse = bench.abuse_figures(bench.messages("abuse", language))
    assert min(abuse.precision, abuse.recall) >= 0.95


@pytest.mark.parametrize("language", bench.LANGUAGES)
def test_no_message_that_measures_was_taught(language: str) -> None:
    """Examples and measuring messages are strangers."""
    from nlu.feeling import lists

    examples = {
        line[2:]
        for block in lists.read(f"examples_{language}").values()
        for line in block.splitlines()
    }
    measuring = {
        text for kind in ("feeling", "later_feeling") for text, _ in bench.messages(kind, language)
    }

    assert not examples & measuring


def test_teaching_gives_the_same_numbers_every_time() -> None:
    """A message feels the same after every start, however many threads the products may use."""
    found = []
    for threads in (1, 2):
        taught.cache_clear()
        with threadpool_limits(limits=threads):
            found.append(taught("en"))

    assert found[0] == found[1]


def test_phrases_have_alternatives_numbers_and_gaps() -> None:
    """The longest phrase at a place wins; a phrase of weight 0 guards a word from another."""
    phrases = WordPhrases.read({1.0: "told/asked ~2 # times, bad", 0.0: "not bad at all"})

    assert [hit.weight for hit in phrases.find(["i", "told", "you", "all", "3", "times"])] == [1.0]
    assert phrases.find(["i", "told", "you", "all", "the", "many", "times"]) == []
    assert [hit.weight for hit in phrases.find(["it", "is", "not", "bad", "at", "all"])] == [0.0]
    han = HanPhrases.read({1.0: "第[二三]次", -1.0: "次品"})
    assert [(hit.start, hit.end) for hit in han.find("这是第三次")] == [(2, 5)]


def test_short_forms_are_words_with_or_without_apostrophe() -> None:
    """Customers type dont and don’t alike; we're stays apart from were."""
    assert words_of("don't don’t dont we're") == ["dont", "dont", "dont", "we're"]


def test_an_understanding_says_how_the_text_feels(
    lexical_interpreter: EmbeddingInterpreter,
) -> None:
    """Each of the three reaches who asks the interpreter."""
    calm, angry = lexical_interpreter.interpret(
        ["what are your opening hours", "you idiots, I have told you five times already!!!"],
        languages=["en", "en"],
    )

    assert (calm.frustration < ACTING, calm.abuse, abs(calm.sentiment) < TELLING) == (
        True,
        0,
        True,
    )
    assert min(angry.frustration, angry.abuse, -angry.sentiment) >= ACTING


@given(HOSTILE)
def test_every_text_has_feelings_within_their_bounds(text: str) -> None:
    """Nothing anybody writes raises or leaves the scales."""
    feeling = _feel(text)

    assert -1.0 <= feeling.sentiment <= 1.0
    assert 0.0 <= feeling.frustration <= 1.0
    assert 0.0 <= feeling.abuse <= 1.0


@pytest.mark.parametrize(
    "piece",
    [
        *[
            "你",
            "不",
            "好不",
            "第三次",
            "还没",
            "没有",
            "not ",
            "1 ",
            "a ",
            "f ",
            "fu*",
            "u",
            "*",
            "!",
        ],
        *["the best ", "AAA ", "😡", "\ud800", "\u202e", "@"],
    ],
)
def test_a_hundred_thousand_characters_are_read_at_once(piece: str) -> None:
    """Only the beginning is read, and no repetition makes it slow."""
    text = normalise((piece * 100_000)[:100_000])
    feel(text)
    start = time.process_time()
    feel(text)

    assert time.process_time() - start < 0.05
