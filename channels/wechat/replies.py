"""Passive replies: what may stand in the answer to a callback, as XML.

One reply to a message, within five seconds of it; to and from are swapped. All texts stand in
CDATA, in which the one sequence that ends it is split.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.wechat.crypto import MessageKey, sign


@dataclass(frozen=True, slots=True)
class Ends:
    """Between whom a reply goes, and when."""

    peer: str  #: OpenID
    account: str  #: the account's original id, `ToUserName` of what is answered
    at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """One article of a news reply."""

    title: str
    description: str
    picture_url: str
    url: str


def cdata(text: str) -> str:
    """Return `text` as a CDATA section; where it would end the section it is split in two."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _reply(ends: Ends, kind: str, inside: str) -> str:
    return (
        f"<xml><ToUserName>{cdata(ends.peer)}</ToUserName>"
        f"<FromUserName>{cdata(ends.account)}</FromUserName>"
        f"<CreateTime>{int(ends.at.timestamp())}</CreateTime>"
        f"<MsgType>{cdata(kind)}</MsgType>{inside}</xml>"
    )


def text_reply(ends: Ends, text: str) -> str:
    """Return a reply with a text."""
    return _reply(ends, "text", f"<Content>{cdata(text)}</Content>")


def image_reply(ends: Ends, media_id: str) -> str:
    """Return a reply with an uploaded picture."""
    return _reply(ends, "image", f"<Image><MediaId>{cdata(media_id)}</MediaId></Image>")


def voice_reply(ends: Ends, media_id: str) -> str:
    """Return a reply with an uploaded recording."""
    return _reply(ends, "voice", f"<Voice><MediaId>{cdata(media_id)}</MediaId></Voice>")


def video_reply(ends: Ends, media_id: str, *, title: str = "", description: str = "") -> str:
    """Return a reply with an uploaded video."""
    inside = (
        f"<MediaId>{cdata(media_id)}</MediaId><Title>{cdata(title)}</Title>"
        f"<Description>{cdata(description)}</Description>"
    )
    return _reply(ends, "video", f"<Video>{inside}</Video>")


def music_reply(
    ends: Ends, *, title: str, description: str, url: str, better_url: str, thumb_media_id: str
) -> str:
    """Return a reply with a piece of music; `better_url` is played over Wi-Fi."""
    inside = (
        f"<Title>{cdata(title)}</Title><Description>{cdata(description)}</Description>"
        f"<MusicUrl>{cdata(url)}</MusicUrl><HQMusicUrl>{cdata(better_url)}</HQMusicUrl>"
        f"<ThumbMediaId>{cdata(thumb_media_id)}</ThumbMediaId>"
    )
    return _reply(ends, "music", f"<Music>{inside}</Music>")


def news_reply(ends: Ends, pieces: Sequence[Piece]) -> str:
    """Return a reply with articles; WeChat shows one of them to who wrote."""
    items = "".join(
        f"<item><Title>{cdata(piece.title)}</Title>"
        f"<Description>{cdata(piece.description)}</Description>"
        f"<PicUrl>{cdata(piece.picture_url)}</PicUrl><Url>{cdata(piece.url)}</Url></item>"
        for piece in pieces
    )
    inside = f"<ArticleCount>{len(pieces)}</ArticleCount><Articles>{items}</Articles>"
    return _reply(ends, "news", inside)


def staff_reply(ends: Ends, *, staff_account: str | None = None) -> str:
    """Return a reply that gives the conversation to WeChat's own tool for staff.

    Args:
        ends: of the reply.
        staff_account: of one person; None: whoever is free.
    """
    inside = (
        f"<TransInfo><KfAccount>{cdata(staff_account)}</KfAccount></TransInfo>"
        if staff_account
        else ""
    )
    return _reply(ends, "transfer_customer_service", inside)


def sealed_reply(
    reply: str,
    key: MessageKey,
    *,
    token: str,
    timestamp: str,
    nonce: str,
    random: bytes | None = None,
) -> str:
    """Return `reply` encrypted and signed, as accounts in compatible and safe mode answer.

    Args:
        reply: XML of one of the functions above.
        key: of the account.
        token: of the account.
        timestamp: Unix seconds.
        nonce: any text without markup.
        random: 16 bytes, see `MessageKey.encrypt`.
    """
    encrypted = key.encrypt(reply.encode(), random=random)
    signature = sign(token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )
