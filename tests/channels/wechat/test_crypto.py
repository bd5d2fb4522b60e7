"""Signatures and encryption, against published vectors and two independent implementations."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import check_signature
from werobot.crypto import MessageCrypt

from channels.wechat.crypto import (
    CryptoError,
    MessageKey,
    is_signed,
    is_signed_raw_data,
    sign,
    sign_page,
)
from channels.wechat.payloads import read_payload, text_of
from channels.wechat.replies import sealed_reply

#: Both keys have unused bits set in their last character, as real ones do.
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wxb11529c136998cb6"
COMPANY_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
COMPANY_ID = "wx49f0ab532d5d035a"
COMPANY_TOKEN = "123456"

ECHO = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
ENCRYPTED = (
    "RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTye"
    "DXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyol"
    "Bug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZn"
    "YZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5n"
    "oTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0="
)
REPLY = """<xml>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[test]]></Content>
<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>
<ToUserName><![CDATA[messense]]></ToUserName>
<AgentID>1</AgentID>
<CreateTime>1411525903</CreateTime>
</xml>"""
RAW_DATA = (
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong",'
    '"country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/'
    '1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
)


def test_plain_signature() -> None:
    """The signature of a callback that is not encrypted is the published one."""
    signature = "f21891de399b4e33a1a93c9a7b8a8fffb5a443ff"

    assert sign("test", "1410685589", "test") == signature
    assert is_signed(signature, "test", "1410685589", "test")
    assert not is_signed(signature[:-1] + "e", "test", "1410685589", "test")
    check_signature("test", signature, "1410685589", "test")


def test_encryption_is_the_published_one() -> None:
    """With the random part given, a message encrypts to the published bytes."""
    expected = (
        "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    )
    key = MessageKey(KEY, receive_id=APP_ID)

    assert key.encrypt("我是中文abcd123".encode(), random=b"aaaabbbbccccdddd") == expected
    assert key.decrypt(expected).decode() == "我是中文abcd123"


def test_address_check_of_a_company() -> None:
    """The echo of WeCom's address check decrypts, and not with another nonce."""
    signature = "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    key = MessageKey(COMPANY_KEY, receive_id=COMPANY_ID)

    assert is_signed(signature, COMPANY_TOKEN, "1411443780", "437374425", ECHO)
    assert not is_signed(signature, COMPANY_TOKEN, "1411443780", "437374424", ECHO)
    assert key.decrypt(ECHO) == b"5927782489442352469"


def test_published_message() -> None:
    """A message that another implementation encrypted is read."""
    signature = "74d92dfeb87ba7c714f89d98870ae5eb62dff26d"
    key = MessageKey(COMPANY_KEY, receive_id=COMPANY_ID)

    assert is_signed(signature, COMPANY_TOKEN, "1411525903", "461056294", ENCRYPTED)
    payload = read_payload(key.decrypt(ENCRYPTED))
    names = ("Content", "FromUserName", "MsgId", "AgentID")
    assert [text_of(payload, name) for name in names] == [
        "test", "messense", "4363689963896700987", "1",
    ]  # fmt: skip


def test_published_reply() -> None:
    """A passive reply encrypts and signs to the published values."""
    reply = sealed_reply(
        REPLY,
        MessageKey(COMPANY_KEY, receive_id=COMPANY_ID),
        token=COMPANY_TOKEN,
        timestamp="1411525903",
        nonce="461056294",
        random=b"1234567890123456",
    )

    payload = read_payload(reply.encode())
    assert text_of(payload, "MsgSignature") == "407518b7649e86ef23978113f92d27afa9296533"
    assert text_of(payload, "Encrypt").startswith("9s4gMv99m88kKTh/H8IdkOiMg6bisoy3")
    assert (text_of(payload, "TimeStamp"), text_of(payload, "Nonce")) == (
        "1411525903",
        "461056294",
    )


def test_page_signature() -> None:
    """A web page's signature is the published one, whatever follows #."""
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    for url in ("http://mp.weixin.qq.com?params=value", "http://mp.weixin.qq.com?params=value#a"):
        signed = sign_page(ticket, nonce="Wm3WZYTPz0wzccnW", timestamp="1414587457", url=url)
        assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_raw_data_of_a_mini_program() -> None:
    """What a mini-program signed is believed, and nothing else."""
    signature = "75e81ceda165f4ffa64f4068af58c64b8f54b88c"
    key = "HyVFkGl5F5OQWJZZaNzBBg=="

    assert is_signed_raw_data(signature, RAW_DATA, key=key)
    assert not is_signed_raw_data(signature, RAW_DATA.replace("Band", "Bond"), key=key)
    assert not is_signed_raw_data(signature, RAW_DATA, key="")


