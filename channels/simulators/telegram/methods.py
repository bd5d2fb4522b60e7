"""The methods of the simulated Bot API: what each checks, does and returns."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

from channels.simulators.telegram.markup import MarkupError, read_html, units
from channels.simulators.telegram.state import BotAccount, Chat, Json, Webhook, World

TEXT_MAX: Final = 4096
CAPTION_MAX: Final = 1024
CALLBACK_DATA_MAX: Final = 64
BUTTON_ROWS_MAX: Final = 100
#: Longest that a request for updates waits, seconds.
POLL_MAX: Final = 50
_FILE_MAX: Final = 20 * 1024 * 1024


class RefusedError(Exception):
    """A call is refused as Telegram would."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


Method = Callable[[World, BotAccount, Json], Awaitable[Any]]


async def get_me(_: World, bot: BotAccount, __: Json) -> Json:
    """Return the bot itself."""
    return {
        **bot.as_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def get_updates(_: World, bot: BotAccount, asked: Json) -> list[Json]:
    """Return the updates that were not confirmed, waiting for one if asked to."""
    if bot.webhook is not None:
        text = "Conflict: can't use getUpdates method while webhook is active"
        raise RefusedError(409, text)
    _allow(bot, asked)
    if (offset := asked.get("offset")) is not None:
        offset = int(offset)
        bot.updates = [u for u in bot.updates if u["update_id"] >= offset]
    limit = max(1, min(int(asked.get("limit", 100)), 100))
    wait = max(0, min(int(asked.get("timeout", 0)), POLL_MAX))
    async with bot.arrived:
        if not bot.updates and wait:
            try:
                async with asyncio.timeout(wait):
                    await bot.arrived.wait_for(lambda: bool(bot.updates))
            except TimeoutError:
                return []
    return bot.updates[:limit]


async def set_webhook(_: World, bot: BotAccount, asked: Json) -> bool:
    """Have updates delivered."""
    url = str(asked.get("url", ""))
    if not url:
        bot.webhook = None
        return True
    if not url.startswith(("https://", "http://127.0.0.1")):
        raise RefusedError(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
    connections = int(asked.get("max_connections", 40))
    bot.webhook = Webhook(url, str(asked.get("secret_token", "")), connections)
    _allow(bot, asked)
    _drop(bot, asked)
    return True


async def delete_webhook(_: World, bot: BotAccount, asked: Json) -> bool:
    """Stop delivering."""
    bot.webhook = None
    _drop(bot, asked)
    return True


async def get_webhook_info(_: World, bot: BotAccount, __: Json) -> Json:
    """Return where updates are delivered and how many wait."""
    hook = bot.webhook
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if hook and hook.last_error:
        info |= {"last_error_date": int(time.time()), "last_error_message": hook.last_error}
    return info


async def send_message(world: World, bot: BotAccount, asked: Json) -> Json:
    """Send a text."""
    chat = reachable(world, bot, asked)
    text, entities = _formatted(asked, "text")
    if not text.strip():
        raise RefusedError(400, "Bad Request: message text is empty")
    if units(text) > TEXT_MAX:
        raise RefusedError(400, "Bad Request: message is too long")
    return _say(world, bot, chat, asked, {"text": text, "entities": entities})


def _sender_of(kind: str) -> Method:
    async def send(world: World, bot: BotAccount, asked: Json) -> Json:
        chat = reachable(world, bot, asked)
        file = asked.get(kind)
        if not file:
            raise RefusedError(400, f"Bad Request: there is no {kind} in the request")
        if not str(file).startswith(("http://", "https://", "attach://")):
            raise RefusedError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        caption, entities = _formatted(asked, "caption")
        if units(caption) > CAPTION_MAX:
            raise RefusedError(400, "Bad Request: message caption is too long")
        key = uuid4().hex
        described: Json = {"file_id": key, "file_unique_id": key[:12], "file_size": 1}
        shown: Any = described
        if kind == "photo":
            shown = [{**described, "width": 90, "height": 60}]
        elif kind == "video":
            shown = {**described, "width": 90, "height": 60, "duration": 1}
        said: Json = {kind: shown}
        if caption:
            said |= {"caption": caption, "caption_entities": entities}
        return _say(world, bot, chat, asked, said)

    return send


async def send_chat_action(world: World, bot: BotAccount, asked: Json) -> bool:
    """Show that the bot types."""
    reachable(world, bot, asked)
    return True


async def answer_callback_query(world: World, _: BotAccount, asked: Json) -> bool:
    """Stop the clock on a pressed button."""
    key = str(asked.get("callback_query_id", ""))
    if key not in world.questions:
        text = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        raise RefusedError(400, text)
    if len(str(asked.get("text", ""))) > 200:
        raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
    world.questions[key] = True
    return True


async def edit_message_text(world: World, bot: BotAccount, asked: Json) -> Json:
    """Change a text the bot sent."""
    chat = reachable(world, bot, asked)
    message = chat.messages.get(int(asked.get("message_id", 0)))
    if message is None or message["from"]["id"] != bot.id:
        raise RefusedError(400, "Bad Request: message to edit not found")
    text, entities = _formatted(asked, "text")
    markup = _keyboard(asked)
    if message.get("text") == text and message.get("reply_markup") == markup:
        raise RefusedError(400, "Bad Request: message is not modified")
    message |= {"text": text, "entities": entities, "edit_date": int(time.time())}
    message.pop("reply_markup", None)
    if markup:
        message["reply_markup"] = markup
    return message


async def delete_message(world: World, bot: BotAccount, asked: Json) -> bool:
    """Take a message back."""
    chat = reachable(world, bot, asked)
    if chat.messages.pop(int(asked.get("message_id", 0)), None) is None:
        raise RefusedError(400, "Bad Request: message to delete not found")
    return True


async def get_file(world: World, _: BotAccount, asked: Json) -> Json:
    """Return where a file can be fetched."""
    key = str(asked.get("file_id", ""))
    content = world.files.get(key)
    if content is None:
        raise RefusedError(
            400, "Bad Request: wrong file_id or the file is temporarily unavailable"
        )
    if len(content) > _FILE_MAX:
        raise RefusedError(400, "Bad Request: file is too big")
    return {
        "file_id": key,
        "file_unique_id": key[:12],
        "file_size": len(content),
        "file_path": f"files/{key}",
    }


async def set_my_commands(_: World, bot: BotAccount, asked: Json) -> bool:
    """Keep the commands that clients offer."""
    bot.commands = list(asked.get("commands", []))
    return True


async def get_chat(world: World, bot: BotAccount, asked: Json) -> Json:
    """Return a chat."""
    chat = reachable(world, bot, asked)
    return {
        **world.shown(chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


#: By the API's names, in lower case: it takes any case.
METHODS: Final[dict[str, Method]] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": _sender_of("photo"),
    "senddocument": _sender_of("document"),
    "sendvideo": _sender_of("video"),
    "sendchataction": send_chat_action,
    "answercallbackquery": answer_callback_query,
    "editmessagetext": edit_message_text,
    "deletemessage": delete_message,
    "getfile": get_file,
    "setmycommands": set_my_commands,
    "getchat": get_chat,
}


def reachable(world: World, bot: BotAccount, asked: Json) -> Chat:
    """Return the chat a call names.

    Raises:
        RefusedError: the bot may not write there.
    """
    try:
        chat_id = int(asked["chat_id"])
    except (KeyError, ValueError) as error:
        raise RefusedError(400, "Bad Request: chat_id is empty") from error
    chat = world.chat(chat_id)
    if chat is None:
        raise RefusedError(400, "Bad Request: chat not found")
    if chat.moved_to is not None:
        raise RefusedError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.moved_to,
        )
    if chat.kicked:
        raise RefusedError(403, "Forbidden: bot was kicked from the group chat")
    person = world.people.get(chat_id)
    if person is not None and chat.type == "private":
        if person.blocked:
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        if not person.started and not asked.get("business_connection_id"):
            raise RefusedError(403, "Forbidden: bot can't initiate conversation with a user")
    return chat


def _say(world: World, bot: BotAccount, chat: Chat, asked: Json, said: Json) -> Json:
    message: Json = {"from": bot.as_user(), "chat": world.shown(chat), **said}
    if markup := _keyboard(asked):
        message["reply_markup"] = markup
    if thread := asked.get("message_thread_id"):
        message |= {"message_thread_id": int(thread), "is_topic_message": True}
    if connection := asked.get("business_connection_id"):
        if connection not in world.connections:
            raise RefusedError(400, "Bad Request: business connection not found")
        message["business_connection_id"] = connection
    chat.sent_at.append(time.monotonic())
    return chat.add(message)


def _formatted(asked: Json, field: str) -> tuple[str, list[Json]]:
    text = str(asked.get(field) or "")
    mode = str(asked.get("parse_mode") or "").lower()
    if mode == "":
        return text, list(asked.get("entities") or [])
    if mode != "html":
        raise RefusedError(400, "Bad Request: unsupported parse_mode")
    try:
        return read_html(text)
    except MarkupError as error:
        raise RefusedError(400, f"Bad Request: {error}") from error


def _keyboard(asked: Json) -> Json | None:
    markup = asked.get("reply_markup")
    if not isinstance(markup, dict) or "inline_keyboard" not in markup:
        return markup if isinstance(markup, dict) else None
    rows = markup["inline_keyboard"]
    if len(rows) > BUTTON_ROWS_MAX:
        raise RefusedError(400, "Bad Request: reply markup is too long")
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise RefusedError(
                400, "Bad Request: text buttons are unallowed in the inline keyboard"
            )
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode()) <= CALLBACK_DATA_MAX:
            raise RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
        if data is None and not str(button.get("url", "")).startswith(("http", "tg:")):
            raise RefusedError(400, "Bad Request: BUTTON_URL_INVALID")
    return markup


def _allow(bot: BotAccount, asked: Json) -> None:
    if (allowed := asked.get("allowed_updates")) is not None:
        bot.allowed = frozenset(allowed) or None


def _drop(bot: BotAccount, asked: Json) -> None:
    if str(asked.get("drop_pending_updates", "")).lower() == "true":
        bot.updates = []
