"""From WeChat's payloads to inbound messages: every kind of message and event, none refused.

What is not known becomes an `Unsupported` content or a `reported` notice; only a payload that
does not say from whom or what it is cannot be a message.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from channels.button_values import read_button_value
from channels.messages import (
    TEXT_MAX,
    Address,
    Choice,
    InboundContent,
    InboundMessage,
    Location,
    Media,
    Notice,
    Sender,
    Text,
    Unsupported,
)
from channels.wechat.payloads import Payload, PayloadError, inner, items_of, text_of
from channels.wechat.windows import AccountKind, grants

NAME: Final = "wechat"

#: What arrives as a text in place of content that WeChat cannot pass on, e.g. stickers.
_PLACEHOLDER: Final = re.compile("【收到不支持的消息类型.*】")
#: How far a payload's time may be ahead of ours before it is not believed.
_AHEAD: Final = timedelta(days=1)
#: No payload is older; WeChat's callbacks begin in 2012.
_EARLIEST: Final = datetime(2012, 1, 1, tzinfo=UTC)
#: Longest text of a notice's data, characters.
_DATA_MAX: Final = 500
_VALUE_MAX: Final = 200

_MIME: Final = {
    "image": "image/jpeg",
    "voice": "audio/amr",
    "video": "video/mp4",
    "shortvideo": "video/mp4",
}


def parse(
    payload: Payload, *, account: str, kind: AccountKind, now: datetime
) -> tuple[InboundMessage, ...]:
    """Return the message a verified payload is.

    Args:
        payload: the fields, decrypted where they were encrypted.
        account: name of our account.
        kind: of the account, which decides the rights a message brings.
        now: UTC.

    Raises:
        PayloadError: it does not say from whom it is, what it is, or which one it is.
    """
    peer = _required(payload, "FromUserName")
    what = _required(payload, "MsgType").lower()
    at = _time(payload, now)
    if what == "event":
        did = _required(payload, "Event").lower()
        content = _noticed(did, payload)
        external_id = _notice_id(did, payload)
    else:
        content = _said(what, payload)
        did = "menu" if text_of(payload, "bizmsgmenuid") else "message"
        external_id = _required(payload, "MsgId")
    try:
        message = InboundMessage(
            external_id=external_id,
            address=Address(channel=NAME, account=account, peer=peer),
            sender=Sender(id=peer),
            content=content,
            sent_at=at,
            window_grants=grants(kind, did, at=min(at, now)),
        )
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        text = f"the payload makes no message: {where}"
        raise PayloadError(text) from error
    return (message,)


def _required(payload: Payload, name: str) -> str:
    value = text_of(payload, name).strip()
    if not value:
        message = f"the payload has no {name}"
        raise PayloadError(message)
    return value


def _time(payload: Payload, now: datetime) -> datetime:
    """Return when it was said, as WeChat states it and as far as that can be."""
    seconds = text_of(payload, "CreateTime")
    if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > 11:
        return now
    at = datetime.fromtimestamp(int(seconds), tz=UTC)
    return at if _EARLIEST <= at <= now + _AHEAD else now


def _notice_id(did: str, payload: Payload) -> str:
    """Return what tells a repeated event from another one; events have no id of their own."""
    if job := text_of(payload, "MsgID") or text_of(payload, "MsgId"):
        return f"{did}:{job}"[:_VALUE_MAX]
    seconds = _required(payload, "CreateTime")
    # Sender and second do not tell two presses apart, nor a scan from the follow it came with;
    # a repeated delivery is the same in every field.
    fields = json.dumps(payload, sort_keys=True).encode()
    return f"{seconds[:20]}:{did[:64]}:{hashlib.sha256(fields).hexdigest()[:32]}"


def _said(what: str, payload: Payload) -> InboundContent:
    read = _MESSAGES.get(what)
    content = read(payload) if read is not None else None
    return content or Unsupported(what=what[:_VALUE_MAX])


def _text(payload: Payload) -> InboundContent | None:
    text = text_of(payload, "Content")
    if pressed := text_of(payload, "bizmsgmenuid"):
        value = read_button_value(pressed)[:_VALUE_MAX]
        return Choice(value=value or pressed, label=text[:_VALUE_MAX] or None)
    if not text or _PLACEHOLDER.fullmatch(text):
        return None
    return Text(text=text[:TEXT_MAX])


def _media(payload: Payload) -> InboundContent | None:
    what = text_of(payload, "MsgType").lower()
    reference, url = text_of(payload, "MediaId"), text_of(payload, "PicUrl")
    if not reference and not url:
        return None
    mime = "audio/speex" if text_of(payload, "Format").lower() == "speex" else _MIME[what]
    return Media(url=url[:2000], mime=mime, reference=reference[:_DATA_MAX] or None)


def _voice(payload: Payload) -> InboundContent | None:
    """Return what was said where WeChat understood it, else the recording."""
    heard = text_of(payload, "Recognition")
    return Text(text=heard[:TEXT_MAX]) if heard else _media(payload)


def _location(payload: Payload) -> InboundContent | None:
    return _place(text_of(payload, "Location_X"), text_of(payload, "Location_Y"))


def _place(latitude: str, longitude: str) -> Location | None:
    # In China WeChat gives the official shifted coordinates (GCJ-02), off by some hundred metres.
    try:
        return Location(latitude=float(latitude), longitude=float(longitude))
    except ValueError:
        return None


def _link(payload: Payload) -> InboundContent | None:
    parts = (text_of(payload, name) for name in ("Title", "Description", "Url"))
    text = "\n".join(part for part in parts if part)
    return Text(text=text[:TEXT_MAX]) if text else None


def _mini_program_page(payload: Payload) -> InboundContent | None:
    title = text_of(payload, "Title")
    return Unsupported(what=f"miniprogrampage {title}".strip()[:_VALUE_MAX])


_MESSAGES: Final[Mapping[str, Callable[[Payload], InboundContent | None]]] = {
    "text": _text,
    "image": _media,
    "voice": _voice,
    "video": _media,
    "shortvideo": _media,
    "location": _location,
    "link": _link,
    "miniprogrampage": _mini_program_page,
}


def _noticed(did: str, payload: Payload) -> InboundContent:
    read = _NOTICES.get(did)
    content = read(payload) if read is not None else None
    return content or _reported(did, payload)


def _notice_data(**texts: str) -> dict[str, str]:
    return {name: text[:_DATA_MAX] for name, text in texts.items() if text}


def _followed(payload: Payload) -> InboundContent:
    scene = text_of(payload, "EventKey").removeprefix("qrscene_")
    ticket = text_of(payload, "Ticket")
    return Notice(name="followed", data=_notice_data(scene=scene, ticket=ticket))


def _unfollowed(payload: Payload) -> InboundContent:
    return Notice(name="unfollowed")


def _scanned(payload: Payload) -> InboundContent:
    scene, ticket = text_of(payload, "EventKey"), text_of(payload, "Ticket")
    return Notice(name="opened", data=_notice_data(scene=scene, ticket=ticket))


def _entered(payload: Payload) -> InboundContent:
    return Notice(name="opened", data=_notice_data(scene=text_of(payload, "SessionFrom")))


def _pressed(payload: Payload) -> InboundContent | None:
    key = text_of(payload, "EventKey")
    return Choice(value=key[:_VALUE_MAX]) if key else None


def _read_out(payload: Payload) -> InboundContent | None:
    """Return what a customer scanned while WeChat shows them that a message is coming."""
    code = text_of(inner(payload, "ScanCodeInfo"), "ScanResult")
    return Text(text=code[:TEXT_MAX]) if code else None


#: Where XML bodies keep what customers allow; JSON bodies have the list itself.
_CONSENT_LISTS: Final[Mapping[str, str]] = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def _consented(payload: Payload) -> InboundContent | None:
    """Return which subscription messages a customer allows or does not, or what became of one."""
    found: dict[str, list[str]] = {}
    did = text_of(payload, "Event").lower()
    nested = inner(payload, _CONSENT_LISTS[did])
    lists = (*items_of(payload, "List"), *items_of(nested, "List"))
    for item in lists:
        status = text_of(item, "SubscribeStatusString") or text_of(item, "ErrorStatus")
        found.setdefault(status.lower() or "unknown", []).append(text_of(item, "TemplateId"))
    data = {status[:64]: " ".join(ids) for status, ids in found.items()}
    return Notice(name="reported", data={**_notice_data(**data), "what": did}) if data else None


#: Fields of a report that are kept, by the name they are kept under.
_REPORTED: Final[Mapping[str, str]] = {
    "key": "EventKey",
    "status": "Status",
    "total": "TotalCount",
    "filtered": "FilterCount",
    "sent": "SentCount",
    "errors": "ErrorCount",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "staff_account": "KfAccount",
    "from_staff_account": "FromKfAccount",
    "to_staff_account": "ToKfAccount",
    "menu": "MenuId",
}


def _reported(did: str, payload: Payload) -> InboundContent:
    texts = {kept: text_of(payload, name) for kept, name in _REPORTED.items()}
    job = text_of(payload, "MsgID") or text_of(payload, "MsgId")
    scanned = text_of(inner(payload, "ScanCodeInfo"), "ScanResult")
    place = text_of(inner(payload, "SendLocationInfo"), "Label")
    pictures = text_of(inner(payload, "SendPicsInfo"), "Count")
    data = _notice_data(what=did, id=job, scanned=scanned, place=place, pictures=pictures, **texts)
    return Notice(name="reported", data=data)


_NOTICES: Final[Mapping[str, Callable[[Payload], InboundContent | None]]] = {
    "subscribe": _followed,
    "unsubscribe": _unfollowed,
    "scan": _scanned,
    "user_enter_tempsession": _entered,
    "click": _pressed,
    "scancode_waitmsg": _read_out,
    **dict.fromkeys(_CONSENT_LISTS, _consented),
}
