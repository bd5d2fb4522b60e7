"""Slack's side of the wire for tests: payloads, signed by Slack's own library."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from channels.contract import WebhookRequest

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT_TOKEN = "xoxb-" + "simulated"
BOT = "U0BOT"
ADA = "U0ADA"


def signed(
    body: bytes, content_type: str, *, at: datetime, secret: str = SIGNING_SECRET
) -> WebhookRequest:
    """Return a delivery as Slack makes it."""
    stamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    headers = {
        "content-type": content_type,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature or "",
    }
    return WebhookRequest("POST", {}, headers, body)


def notification(event: dict[str, Any], *, at: datetime, key: str = "Ev1") -> WebhookRequest:
    """Return an Events API delivery."""
    body = {
        "token": "old",
        "team_id": "T1",
        "api_app_id": "A1",
        "type": "event_callback",
        "event_id": key,
        "event_time": int(at.timestamp()),
        "authorizations": [{"team_id": "T1", "user_id": BOT, "is_bot": True}],
        "event": event,
    }
    return signed(json.dumps(body).encode(), "application/json", at=at)


def direct(text: str, *, at: datetime, **more: object) -> dict[str, Any]:
    """Return the notification of a direct message."""
    return {
        "type": "message",
        "channel": "D1",
        "channel_type": "im",
        "user": ADA,
        "text": text,
        "ts": f"{at.timestamp():.6f}",
    } | more


def interaction(actions: object, *, at: datetime, **more: object) -> WebhookRequest:
    """Return the delivery of pressed buttons."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": ADA, "name": "ada"},
        "channel": {"id": "D1"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "D1"},
        "message": {"ts": "1.2", "text": "?"},
        "trigger_id": "t.1",
        "actions": actions,
    } | more
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return signed(body, "application/x-www-form-urlencoded", at=at)


def command(text: str, *, at: datetime) -> WebhookRequest:
    """Return the delivery of a slash command."""
    fields = {
        "command": "/kettle",
        "text": text,
        "team_id": "T1",
        "channel_id": "D1",
        "user_id": ADA,
        "user_name": "ada",
        "trigger_id": "t.9",
    }
    return signed(urlencode(fields).encode(), "application/x-www-form-urlencoded", at=at)
