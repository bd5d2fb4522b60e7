"""Replies of one turn as few messages, where the channel counts them."""

from datetime import datetime
from uuid import uuid4

from bots.merging import merged
from channels.messages import Card, Choices, Option, OutboundContent, Text, fallback_text
from crm_store.timeline import Entry
from dialogues.exchange import Reply
from dialogues.turn import TurnResult

CHOICES = Choices(text="Which?", options=(Option(value="a", label="A"),))
CARD = Card(title="T")


def result(now: datetime, *contents: OutboundContent) -> TurnResult:
    """Return a turn with these replies, each told on the timeline between other entries."""
    customer = uuid4()
    entries = [Entry(customer, "message_received", "customer", "wechat", "turn:1", now)]
    for content in contents:
        data = {"content": content.model_dump(mode="json"), "purpose": "reply"}
        place = len(entries)
        entries.append(
            Entry(customer, "message_sent", "bot", "wechat", "turn:1", now, data, position=place)
        )
    entries.append(Entry(customer, "ticket_opened", "bot", "wechat", "turn:1", now, position=99))
    return TurnResult(
        "answered", {}, "en", "bot", 0, tuple(Reply(c) for c in contents), tuple(entries)
    )


def test_texts_are_joined_with_what_follows(now: datetime) -> None:
    """Two texts and a question are one message, and one on the timeline, where the first was."""
    before = result(now, Text(text="a"), Text(text="b"), CHOICES)

    after = merged(before, pieces=lambda _content: 1)

    (reply,) = after.replies
    assert reply.content == CHOICES.model_copy(update={"text": "a\n\nb\n\nWhich?"})
    kinds = [entry.kind for entry in after.entries]
    assert kinds == ["message_received", "message_sent", "ticket_opened"]
    assert after.entries[1].data["content"] == reply.content.model_dump(mode="json")
    assert after.entries[1].position == 1


def test_what_would_not_fit_stays_apart(now: datetime) -> None:
    """Nothing is joined that the channel would cut again, and nothing after a question."""
    before = result(now, Text(text="aaaa"), Text(text="bbbb"), CARD, CHOICES, Text(text="c"))

    def pieces(content: OutboundContent) -> int:
        return 1 + len(fallback_text(content)) // 9

    assert merged(before, pieces=pieces) is before
    assert merged(result(now, Text(text="a")), pieces=pieces).replies == (Reply(Text(text="a")),)


def test_only_what_fits_is_joined(now: datetime) -> None:
    """Of three texts the first two are one message, and the entries agree with the replies."""
    before = result(now, Text(text="a" * 2500), Text(text="b" * 1000), Text(text="c" * 1000))

    after = merged(before, pieces=lambda _content: 1)

    assert [len(fallback_text(reply.content)) for reply in after.replies] == [3502, 1000]
    told = [e.data["content"]["text"] for e in after.entries if e.kind == "message_sent"]
    assert told == [fallback_text(reply.content) for reply in after.replies]
