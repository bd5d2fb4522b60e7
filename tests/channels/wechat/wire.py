"""What WeChat's side sends, signed and encrypted by an implementation that is not ours."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from channels.contract import WebhookRequest
from channels.wechat.crypto import MessageKey
from channels.wechat.opening import Mode, Secrets

TOKEN = "a token of the tests"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wxb11529c136998cb6"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SEALED = Secrets(TOKEN, MessageKey(KEY, receive_id=APP_ID))
PLAIN = Secrets(TOKEN)


def signature_of(*parts: str) -> str:
    """Return WeChat's signature as wechatpy makes it."""
    signer: Any = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def callback(
    body: str, mode: Mode, *, at: datetime = NOW, nonce: str = "n0nce", token: str = TOKEN
) -> WebhookRequest:
    """Return a callback as WeChat makes it in one of its three modes."""
    timestamp = str(int(at.timestamp()))
    query = {"signature": signature_of(token, timestamp, nonce), "openid": "oPeer"}
    query |= {"timestamp": timestamp, "nonce": nonce}
    if mode == "plain":
        return WebhookRequest("POST", query, {"content-type": "text/xml"}, body.encode())
    crypto: Any = WeChatCrypto(token, KEY, APP_ID)
    sealed: str = crypto.encrypt_message(body, nonce, timestamp)
    encrypted = sealed.split("<Encrypt><![CDATA[")[1].split("]]>", maxsplit=1)[0]
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signature_of(token, timestamp, nonce, encrypted)
    field = f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
    whole = (
        body.replace("</xml>", f"{field}</xml>")
        if mode == "compatible"
        else f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName>{field}</xml>"
    )
    return WebhookRequest("POST", query, {"content-type": "text/xml"}, whole.encode())


def address_check(echo: str, *, at: datetime = NOW, nonce: str = "n0nce") -> WebhookRequest:
    """Return WeChat's check that an address is ours."""
    timestamp = str(int(at.timestamp()))
    signature = signature_of(TOKEN, timestamp, nonce)
    query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    return WebhookRequest("GET", query, {}, b"")


def mutated(request: WebhookRequest, rng: random.Random) -> WebhookRequest:
    """Return a request with one thing in it changed."""
    query, body = dict(request.query), bytearray(request.body)
    # Of an encrypted body only the encrypted part and its element count.
    begin = request.body.index(b"<Encrypt>")
    end = request.body.index(b"</Encrypt>")
    name = rng.choice(["msg_signature", "timestamp", "nonce", "encrypt_type"])
    match rng.randrange(6):
        case 0:
            body[rng.randrange(begin + 18, end - 3)] ^= 1 << rng.randrange(8)
        case 1:
            body[begin:end] = b""
        case 2:
            query.pop(name)
        case 3:
            text = query[name]
            at = rng.randrange(len(text))
            query[name] = text[:at] + chr(ord(text[at]) ^ (1 << rng.randrange(7))) + text[at + 1 :]
        case 4:
            query[name] = rng.choice(["", "0", "é", "\ud800", "x" * 5_000, query[name] + "0"])
        case _:
            query["msg_signature"], query["nonce"] = query["nonce"], query["msg_signature"]
    return replace(request, query=query, body=bytes(body))
