"""Every kind of payload becomes the message it is, for us and for two other readers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message
from werobot.parser import parse_user_msg

from channels.messages import Choice, InboundMessage, Location, Media, Notice, Text
from channels.wechat.parsing import parse
from channels.wechat.payloads import Payload, PayloadError, read_payload
from channels.wechat.windows import AccountKind
from tests.channels.wechat.samples import PEER, SAMPLES, SECONDS, Sample, xml_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def parsed(body: bytes, *, kind: AccountKind = "official") -> InboundMessage:
    """Return the one message of a body."""
    (message,) = parse(read_payload(body), account="shop", kind=kind, now=NOW)
    return message


def json_of(sample: Sample) -> bytes:
    """Return a sample as accounts that chose JSON get it."""
    payload: dict[str, Any] = dict(read_payload(xml_of(sample).encode()))
    payload["CreateTime"] = int(payload["CreateTime"])
    if "MsgId" in payload:
        payload["MsgId"] = int(payload["MsgId"])
    return json.dumps(payload | sample.json, ensure_ascii=False).encode()


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
@pytest.mark.parametrize("form", ["xml", "json"])
def test_every_kind_is_understood(sample: Sample, form: str) -> None:
    """Content, time, sender and rights are those of the payload, in both forms."""
    message = parsed(xml_of(sample).encode() if form == "xml" else json_of(sample))

    assert message.content == sample.content
    assert str(message.address) == f"wechat:shop:{PEER}"
    assert message.sender.id == PEER
    assert message.sent_at == datetime.fromtimestamp(SECONDS, tz=UTC)
    granted = [
        (g.messages, (g.until - message.sent_at).total_seconds()) for g in message.window_grants
    ]
    assert granted == ([] if sample.rights is None else [sample.rights])


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_every_kind_survives_storage(sample: Sample) -> None:
    """What was parsed is the same when it is read back from the inbox."""
    message = parsed(xml_of(sample).encode())

    assert InboundMessage.model_validate_json(message.model_dump_json()) == message


def test_a_mini_program_has_rights_of_its_own() -> None:
    """Entering a mini-program's desk brings two messages, writing there five."""
    entered = parsed(xml_of(SAMPLES["mini-program entered"]).encode(), kind="mini_program")
    wrote = parsed(xml_of(SAMPLES["text"]).encode(), kind="mini_program")

    assert [grant.messages for grant in entered.window_grants] == [2]
    assert entered.window_grants[0].until == NOW + timedelta(minutes=1)
    assert [grant.messages for grant in wrote.window_grants] == [5]


def test_a_repeated_delivery_has_the_same_id_and_another_one_has_not() -> None:
    """Messages are told apart by their id, events by everything in them."""
    first, again = (parsed(xml_of(SAMPLES["text"]).encode()) for _ in range(2))
    other = parsed(xml_of(SAMPLES["text"], msg_id="8").encode())
    events = [parsed(xml_of(s).encode()).external_id for s in SAMPLES.values() if s.event]

    assert first.external_id == again.external_id == "23456789012345678"
    assert other.external_id == "8"
    assert len(set(events)) == len(events)
    assert events == [parsed(xml_of(s).encode()).external_id for s in SAMPLES.values() if s.event]


@pytest.mark.parametrize("name", ["FromUserName", "MsgType", "MsgId"])
def test_a_payload_that_is_no_message_is_refused(name: str) -> None:
    """Without sender, kind or id there is no message, and the missing field is named."""
    body = xml_of(SAMPLES["text"]).replace(f"<{name}>", "<X>").replace(f"</{name}>", "</X>")

    with pytest.raises(PayloadError, match=name):
        parsed(body.encode())


@pytest.mark.parametrize("name", ["Event", "CreateTime"])
def test_an_event_that_cannot_be_told_apart_is_refused(name: str) -> None:
    """Events without a name or a time are not guessed at."""
    body = xml_of(SAMPLES["scan"]).replace(f"<{name}>", "<X>").replace(f"</{name}>", "</X>")

    with pytest.raises(PayloadError, match=name):
        parsed(body.encode())


@pytest.mark.parametrize("peer", ["x" * 201, "a\tb"])
def test_a_sender_that_is_no_id_is_refused(peer: str) -> None:
    """Ids become keys and log fields, so they are short and on one line."""
    with pytest.raises(PayloadError, match="peer"):
        parsed(xml_of(SAMPLES["text"], peer=peer).encode())


