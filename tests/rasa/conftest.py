"""A real Rasa 3.6 server, trained on a small bot in the way of `make rasa`."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bots.local_servers.server_process import ServerProcess
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.preparation import prepare
from nlu.rasa_interpreter import RasaInterpreter, RasaServer
from nlu.rasa_project import make_project
from nlu.training_data import TrainingData, read_training_data
from tests.conftest import RASA_ENVIRONMENT

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
PATTERNS = {"order_number": r"MK-\d{6}"}
#: Training anew takes half a minute on an idle machine; the first start reads three gigabytes.
PATIENCE = 900.0


@pytest.fixture(scope="session")
def taught() -> TrainingData:
    """What the small bot is taught: the shop of the other tests and some more."""
    files = [*sorted((TESTS / "nlu" / "shop").glob("*.yml")), TESTS / "rasa" / "more.yml"]
    return read_training_data(files, languages=("en", "zh"), base=False)


@pytest.fixture(scope="session")
def rasa_process(taught: TrainingData) -> Iterator[tuple[ServerProcess, str]]:
    """Train Rasa, unless it is trained on the same already, and serve it while tests need it."""
    project = ROOT / ".cache" / "tests" / "rasa"
    make_project(taught, name="shop", patterns=PATTERNS, epochs=40).write(project)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        try:
            return httpx.get(f"{url}/status", timeout=5).status_code == 200
        except httpx.HTTPError:
            time.sleep(0.5)
            return False

    server = ServerProcess("rasa", stop_signal=signal.SIGTERM, working_folder=ROOT)
    try:
        server.start(
            ["scripts/serve_rasa.sh", str(RASA_ENVIRONMENT), str(project), str(port)],
            is_ready=is_ready,
            patience=PATIENCE,
        )
        yield server, url
    finally:
        server.close()


@pytest.fixture(scope="session")
def stand_in(taught: TrainingData) -> EmbeddingInterpreter:
    """The embedded interpreter of the same bot."""
    return prepare(taught, cache_dir=ROOT / ".cache" / "tests", encoder="none", patterns=PATTERNS)


@pytest.fixture
def rasa(
    rasa_process: tuple[ServerProcess, str], taught: TrainingData, stand_in: EmbeddingInterpreter
) -> Iterator[RasaInterpreter]:
    """Return a fresh interpreter over the server, whose first answer is behind it."""
    interpreter = RasaInterpreter(
        RasaServer(rasa_process[1]),
        stand_in=stand_in,
        intents=taught.intents,
        seconds=5.0,
        rest=0.5,
    )
    interpreter.interpret(["hello there"], languages=["en"])
    yield interpreter
    interpreter.close()
