"""Callbacks as WeChat makes them: signed, encrypted, three tries of five seconds each."""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import httpx

from channels.wechat.crypto import CryptoError, MessageKey, is_signed, sign
from channels.wechat.opening import Mode
from channels.wechat.payloads import Payload, PayloadError, inner, read_payload, text_of
from channels.wechat.replies import cdata

#: Tries of one callback, and how long each may take, seconds.
TRIES: Final = 3
PATIENCE: Final = 5.0

Fields = Mapping[str, "str | Fields | list[Fields]"]


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a callback and what came of it."""

    status: int | None  #: None: no answer in time, or no connection
    #: `taken`: success or nothing; `reply`: a passive reply; `banner`: WeChat tells the customer
    #: that the account is broken; `again`: it is tried again.
    outcome: Literal["taken", "reply", "banner", "again"]
    reply: Payload | None = None


def xml_of(fields: Fields) -> str:
    """Return fields as the XML of a callback."""
    return f"<xml>{_inside(fields)}</xml>"


def _inside(fields: Fields) -> str:
    parts: list[str] = []
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            inside = cdata(item) if isinstance(item, str) else _inside(item)
            parts.append(f"<{name}>{inside}</{name}>")
    return "".join(parts)


class Caller:
    """The side of WeChat that calls an account's address.

    Args:
        url: of the account.
        token: of the account.
        key: of the account; None: plain callbacks.
        mode: how the body is sent.
        as_json: bodies are JSON, as mini-programs may choose.
        client: makes the requests.
        clock: tells the time, UTC.
        time_scale: how much shorter than WeChat's all waiting is, e.g. 0.1.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        key: MessageKey | None,
        mode: Mode,
        client: httpx.AsyncClient,
        clock: Callable[[], datetime],
        as_json: bool = False,
        time_scale: float = 1.0,
    ) -> None:
        self._url = url
        self._token = token
        self._key = key
        self._mode = mode
        self._as_json = as_json
        self._client = client
        self._clock = clock
        self._patience = PATIENCE * time_scale

    async def check_address(self, echo: str) -> bool:
        """Ask the address to prove that it knows the token."""
        query = self._signed() | {"echostr": echo}
        answer = await self._client.get(self._url, params=query)
        return answer.status_code == 200 and answer.text == echo

    async def call(self, fields: Fields) -> list[Try]:
        """Deliver a callback and return the tries it took."""
        tries: list[Try] = []
        while len(tries) < TRIES:
            tries.append(await self.try_once(fields))
            if tries[-1].outcome != "again":
                break
        return tries

    async def try_once(self, fields: Fields) -> Try:
        """Deliver a callback once, with a signature of its own."""
        query, body = self._request(fields)
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._client.post(self._url, params=query, content=body)
        except (TimeoutError, httpx.HTTPError):
            return Try(None, "again")
        if answer.status_code != 200:
            return Try(answer.status_code, "again")
        if answer.content in {b"", b"success"}:
            return Try(200, "taken")
        try:
            return Try(200, "reply", self._read(answer.content))
        except (PayloadError, CryptoError):
            return Try(200, "banner")

    def _request(self, fields: Fields) -> tuple[dict[str, str], bytes]:
        text = json.dumps(fields, ensure_ascii=False) if self._as_json else xml_of(fields)
        query = self._signed()
        if self._key is None:
            return query, text.encode()
        encrypted = self._key.encrypt(text.encode())
        signature = sign(self._token, query["timestamp"], query["nonce"], encrypted)
        query |= {"encrypt_type": "aes", "msg_signature": signature}
        outer: dict[str, object] = dict(fields) if self._mode == "compatible" else {}
        outer |= {"ToUserName": fields.get("ToUserName", ""), "Encrypt": encrypted}
        if self._as_json:
            return query, json.dumps(outer, ensure_ascii=False).encode()
        return query, xml_of(outer).encode()  # type: ignore[arg-type] # fields and two texts

    def _signed(self) -> dict[str, str]:
        timestamp = str(int(self._clock().timestamp()))
        nonce = secrets.token_hex(8)
        signature = sign(self._token, timestamp, nonce)
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _read(self, body: bytes) -> Payload:
        """Return the passive reply of an answer."""
        payload = read_payload(body)
        if self._key is not None:
            encrypted = text_of(payload, "Encrypt")
            timestamp, nonce = text_of(payload, "TimeStamp"), text_of(payload, "Nonce")
            signature = text_of(payload, "MsgSignature")
            if not is_signed(signature, self._token, timestamp, nonce, encrypted):
                message = "the reply is not signed"
                raise CryptoError(message)
            payload = read_payload(self._key.decrypt(encrypted))
        if not text_of(payload, "MsgType") or inner(payload, "MsgType"):
            message = "the reply has no MsgType"
            raise PayloadError(message)
        return payload
