"""The Slack channel: Bolt reads what Slack delivers, one Web API call an attempt."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
import orjson
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import Clock, SignatureVerifier

from channels.contract import (
    Accepted,
    Ambiguous,
    Capabilities,
    ChannelSettings,
    Misconfigured,
    Pulled,
    Received,
    Rejected,
    Retryable,
    SendResult,
    WebhookRequest,
)
from channels.examination import Finding
from channels.fetcher import (
    AnswerTooLargeError,
    SSRFProtectionError,
    fetch,
)
from channels.json_body import JsonBodyError, read_object
from channels.messages import InboundMessage, OutboundMessage
from channels.options import Options
from channels.refusals import refused, unreadable
from channels.slack.blocks import payloads_of
from channels.slack.examining import findings
from channels.slack.limits import CAPABILITIES
from channels.slack.link import SlackLink
from channels.slack.outcomes import outcome
from channels.slack.payloads import Reader

#: Where Slack itself is.
API_URL: Final = "https://slack.com/api"
#: Largest answer that is read, bytes.
ANSWER_MAX: Final = 1024 * 1024

_ANY: Final = re.compile(".*")
_TIMESTAMP: Final = re.compile(r"\d{1,12}")
#: Slack's signing secrets have 32 characters; shorter ones than these are too easy to guess.
_SIGNING_SECRET: Final = re.compile(r"\S{16,200}")
_BOT_TOKEN: Final = re.compile(r"xoxb-\S{1,500}")
_APP_TOKEN: Final = re.compile(r"(?:xapp-\S{1,500})?")
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}")
_JSON: Final = "application/json"

Found = list[InboundMessage]


class SlackChannel:
    """One app's account in one workspace.

    Args:
        account: as `bot.yml` names it.
        signing_secret: of the app.
        bot_token: of the app in the workspace.
        client: the guarded way out.
        api_url: where the Web API is, without a slash at the end.
        app_token: for Socket Mode; None: Slack delivers to our webhook.
    """

    name = "slack"

    def __init__(
        self,
        account: str,
        *,
        signing_secret: str,
        bot_token: str,
        client: httpx.AsyncClient,
        api_url: str = API_URL,
        app_token: str | None = None,
    ) -> None:
        self.account = account
        self.pulls = app_token is not None
        self._link = SlackLink(app_token, api_url=api_url) if app_token else None
        self._clock = _FixedClock()
        self._verifier = (
            SignatureVerifier(signing_secret, clock=self._clock) if signing_secret else None
        )
        self._token = bot_token
        self._client = client
        self._api_url = api_url
        self._removed = False
        self._app = self._bolt(signing_secret or "unused")

    def capabilities(self) -> Capabilities:
        """Return what Slack can show."""
        return CAPABILITIES

    def receive(self, request: WebhookRequest, *, now: datetime) -> Received:
        """Verify and normalise one delivery: a notification, an interaction or a command."""
        if (answer := unreadable(request)) is not None:
            return answer
        if not self._is_signed(request, now):
            return refused(401, "x-slack-signature is missing, wrong or older than 5 minutes")
        try:
            text = _checked(request)
        except JsonBodyError as error:
            return refused(400, str(error))
        return self._dispatch(text, request.headers, now)

    async def send(self, message: OutboundMessage) -> SendResult:
        """Show one piece of `message`; blocks that Slack refuses are tried once as plain words."""
        if self._removed:
            return Misconfigured("the app was removed from the workspace: install it again")
        payloads = payloads_of(message.content)
        if message.part >= len(payloads):
            return Accepted()
        address = message.address
        call = payloads[message.part] | {
            "channel": address.peer,
            "unfurl_links": False,
            "unfurl_media": False,
            # Slack knows no idempotency keys; this lets a person see that two are one.
            "metadata": {
                "event_type": "tributary_message",
                "event_payload": {"id": str(message.id), "part": message.part},
            },
        }
        if address.thread is not None:
            call["thread_ts"] = address.thread
        result, _ = await self.call("chat.postMessage", call)
        if isinstance(result, Rejected) and result.fix == "plain":
            result, _ = await self.call("chat.postMessage", call | {"blocks": []})
        if isinstance(result, Accepted):
            return Accepted(result.ids, more=message.part + 1 < len(payloads))
        return result

    async def call(
        self, method: str, arguments: Mapping[str, Any]
    ) -> tuple[SendResult, dict[str, object]]:
        """Call one method of the Web API once; return what it means and what was answered."""
        request = self._client.build_request(
            "POST",
            f"{self._api_url}/{method}",
            content=orjson.dumps(arguments),
            headers={
                "authorization": f"Bearer {self._token}",
                "content-type": "application/json; charset=utf-8",
            },
        )
        try:
            answer = await fetch(self._client, request, most=ANSWER_MAX)
        except SSRFProtectionError:
            return Misconfigured("the Web API's address may not be reached"), {}
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Retryable(type(error).__name__), {}
        except (httpx.HTTPError, AnswerTooLargeError) as error:
            return Ambiguous(type(error).__name__), {}
        return outcome(answer.status, answer.body, answer.headers.get("retry-after"))

    async def examine(self, public_url: str | None) -> list[Finding]:
        """Return how the account stands in Slack."""
        result, who = await self.call("auth.test", {})
        links = self._link is not None
        return findings(result, who, account=self.account, links=links, url=public_url)

    async def pull(self, cursor: str | None, *, now: datetime) -> Pulled:
        """Wait for deliveries over the socket; Slack keeps no place to read on from."""
        if self._link is None:
            return Pulled(cursor=cursor)
        found = await self._link.look()
        if not isinstance(found, list):
            return Pulled(cursor=cursor, failure=found)
        messages: list[tuple[InboundMessage, str]] = []
        for envelope in found:
            raw = orjson.dumps(envelope.payload, default=str).decode()
            received = self._dispatch(envelope.payload, {}, now)
            messages += [(message, raw) for message in received.messages]
        return Pulled(tuple(messages), cursor, receipts=tuple(each.id for each in found))

    async def acknowledge(self, pulled: Pulled) -> None:
        """Tell Slack that these deliveries are stored."""
        if self._link is not None:
            await self._link.acknowledge(pulled.receipts)

    async def close(self) -> None:
        """Close connections."""
        if self._link is not None:
            await self._link.close()
        await self._client.aclose()

    def _is_signed(self, request: WebhookRequest, now: datetime) -> bool:
        # Bolt's own check raises on a timestamp that is no number and on bytes that are no text.
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        formed = _TIMESTAMP.fullmatch(stamp) and _SIGNATURE.fullmatch(signature)
        if self._verifier is None or not formed:
            return False
        try:
            body = request.body.decode("utf-8")
        except UnicodeDecodeError:
            return False
        self._clock.seconds = now.timestamp()
        return self._verifier.is_valid(body, stamp, signature)

    def _dispatch(
        self, body: str | dict[str, object], headers: Mapping[str, str], now: datetime
    ) -> Received:
        """Let Bolt read a webhook's text, or the payload that came over a socket."""
        found: Found = []
        try:
            asked = BoltRequest(
                body=body,
                mode="http" if isinstance(body, str) else "socket_mode",
                headers={"content-type": headers.get("content-type", "")},
                context={"found": found, "reader": Reader(self.account, now=now)},
            )
            answer = self._app.dispatch(asked)
        except (AttributeError, KeyError, TypeError, ValueError):
            return refused(400, "the payload has not the shape of Slack's")
        if answer.status >= 500:
            return refused(400, "the payload has not the shape of Slack's")
        media = answer.headers.get("content-type", ["text/plain"])[0].partition(";")[0]
        # What no part of the app waits for is acknowledged: a 404 would be sent again and again.
        status = 200 if answer.status == 404 else answer.status
        said = b"" if answer.status == 404 else (answer.body or "").encode()
        return Received(tuple(found), status, said, media_type=media)

    def _bolt(self, signing_secret: str) -> App:
        """Return the app whose listeners gather messages; they are stored before Slack hears."""

        def authorize(**_: object) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=self._token)

        app = App(
            name=f"tributary-{self.account}",
            logger=_quiet_logger(),
            signing_secret=signing_secret,
            authorize=authorize,
            process_before_response=True,
            # Done before, where nothing can raise.
            request_verification_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

        @app.event(_ANY)
        def notified(body: dict[str, Any], context: dict[str, Any]) -> None:
            event = body.get("event") or {}
            if event.get("type") in {"app_uninstalled", "tokens_revoked"}:
                self._removed = True
            context["found"] += context["reader"].read_notification(body)

        @app.action(_ANY)
        def pressed(body: dict[str, Any], context: dict[str, Any], ack: Any) -> None:  # noqa: ANN401
            context["found"] += context["reader"].read_action(body)
            ack()

        @app.command(_ANY)
        def commanded(body: dict[str, Any], context: dict[str, Any], ack: Any) -> None:  # noqa: ANN401
            context["found"] += context["reader"].read_command(body)
            ack()

        return app


class _FixedClock(Clock):
    """The time of the request at hand."""

    seconds = 0.0

    def now(self) -> float:
        return self.seconds


def _checked(request: WebhookRequest) -> str:
    """Return the body as text, its JSON read strictly before Bolt reads it.

    Raises:
        JsonBodyError: it is not what Slack sends.
    """
    text = request.body.decode("utf-8")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _JSON:
        read_object(request.body)
        return text
    try:
        fields = parse_qs(text, max_num_fields=100)
    except ValueError as error:
        message = "the body is neither JSON nor a form"
        raise JsonBodyError(message) from error
    if "payload" in fields:
        read_object(fields["payload"][0].encode())
    return text


def _quiet_logger() -> logging.Logger:
    """Return a logger that tells nothing: Bolt logs bodies."""
    logger = logging.getLogger("channels.slack.bolt")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return logger


def create(settings: ChannelSettings) -> SlackChannel:
    """Make the channel of one account.

    Raises:
        ChannelError: an option is missing, unknown or wrong.
    """
    options = Options(settings)
    token = options.take_form(
        "bot_token", _BOT_TOKEN, "begins with xoxb-; see OAuth & Permissions of the app"
    )
    app_token = options.take_form(
        "app_token", _APP_TOKEN, "begins with xapp-; see Basic Information of the app"
    )
    # Over a socket of the app's own nothing has to be proven.
    secret = options.take_form(
        "signing_secret",
        _ANY if app_token else _SIGNING_SECRET,
        "is missing or too short; see Basic Information of the app",
    )
    base = options.take_address("api_url", API_URL)
    client = options.open_client()
    options.end()
    return SlackChannel(
        settings.account,
        signing_secret=secret,
        bot_token=token,
        client=client,
        api_url=base,
        app_token=app_token or None,
    )
