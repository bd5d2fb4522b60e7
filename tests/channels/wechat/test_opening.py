"""Callbacks are opened when WeChat made them, lately, for this account; no others are."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import WebhookRequest
from channels.wechat.crypto import MessageKey
from channels.wechat.opening import Mode, RefusedError, Secrets, open_echo, open_payload
from channels.wechat.payloads import read_payload, text_of
from tests.channels.wechat.samples import SAMPLES, xml_of
from tests.channels.wechat.wire import (
    APP_ID,
    KEY,
    NOW,
    PLAIN,
    SEALED,
    TOKEN,
    address_check,
    callback,
    mutated,
    signature_of,
)

BODY = xml_of(SAMPLES["text"])
MODES: dict[Mode, Secrets] = {"plain": PLAIN, "compatible": SEALED, "safe": SEALED}


def refusal(request: WebhookRequest, account: Secrets, *, now: datetime = NOW) -> RefusedError:
    """Return why a callback is refused."""
    with pytest.raises(RefusedError) as caught:
        open_payload(request, account, now=now)
    return caught.value


@pytest.mark.parametrize("mode", MODES)
def test_callbacks_of_every_mode_are_opened(mode: Mode) -> None:
    """Plain, compatible and safe callbacks give the same payload."""
    payload = open_payload(callback(BODY, mode), MODES[mode], now=NOW)

    assert payload == read_payload(BODY.encode())


def test_json_callbacks_are_opened() -> None:
    """Mini-programs that chose JSON have the encrypted part in JSON too."""
    inside = json.dumps({"MsgType": "text", "Content": "好"}, ensure_ascii=False)
    sealed = callback(inside, "safe")
    encrypted = text_of(read_payload(sealed.body), "Encrypt")
    body = json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()

    payload = open_payload(replace(sealed, body=body), SEALED, now=NOW)

    assert payload == {"MsgType": "text", "Content": "好"}


def test_plain_fields_beside_encrypted_ones_do_not_count() -> None:
    """In compatible mode only what was encrypted is believed."""
    request = callback(BODY, "compatible")
    tampered = request.body.replace("你好".encode(), "再见".encode())
    assert tampered != request.body

    payload = open_payload(replace(request, body=tampered), SEALED, now=NOW)

    assert payload == read_payload(BODY.encode())


def test_an_encrypted_account_takes_no_plain_callbacks() -> None:
    """Dropping the encryption is no way round it, however well the request is signed."""
    assert refusal(callback(BODY, "plain"), SEALED).status == 401
    sealed = callback(BODY, "safe")
    downgraded = {name: text for name, text in sealed.query.items() if name != "encrypt_type"}
    for query in (downgraded, {**downgraded, "encrypt_type": "raw"}):
        refused = refusal(replace(sealed, query=query, body=BODY.encode()), SEALED)
        assert (refused.status, refused.reason) == (
            401,
            "the account takes encrypted callbacks only",
        )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
def test_old_and_early_callbacks_are_refused(mode: Mode, seconds: int) -> None:
    """A recorded request is worth nothing five minutes later."""
    at = NOW + timedelta(seconds=seconds)

    assert refusal(callback(BODY, mode, at=at), MODES[mode]).status == 401
    open_payload(callback(BODY, mode, at=at), MODES[mode], now=at)


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "9" * 13, "١٢٣"])
def test_a_signed_time_that_is_none_is_refused(stamp: str) -> None:
    """Even with the right signature the time must be one."""
    query = {"signature": signature_of(TOKEN, stamp, "n"), "timestamp": stamp, "nonce": "n"}

    assert refusal(WebhookRequest("POST", query, {}, BODY.encode()), PLAIN).status == 401


def test_accounts_do_not_read_each_other() -> None:
    """Token, key and AppID of another account each refuse by themselves."""
    request = callback(BODY, "safe")
    strangers = (
        Secrets("another token", SEALED.key),
        Secrets(TOKEN, MessageKey("z" + KEY[1:], receive_id=APP_ID)),
        Secrets(TOKEN, MessageKey(KEY, receive_id="wx-other")),
        Secrets("", SEALED.key),
    )

    assert [refusal(request, account).status for account in strangers] == [401] * 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<xml><A>a</A></xml>", 400),
        (b"x" * 300_000, 413),
        (b"\xff\xfe", 400),
        (b"<xml><Encrypt>%%%</Encrypt></xml>", 401),
    ],
)
def test_malformed_bodies_are_refused(body: bytes, status: int) -> None:
    """What cannot be read says so, whatever its signature."""
    assert refusal(replace(callback(BODY, "safe"), body=body), SEALED).status == status


def test_a_signed_body_that_is_no_payload_is_malformed() -> None:
    """Signed and encrypted nonsense is the sender's fault, and is named."""
    refused = refusal(callback("nonsense", "safe"), SEALED)

    assert (refused.status, refused.reason) == (400, "the body is neither XML nor JSON")


