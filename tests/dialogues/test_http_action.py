"""Actions over HTTP as data: the files checked, the request made, the answer read."""

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from dialogues.bot import load_bot
from dialogues.http_action import HttpAction
from dialogues.http_call import CallError, HttpCall, make_call, named_failure, pointed, read_answer
from nlu.yaml_file import FaultyFileError
from tests.dialogues.parcel_talks import FOLDER

ENVIRONMENT = {"BASE": "https://api.example.com/v1", "KEY": "s3cret"}


def an_action(**changes: Any) -> HttpAction:  # noqa: ANN401 - keys of the file
    """Return an action with everything in it."""
    data: dict[str, Any] = {
        "id": "order",
        "method": "POST",
        "url": "${BASE}/orders/{number}?note={note}",
        "query": {"lang": "{turn.language}", "size": "{size}"},
        "headers": {"authorization": "Bearer ${KEY}"},
        "json": {"n": "{size}", "text": "size {size}", "list": ["{note}", True]},
        "inputs": {"number": {"required": True}, "note": {}, "size": {"type": "number"}},
        "outputs": {
            "status": {"pointer": "/order/status/{turn.language}", "required": True},
            "due": {"pointer": "/order/due", "type": "date"},
            "items": {"pointer": "/items"},
        },
        "failures": {
            "closed": {"pointer": "/closed", "is": True},
            "gone": {"status": [404, 410]},
        },
    }
    return HttpAction.model_validate({**data, **changes})


def a_call(action: HttpAction, **inputs: JsonValue) -> HttpCall:
    """Return the request with these inputs."""
    return make_call(action, inputs, language="en", key="k-1", environment=ENVIRONMENT)


def test_a_request_is_made_of_its_templates() -> None:
    """Values are encoded in the address and keep their type in the body."""
    made = a_call(an_action(), number="A/1 b?", note="x&y=z", size=2.0)

    assert made.url == (
        "https://api.example.com/v1/orders/A%2F1%20b%3F?note=x%26y%3Dz&lang=en&size=2"
    )
    assert made.headers["authorization"] == "Bearer s3cret"
    assert made.headers["idempotency-key"] == "k-1"
    assert orjson.loads(made.body or b"") == {
        "n": 2.0,
        "text": "size 2",
        "list": ["x&y=z", True],
    }


def test_what_is_not_known_is_left_out_of_the_query() -> None:
    """A parameter whose only value is missing is not sent."""
    assert a_call(an_action(), number="A1", note="n").url.endswith("?note=n&lang=en")


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_no_value_leaves_its_place_in_the_address(number: str, note: str) -> None:
    """Whatever a customer writes is one segment of the path and one value of the query."""
    action = an_action(method="GET", json=None, query={"size": "{size}"})
    try:
        url = urlsplit(a_call(action, number=number, note=note).url)
    except (CallError, UnicodeEncodeError):
        return

    assert url.netloc == "api.example.com"
    assert url.path.count("/") == 3
    assert unquote(url.path.split("/")[3]) == number
    assert unquote(url.query.removeprefix("note=")) == note
    assert "&" not in url.query


@pytest.mark.parametrize("number", [".", "..", ""])
def test_a_step_through_folders_is_refused(number: str) -> None:
    """A segment that servers resolve is no number of an order."""
    with pytest.raises(CallError, match="unfit_input"):
        a_call(an_action(), number=number, note="n")


@pytest.mark.parametrize(
    "environment",
    [
        {"BASE": "https://api.example.com"},
        {"KEY": "x", "BASE": "ftp://api.example.com"},
        {"KEY": "a\r\nx-admin: 1", "BASE": "https://api.example.com"},
    ],
)
def test_a_missing_or_broken_setting_is_named_as_such(environment: dict[str, str]) -> None:
    """Neither a header without its secret nor a split one is ever sent."""
    with pytest.raises(CallError, match="misconfigured"):
        make_call(an_action(), {"number": "1"}, language="en", key="k", environment=environment)


def test_a_secret_is_in_no_text_of_a_call() -> None:
    """Printing a call shows neither its headers nor its address."""
    assert "s3cret" not in repr(a_call(an_action(), number="A1", note="n"))


