"""A small bot's training data and the interpreters trained on it, once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.preparation import prepare
from nlu.rasa_interpreter import RasaInterpreter, RasaServer
from nlu.training_data import TrainingData, read_training_data
from tests.nlu.rasa_stage import Make, RasaStage

LANGUAGES = ("en", "zh")
PATTERNS = {"order_number": r"MK-\d{6}"}
LOOKUPS = {
    "product": {
        "kettle_one": ["Kettle One", "Kettle 1", "壶一号", "壶1号"],
        "moss_pods": ["Moss Pods", "pods", "茶包"],
        "leaf_grinder": ["Leaf Grinder", "tea grinder", "研磨机"],
    }
}
QUESTIONS = [
    "What are your opening hours?",
    "when are you open",
    "你们几点开门？",
    "营业时间是什么时候",
    "Do you ship to Canada?",
    "delivery areas",
    "可以送到香港吗",
    "配送范围",
]


@pytest.fixture(scope="session")
def encoder_cache(request: pytest.FixtureRequest) -> Path:
    """Where the exported encoder is kept between test runs; its name is a hash of its content."""
    return request.config.rootpath / ".cache" / "tests"


@pytest.fixture(scope="session")
def shop_files() -> list[Path]:
    """The intent files of a small bilingual shop."""
    return sorted((Path(__file__).parent / "shop").glob("*.yml"))


@pytest.fixture(scope="session")
def shop(shop_files: list[Path]) -> TrainingData:
    """The training data of the shop with all shared intents."""
    return read_training_data(shop_files, languages=LANGUAGES, extra={"ask_knowledge": QUESTIONS})


@pytest.fixture(scope="session")
def interpreter(shop: TrainingData, encoder_cache: Path) -> EmbeddingInterpreter:
    """The shop's interpreter with the sentence encoder."""
    return prepare(
        shop, cache_dir=encoder_cache, patterns=PATTERNS, lookups=LOOKUPS, phone_region="CN"
    )


@pytest.fixture(scope="session")
def lexical_interpreter(shop: TrainingData, encoder_cache: Path) -> EmbeddingInterpreter:
    """The shop's interpreter without an encoder."""
    return prepare(
        shop,
        cache_dir=encoder_cache,
        encoder="none",
        patterns=PATTERNS,
        lookups=LOOKUPS,
        phone_region="CN",
    )


@pytest.fixture
def stage() -> Iterator[RasaStage]:
    """A server that plays Rasa."""
    with RasaStage() as server:
        yield server


@pytest.fixture
def make(lexical_interpreter: EmbeddingInterpreter, shop: TrainingData) -> Iterator[Make]:
    """Make interpreters over a Rasa at some address; they are closed at the end."""
    made: list[RasaInterpreter] = []

    def interpreter(url: str, *, token: str | None = None, **options: object) -> RasaInterpreter:
        known = [*shop.intents, "faq/opening_hours", "faq/returns"]
        one = RasaInterpreter(
            RasaServer(url, token),
            stand_in=lexical_interpreter,
            intents=known,
            **options,  # type: ignore[arg-type]
        )
        made.append(one)
        return one

    yield interpreter
    for each in made:
        each.close()
