"""What a browser sends, from bytes to typed frames: strict, bounded and total.

Every fault is a `FrameError` whose text may be shown to the sender; nothing else is raised,
whatever the bytes are. Unknown keys are left alone, so that a newer widget can talk to an older
server.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from channels.messages import TEXT_MAX, Choice, Text

#: Largest frame or body that is parsed, in bytes. With orjson's own depth limit of 1024 it keeps
#: deep nesting harmless: nothing here walks a value recursively.
FRAME_MAX: Final = 16 * 1024
#: Largest integer that JSON readers agree on.
INTEGER_MAX: Final = 2**53 - 1
TOKEN_MAX: Final = 8 * 1024
LABEL_MAX: Final = 200

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOCALE: Final = re.compile(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,3}")
# Databases refuse NUL in text, and terminals obey the rest.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class FrameError(ValueError):
    """A frame or body that breaks the protocol; its fields are for the sender."""

    def __init__(self, code: str, message: str, *, client_msg_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.client_msg_id = client_msg_id


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame: who it is and what they have."""

    ticket: str
    cursor: int  #: newest sequence number the client has, 0 for none
    tab: str | None = None  #: a newer stream of the same tab replaces the older


@dataclass(frozen=True, slots=True)
class Message:
    """Something the visitor said or pressed."""

    client_msg_id: str
    content: Text | Choice


@dataclass(frozen=True, slots=True)
class Typing:
    """The visitor began or stopped writing."""

    on: bool


@dataclass(frozen=True, slots=True)
class Read:
    """The visitor has seen everything up to `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class Ping:
    """A heartbeat."""


Frame = Hello | Message | Typing | Read | Ping


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What `POST session` carries."""

    widget_key: str
    visitor_token: str | None
    identity_token: str | None
    locale: str | None  #: BCP-47, None when it is not one


def load_object(data: bytes | str) -> dict[str, object]:
    """Return the JSON object in `data`.

    Raises:
        FrameError: too large, not UTF-8, not JSON (NaN and lone surrogates are not), no object.
    """
    try:
        raw = data.encode() if isinstance(data, str) else data
    except UnicodeEncodeError as error:
        raise FrameError("bad_json", "the frame is not valid UTF-8") from error
    if len(raw) > FRAME_MAX:
        raise FrameError("too_large", f"send at most {FRAME_MAX} bytes at once")
    try:
        value = orjson.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FrameError("bad_json", "the frame is not valid JSON") from error
    if not isinstance(value, dict):
        raise FrameError("bad_json", "the frame must be a JSON object")
    return value


def _string(source: dict[str, object], name: str, *, most: int) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise FrameError("bad_frame", f"`{name}` must be a string of 1 to {most} characters")
    return value


def _optional_string(source: dict[str, object], name: str, *, most: int) -> str | None:
    return None if source.get(name) is None else _string(source, name, most=most)


def _integer(source: dict[str, object], name: str) -> int:
    value = source.get(name)
    # bool is an int to Python, not to the protocol.
    if type(value) is not int or not 0 <= value <= INTEGER_MAX:
        raise FrameError("bad_frame", f"`{name}` must be a whole number from 0 to {INTEGER_MAX}")
    return value


def _boolean(source: dict[str, object], name: str) -> bool:
    value = source.get(name)
    if not isinstance(value, bool):
        raise FrameError("bad_frame", f"`{name}` must be true or false")
    return value


def _identifier(source: dict[str, object], name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise FrameError("bad_frame", f"`{name}` must be 1 to 64 of A-Z a-z 0-9 _ -")
    return value


def parse_content(value: object) -> Text | Choice:
    """Return the content of a visitor's message.

    Raises:
        FrameError: it is neither text nor a choice, or out of bounds.
    """
    if not isinstance(value, dict):
        raise FrameError("bad_content", "`content` must be an object with `kind`")
    kind = value.get("kind")
    if kind == "text":
        text = value.get("text")
        if not isinstance(text, str):
            raise FrameError("bad_content", "`content.text` must be a string")
        text = _CONTROLS.sub("", text)
        if not text.strip():
            raise FrameError("bad_content", "`content.text` must not be empty")
        if len(text) > TEXT_MAX:
            raise FrameError(
                "text_too_long", f"`content.text` must have at most {TEXT_MAX} characters"
            )
        return Text(text=text)
    if kind == "choice":
        choice = value.get("value")
        if not isinstance(choice, str) or not 1 <= len(choice) <= LABEL_MAX:
            raise FrameError(
                "bad_content", f"`content.value` must be a string of 1 to {LABEL_MAX} characters"
            )
        label = value.get("label")
        if label is not None and (not isinstance(label, str) or len(label) > LABEL_MAX):
            raise FrameError(
                "bad_content",
                f"`content.label` must be a string of at most {LABEL_MAX} characters",
            )
        return Choice(
            value=_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", choice),
            label=_CONTROLS.sub("", label) if label else None,
        )
    raise FrameError("bad_content", '`content.kind` must be "text" or "choice"')


def parse_message(source: dict[str, object]) -> Message:
    """Return the visitor's message in a frame or in the body of `POST messages`.

    Raises:
        FrameError: it breaks the protocol; it names the message when that much can be read.
    """
    client_msg_id = _identifier(source, "client_msg_id")
    try:
        return Message(client_msg_id, parse_content(source.get("content")))
    except FrameError as error:
        error.client_msg_id = client_msg_id
        raise


def parse_hello(source: dict[str, object]) -> Hello:
    """Return the first frame of a socket.

    Raises:
        FrameError: it breaks the protocol.
    """
    return Hello(
        ticket=_string(source, "ticket", most=200),
        cursor=_integer(source, "cursor"),
        tab=None if source.get("tab") is None else _identifier(source, "tab"),
    )


def parse_typing(source: dict[str, object]) -> Typing:
    """Return whether the visitor writes.

    Raises:
        FrameError: it breaks the protocol.
    """
    return Typing(_boolean(source, "on"))


def parse_read(source: dict[str, object]) -> Read:
    """Return how far the visitor has read.

    Raises:
        FrameError: it breaks the protocol.
    """
    return Read(_integer(source, "seq"))


_PARSERS: Final[dict[str, Callable[[dict[str, object]], Frame]]] = {
    "message": parse_message,
    "ping": lambda _: Ping(),
    "typing": parse_typing,
    "read": parse_read,
    "hello": parse_hello,
}


def parse_frame(data: bytes | str) -> Frame:
    """Return the typed frame in `data`.

    Raises:
        FrameError: it is no frame of the protocol.
    """
    source = load_object(data)
    kind = source.get("type")
    parser = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None:
        raise FrameError("bad_frame", f"`type` must be one of {', '.join(_PARSERS)}")
    return parser(source)


def parse_session(source: dict[str, object]) -> SessionRequest:
    """Return what is asked of `POST session`.

    Raises:
        FrameError: it breaks the protocol.
    """
    locale = source.get("locale")
    known = isinstance(locale, str) and LOCALE.fullmatch(locale) is not None
    return SessionRequest(
        widget_key=_string(source, "widget_key", most=200),
        visitor_token=_optional_string(source, "visitor_token", most=TOKEN_MAX),
        identity_token=_optional_string(source, "identity_token", most=TOKEN_MAX),
        locale=str(locale) if known else None,
    )