@pytest.mark.parametrize("stated", ["", "x", "-5", "1", "99999999999", "9" * 40, "٣"])
def test_a_time_that_cannot_be_is_not_believed(stated: str) -> None:
    """Messages from the far future or past have the time of their receipt."""
    body = xml_of(SAMPLES["text"]).replace(f"<CreateTime>{SECONDS}", f"<CreateTime>{stated}")

    assert parsed(body.encode()).sent_at == NOW


def test_rights_never_last_longer_than_from_now() -> None:
    """A clock that is ahead does not stretch the reply window."""
    body = xml_of(SAMPLES["text"]).replace(str(SECONDS), str(SECONDS + 3600))

    assert parsed(body.encode()).window_grants[0].until == NOW + timedelta(hours=48)


def test_event_names_are_read_in_any_case() -> None:
    """WeChat writes SCAN, subscribe and TEMPLATESENDJOBFINISH; case means nothing."""
    body = xml_of(SAMPLES["scan"]).replace("SCAN", "sCaN").replace("[event]", "[EVENT]")

    assert parsed(body.encode()).content == SAMPLES["scan"].content


def told_by_wechatpy(body: str) -> dict[str, Any]:
    """Return what wechatpy reads."""
    message: Any = parse_message(body)
    names = ("content", "media_id", "image", "recognition", "location", "key", "scene_id", "id")
    told = {name: getattr(message, name, None) for name in names}
    return {"source": message.source, "time": message.time, **told}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_other_readers_understand_the_same(sample: Sample) -> None:
    """Wechatpy and WeRoBot read the same sender, time and content from the same bytes."""
    body = xml_of(sample)
    ours = parsed(body.encode())

    theirs = told_by_wechatpy(body)
    second: Any = parse_user_msg(body)

    assert (theirs["source"], second.source) == (ours.sender.id,) * 2
    assert {theirs["time"], second.time} == {int(ours.sent_at.timestamp())}
    if not sample.event:
        assert str(theirs["id"]) == str(second.message_id) == ours.external_id
    match ours.content:
        case Text(text=text) if sample.kind == "text":
            assert theirs["content"] == second.content == text
        case Text(text=text) if sample.kind == "voice":
            assert theirs["recognition"] == second.recognition == text
        case Media(reference=reference, url=url):
            assert theirs["media_id"] == reference
            assert sample.kind != "image" or theirs["image"] == second.img == url
        case Location(latitude=latitude, longitude=longitude):
            assert [float(part) for part in theirs["location"]] == [latitude, longitude]
            assert [float(part) for part in second.location] == [latitude, longitude]
        case Choice(value=value) if sample.event == "CLICK":
            assert theirs["key"] == second.key == value
        case Notice(name="opened", data={"scene": scene}) if sample.event == "SCAN":
            assert theirs["scene_id"] == second.key == scene
        case Notice(name="followed", data={"scene": scene}):
            assert theirs["scene_id"] == scene
            assert second.key == f"qrscene_{scene}"


FIELDS = st.sampled_from(
    [
        *("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "MsgID", "Event"),
        *("Content", "EventKey", "Ticket", "Location_X", "Location_Y", "MediaId", "PicUrl"),
        *("Format", "Recognition", "bizmsgmenuid", "ScanCodeInfo", "List", "Status", "Url"),
        *("SubscribeMsgPopupEvent", "SendPicsInfo", "Title", "SessionFrom", "ScanResult"),
    ]
)
KINDS = st.sampled_from(["event", *{s.kind for s in SAMPLES.values()}])
NAMES = st.sampled_from([s.event for s in SAMPLES.values()])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=600) | KINDS | NAMES | st.sampled_from([str(SECONDS), "1e400", "-91"]),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(FIELDS, some, max_size=4),
    max_leaves=6,
)


@given(st.dictionaries(FIELDS, VALUES, max_size=12), KINDS, NAMES)
def test_any_fields_are_a_message_or_refused(
    payload: dict[str, Any], kind: str, event: str
) -> None:
    """Whatever stands in the fields, nothing but a message or the payload error comes of it."""
    whole: Payload = {"MsgType": kind, "Event": event, **payload}
    try:
        (message,) = parse(whole, account="shop", kind="official", now=NOW)
    except PayloadError:
        return
    assert message.address.peer == payload["FromUserName"].strip()
