"""The simulated Telegram, held against two client libraries that know the real one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import telegram
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from channels.simulators.faults import Fault
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import BotAccount, Person
from tests.channels.telegram.conftest import TOKEN


@pytest.fixture
async def aiogram_bot(simulator: TelegramSimulator, bot: BotAccount) -> AsyncIterator[Bot]:
    """Aiogram's own client, with its own way over the network."""
    api = TelegramAPIServer.from_base(simulator.url)
    async with Bot(TOKEN, session=AiohttpSession(api=api)) as client:
        yield client


@pytest.fixture
async def other_bot(simulator: TelegramSimulator, bot: BotAccount) -> AsyncIterator[telegram.Bot]:
    """python-telegram-bot's client."""
    client = telegram.Bot(
        TOKEN,
        base_url=f"{simulator.url}/bot",
        base_file_url=f"{simulator.url}/file/bot",
        request=HTTPXRequest(),
        get_updates_request=HTTPXRequest(),
    )
    async with client:
        yield client


async def test_aiogram_is_content(aiogram_bot: Bot, ada: Phone) -> None:
    """Its strict models accept what is answered, from updates to files."""
    me = await aiogram_bot.me()
    await ada.start("spring")
    await ada.send_photo(b"picture", caption="this one")
    updates = await aiogram_bot.get_updates(timeout=0)
    photo = updates[1].message.photo if updates[1].message else None
    assert photo
    file = await aiogram_bot.get_file(photo[-1].file_id)
    content = await aiogram_bot.download_file(file.file_path or "")
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y")]]
    )
    sent = await aiogram_bot.send_message(
        4711, "<b>a</b> &amp; b", parse_mode="HTML", reply_markup=keyboard
    )
    question = await ada.press("Yes")
    (pressed,) = await aiogram_bot.get_updates(offset=updates[-1].update_id + 1)
    answered = await aiogram_bot.answer_callback_query(question)
    edited = await aiogram_bot.edit_message_text("c", chat_id=4711, message_id=sent.message_id)

    assert me.username == "kettle_bot"
    assert updates[0].message is not None
    assert updates[0].message.text == "/start spring"
    assert content is not None
    assert content.read() == b"picture"
    assert (sent.text, sent.entities and sent.entities[0].type) == ("a & b", "bold")
    assert pressed.callback_query is not None
    assert pressed.callback_query.data == "y"
    assert answered
    assert getattr(edited, "text", None) == "c"
    assert await aiogram_bot.set_my_commands([BotCommand(command="start", description="Begin")])
    assert await aiogram_bot.send_chat_action(4711, "typing")
    assert await aiogram_bot.set_webhook("https://bot.example/hook", secret_token="s" * 20)
    assert (await aiogram_bot.get_webhook_info()).url == "https://bot.example/hook"
    assert await aiogram_bot.delete_webhook()


async def test_a_second_client_is_content(other_bot: telegram.Bot, ada: Phone) -> None:
    """Another library, with other models, reads the same answers."""
    await ada.say("hello")
    await ada.share_contact()
    updates = await other_bot.get_updates(timeout=0)
    sent = await other_bot.send_message(4711, "hi <i>you</i>", parse_mode="HTML")
    photo = await other_bot.send_photo(4711, "https://shop.example/a.png", caption="a")
    deleted = await other_bot.delete_message(4711, sent.message_id)

    assert (await other_bot.get_me()).id == 123456789
    assert [u.effective_message.text for u in updates if u.effective_message] == ["hello", None]
    contact = updates[1].effective_message.contact if updates[1].effective_message else None
    assert contact is not None
    assert contact.user_id == 4711
    assert sent.entities[0].type == "italic"
    assert photo.photo
    assert deleted


async def test_both_see_the_same_refusals(
    simulator: TelegramSimulator,
    aiogram_bot: Bot,
    other_bot: telegram.Bot,
    ada: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each refusal arrives as the error its library has for it."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    cases = (
        ({"chat_id": 999, "text": "x"}, TelegramBadRequest, BadRequest, "chat not found"),
        ({"chat_id": 4711, "text": "x" * 4097}, TelegramBadRequest, BadRequest, "too long"),
        (
            {"chat_id": 4711, "text": "<b>x", "parse_mode": "HTML"},
            TelegramBadRequest,
            BadRequest,
            "can't parse entities",
        ),
    )
    for asked, ours, theirs, words in cases:
        with pytest.raises(ours, match=words):
            await aiogram_bot.send_message(**asked)  # type: ignore[arg-type] # by name
        with pytest.raises(theirs, match=f"(?i){words}"):
            await other_bot.send_message(**asked)  # type: ignore[arg-type] # by name
    await ada.block()
    with pytest.raises(TelegramForbiddenError, match="blocked"):
        await aiogram_bot.send_message(4711, "x")
    with pytest.raises(Forbidden, match="blocked"):
        await other_bot.send_message(4711, "x")
    simulator.faults.add("sendMessage", Fault("too_many", seconds=3), times=2)
    with pytest.raises(TelegramRetryAfter) as slow:
        await aiogram_bot.send_message(4711, "x")
    with pytest.raises(RetryAfter):
        await other_bot.send_message(4711, "x")
    assert slow.value.retry_after == 3


async def test_faults_are_what_a_network_does(
    simulator: TelegramSimulator, aiogram_bot: Bot, other_bot: telegram.Bot, ada: Phone
) -> None:
    """A gateway's page, a broken line after the effect, and a token that was revoked."""
    simulator.faults.add("sendMessage", Fault("bad_gateway"), times=2)
    with pytest.raises(ClientDecodeError):
        await aiogram_bot.send_message(4711, "x")
    with pytest.raises(TelegramError):
        await other_bot.send_message(4711, "x")
    simulator.faults.add("sendMessage", Fault("reset"))
    with pytest.raises(TelegramNetworkError):
        await aiogram_bot.send_message(4711, "arrives")
    simulator.faults.add("getMe", Fault("revoked"))
    with pytest.raises(TelegramUnauthorizedError):
        await aiogram_bot.get_me()

    assert [m["text"] for m in ada.seen()] == ["arrives"]


async def test_a_long_poll_ends_when_something_comes(aiogram_bot: Bot, ada: Phone) -> None:
    """A waiting request is answered the moment there is an update, and conflicts are told."""
    waiting = asyncio.create_task(aiogram_bot.get_updates(timeout=20))
    await asyncio.sleep(0)
    await ada.say("now")

    (update,) = await asyncio.wait_for(waiting, 10)
    assert update.message is not None
    assert update.message.text == "now"


async def test_a_chat_takes_so_many_messages_a_second(bot: BotAccount) -> None:
    """Faster than that is refused with a pause, for that chat alone."""
    server = TelegramSimulator(per_second=1)
    await server.start()
    other = server.add_bot(TOKEN, "kettle_bot")
    for number in (1, 2):
        Phone(server, other, Person(number, started=True))
    api = TelegramAPIServer.from_base(server.url)
    async with Bot(TOKEN, session=AiohttpSession(api=api)) as client:
        await client.send_message(1, "a")
        with pytest.raises(TelegramRetryAfter):
            await client.send_message(1, "b")
        await client.send_message(2, "a")
    await server.close()
