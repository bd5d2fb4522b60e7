"""How a WeChat account stands: secret, whitelist, right to write, callbacks, clock."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from channels.contract import Misconfigured
from channels.examination import Finding, webhook_path
from channels.wechat.api import Api, CallError
from channels.wechat.opening import FRESH_SECONDS, Secrets

#: What to do about the codes an account meets at first.
_MEND: Final[Mapping[int, str]] = {
    40013: "copy app_id from the page Basic configuration (基本配置)",
    40125: "make a new AppSecret on the page Basic configuration (基本配置) and set app_secret",
    40164: "add the server's public address to the IP whitelist (IP白名单)",
    61004: "add the server's public address to the IP whitelist (IP白名单)",
    48001: "have the account verified (微信认证); until then its replies are refused",
}
#: Nobody has this OpenID; asking about it changes nothing and shows which rights there are.
_NOBODY: Final = "nobody"


async def examine(
    api: Api, secrets: Secrets, *, account: str, public_url: str | None, now: datetime
) -> list[Finding]:
    """Return how the account stands; nothing is changed and nobody is written to.

    Args:
        api: of the account.
        secrets: of the account.
        account: as `bot.yml` names it.
        public_url: how WeChat reaches us.
        now: UTC.
    """
    try:
        stated = await api.date()
    except CallError as error:
        return [_refused(error), _address(account, public_url)]
    found = [Finding("fine", "app_id and app_secret are right, and our IP address is allowed")]
    found += _clock(stated, now)
    found.append(await _may_write(api))
    if secrets.key is None:
        found.append(
            Finding(
                "note",
                "mode is plain: the bodies of callbacks are not signed",
                "choose safe mode on WeChat's page, set encoding_aes_key and mode: safe",
            )
        )
    return [*found, _address(account, public_url)]


def _refused(error: CallError) -> Finding:
    cause = getattr(error.result, "cause", "") or type(error.result).__name__
    if isinstance(error.result, Misconfigured):
        mend = _MEND.get(error.code or 0, "look at api_base and allow_networks")
        return Finding("fault", cause, mend)
    return Finding("fault", f"WeChat cannot be asked: {cause}", "check network and proxy")


async def _may_write(api: Api) -> Finding:
    body = {"touser": _NOBODY, "command": "Typing"}
    try:
        await api.post("/cgi-bin/message/custom/typing", {**body})
    except CallError as error:
        if error.code == 48001:
            what = "the account may not send customer-service messages"
            return Finding("fault", what, _MEND[48001])
    return Finding("fine", "the account may send customer-service messages")


def _clock(stated: str, now: datetime) -> list[Finding]:
    try:
        ahead = (now - parsedate_to_datetime(stated)).total_seconds()
    except (TypeError, ValueError):  # no date, or none with a time zone
        return []
    if abs(ahead) < FRESH_SECONDS / 2:
        return []
    what = f"our clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
    return [Finding("fault", f"{what}: callbacks seem old or early", "synchronise it (NTP)")]


def _address(account: str, public_url: str | None) -> Finding:
    """Return what to enter as the address of callbacks; WeChat does not tell what is there."""
    path = webhook_path("wechat", account)
    if public_url is None:
        return Finding(
            "note",
            f"WeChat must reach {path}",
            "set TRIBUTARY_PUBLIC_URL to see the whole address",
        )
    url = public_url.rstrip("/") + path
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    if port not in {80, 443}:
        return Finding(
            "fault", f"WeChat calls ports 80 and 443 only, not {url}", "change the port"
        )
    return Finding("note", f"on WeChat's page the address (URL) must be {url}")
