"""Passive replies: well-formed whatever the words, and read by another implementation."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.replies import (
    ArticlesReply,
    ImageReply,
    MusicReply,
    TextReply,
    TransferCustomerServiceReply,
    VideoReply,
    VoiceReply,
)
from werobot.replies import TransferCustomerServiceReply as TransferReply

from channels.wechat.payloads import inner, items_of, read_payload, text_of
from channels.wechat.replies import (
    Ends,
    Piece,
    image_reply,
    music_reply,
    news_reply,
    staff_reply,
    text_reply,
    video_reply,
    voice_reply,
)

ENDS = Ends(peer="oPeer", account="gh_1", at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
THEIRS: dict[str, Any] = {"source": "gh_1", "target": "oPeer", "time": 1772442000}


def theirs(kind: type[Any], **fields: str) -> str:
    """Return the same reply as wechatpy writes it."""
    reply: Any = kind(**THEIRS)
    for name, value in fields.items():
        setattr(reply, name, value)
    return str(reply.render())


def articles() -> str:
    """Return wechatpy's news reply."""
    reply: Any = ArticlesReply(**THEIRS)
    reply.add_article({"title": "T", "description": "D", "image": "https://p", "url": "https://u"})
    return str(reply.render())


@pytest.mark.parametrize(
    ("ours", "other"),
    [
        (text_reply(ENDS, "好"), theirs(TextReply, content="好")),
        (image_reply(ENDS, "m"), theirs(ImageReply, image="m")),
        (voice_reply(ENDS, "m"), theirs(VoiceReply, voice="m")),
        (
            video_reply(ENDS, "m", title="T", description="D"),
            theirs(VideoReply, media_id="m", title="T", description="D"),
        ),
        (
            music_reply(
                ENDS, title="T", description="D", url="u", better_url="b", thumb_media_id="m"
            ),
            theirs(
                MusicReply,
                title="T",
                description="D",
                music_url="u",
                hq_music_url="b",
                thumb_media_id="m",
            ),
        ),
        (news_reply(ENDS, [Piece("T", "D", "https://p", "https://u")]), articles()),
        (staff_reply(ENDS), theirs(TransferCustomerServiceReply)),
        (
            staff_reply(ENDS, staff_account="a@b"),
            str(TransferReply(account="a@b", **THEIRS).render()),
        ),
    ],
)
def test_replies_are_as_another_implementation_writes_them(ours: str, other: str) -> None:
    """Each kind of reply has the same fields with the same values."""
    assert read_payload(ours.encode()) == read_payload(other.encode())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip))
def test_no_words_break_out_of_a_reply(words: str) -> None:
    """A text that holds XML, CDATA ends or emoji arrives as it was, and adds no field."""
    hostile = f"{words}]]></Content><Evil>1</Evil>]]]]>{words}.".replace("\xa0", " ").strip()

    payload = read_payload(text_reply(ENDS, hostile).encode())

    assert text_of(payload, "Content") == hostile
    assert set(payload) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def test_articles_keep_their_order() -> None:
    """Several articles are several items, counted."""
    pieces = [Piece(str(n), "", "", "") for n in range(3)]

    payload = read_payload(news_reply(ENDS, pieces).encode())

    assert text_of(payload, "ArticleCount") == "3"
    items = items_of(inner(payload, "Articles"), "item")
    assert [text_of(item, "Title") for item in items] == ["0", "1", "2"]
