"""How a Telegram account stands: token, address, groups, clock; and having updates delivered."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import DeleteWebhook, GetMe, GetWebhookInfo, SetWebhook
from aiogram.types import User, WebhookInfo

from channels.contract import Misconfigured
from channels.examination import Finding, webhook_path
from channels.fetcher import SSRFProtectionError
from channels.telegram.api import outcome

#: Ports Telegram delivers to.
PORTS: Final = (443, 80, 88, 8443)
#: How old a failed delivery may be to be worth telling, seconds.
_RECENT: Final = 24 * 3600
#: Updates waiting at Telegram that say nobody takes them.
_PENDING: Final = 100

_FAILURES: Final = (AiogramError, SSRFProtectionError)


async def examine(
    bot: Bot,
    *,
    account: str,
    polls: bool,
    username: str | None,
    wanted: tuple[str, ...],
    public_url: str | None,
) -> list[Finding]:
    """Return how the account stands.

    Args:
        bot: of the account's token.
        account: as `bot.yml` names it.
        polls: whether updates are read rather than delivered.
        username: what `bot.yml` says the bot is called.
        wanted: kinds of updates that are needed.
        public_url: how Telegram reaches us.
    """
    try:
        me = await bot(GetMe())
        info = await bot(GetWebhookInfo())
    except _FAILURES as error:
        return [_unanswered(error)]
    found = [Finding("fine", f"the token is that of @{me.username}"), *_names(me, username)]
    if polls:
        return found + _polled(info)
    return found + _delivered(info, account, wanted, public_url)


async def connect(
    bot: Bot, *, account: str, secret: str, wanted: tuple[str, ...], public_url: str
) -> list[Finding]:
    """Have updates delivered to `public_url`."""
    url = public_url.rstrip("/") + webhook_path("telegram", account)
    if (wrong := _unreachable(url)) is not None:
        return [wrong]
    try:
        await bot(SetWebhook(url=url, secret_token=secret, allowed_updates=list(wanted)))
    except _FAILURES as error:
        return [_unanswered(error)]
    return [Finding("fine", f"Telegram delivers to {url} from now on")]


async def disconnect(bot: Bot) -> list[Finding]:
    """Have nothing delivered any more, so that updates can be read."""
    try:
        await bot(DeleteWebhook())
    except _FAILURES as error:
        return [_unanswered(error)]
    return [Finding("fine", "Telegram delivers nowhere; this account reads its updates")]


def _unanswered(error: Exception) -> Finding:
    result = outcome(error)
    if isinstance(result, Misconfigured):
        return Finding("fault", result.cause, "take the token from @BotFather (/token) again")
    said = getattr(result, "cause", "") or type(result).__name__
    return Finding("fault", f"Telegram cannot be asked: {said}", "check network and proxy")


def _names(me: User, username: str | None) -> list[Finding]:
    found: list[Finding] = []
    if username is None:
        found.append(
            Finding(
                "note",
                "username is not set: in groups the bot only hears commands and replies",
                f"options: username: {me.username}",
            )
        )
    elif (me.username or "").lower() != username.lower():
        found.append(
            Finding(
                "fault",
                f"bot.yml calls the bot {username}, Telegram {me.username}",
                f"options: username: {me.username}",
            )
        )
    if me.can_read_all_group_messages:
        found.append(
            Finding(
                "note",
                "privacy mode is off: Telegram sends all that is said in groups",
                "@BotFather: /setprivacy, Enable; the bot needs only what is said to it",
            )
        )
    return found


def _polled(info: WebhookInfo) -> list[Finding]:
    if info.url:
        return [
            Finding(
                "fault",
                f"mode is polling, but Telegram delivers to {info.url}",
                "tributary doctor --connect ends the deliveries",
            )
        ]
    return [Finding("fine", f"updates are read; {info.pending_update_count} wait")]


def _delivered(
    info: WebhookInfo, account: str, wanted: tuple[str, ...], public_url: str | None
) -> list[Finding]:
    mend = "tributary doctor --connect"
    if not info.url:
        return [Finding("fault", "Telegram delivers nowhere", mend)]
    found: list[Finding] = []
    if public_url is None:
        note = f"Telegram delivers to {info.url}; TRIBUTARY_PUBLIC_URL is not set to compare"
        found.append(Finding("note", note, "set TRIBUTARY_PUBLIC_URL"))
    elif info.url != public_url.rstrip("/") + webhook_path("telegram", account):
        found.append(Finding("fault", f"Telegram delivers to {info.url}, not here", mend))
    else:
        found.append(Finding("fine", f"Telegram delivers to {info.url}"))
    missing = sorted(set(wanted) - set(info.allowed_updates or wanted))
    if missing:
        found.append(Finding("fault", f"Telegram does not send {', '.join(missing)}", mend))
    if info.pending_update_count > _PENDING:
        told = f"{info.pending_update_count} updates wait at Telegram"
        found.append(Finding("fault", told, "is the server reachable, and does it answer 200?"))
    at = info.last_error_date
    if at is not None and (datetime.now(UTC) - at).total_seconds() < _RECENT:
        said = f"the last delivery failed at {at:%Y-%m-%d %H:%M} UTC: {info.last_error_message}"
        found.append(Finding("note", said, "see the log for webhook.refused at that time"))
    return found


def _unreachable(url: str) -> Finding | None:
    parts = urlsplit(url)
    if parts.scheme == "https" and (parts.port or 443) in PORTS:
        return None
    if parts.hostname == "127.0.0.1":  # a Telegram of one's own
        return None
    ports = ", ".join(map(str, PORTS))
    return Finding(
        "fault",
        f"Telegram delivers over https to ports {ports} only, not to {url}",
        "set TRIBUTARY_PUBLIC_URL to an https address, or mode: polling",
    )
