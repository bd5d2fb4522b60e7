"""Bodies as they come from anywhere: read, or refused with a reason, and never more than that."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.payloads import (
    BODY_MAX,
    PayloadError,
    inner,
    items_of,
    read_payload,
    text_of,
)

BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><xml><Content>&j;</Content></xml>"
)

HOSTILE = {
    "empty": b"",
    "blank": b" \n",
    "word": b"hello",
    "list": b"[]",
    "not utf-8": b"<xml><A>\xff</A></xml>",
    "utf-16": '<?xml version="1.0" encoding="utf-16"?><xml><A>a</A></xml>'.encode("utf-16"),
    "too large": b"<xml><A>" + b"a" * BODY_MAX + b"</A></xml>",
    "no end": b"<xml><A>a</A>",
    "two roots": b"<xml><A>a</A></xml><xml/>",
    "only text": b"<xml>a</xml>",
    "no fields": b"<xml/>",
    "dtd": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><A>a</A></xml>',
    "file": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><A>&f;</A></xml>',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><xml/>',
    "bomb": BOMB.encode(),
    "undeclared entity": b"<xml><A>&nbsp;</A></xml>",
    "nul": b"<xml><A>\x00</A></xml>",
    "deep xml": b"<a>" * 60_000,
    "eleven levels": b"<a>" * 11 + b"x" + b"</a>" * 11,
    "many elements": b"<xml>" + b"<a>1</a>" * 2_001 + b"</xml>",
    "deep json": b'{"a":' * 50_000,
    "deep list": b'{"a":' + b"[" * 100_000,
    "deep and closed": b'{"a":' + b"[" * 20 + b"]" * 20 + b"}",
    "many values": b'{"a":[' + b"{}," * 2_001 + b"{}]}",
    "many keys": json.dumps({str(n): "" for n in range(2_001)}).encode(),
    "key twice": b'{"ToUserName":"a","ToUserName":"b"}',
    "key twice within": b'{"a":{"b":1,"b":2}}',
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "long number": b'{"a":' + b"9" * 5_000 + b"}",
    "no json": b"{a:1}",
    "text after": b'{"a":1} x',
    "open string": b'{"a":"' + b"\\" * 9_999,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bodies_are_refused_with_a_reason(body: bytes) -> None:
    """Each is one kind of error, says why, and shows nothing of the body."""
    with pytest.raises(PayloadError) as caught:
        read_payload(body)

    assert 10 < len(str(caught.value)) < 100
    assert "passwd" not in str(caught.value)


def test_the_largest_body_is_read_quickly() -> None:
    """A body as large as allowed, of what costs most, takes moments of processor time."""
    costly = [
        b"<xml>" + b"<a/>" * 1_900 + b"<b" + b" c" * 80_000,
        b'{"a":"' + b'\\"' * 120_000 + b'"}',
        b'{"a":"' + b"x" * 250_000,
        b'{"a":[' + b'"",' * 80_000 + b'""]}',
    ]
    started = time.process_time()

    for body in costly:
        try:
            read_payload(body)
        except PayloadError:
            continue

    assert time.process_time() - started < 5


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but a payload or its error comes of any bytes, in any of the two forms."""
    for whole in (body, b"<xml>" + body + b"</xml>", b'{"a":' + body + b"}"):
        try:
            read_payload(whole)
        except PayloadError:
            continue


def test_xml_and_json_are_read_alike() -> None:
    """Nested fields, repeated ones, numbers and texts are the same in both forms."""
    xml = read_payload(
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<xml><A> <![CDATA[1 < 2]]> </A><N>5</N>"
        b"<L><T>x</T></L><L><T>y</T></L><L><T>z</T></L><E/></xml>"
    )
    twin = read_payload(b'{"A":"1 < 2","N":5,"L":[{"T":"x"},{"T":"y"},{"T":"z"}],"E":null}')

    assert xml == twin
    assert (text_of(xml, "A"), text_of(xml, "N"), text_of(xml, "E")) == ("1 < 2", "5", "")
    assert [text_of(item, "T") for item in items_of(xml, "L")] == ["x", "y", "z"]
    assert text_of(xml, "L") == text_of(xml, "missing") == ""
    assert inner(xml, "A") == {}
    assert items_of(read_payload(b"<x><L><T>x</T></L></x>"), "L") == [{"T": "x"}]


def test_texts_hold_nothing_a_database_refuses() -> None:
    """Control characters and halves of pairs do not get further than this."""
    payload = read_payload(b'{"a":"x\\u0000\\u001b[31m\\ud800y","b":true,"c":[1.5,false]}')

    assert payload == {"a": "x[31m?y", "b": "true", "c": ["1.5", "false"]}
