"""An interpreter over HTTP: a Rasa 3.6 server finds intents, the embedded one stands in.

The embedded interpreter reads every text while Rasa does. What it finds out besides the intent
(language, sentiment, standard entities) is kept, and when Rasa is down, slow or wrong its whole
answer counts, at once.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import httpx
from pydantic import ValidationError

from nlu.circuit_breaker import REST_SECONDS, Change, CircuitBreaker
from nlu.interpreter import Interpreter
from nlu.rasa_answer import RasaAnswer
from nlu.text import comparable
from nlu.training_data import OUT_OF_SCOPE
from nlu.understanding import Entity, IntentScore, Outcome, Understanding

RASA: Final = "rasa"
#: Who answered where Rasa should have.
STAND_IN: Final = "embedded (stand-in for rasa)"

#: Longest wait for all answers of a batch, seconds: no message waits longer for a sick Rasa.
BATCH_SECONDS: Final = 1.5
#: Texts that are parsed at the same time.
PARALLEL: Final = 8
#: Longest text that is sent, in code points: four times as much takes Rasa seconds. What is meant
#: stands at the beginning.
TEXT_MAX: Final = 1000
#: Longest answer that is read, in bytes.
ANSWER_MAX: Final = 512 * 1024

#: A connection that is idle longer is opened anew: Rasa's server closes it after five seconds, and
#: a text sent in that moment would be lost.
_KEPT_SECONDS: Final = 2.0
#: A thread that outlives its batch by so many times the longest wait is held by the server.
_PATIENCE: Final = 2
#: As in the embedded interpreter: two meanings are too close to choose.
_AMBIGUOUS_MARGIN: Final = 0.10
_AMBIGUOUS_LEAST: Final = 0.35
#: A meaning that is less probable is not acted on.
_CLEAR_LEAST: Final = 0.40
_INTENTS_MAX: Final = 5
#: Rasa takes a text that begins with a stroke for an order to itself ("/restart"), and cuts white
#: space off, which would move the places of entities.
_NOT_SENT: Final = "/" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class RasaError(Exception):
    """Rasa gave no usable answer; the message says why, without any text of a customer."""


@dataclass(frozen=True, slots=True)
class RasaServer:
    """Where Rasa listens, and the word it asks for."""

    url: str  #: with a path if there is one; `/model/parse` is added
    token: str | None = field(default=None, repr=False)  #: of `rasa run --auth-token`

    @property
    def query(self) -> Mapping[str, str]:
        """What is added to the address: Rasa reads its token there and nowhere else."""
        return {"token": self.token} if self.token else {}


@dataclass(frozen=True, slots=True)
class _Sent:
    """The part of a customer's text that Rasa is asked about."""

    text: str
    offset: int  #: of it in the customer's text


