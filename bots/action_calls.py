"""Action calls: one attempt of a slow action outside of any transaction, and what it came to."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
import structlog
from pydantic import JsonValue

from bots.retry_after import retry_after
from bots.writer import Writer
from channels.fetcher import (
    AllowedHost,
    Answer,
    AnswerTooLargeError,
    Network,
    SSRFProtectionError,
    fetch,
    guarded_client,
)
from crm_store.database import utc_now
from dialogues.action import ActionCall, ActionError, form_of, is_slow, load_action
from dialogues.action_values import UnfitValueError, fit_outputs
from dialogues.bot import Bot
from dialogues.http_action import SECRET, TIMEOUT_MAX, HttpAction
from dialogues.http_call import CallError, make_call, named_failure, read_answer
from dialogues.later import ActionRequest, ActionResult
from dialogues.writing import ACTION as WRITING

log = structlog.get_logger()

#: Largest answer that is read, in bytes.
ANSWER_MAX: Final = 256 * 1024
#: Attempts of a slow action in Python, unless its module says otherwise.
ATTEMPTS: Final = 4
#: Longest one attempt of it may take, seconds, unless its module says otherwise.
SECONDS: Final = 10.0

_AGAIN: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Again:
    """Nothing came of the attempt; another may be made."""

    reason: str
    after_seconds: float | None = None  #: what the server asked for
    attempts: int = ATTEMPTS  #: how many the action is given


class ActionCaller:
    """Calls slow actions: those of the bot's folder over HTTP, and those in Python.

    Args:
        bot: whose actions.
        environment: secrets and addresses of this installation.
        hosts: private hosts that may be reached.
        networks: private networks that may be reached.
        writer: words answers; None: nobody does.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        environment: Mapping[str, str],
        hosts: Sequence[AllowedHost] = (),
        networks: Sequence[Network] = (),
        writer: Writer | None = None,
    ) -> None:
        self._bot = bot
        self._writer = writer
        self._environment = environment
        self._hosts = tuple(hosts)
        self._networks = tuple(networks)
        self._client: httpx.AsyncClient | None = None

    def unset(self) -> dict[str, list[str]]:
        """Return, by action, the names its file reads that the environment does not have."""
        missing = {
            name: sorted({n for n in _names(action) if not self._environment.get(n)})
            for name, action in self._bot.actions.items()
        }
        return {name: names for name, names in missing.items() if names}

    def _open(self) -> httpx.AsyncClient:
        return guarded_client(
            allow=self._networks, hosts=self._hosts, timeout=TIMEOUT_MAX.total_seconds()
        )

    async def close(self) -> None:
        """Close connections."""
        if self._client is not None:
            await self._client.aclose()
        if self._writer is not None:
            await self._writer.close()

    async def call(self, request: ActionRequest) -> ActionResult | Again:
        """Make one attempt; its connections are kept for the next."""
        if request.action == WRITING:
            if self._writer is None:
                return ActionResult(reason="not_configured")
            return await self._writer.call(request)
        if self._client is None:
            self._client = self._open()
        return await self._attempt(request, self._client)

    def run_request(self, request: ActionRequest) -> ActionResult:
        """Make one attempt from synchronous code, as the tests of a bot do."""

        async def once() -> ActionResult | Again:
            async with self._open() as client:
                return await self._attempt(request, client)

        result = asyncio.run(once())
        return result if isinstance(result, ActionResult) else ActionResult(reason=result.reason)

    async def _attempt(
        self, request: ActionRequest, client: httpx.AsyncClient
    ) -> ActionResult | Again:
        action = self._bot.actions.get(request.action)
        try:
            if action is not None:
                return await self._over_http(action, request, client)
            return await self._in_python(request, client)
        except (ActionError, CallError) as error:
            return ActionResult(reason=error.reason)
        except UnfitValueError:
            return ActionResult(reason="unfit_output")

    async def _over_http(
        self, action: HttpAction, request: ActionRequest, client: httpx.AsyncClient
    ) -> ActionResult | Again:
        made = make_call(
            action,
            request.inputs,
            language=request.language,
            key=str(request.id),
            environment=self._environment,
        )
        answer = await _answer(action, client, made.method, made.url, made.headers, made.body)
        if isinstance(answer, Again):
            return answer
        if (reason := named_failure(action, answer.status, answer.body)) is not None:
            return ActionResult(reason=reason)
        if answer.status in _AGAIN or answer.status >= 500:
            reason = "rate_limited" if answer.status == 429 else "unavailable"
            return Again(reason, retry_after(answer.headers, now=utc_now()), action.attempts)
        if not 200 <= answer.status < 300:
            raise CallError("refused")
        return ActionResult(read_answer(action, answer.body, language=request.language))

    async def _in_python(
        self, request: ActionRequest, client: httpx.AsyncClient
    ) -> ActionResult | Again:
        module, form = load_action(request.action), form_of(self._bot, request.action)
        if module is None or form is None or not is_slow(module):
            raise CallError("unknown_action")
        call = ActionCall(request, self._bot, client, self._environment)
        attempts = int(getattr(module, "ATTEMPTS", ATTEMPTS))
        longest = min(float(getattr(module, "SECONDS", SECONDS)), TIMEOUT_MAX.total_seconds())
        try:
            async with asyncio.timeout(longest):
                values: dict[str, JsonValue] = await module.call(call, request.inputs)  # type: ignore[attr-defined] # slow ones have it
        except TimeoutError:
            return Again("timeout", attempts=attempts)
        except SSRFProtectionError:
            return ActionResult(reason="not_allowed")
        except (OSError, httpx.HTTPError):
            return Again("unreachable", attempts=attempts)
        return ActionResult(fit_outputs(form.outputs, values))


async def _answer(
    action: HttpAction,
    client: httpx.AsyncClient,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Answer | Again:
    try:
        async with asyncio.timeout(action.timeout.total_seconds()):
            request = client.build_request(method, url, headers=dict(headers), content=body)
            return await fetch(client, request, most=ANSWER_MAX)
    except TimeoutError:
        return Again("timeout", attempts=action.attempts)
    except AnswerTooLargeError as error:
        raise CallError("too_large") from error
    except SSRFProtectionError as error:
        # Said by name, because it is the company's own setting that has to be mended.
        log.warning("actions.not_allowed", action=action.id)
        raise CallError("not_allowed") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
        raise CallError("misconfigured") from error
    except httpx.TimeoutException:
        return Again("timeout", attempts=action.attempts)
    except httpx.HTTPError:
        return Again("unreachable", attempts=action.attempts)


def _names(action: HttpAction) -> list[str]:
    texts = [action.url, *action.headers.values()]
    return [name for text in texts for name in SECRET.findall(text)]
