"""From contents to bodies of WeChat's customer-service messages; pure.

Each body is one message of the few an account may send, so that as little as possible is split.
"""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from channels.button_values import button_value
from channels.contract import Capabilities
from channels.messages import Card, Choices, Media, OutboundContent, Text
from channels.rendering import Rendered, render, split

#: Longest text of one message in UTF-8 bytes; WeChat answers 45002 to longer ones.
TEXT_BYTES: Final = 2048
#: Longest words above the options of a menu, UTF-8 bytes.
_HEAD_BYTES: Final = 1024
#: Longest id of a menu's option, UTF-8 bytes.
_ID_BYTES: Final = 128
#: Longest text under the title of a picture with a link; WeChat shows no more of it.
_BLURB_MAX: Final = 120

#: What is uploaded, by its type.
KINDS: Final = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/gif": "image",
    "audio/amr": "voice",
    "audio/mpeg": "voice",
    "video/mp4": "video",
}

#: WeChat shows these as links, with words of the writer's choice for the address.
_ANCHOR: Final = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
# They would be escaped in JSON, which WeChat refuses.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Body = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Upload:
    """A message whose file must be uploaded first."""

    url: str
    mime: str

    def body(self, media_id: str) -> Body:
        """Return the message with the uploaded file."""
        kind = KINDS[self.mime]
        return {"msgtype": kind, kind: {"media_id": media_id}}

    @property
    def instead(self) -> Body:
        """The message that is sent when the file cannot be."""
        return text_body(self.url)


def text_body(text: str) -> Body:
    """Return a text as it is."""
    return {"msgtype": "text", "text": {"content": text}}


def _clean(text: str) -> str:
    return _ANCHOR.sub("＜", _CONTROLS.sub("", text))


def bodies(content: OutboundContent, capabilities: Capabilities) -> tuple[Body | Upload, ...]:
    """Return the messages that `content` becomes, in order; no text is a link in disguise."""
    match content:
        case Media() if content.mime in capabilities.media:
            said = _texts(Text(text=content.caption), capabilities) if content.caption else ()
            return (Upload(content.url, content.mime), *said)
        case Card() if _is_picture_link(content):
            return (_picture_link(content),)
        case Choices() | Card() if content.options:
            rendered = render(content, capabilities)
            if not rendered.numbered and _fits_menu(rendered):
                return (_menu(rendered),)
            return _texts(content, _without_buttons(capabilities))
    return _texts(content, capabilities)


def _texts(content: OutboundContent, capabilities: Capabilities) -> tuple[Body, ...]:
    # Cleaning may lengthen a text by some bytes, so that it is cut once more.
    return tuple(
        text_body(piece)
        for text in render(content, capabilities).texts
        for piece in split(_clean(text), capabilities)
    )


def _without_buttons(capabilities: Capabilities) -> Capabilities:
    return Capabilities(
        text_max=capabilities.text_max,
        text_unit=capabilities.text_unit,
        label_max=capabilities.label_max,
    )


def _is_picture_link(card: Card) -> bool:
    short = len(card.text) <= _BLURB_MAX
    return bool(card.image_url and card.link is not None and short and not card.options)


def _picture_link(card: Card) -> Body:
    article: dict[str, JsonValue] = {
        "title": card.title,
        "description": card.text,
        "url": card.link.url if card.link is not None else "",
        "picurl": card.image_url or "",
    }
    return {"msgtype": "news", "news": {"articles": [article]}}


def _fits_menu(rendered: Rendered) -> bool:
    return (
        len(rendered.texts) == 1
        and len(_clean(rendered.texts[0]).encode()) <= _HEAD_BYTES
        and all(option.url is None for option in rendered.options)
    )


def _menu(rendered: Rendered) -> Body:
    options: list[JsonValue] = [
        {"id": button_value(option.value, most=_ID_BYTES), "content": option.label}
        for option in rendered.options
    ]
    head = _clean(rendered.texts[0])
    return {
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": head, "list": options, "tail_content": ""},
    }
