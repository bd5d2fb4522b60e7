"""Accounts that may speak only in answers to callbacks: nothing is lost, nothing said twice."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bots.passive_answers import Delivery, PassiveAnswers, Patience
from channels import wechat
from channels.contract import Answer, ChannelSettings, PassiveChannel
from channels.messages import Card, Link, Media, OutboundContent, OutboundMessage, Text
from channels.simulators.wechat.account import Account
from channels.wechat import WechatChannel
from channels.wechat.payloads import inner, items_of, read_payload, text_of
from crm_store import inbox, outbox
from crm_store.conversations import Conversation
from crm_store.database import Database
from crm_store.inbox import Arrival
from crm_store.outbox import Delivered
from tests.builders import a_customer
from tests.channels.wechat.samples import ORIGINAL_ID, PEER, SAMPLES, xml_of
from tests.channels.wechat.test_journey import counter, outbox_states
from tests.channels.wechat.wire import NOW, TOKEN, callback

PASSIVE = Account(may_write=False)
QUICK = Patience(answer=0.2, hang_up=0.3, last=timedelta(seconds=9))


@pytest.mark.parametrize("account", [PASSIVE, Account(may_write=False, mode="plain")])
async def test_the_answer_is_in_the_callbacks_answer(sqlite_url: str, account: Account) -> None:
    """An account without the right to write answers all the same, and options are chosen."""
    async with counter(sqlite_url, account, replies="passive") as (simulator, _):
        (first,) = await simulator.say("oAnna", "ticket")
        (second,) = await simulator.say("oAnna", "２")
        (noted,) = await simulator.do("oAnna", "VIEW", EventKey="https://shop.example/")

    assert [each.outcome for each in (first, second, noted)] == ["reply", "reply", "taken"]
    shown = [str(each.body["Content"]) for each in simulator.recorded.shown]
    assert shown == [
        "Which tea?\n1. Green tea\n2. Black tea\n3. White tea",
        "One Black tea, coming.",
    ]
    assert all(each.passive for each in simulator.recorded.shown)
    assert simulator.recorded.banners == []
    assert [path for path, _ in simulator.recorded.calls] == []
    assert outbox_states(sqlite_url) == ["sent", "sent"]


async def test_a_delivery_that_comes_again_gets_the_same_answer(sqlite_url: str) -> None:
    """When the answer was lost on its way WeChat asks again, and hears the same."""
    async with counter(sqlite_url, PASSIVE, replies="passive") as (simulator, _):
        fields = {
            "ToUserName": ORIGINAL_ID,
            "FromUserName": "oAnna",
            "CreateTime": str(int(simulator.clock().timestamp())),
            "MsgType": "text",
            "Content": "ticket",
            "MsgId": "77",
        }
        tries = [await simulator.caller.try_once(fields) for _ in range(3)]

    replies = [each.reply for each in tries]
    assert replies[0] is not None
    assert {text_of(reply, "Content") for reply in replies if reply} == {
        "Which tea?\n1. Green tea\n2. Black tea\n3. White tea"
    }
    assert len([reply for reply in replies if reply]) == 3
    assert outbox_states(sqlite_url) == ["sent"]


class Counter:
    """One passive account whose turns a test takes itself."""

    def __init__(self, database: Database) -> None:
        options = {"app_id": "wx1", "app_secret": "s", "token": TOKEN, "mode": "plain"}
        self.channel: WechatChannel = wechat.create(
            ChannelSettings("wechat", "shop", {**options, "replies": "passive"})
        )
        self.database = database
        self.told: list[Delivered] = []
        self.answers = PassiveAnswers(database, on_said=self.told.extend, patience=QUICK)
        self.key: UUID | None = None
        self.place = 0

    async def deliver(self, msg_id: str, *, at: datetime = NOW) -> Answer | None:
        """Let WeChat deliver a message."""
        body = xml_of(SAMPLES["text"], msg_id=msg_id)
        request = callback(body, "plain", at=at)
        (message,) = self.channel.receive(request, now=at).messages
        with self.database.transaction() as connection:
            (stored,) = inbox.put(connection, [Arrival(message, at)], known=set())
        self.key = stored.conversation_id
        account: PassiveChannel = self.channel
        return await self.answers.answer(
            Delivery(account, request, message, stored, at, time.monotonic())
        )

    def take_turn(self, seq: int, *contents: OutboundContent, language: str = "zh") -> None:
        """Take the turn of an item and hold its replies."""
        with self.database.transaction() as connection:
            with Session(connection) as session:
                customer = a_customer(session, now=NOW)
                connection.execute(
                    update(Conversation).values(customer_id=customer.id, language=language)
                )
            address = (
                self.channel.receive(callback(xml_of(SAMPLES["text"]), "plain"), now=NOW)
                .messages[0]
                .address
            )
            replies = [
                OutboundMessage(id=uuid4(), address=address, content=content)
                for content in contents
            ]
            outbox.enqueue(
                connection,
                [(reply, seq, place) for place, reply in enumerate(replies)],
                now=NOW,
                pieces={reply.id: self.channel.pieces(reply.content) for reply in replies},
            )
            inbox.finish(connection, [(address.conversation_id, seq, "answered")], now=NOW)


@pytest.fixture
def shop(database: Database) -> Iterator[Counter]:
    """Return a passive account on a fresh database."""
    made = Counter(database)
    yield made
    asyncio.run(made.channel.close())


def words(answer: Answer | None) -> str:
    """Return the text of an answer."""
    assert answer is not None
    payload = read_payload(answer.body)
    assert text_of(payload, "ToUserName") == PEER
    return text_of(payload, "Content")


async def test_a_turn_that_takes_too_long_is_asked_for_again(shop: Counter) -> None:
    """Two deliveries are let go unanswered, the third asks for patience, the next says it all."""
    assert await shop.deliver("1") is None
    assert await shop.deliver("1", at=NOW + timedelta(seconds=5)) is None
    patience = await shop.deliver("1", at=NOW + timedelta(seconds=10))
    assert "\n" in words(patience)

    shop.take_turn(1, Text(text="the answer"))
    waiting = asyncio.create_task(shop.deliver("2", at=NOW + timedelta(seconds=60)))
    answer = await waiting

    assert words(answer) == "the answer"
    assert [item.seq for item in shop.told] == [3]


async def test_patience_is_asked_for_in_the_conversations_language(shop: Counter) -> None:
    """Simplified, traditional and English each hear their own."""
    await shop.deliver("1")
    heard: list[str] = []
    for number, language in enumerate(("en", "zh", "zh-Hant", "zh-TW")):
        with shop.database.transaction() as connection:
            connection.execute(update(Conversation).values(language=language))
        later = NOW + timedelta(seconds=20 + number)
        heard.append(words(await shop.deliver("1", at=later)))

    assert heard[0].startswith("One moment")
    assert "获取回复" in heard[1]
    assert "獲" not in heard[2]
    assert "取得回覆" in heard[2]
    assert heard[3] == heard[2]


async def test_what_does_not_fit_one_answer_follows_with_the_next(shop: Counter) -> None:
    """A text of three pieces is said in three answers, in order, each piece once."""
    long = "一二三四五六七八九。" * 180
    await shop.deliver("1")
    shop.take_turn(1, Text(text=long), Text(text="end"))
    heard = [words(await shop.deliver("1"))]
    again = words(await shop.deliver("1"))
    for number in (2, 3):
        later = NOW + timedelta(seconds=number)
        heard.append(words(await shop.deliver(str(number), at=later)))

    assert again == heard[0]
    assert "".join(heard).replace("\n\nend", "") == long
    assert heard[-1].endswith("end")
    assert all(len(text.encode()) <= 2048 for text in heard)


async def test_articles_and_pictures_are_answers_too(shop: Counter) -> None:
    """An article is an answer by itself; a picture, which cannot be uploaded, is its address."""
    card = Card(
        title="Tea",
        text="New",
        link=Link(label="See", url="https://shop.example/t"),
        image_url="https://shop.example/t.jpg",
    )
    picture = Media(url="https://shop.example/p.png", mime="image/png", caption="Ours")
    await shop.deliver("1")
    shop.take_turn(1, picture, card, Text(text="bye"))

    first = words(await shop.deliver("1"))
    second = await shop.deliver("2", at=NOW + timedelta(seconds=2))
    third = words(await shop.deliver("3", at=NOW + timedelta(seconds=3)))

    assert first == "https://shop.example/p.png\n\nOurs"
    assert second is not None
    (article,) = items_of(inner(read_payload(second.body), "Articles"), "item")
    assert (text_of(article, "Title"), text_of(article, "Url")) == (
        "Tea",
        "https://shop.example/t",
    )
    assert third == "bye"


async def test_what_a_person_took_over_is_not_said(shop: Counter) -> None:
    """A reply of the bot from before staff took the conversation is refused."""
    await shop.deliver("1")
    shop.take_turn(1, Text(text="the bot's"))
    with shop.database.transaction() as connection:
        connection.execute(update(Conversation).values(fence=5))

    assert await shop.deliver("1") is None
    assert shop.told == []
