"""What people do in a simulated Slack: write, mention, press, edit."""

import time
from typing import Any
from uuid import uuid4

from channels.simulators.slack.server import SlackSimulator
from channels.simulators.slack.state import Json, Place


class Member:
    """One person in the workspace, with the app's direct conversation open."""

    def __init__(self, simulator: SlackSimulator, key: str, name: str) -> None:
        self._simulator = simulator
        self.id = key
        self.name = name
        simulator.workspace.people[key] = name
        self.place = simulator.workspace.direct(key)

    def say(self, text: str, **more: Any) -> str:  # noqa: ANN401 - fields of a message
        """Write to the app; return the notification's id."""
        return self._simulator.notify(self._said(self.place, text, more))

    def mention(self, place: Place, text: str) -> str:
        """Speak to the app in a channel."""
        bot = self._simulator.workspace.bot_member
        said = self._said(place, f"<@{bot}> {text}", {})
        return self._simulator.notify({**said, "type": "app_mention"})

    def press(self, label: str) -> None:
        """Press a button of the newest message that has it."""
        for message in reversed(self.place.messages):
            for block in message.get("blocks", ()):
                for element in block.get("elements", ()):
                    if element.get("text", {}) and _label(element) == label:
                        self._simulator.interact(self._pressed(message, element))
                        return
        text = f"no message has a button {label!r}"
        raise LookupError(text)

    def seen(self) -> list[Json]:
        """Return the app's messages in the direct conversation."""
        bot = self._simulator.workspace.bot_id
        return [m for m in self.place.messages if m.get("bot_id") == bot]

    def _said(self, place: Place, text: str, more: Json) -> Json:
        ts = self._simulator.workspace.next_ts()
        message: Json = {
            "type": "message",
            "channel": place.id,
            "channel_type": place.type,
            "user": self.id,
            "text": text,
            "ts": ts,
            "event_ts": ts,
            **more,
        }
        place.messages.append(message)
        return message

    def _pressed(self, message: Json, element: Json) -> Json:
        return {
            "type": "block_actions",
            "team": {"id": self._simulator.workspace.team, "domain": "simulated"},
            "user": {"id": self.id, "name": self.name.lower()},
            "channel": {"id": self.place.id},
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": self.place.id,
            },
            "message": message,
            "trigger_id": uuid4().hex,
            "actions": [{**element, "action_ts": f"{time.time():.6f}"}],
        }


def _label(element: Json) -> str:
    text = element.get("text")
    return str(text.get("text")) if isinstance(text, dict) else ""