class RasaInterpreter:
    """An Interpreter over a Rasa server; thread-safe, and never without an answer.

    Args:
        server: the Rasa server.
        stand_in: answers where Rasa does not, and finds what Rasa does not look for.
        intents: the bot's; another that Rasa names is not acted on.
        seconds: longest wait for a batch.
        rest: how long Rasa is left alone after failures in a row, seconds.
        on_change: told when Rasa is given up for a while, and when it is back, and why.
    """

    def __init__(
        self,
        server: RasaServer,
        *,
        stand_in: Interpreter,
        intents: Collection[str],
        seconds: float = BATCH_SECONDS,
        rest: float = REST_SECONDS,
        on_change: Callable[[Change, str], None] | None = None,
    ) -> None:
        self._stand_in = stand_in
        self._intents = frozenset(intents)
        self._seconds = seconds
        self._on_change = on_change
        self.breaker = CircuitBreaker(rest=rest, on_change=self._changed)
        self._reason = ""
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="rasa")
        self._address = httpx.URL(f"{server.url.rstrip('/')}/model/parse", params=server.query)
        self._client = _client()
        self._late: list[tuple[float, Future[RasaAnswer]]] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections; asked again, the stand-in answers."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()  # which ends what still waits for an answer
        self._pool.shutdown()

    def interpret(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None],
        nows: Sequence[datetime] | None = None,
    ) -> list[Understanding]:
        """Return one Understanding per text, in order; never raises on any text."""
        deadline = time.monotonic() + self._seconds
        parts = [_sent(text) for text in texts]
        asked = self._ask(list(dict.fromkeys(part.text for part in parts if part)), deadline)
        understood = self._stand_in.interpret(texts, languages=languages, nows=nows)
        answers = self._collect(asked, deadline)
        return [
            meaning if part is None else self._merged(meaning, part, answers.get(part.text))
            for meaning, part in zip(understood, parts, strict=True)
        ]

    def _ask(self, texts: list[str], deadline: float) -> dict[str, Future[RasaAnswer]]:
        """Start asking as much as may be asked; the rest is left to the stand-in."""
        self._free_threads()
        permitted = self.breaker.permits(len(texts)) if texts else 0
        try:
            return {
                text: self._pool.submit(self._parse, text, deadline) for text in texts[:permitted]
            }
        except RuntimeError:  # closed, while the process ends
            return {}

    def _collect(
        self, asked: Mapping[str, Future[RasaAnswer]], deadline: float
    ) -> dict[str, RasaAnswer]:
        """Return the answers that came in time, and tell the breaker how it went."""
        wait(asked.values(), timeout=max(0.0, deadline - time.monotonic()))
        answers: dict[str, RasaAnswer] = {}
        failures = 0
        for text, future in asked.items():
            if future.cancel():
                continue  # it waited for its turn all the time: that is no fault of its own
            if not future.done():
                failures += 1
                self._reason = "no answer in time"
                with self._lock:
                    self._late.append((deadline, future))
                continue
            error = future.exception()
            if error is None:
                answers[text] = future.result()
            else:
                failures += 1
                self._reason = str(error) if isinstance(error, RasaError) else type(error).__name__
        if answers:
            self.breaker.succeeded()
        else:
            for _ in range(failures):
                self.breaker.failed()
        return answers

    def _free_threads(self) -> None:
        """Take connections away from threads that a dripping server holds.

        Each wait for bytes has a limit, so only a server that sends a little again and again,
        before the answer begins, keeps a thread much longer than its batch.
        """
        now = time.monotonic()
        with self._lock:
            self._late = [(deadline, each) for deadline, each in self._late if not each.done()]
            if all(now < deadline + _PATIENCE * self._seconds for deadline, _ in self._late):
                return
            held, self._client = self._client, _client()
            self._late = []
        held.close()

    def _parse(self, text: str, deadline: float) -> RasaAnswer:
        """Return Rasa's answer about one text.

        Raises:
            RasaError: there is none that can be used, or none in time.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            raise RasaError("no answer in time")
        body = json.dumps({"text": text}).encode()
        received = bytearray()
        try:
            with self._client.stream(
                "POST", self._address, content=body, timeout=left
            ) as response:
                if response.status_code != httpx.codes.OK:
                    raise RasaError(f"status {response.status_code}")
                for chunk in response.iter_raw():
                    received += chunk
                    if len(received) > ANSWER_MAX:
                        raise RasaError("the answer is too long")
                    if time.monotonic() > deadline:
                        raise RasaError("no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise RasaError(type(error).__name__) from None
        try:
            answer = RasaAnswer.model_validate_json(bytes(received))
        except ValidationError:
            raise RasaError("the answer is not Rasa's") from None
        if answer.text != text:
            raise RasaError("the answer is about another text")
        return answer

    def _merged(
        self, meaning: Understanding, part: _Sent, answer: RasaAnswer | None
    ) -> Understanding:
        """Return what the stand-in found with Rasa's meaning in it, if there is one."""
        if answer is None:
            return replace(meaning, interpreter=STAND_IN)
        scores = answer.scores(self._intents)
        found = answer.spans(part.text, offset=part.offset)
        return replace(
            meaning,
            intents=tuple(scores[:_INTENTS_MAX]),
            entities=_with_learned(meaning.entities, list(found)),
            outcome=self._outcome(scores, fell_back=answer.fell_back),
            interpreter=RASA,
        )

    def _outcome(self, scores: Sequence[IntentScore], *, fell_back: bool) -> Outcome:
        if not scores or scores[0].name == OUT_OF_SCOPE or scores[0].name not in self._intents:
            return "unknown"
        if len(scores) > 1 and scores[1].name != OUT_OF_SCOPE:
            first, second = scores[0].confidence, scores[1].confidence
            if second > _AMBIGUOUS_LEAST and first - second < _AMBIGUOUS_MARGIN:
                return "ambiguous"
        return "unknown" if fell_back or scores[0].confidence < _CLEAR_LEAST else "clear"

    def _changed(self, change: Change) -> None:
        if self._on_change is not None:
            self._on_change(change, self._reason)


def _client() -> httpx.Client:
    return httpx.Client(
        limits=httpx.Limits(
            max_connections=PARALLEL,
            max_keepalive_connections=PARALLEL,
            keepalive_expiry=_KEPT_SECONDS,
        ),
        headers={"content-type": "application/json", "accept-encoding": "identity"},
        trust_env=False,
        follow_redirects=False,
    )


def _sent(text: str) -> _Sent | None:
    """Return what of a text Rasa is asked about; None: it has no word, Rasa would only guess."""
    begins = text.lstrip(_NOT_SENT)
    part = _SURROGATE.sub("\ufffd", begins[:TEXT_MAX]).rstrip()
    return _Sent(part, len(text) - len(begins)) if part and comparable(part) else None


def _with_learned(ours: Sequence[Entity], learned: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return our entities with those of Rasa's that stand beside them, in order of their place.

    Ours are found by rules and word lists and are in normal form; what was learned is a guess and
    gives way where both lie in one place. Of Rasa's own the longer is kept.
    """
    kept = list(ours)
    for entity in sorted(learned, key=lambda e: (e.start - e.end, e.start, e.name)):
        if all(entity.end <= other.start or other.end <= entity.start for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda e: (e.start, e.end, e.name)))
