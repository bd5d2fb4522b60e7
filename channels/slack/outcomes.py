"""What Slack's answers mean (Web API errors)."""

from typing import Final

import orjson

from channels.contract import (
    Accepted,
    Ambiguous,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
)

RETRY_AFTER_MAX: Final = 3600.0

_RETRYABLE: Final = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
_MISCONFIGURED: Final = {
    "account_inactive": "the app was removed from the workspace: install it again",
    "token_revoked": "the app was removed from the workspace: install it again",
    "token_expired": "the token is too old: install the app again",
    "invalid_auth": "Slack does not know the token: see OAuth & Permissions of the app",
    "not_authed": "the token is missing",
    "missing_scope": "a scope is missing: add chat:write and install the app again",
    "no_permission": "the app may not write: see OAuth & Permissions",
    "team_access_not_granted": "the workspace did not let the app in",
    "org_login_required": "the workspace is being moved",
    "ekm_access_denied": "the workspace's administrators forbid it",
    "access_denied": "the workspace's administrators forbid it",
}
_UNREACHABLE: Final = {
    "channel_not_found": "the app is invited to the channel",
    "not_in_channel": "the app is invited to the channel",
    "is_archived": "the channel is opened again",
    "user_not_found": "never: there is nobody of that id",
    "user_disabled": "the account is enabled again",
    "cannot_dm_bot": "never: a bot cannot be written to",
    "messages_tab_disabled": "the app's messages tab is switched on",
    "restricted_action": "the workspace lets apps write there",
    "restricted_action_read_only_channel": "the channel is no longer read-only",
}
_TOO_LONG: Final = {"msg_too_long", "msg_blocks_too_long", "too_many_attachments"}


def outcome(
    status: int, body: bytes, retry_after: str | None
) -> tuple[SendResult, dict[str, object]]:
    """Return what an answer means, and the answer when it says that all is well.

    Args:
        status: of HTTP.
        body: JSON with `ok`, or a page of a broken gateway.
        retry_after: the header, seconds.
    """
    if status == 429:
        return RateLimited(_seconds(retry_after), "chat"), {}
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        return Ambiguous(f"the answer ({status}) is not Slack's"), {}
    if answer.get("ok") is True:
        return Accepted((str(answer.get("ts", "")),)), answer
    return outcome_of_error(str(answer.get("error", "")), retry_after), {}


def outcome_of_error(error: str, retry_after: str | None) -> SendResult:
    """Return what one of Slack's error codes means."""
    if error in {"ratelimited", "rate_limited", "message_limit_exceeded"}:
        return RateLimited(_seconds(retry_after), "chat")
    if error in _RETRYABLE:
        return Retryable(error)
    if error in _MISCONFIGURED:
        return Misconfigured(_MISCONFIGURED[error])
    if error in _UNREACHABLE:
        return Unreachable(_UNREACHABLE[error])
    if error in _TOO_LONG:
        return Rejected("split", error)
    if error in {"invalid_blocks", "invalid_blocks_format"}:
        return Rejected("plain", error)
    return Rejected("none", error[:100])


def _seconds(retry_after: str | None) -> float:
    try:
        return min(max(float(retry_after or "1"), 0.0), RETRY_AFTER_MAX)
    except ValueError:
        return 1.0