def test_the_address_check_is_answered() -> None:
    """WeChat's echo comes back as it was, and to WeChat only."""
    request = address_check("5927782489442352469")

    assert open_echo(request, PLAIN, now=NOW) == b"5927782489442352469"
    assert open_echo(request, SEALED, now=NOW) == b"5927782489442352469"
    for query in (
        {**request.query, "signature": "0" * 40},
        {**request.query, "nonce": "m"},
        {},
    ):
        with pytest.raises(RefusedError) as caught:
            open_echo(replace(request, query=query), PLAIN, now=NOW)
        assert caught.value.status == 401
    with pytest.raises(RefusedError) as old:
        open_echo(request, PLAIN, now=NOW + timedelta(minutes=6))
    assert old.value.status == 401
    with pytest.raises(RefusedError) as empty:
        open_echo(address_check(""), PLAIN, now=NOW)
    assert empty.value.status == 400


def test_the_address_check_of_a_company_is_decrypted() -> None:
    """WeCom's published check is answered with the published number."""
    echo = (
        "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
    )
    key = MessageKey(
        "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", receive_id="wx49f0ab532d5d035a"
    )
    query = {
        "msg_signature": "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
        "timestamp": "1411443780",
        "nonce": "437374425",
        "echostr": echo,
    }
    now = datetime.fromtimestamp(1411443780, tz=UTC)
    account = Secrets("123456", key, sealed_echo=True)

    opened = open_echo(WebhookRequest("GET", query, {}, b""), account, now=now)

    assert opened == b"5927782489442352469"
    signed = signature_of("123456", "1411443780", "437374425", "AAAA")
    for changed in ({"nonce": "437374424"}, {"echostr": "AAAA", "msg_signature": signed}):
        request = WebhookRequest("GET", {**query, **changed}, {}, b"")
        with pytest.raises(RefusedError):
            open_echo(request, account, now=now)


def test_no_mutated_request_is_accepted() -> None:
    """Of a thousand requests with one thing changed none gets through, and each gets an answer."""
    rng = random.Random(6)
    requests = [callback(BODY, mode) for mode in ("safe", "compatible")]

    for _ in range(1_000):
        request = mutated(rng.choice(requests), rng)
        assert refusal(request, SEALED).status in {400, 401}, request


TEXTS = st.text(max_size=50)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr"]
    ),
    TEXTS | st.sampled_from(["aes", "raw", str(int(NOW.timestamp()))]),
)


@settings(max_examples=300)
@given(QUERIES, st.binary(max_size=200))
def test_requests_of_any_kind_are_refused(query: Mapping[str, Any], body: bytes) -> None:
    """Nothing that was not signed is opened, and nothing raises anything else."""
    for account in (PLAIN, SEALED, replace(SEALED, sealed_echo=True)):
        request = WebhookRequest("POST", query, {}, body)
        assert refusal(request, account).status in {400, 401}
        with pytest.raises(RefusedError):
            open_echo(request, account, now=NOW)
