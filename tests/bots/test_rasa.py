"""Rasa as the interpreter of a process: its settings, what is kept of a turn, life without it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError
from structlog.testing import capture_logs

from bots.batch import understanding_data
from bots.brain import Brain
from bots.commands.new import run as make_bot
from bots.preparation import prepare_bot
from bots.rasa import RasaServer, rasa_server
from bots.settings import Settings
from crm_store.inbox import Undone
from nlu.rasa_interpreter import RASA, STAND_IN, RasaInterpreter
from tests.builders import MONDAY, an_inbound
from tests.nlu.rasa_stage import RasaStage, well, with_body

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stage() -> Iterator[RasaStage]:
    """A server that plays Rasa."""
    with RasaStage() as server:
        yield server


@pytest.fixture
def small_bot(tmp_path: Path) -> Path:
    """The bot `tributary new` makes."""
    make_bot("blue_bikes", tmp_path)
    return tmp_path / "blue_bikes"


@pytest.fixture
def brain(small_bot: Path, tmp_path: Path, stage: RasaStage) -> Iterator[Brain]:
    """The small bot's brain over the stage."""
    prepared = prepare_bot(
        small_bot,
        encoder="none",
        cache=tmp_path / "cache",
        public_url="",
        rasa=RasaServer(stage.url),
    )
    yield prepared
    assert isinstance(prepared.interpreter, RasaInterpreter)
    prepared.interpreter.close()


def an_item(text: str) -> Undone:
    """Return an item that nobody has worked on."""
    return Undone(uuid4(), 1, an_inbound(text), 0, MONDAY, "en", "bot")


def understood_by(interpreter: str) -> float:
    """Return how many texts the metrics say an interpreter understood."""
    labels = {"interpreter": interpreter}
    return REGISTRY.get_sample_value("tributary_understood_total", labels) or 0.0


def test_a_turn_keeps_who_understood_it(brain: Brain, stage: RasaStage) -> None:
    """What is stored with a turn tells Rasa's understanding from that of its stand-in."""
    counted = understood_by(RASA), understood_by(STAND_IN)
    for play, interpreter in ((well, RASA), (with_body(b"<html>"), STAND_IN)):
        stage.play = play
        item = an_item("it does not work, and the pedal leaks")

        data = understanding_data(item, brain.understand([item]))

        assert data is not None
        assert data["interpreter"] == interpreter
        assert (data["outcome"], data["intents"][0][0]) == ("clear", "report_problem")
    assert (understood_by(RASA), understood_by(STAND_IN)) == (counted[0] + 1, counted[1] + 1)


def test_the_log_tells_once_that_rasa_is_away_and_once_that_it_is_back(
    brain: Brain, stage: RasaStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each, with the reason and without a word of a customer's or an address."""
    stage.play = with_body(b"busy", status=503)
    with capture_logs() as lines:
        for number in range(6):
            brain.understand([an_item(f"my secret diary {number}")])
        assert isinstance(brain.interpreter, RasaInterpreter)
        monkeypatch.setattr(brain.interpreter.breaker, "_clock", lambda: time.monotonic() + 60)
        stage.play = well
        brain.understand([an_item("the pedal leaks")])

    assert [(line["event"], line.get("reason")) for line in lines] == [
        ("rasa.away", "status 503"),
        ("rasa.back", None),
    ]
    assert "diary" not in str(lines)
    assert stage.url not in str(lines)


def test_settings_choose_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word Rasa is not asked, though an address is given; with it, it is."""
    monkeypatch.setenv("TRIBUTARY_RASA_URL", "https://nlu.example.com/rasa/")
    assert rasa_server(Settings()) is None

    monkeypatch.setenv("TRIBUTARY_INTERPRETER", "rasa")
    monkeypatch.setenv("TRIBUTARY_RASA_TOKEN", "let me in")

    assert rasa_server(Settings()) == RasaServer("https://nlu.example.com/rasa", "let me in")
    assert "let me in" not in repr(Settings())
    assert "let me in" not in repr(rasa_server(Settings()))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "is needed, because TRIBUTARY_INTERPRETER is rasa"),
        ("nlu.example.com:5005", "must begin with http"),
        ("ftp://nlu.example.com", "must begin with http"),
        ("http://me:it@nlu.example.com", "must begin with http"),
        ("http://nlu.example.com?token=x", "the token is TRIBUTARY_RASA_TOKEN"),
        ("http://", "must begin with http"),
        ("http://[::1", "must begin with http"),
    ],
)
def test_a_wrong_address_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    """What cannot be an address of Rasa's is named by its variable."""
    monkeypatch.setenv("TRIBUTARY_INTERPRETER", "rasa")
    monkeypatch.setenv("TRIBUTARY_RASA_URL", url)

    with pytest.raises(ValidationError, match="rasa_url") as error:
        Settings()

    assert words in str(error.value)


def test_a_process_is_ready_and_answers_while_rasa_is_down(
    small_bot: Path, tmp_path: Path
) -> None:
    """Though Rasa takes connections and says nothing, it is ready and answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()  # takes connections and never answers
        at = free.getsockname()[1]
        with socket.socket() as own:
            own.bind(("127.0.0.1", 0))
            port = own.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "bots", "serve", "--port", str(port), "--no-supervised"],
            env=os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "TRIBUTARY_BOT": str(small_bot),
                "TRIBUTARY_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
                "TRIBUTARY_CACHE": str(tmp_path / "cache"),
                "TRIBUTARY_ENCODER": "none",
                "TRIBUTARY_INTERPRETER": "rasa",
                "TRIBUTARY_RASA_URL": f"http://127.0.0.1:{at}",
                "TRIBUTARY_SECRET_KEY": "a key of the tests, 32 characters or more",
            },
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            origin = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 60
            while not _is_ready(origin):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            assert _answer(origin, "it does not work")
            assert _is_ready(origin)
            metrics = httpx.get(f"{origin}/metrics", timeout=10).text
            assert f'tributary_understood_total{{interpreter="{STAND_IN}"}} 1.0' in metrics
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def _is_ready(origin: str) -> bool:
    try:
        return httpx.get(f"{origin}/readyz", timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def _answer(origin: str, text: str) -> list[dict[str, Any]]:
    """Say something in web chat and return what is answered within some seconds."""
    with httpx.Client(base_url=f"{origin}/webchat/v1/", timeout=10) as client:
        opened = client.post("session", json={"widget_key": "demo", "locale": "en"})
        assert opened.status_code == 200, opened.text
        bearer = {"authorization": f"Bearer {opened.json()['visitor_token']}"}
        body = {"client_msg_id": "m1", "content": {"kind": "text", "text": text}}
        sent = client.post("messages", json=body, headers=bearer)
        assert sent.status_code == 202, sent.text
        after = sent.json()["seq"]
        answer = client.get("events", params={"after": after, "wait": 8}, headers=bearer)
        return [each for each in answer.json()["events"] if each.get("from") == "bot"]