def test_an_answer_is_read_by_its_pointers() -> None:
    """Texts, dates and lists; what may be missing is None."""
    body = orjson.dumps(
        {
            "order": {"status": {"en": "sent", "zh": "已发"}, "due": "2026-03-05T10:00:00+01:00"},
            "items": ["a", 2],
        }
    )

    assert read_answer(an_action(), body, language="en") == {
        "status": "sent",
        "due": "2026-03-05",
        "items": "a, 2",
    }
    assert read_answer(an_action(), body, language="zh")["items"] == "a、2"
    little = orjson.dumps({"order": {"status": {"en": "sent"}, "due": None}})
    assert read_answer(an_action(), little, language="en")["due"] is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"order": {}}',
        b'{"order": {"status": {"en": {}}}}',
        b'{"order": {"status": {"en": "x"}, "due": "soon"}}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_does_not_fit_is_a_failure(body: bytes) -> None:
    """No answer of another system crashes a turn or reaches a customer unread."""
    with pytest.raises(CallError, match="unfit_output"):
        read_answer(an_action(), body, language="en")


def test_failures_have_names() -> None:
    """By status, by a value in the answer, first match first; true is not 1."""
    action = an_action()

    assert named_failure(action, 404, b"") == "gone"
    assert named_failure(action, 410, b'{"closed": true}') == "closed"
    assert named_failure(action, 200, b'{"closed": true}') == "closed"
    assert named_failure(action, 200, b'{"closed": 1}') is None
    assert named_failure(action, 500, b"") is None


def test_pointers_follow_the_standard() -> None:
    """The examples of RFC 6901."""
    data = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8}

    assert pointed(data, "") == data
    assert [pointed(data, p) for p in ("/foo/0", "/", "/a~1b", "/m~0n")] == ["bar", 0, 1, 8]


FAULTS = [
    ("id: look_up_parcel", "id: look_up", "id", "the file is called"),
    ("PARCELS_URL}/parcels", "PARCELS_URL}{number}/parcels", "url", "host"),
    ('"${PARCELS_URL}/parcels', '"https://{number}.example/parcels', "url", "host"),
    ('"${PARCELS_URL}/parcels', '"gopher://x/parcels', "url", "begins with"),
    ('"${PARCELS_URL}/parcels', '"https://a:b@x.example/parcels', "url", "password"),
    ("{number}", "{nmber}", "url", "did you mean 'number'"),
    ("note: {}", "note: {}\n  more: {}", "inputs.more", "used nowhere"),
    ("{note}", "${PARCELS_TOKEN}{note}", "query.note", "secret"),
    ("headers: {authorization", "headers: {host: x, authorization", "headers.host", "engine"),
    ("headers: {authorization", "headers: {'a b': x, authorization", "headers.a b", "no name"),
    ("${PARCELS_TOKEN}", "{number}", "headers.authorization", "not inserted here"),
    ("timeout: 1s", "timeout: 1m", "timeout", "30s at most"),
    ("attempts: 3", "attempts: 99", "attempts", "less than or equal"),
    ("timeout: 1s", "timeout: 1s\njson: {a: 1}", "json", "GET has no body"),
    ("pointer: /eta", "pointer: eta", "outputs.eta.pointer", "match pattern"),
    ("type: number", "type: nmber", "outputs.weight.type", "'text', 'number'"),
    ("type: number", "type: choice", "outputs.weight", "choices"),
    ("status: 404", "sttus: 404", "failures.not_found.sttus", "did you mean"),
    ("{status: 404}", "{}", "failures.not_found", "by `status`"),
    ("timeout: 1s", "timeout: 1s\nretries: 3", "retries", "not a key"),
]


@pytest.mark.parametrize(("old", "new", "key", "message"), FAULTS)
def test_a_fault_in_the_file_is_named_by_key_and_line(
    tmp_path: Path, old: str, new: str, key: str, message: str
) -> None:
    """Whatever is wrong with an action, the place and the reason are in the report."""
    folder = tmp_path / "parcels"
    shutil.copytree(FOLDER, folder)
    path = folder / "actions" / "look_up_parcel.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder)

    found = [f for f in raised.value.faults if f.path == path and f.key == key]
    assert any(message in fault.message for fault in found), raised.value
    assert all(fault.line > 0 for fault in found)