def test_an_empty_token_signs_nothing() -> None:
    """An account whose token was forgotten accepts no signature, not even the right one."""
    assert not is_signed(sign("", "1", "2"), "", "1", "2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        base64.b64encode(b"x" * 32).decode(),
        base64.b64encode(b"x" * 48).decode(),
        "%%%",
        "é",
        "\ud800",
        ENCRYPTED[:-4],
        ECHO[1:],
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    """Whatever does not decrypt to a message is one kind of error."""
    with pytest.raises(CryptoError):
        MessageKey(COMPANY_KEY, receive_id=COMPANY_ID).decrypt(text)


def sealed(plain: bytes) -> str:
    """Return bytes encrypted as they are, padding and all."""
    oracle: Any = PrpCrypto(base64.b64decode(KEY + "="))
    return base64.b64encode(oracle.cipher.encrypt(plain)).decode()


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (b"r" * 31 + b"\x00", "badly padded"),
        (b"r" * 31 + b"\x21", "badly padded"),
        (b"r" * 30 + b"\x01\x02", "badly padded"),
        (b"\x20" * 32, "shorter than it says"),
        (b"r" * 16 + b"\xff\xff\xff\xff" + b"m" * 11 + b"\x01", "shorter than it says"),
        (b"r" * 16 + b"\x00\x00\x00\x0c" + b"m" * 11 + b"\x01", "shorter than it says"),
        (b"r" * 16 + b"\x00\x00\x00\x0b" + b"m" * 11 + b"\x01", "another AppID"),
    ],
)
def test_what_decrypts_to_nonsense_is_refused(plain: bytes, words: str) -> None:
    """Padding, length and receiver are checked each for itself."""
    with pytest.raises(CryptoError, match=words):
        MessageKey(KEY, receive_id=APP_ID).decrypt(sealed(plain))


def test_a_message_for_another_account_is_refused() -> None:
    """The same key with another AppID does not read it."""
    text = MessageKey(KEY, receive_id="wx-other").encrypt(b"<xml/>")

    with pytest.raises(CryptoError, match="another AppID"):
        MessageKey(KEY, receive_id=APP_ID).decrypt(text)


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY[:-1] + "=", KEY[:-1] + "é"])
def test_a_wrong_key_is_named(key: str) -> None:
    """A key that is none is refused when the account is made, not when a message comes."""
    with pytest.raises(ValueError, match="43 letters"):
        MessageKey(key, receive_id=APP_ID)


MESSAGES = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(MESSAGES)
def test_others_read_what_we_encrypt(text: str) -> None:
    """Two independent implementations decrypt our replies to the same text."""
    key = MessageKey(KEY, receive_id=APP_ID)
    reply = sealed_reply(f"<{text}", key, token="t0ken", timestamp="7", nonce="n")
    payload = read_payload(reply.encode())
    encrypted, signature = text_of(payload, "Encrypt"), text_of(payload, "MsgSignature")

    first = WeChatCrypto("t0ken", KEY, APP_ID).decrypt_message(reply, signature, "7", "n")
    second = MessageCrypt("t0ken", KEY, APP_ID).decrypt_message("7", "n", signature, encrypted)

    assert first == f"<{text}"
    assert second == f"<{text}".encode()


@given(MESSAGES)
def test_we_read_what_others_encrypt(text: str) -> None:
    """What two independent implementations encrypt and sign is accepted and read."""
    key = MessageKey(KEY, receive_id=APP_ID)
    for oracle in (WeChatCrypto("t0ken", KEY, APP_ID), MessageCrypt("t0ken", KEY, APP_ID)):
        written: Any = (
            oracle.encrypt_message(text, "n", "7")
            if isinstance(oracle, WeChatCrypto)
            else oracle.encrypt_message(text, "7", "n")
        )
        payload = read_payload(written.encode())
        encrypted = text_of(payload, "Encrypt")
        assert is_signed(text_of(payload, "MsgSignature"), "t0ken", "7", "n", encrypted)
        assert key.decrypt(encrypted).decode() == text
