"""Passive answers: what waits for a customer, as the one reply a callback may have; pure."""

from collections.abc import Sequence
from typing import Final

from channels.contract import Capabilities
from channels.messages import OutboundMessage
from channels.wechat.bodies import TEXT_BYTES, Body, Upload, bodies
from channels.wechat.replies import Ends, Piece, news_reply, text_reply

#: Said when the answer is not ready; what the customer writes next fetches it.
_SOON: Final = {
    "en": "One moment, I am still working on it. Send me any message to get the answer.",
    "zh": "请稍等，我还在处理。发任意消息即可获取回复。",
    "zh-Hant": "請稍候，我還在處理。傳送任意訊息即可取得回覆。",
}
_TRADITIONAL: Final = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def soon(ends: Ends, language: str | None) -> str:
    """Return the reply that asks for a moment; in both languages where none is known."""
    name = (language or "").lower()
    if name.startswith(_TRADITIONAL):
        return text_reply(ends, _SOON["zh-Hant"])
    if name.startswith("zh"):
        return text_reply(ends, _SOON["zh"])
    if name:
        return text_reply(ends, _SOON["en"])
    return text_reply(ends, f"{_SOON['zh']}\n{_SOON['en']}")


def compose(
    ends: Ends, waiting: Sequence[OutboundMessage], capabilities: Capabilities
) -> tuple[str, list[int]]:
    """Return a reply and how many pieces of each message it says; the rest waits.

    Texts are joined as long as they are one text; an article is a reply by itself.
    """
    said = [0] * len(waiting)
    text = ""
    for position, message in enumerate(waiting):
        for piece in bodies(message.content, capabilities)[message.part :]:
            if not isinstance(piece, Upload) and piece["msgtype"] == "news":
                if not text:
                    said[position] += 1
                    return news_reply(ends, [_article(piece)]), said
                return text_reply(ends, text), said
            joined = "\n\n".join(part for part in (text, _words(piece)) if part)
            if text and len(joined.encode()) > TEXT_BYTES:
                return text_reply(ends, text), said
            text = joined
            said[position] += 1
    return text_reply(ends, text), said


def _words(piece: Body | Upload) -> str:
    body = piece.instead if isinstance(piece, Upload) else piece
    match body:
        case {"text": {"content": str(content)}}:
            return content
    return ""


def _article(body: Body) -> Piece:
    match body:
        case {
            "news": {
                "articles": [
                    {
                        "title": str(title),
                        "description": str(description),
                        "picurl": str(picture),
                        "url": str(url),
                    }
                ]
            }
        }:
            return Piece(title, description, picture, url)
    message = "a body of news has one article"
    raise ValueError(message)
