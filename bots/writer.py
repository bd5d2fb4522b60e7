"""The writer: has a language model word an answer from passages, within a time and a budget.

Whatever goes wrong, the result says so in one word and the article's own words are said instead.
Neither question nor text is logged.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import structlog
from pydantic import JsonValue
from sqlalchemy.exc import SQLAlchemyError

from bots.completion import Completion, estimated_tokens, read_completion
from bots.crashpoints import crashpoint
from bots.metrics import WRITING_COST, WRITING_SECONDS, WRITING_TOKENS, WRITINGS
from bots.retry_after import retry_after
from bots.writer_terms import Terms
from channels.fetcher import (
    AllowedHost,
    AnswerTooLargeError,
    Network,
    SSRFProtectionError,
    guarded_client,
)
from crm_store.database import Database, utc_now
from dialogues.later import ActionRequest, ActionResult
from knowledge_base import writings
from knowledge_base.search import Knowledge
from knowledge_base.support import find_unsupported
from knowledge_base.writing import (
    SCHEMA,
    Shown,
    UnreadableError,
    joined,
    messages,
    passages_to_show,
    read_sentences,
)
from knowledge_base.writings import MICROS, Ended
from nlu.circuit_breaker import Change, CircuitBreaker

log = structlog.get_logger()

#: Nothing is asked of the model when less of the time allowed is left, seconds.
LEAST_SECONDS: Final = 0.5
#: Before the end of the time allowed the model's answer must be there, seconds: it is checked,
#: stored and said after that.
RESERVE_SECONDS: Final = 0.3


class _CallError(Exception):
    """The server gave no usable answer."""

    def __init__(
        self, outcome: str, *, status: int | None = None, rest: float | None = None
    ) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.status = status
        self.rest = rest  #: seconds for which it asked not to be asked


class Writer:
    """Asks one server for the answers of one bot.

    Args:
        terms: of the installation.
        database: where tokens and costs are noted.
        knowledge: returns what is published now; only its public articles are shown.
        hosts: private hosts that may be reached.
        networks: private networks that may be reached.
    """

    def __init__(
        self,
        terms: Terms,
        database: Database,
        knowledge: Callable[[], Knowledge],
        *,
        hosts: Sequence[AllowedHost] = (),
        networks: Sequence[Network] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.terms = terms
        self._database = database
        self._knowledge = knowledge
        self._hosts = tuple(hosts)
        self._networks = tuple(networks)
        self._clock = clock
        self._breaker = CircuitBreaker(on_change=_tell)
        self._trial = False  #: one call may be made though the circuit is open
        self._rests_until = 0.0  # on the clock that only grows
        self._spent_until: datetime | None = None  # the budget of a day is used up
        self._client: Any = None

    def prepare(self) -> None:
        """Load the library now, which takes half a second: no customer should wait for it."""
        self._client = self._client or self._open()

    def allowance(self) -> timedelta | None:
        """Return how long an answer may be written for now; None: it is not worth trying."""
        if self._spent_until is not None and self._clock() < self._spent_until:
            return None
        if time.monotonic() < self._rests_until:
            return None
        if self._breaker.is_open and not self._trial:
            self._trial = self._breaker.permits() > 0
            if not self._trial:
                return None
        return timedelta(seconds=self.terms.seconds)

    def _rests(self) -> bool:
        """Tell whether the server is left alone now; one call after a while is a trial."""
        if time.monotonic() < self._rests_until:
            return True
        if not self._breaker.is_open:
            return False
        trial, self._trial = self._trial, False
        return not trial and not self._breaker.permits()

    async def close(self) -> None:
        """Close connections."""
        if self._client is not None:
            await self._client.close()

    async def call(self, request: ActionRequest) -> ActionResult:
        """Have one answer written; the result holds its text, or why there is none."""
        inputs = request.inputs
        shown = await asyncio.to_thread(
            passages_to_show,
            self._knowledge(),
            str(inputs.get("article")),
            request.language,
            version=str(inputs.get("version")),
            passage_id=str(inputs.get("passage")),
        )
        if isinstance(shown, str):
            return await self._without(request, shown)
        left = (request.gives_up_at - self._clock()).total_seconds() - RESERVE_SECONDS
        if left < LEAST_SECONDS:
            return await self._without(request, "too_late")
        if self._rests():
            return await self._without(request, "resting")
        prompt = messages(str(inputs.get("question")), shown, request.language)
        writing_id = uuid4()
        if not await asyncio.to_thread(self._begin, writing_id, request, prompt):
            return await self._without(request, "over_budget")
        crashpoint("writing.begun")
        started = time.monotonic()
        ended, text = await self._asked(prompt, shown, request.language, left)
        milliseconds = round((time.monotonic() - started) * 1000)
        ended = replace(ended, milliseconds=milliseconds)
        await self._end(writing_id, ended)
        crashpoint("writing.ended")
        WRITING_SECONDS.observe(milliseconds / 1000)
        return self._result(ended, text)

    async def _asked(
        self, prompt: list[dict[str, str]], shown: Sequence[Shown], language: str, seconds: float
    ) -> tuple[Ended, str | None]:
        """Ask the model and check what it wrote."""
        try:
            async with asyncio.timeout(seconds):
                reply = await self._reply(prompt)
        except TimeoutError:
            self._breaker.failed()
            # It is paid for all the same, as far as anybody can tell.
            tokens = estimated_tokens(prompt)
            return self._ended("timeout", tokens, 0), None
        except _CallError as error:
            self._breaker.failed()
            if error.rest is not None:
                self._rests_until = time.monotonic() + error.rest
            return Ended(error.outcome, status=error.status), None
        self._breaker.succeeded()
        ended, text = await asyncio.to_thread(self._checked, reply, shown, language)
        return ended, text

    def _checked(
        self, reply: Completion, shown: Sequence[Shown], language: str
    ) -> tuple[Ended, str | None]:
        tokens = (reply.tokens_in, reply.tokens_out)
        if reply.refused:
            return self._ended("refused", *tokens), None
        try:
            sentences = read_sentences(reply.content)
        except UnreadableError:
            return self._ended("cut" if reply.cut else "bad_json", *tokens), None
        if not sentences:
            return self._ended("empty", *tokens), None
        evidence = [passage.evidence for passage in shown]
        wrong = find_unsupported(sentences, evidence, language=language)
        if wrong is not None:
            ended = self._ended("unsupported", *tokens)
            return replace(ended, sentence=wrong.number, reason=wrong.reason), None
        return self._ended("written", *tokens), joined(sentences)

    def _ended(self, outcome: str, tokens_in: int, tokens_out: int) -> Ended:
        cost = tokens_in * self.terms.price_in + tokens_out * self.terms.price_out
        return Ended(outcome, tokens_in, tokens_out, round(cost))

    async def _reply(self, prompt: list[dict[str, str]]) -> Completion:
        from openai import APIConnectionError, APIStatusError, OpenAIError

        if self._client is None:
            self._client = self._open()
        asked: dict[str, Any] = {
            "model": self.terms.model,
            "messages": prompt,
            "temperature": 0,
            "max_tokens": self.terms.tokens,
        }
        if self.terms.form != "none":
            asked["response_format"] = _form(self.terms.form)
        try:
            raw = await self._client.chat.completions.with_raw_response.create(**asked)
        except APIStatusError as error:
            rest = retry_after(error.response.headers, now=self._clock())
            raise _CallError("http", status=error.status_code, rest=rest) from error
        except APIConnectionError as error:
            raise _CallError(_connection_failure(error)) from error
        except OpenAIError as error:
            raise _CallError("unreachable") from error
        return read_completion(raw.http_response.content, prompt)

    def _open(self) -> Any:  # noqa: ANN401 - of a library that is loaded when it is needed
        from bots.writer_client import open_client

        client = guarded_client(
            allow=self._networks, hosts=self._hosts, timeout=self.terms.seconds
        )
        return open_client(client, url=self.terms.url, key=self.terms.key)

    def _begin(
        self, writing_id: UUID, request: ActionRequest, prompt: list[dict[str, str]]
    ) -> bool:
        """Note that a writing begins; return whether the day's budget allows it."""
        now = self._clock()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        most = self._ended("calling", estimated_tokens(prompt), self.terms.tokens).cost
        with self._database.transaction() as connection:
            if self.terms.budget is not None:
                budget = round(self.terms.budget * MICROS)
                spent = writings.spent(connection, since=midnight)
                if spent + most > budget:
                    if self._spent_until is None or self._spent_until <= now:
                        log.warning("writing.budget_used_up", spent=spent / MICROS)
                    self._spent_until = midnight + timedelta(days=1)
                    return False
            writings.begin(
                connection,
                writing_id,
                request_id=request.id,
                model=self.terms.model,
                language=request.language,
                most=most,
                now=now,
            )
        return True

    async def _end(self, writing_id: UUID, ended: Ended) -> None:
        def end() -> None:
            with self._database.transaction() as connection:
                writings.end(connection, writing_id, ended)

        try:
            await asyncio.to_thread(end)
        except SQLAlchemyError as error:
            # The customer's answer comes first; the row keeps the most that it can have cost.
            log.warning("writing.not_noted", error=type(error).__name__)

    async def _without(self, request: ActionRequest, outcome: str) -> ActionResult:
        """Note that the model was not asked, and why."""
        ended = Ended(outcome)

        def note() -> None:
            with self._database.transaction() as connection:
                writings.note(
                    connection,
                    uuid4(),
                    ended,
                    request_id=request.id,
                    model=self.terms.model,
                    language=request.language,
                    now=self._clock(),
                )

        try:
            await asyncio.to_thread(note)
        except SQLAlchemyError as error:
            log.warning("writing.not_noted", error=type(error).__name__)
        return self._result(ended, None)

    def _result(self, ended: Ended, text: str | None) -> ActionResult:
        WRITINGS.labels(ended.outcome).inc()
        WRITING_TOKENS.labels("in").inc(ended.tokens_in)
        WRITING_TOKENS.labels("out").inc(ended.tokens_out)
        WRITING_COST.inc(ended.cost / MICROS)
        values: dict[str, JsonValue] = {
            "outcome": ended.outcome,
            "model": self.terms.model,
            "tokens_in": ended.tokens_in,
            "tokens_out": ended.tokens_out,
            "cost": ended.cost / MICROS,
            "milliseconds": ended.milliseconds,
            "sentence": ended.sentence,
            "why": ended.reason,
            "status": ended.status,
        }
        if text is not None:
            return ActionResult({**values, "text": text})
        return ActionResult(values, ended.outcome)


def _tell(change: Change) -> None:
    if change == "opened":
        log.warning("writing.rests", hint="the server failed again and again; answers go on")
    else:
        log.info("writing.goes_on")


def _form(form: str) -> dict[str, Any]:
    if form == "json_object":
        return {"type": "json_object"}
    schema = {"name": "answer", "schema": dict(SCHEMA), "strict": True}
    return {"type": "json_schema", "json_schema": schema}


def _connection_failure(error: BaseException | None) -> str:
    """Return the one word for what went wrong on the way, told by the cause of all causes."""
    while error is not None and error.__cause__ is not None:
        if isinstance(error, AnswerTooLargeError | SSRFProtectionError | httpx.TimeoutException):
            break
        error = error.__cause__
    if isinstance(error, AnswerTooLargeError):
        return "too_large"
    if isinstance(error, SSRFProtectionError):
        log.warning("writing.not_allowed", hint="name the host in TRIBUTARY_WRITER_HOSTS")
        return "not_allowed"
    return "timeout" if isinstance(error, httpx.TimeoutException) else "unreachable"
