"""Opening a callback: its signature and age are checked before anything in it is believed.

An account whose callbacks are encrypted takes no plain ones: the signature of a plain callback
does not cover its body.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from channels.contract import WebhookRequest
from channels.wechat.crypto import CryptoError, MessageKey, is_signed
from channels.wechat.payloads import BODY_MAX, Payload, PayloadError, read_payload, text_of

#: How old or how far ahead a signature may be, seconds.
FRESH_SECONDS: Final = 300
#: Longest nonce or echo that is looked at, characters.
_PARAMETER_MAX: Final = 4096

#: `plain`: signed but readable; `compatible`: readable and encrypted, of which only the latter
#: counts; `safe`: encrypted.
Mode = Literal["plain", "compatible", "safe"]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an account and WeChat know of each other."""

    token: str
    key: MessageKey | None = None  #: None only where callbacks are plain
    #: WeCom's check of an address: the echo is encrypted too.
    sealed_echo: bool = False


class RefusedError(Exception):
    """A request that is not answered; the text is for the log and the caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def open_echo(request: WebhookRequest, account: Secrets, *, now: datetime) -> bytes:
    """Return what answers WeChat's check that an address is ours.

    Raises:
        RefusedError: the check is not from WeChat or is an old one.
    """
    echo = request.query.get("echostr", "")
    if account.sealed_echo and account.key is not None:
        _check(request, account, "msg_signature", now, echo)
        try:
            return account.key.decrypt(echo)
        except CryptoError as error:
            raise RefusedError(401, str(error)) from error
    _check(request, account, "signature", now)
    if not echo:
        raise RefusedError(400, "the address check has no echostr")
    return echo.encode("utf-8", "replace")


def open_payload(request: WebhookRequest, account: Secrets, *, now: datetime) -> Payload:
    """Return the verified payload of a callback.

    Raises:
        RefusedError: too large, not signed by WeChat, old, not for this account, or malformed.
    """
    if len(request.body) > BODY_MAX:
        raise RefusedError(413, f"a body may have {BODY_MAX} bytes")
    if account.key is None:
        _check(request, account, "signature", now)
        return _read(request.body)
    if request.query.get("encrypt_type", "") != "aes":
        raise RefusedError(401, "the account takes encrypted callbacks only")
    # The signature covers the encrypted part, so that one field is read before it is checked.
    encrypted = text_of(_read(request.body), "Encrypt")
    if not encrypted:
        raise RefusedError(400, "the body has no Encrypt")
    _check(request, account, "msg_signature", now, encrypted)
    try:
        return _read(account.key.decrypt(encrypted))
    except CryptoError as error:
        raise RefusedError(401, str(error)) from error


def _read(body: bytes) -> Payload:
    try:
        return read_payload(body)
    except PayloadError as error:
        raise RefusedError(400, str(error)) from error


def _check(
    request: WebhookRequest, account: Secrets, name: str, now: datetime, *parts: str
) -> None:
    signature = request.query.get(name, "")
    timestamp = request.query.get("timestamp", "")
    nonce = request.query.get("nonce", "")
    signed = is_signed(signature, account.token, timestamp, nonce, *parts)
    if not signed or len(nonce) > _PARAMETER_MAX:
        raise RefusedError(401, f"{name} is missing or wrong: check the token")
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        raise RefusedError(401, "the timestamp is no number")
    if abs(now.timestamp() - int(timestamp)) > FRESH_SECONDS:
        raise RefusedError(401, "the signature is older than 5 minutes: check the clock")
