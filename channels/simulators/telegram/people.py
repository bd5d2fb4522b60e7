"""What people do in a simulated Telegram: write, press, share, edit, block."""

import time
from typing import Any
from uuid import uuid4

from channels.simulators.telegram.server import TelegramSimulator, new_file
from channels.simulators.telegram.state import BotAccount, Chat, Json, Person


class Phone:
    """One person's Telegram with one bot open.

    Args:
        simulator: where it all happens.
        bot: whom they write to.
        person: who they are.
        chat: a group; None: their private chat with the bot.
    """

    def __init__(
        self,
        simulator: TelegramSimulator,
        bot: BotAccount,
        person: Person,
        *,
        chat: Chat | None = None,
    ) -> None:
        self._simulator = simulator
        self._bot = bot
        self.person = person
        world = simulator.world
        simulator.add_person(person)
        self.chat = chat or world.chats.setdefault(person.id, Chat(person.id))
        world.chats[self.chat.id] = self.chat

    async def start(self, payload: str = "") -> int:
        """Open the bot, perhaps by a deep link."""
        self.person.started = True
        return await self.say(f"/start {payload}".strip())

    async def say(self, text: str, **more: Any) -> int:  # noqa: ANN401 - fields of a message
        """Write a text."""
        return await self.send({"text": text, **more})

    async def send(self, content: Json, *, kind: str = "message") -> int:
        """Send a message of any content and return the number of its update."""
        self.person.started = True
        message = self.chat.add(
            {
                "from": self.person.as_user(),
                "chat": self._simulator.world.shown(self.chat),
                **content,
            }
        )
        return await self._simulator.push(self._bot, kind, message)

    async def edit(self, text: str) -> int:
        """Change what was said last."""
        mine = [m for m in self.chat.messages.values() if m["from"]["id"] == self.person.id]
        message = mine[-1]
        message |= {"text": text, "edit_date": int(time.time())}
        return await self._simulator.push(self._bot, "edited_message", message)

    async def press(self, label: str) -> str:
        """Press a button of the newest message that has it; return the id of the question."""
        for message in reversed(list(self.chat.messages.values())):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in (button for row in rows for button in row):
                if button["text"] == label and "callback_data" in button:
                    return await self._press(message, str(button["callback_data"]))
        message_text = f"no message has a button {label!r}"
        raise LookupError(message_text)

    async def share_contact(self, *, own: bool = True) -> int:
        """Share a phone number: their own, or one of somebody else."""
        number = self.person.phone if own else "+441632960961"
        contact: Json = {"phone_number": number, "first_name": self.person.first_name}
        return await self.send(
            {"contact": contact | ({"user_id": self.person.id} if own else {"user_id": 1})}
        )

    async def send_photo(self, content: bytes, *, caption: str | None = None) -> int:
        """Send a picture."""
        key = new_file(self._simulator.world, content)
        size: Json = {
            "file_id": key,
            "file_unique_id": key[:12],
            "width": 90,
            "height": 60,
            "file_size": len(content),
        }
        return await self.send({"photo": [size]} | ({"caption": caption} if caption else {}))

    async def block(self, *, blocked: bool = True) -> int:
        """Block the bot, or let it write again."""
        self.person.blocked = blocked
        states = ("member", "kicked") if blocked else ("kicked", "member")
        user = self._bot.as_user()
        until = {"until_date": 0}
        old, new = (
            {"user": user, "status": state, **(until if state == "kicked" else {})}
            for state in states
        )
        return await self._simulator.push(
            self._bot,
            "my_chat_member",
            {
                "chat": self._simulator.world.shown(self.chat),
                "from": self.person.as_user(),
                "date": int(time.time()),
                "old_chat_member": old,
                "new_chat_member": new,
            },
        )

    def seen(self) -> list[Json]:
        """Return the bot's messages in this chat."""
        return [m for m in self.chat.messages.values() if m["from"]["id"] == self._bot.id]

    async def _press(self, message: Json, data: str) -> str:
        key = str(uuid4().int)[:18]
        self._simulator.world.questions[key] = False
        await self._simulator.push(
            self._bot,
            "callback_query",
            {
                "id": key,
                "from": self.person.as_user(),
                "message": message,
                "chat_instance": "1",
                "data": data,
            },
        )
        return key
