"""The methods of the simulated Web API: what each checks, does and returns."""

from collections.abc import Callable
from typing import Any, Final

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from channels.simulators.slack.state import Json, Place, Workspace

TEXT_MAX: Final = 40_000
#: All characters of a message's blocks together.
BLOCKS_TEXT_MAX: Final = 13_200
BLOCKS_MAX: Final = 50


class RefusedError(Exception):
    """A call is refused; the message is Slack's error code."""


Method = Callable[[Workspace, Json], Json]


def auth_test(workspace: Workspace, _: Json) -> Json:
    """Return whose token it is."""
    return {
        "url": "https://simulated.slack.example/",
        "team": "Simulated",
        "user": "kettle",
        "team_id": workspace.team,
        "user_id": workspace.bot_member,
        "bot_id": workspace.bot_id,
    }


def post_message(workspace: Workspace, asked: Json) -> Json:
    """Post a message."""
    if "chat:write" not in workspace.scopes:
        raise RefusedError("missing_scope")
    place = _place(workspace, asked)
    text = str(asked.get("text") or "")
    blocks = asked.get("blocks") or []
    if not text and not blocks:
        raise RefusedError("no_text")
    if len(text) > TEXT_MAX:
        raise RefusedError("msg_too_long")
    check_blocks(blocks)
    message: Json = {
        "type": "message",
        "user": workspace.bot_member,
        "bot_id": workspace.bot_id,
        "text": text,
        "blocks": blocks,
        "ts": workspace.next_ts(),
    }
    if asked.get("metadata"):
        message["metadata"] = asked["metadata"]
    if thread := asked.get("thread_ts"):
        message["thread_ts"] = thread
    place.messages.append(message)
    return {"channel": place.id, "ts": message["ts"], "message": message}


def update(workspace: Workspace, asked: Json) -> Json:
    """Change a message of the app's."""
    place = _place(workspace, asked)
    message = next((m for m in place.messages if m["ts"] == asked.get("ts")), None)
    if message is None:
        raise RefusedError("message_not_found")
    if message.get("bot_id") != workspace.bot_id:
        raise RefusedError("cant_update_message")
    check_blocks(asked.get("blocks") or [])
    message |= {key: asked[key] for key in ("text", "blocks") if key in asked}
    return {"channel": place.id, "ts": message["ts"], "text": message["text"]}


def member_info(workspace: Workspace, asked: Json) -> Json:
    """Return who somebody is."""
    key = str(asked.get("user", ""))
    if key not in workspace.people:
        raise RefusedError("user_not_found")
    name = workspace.people[key]
    return {"user": {"id": key, "name": name.lower(), "profile": {"real_name": name}}}


def open_conversation(workspace: Workspace, asked: Json) -> Json:
    """Open a direct conversation."""
    key = str(asked.get("users", ""))
    if key not in workspace.people:
        raise RefusedError("user_not_found")
    return {"channel": {"id": workspace.direct(key).id}}


METHODS: Final[dict[str, Method]] = {
    "auth.test": auth_test,
    "chat.postMessage": post_message,
    "chat.update": update,
    "users.info": member_info,
    "conversations.open": open_conversation,
}


def check_blocks(blocks: list[Any]) -> None:
    """Refuse what Block Kit does not take, by the checks of Slack's own library.

    Raises:
        RefusedError: a block is not valid, or there is too much in them.
    """
    if len(blocks) > BLOCKS_MAX:
        raise RefusedError("invalid_blocks")
    if sum(_letters(block) for block in blocks) > BLOCKS_TEXT_MAX:
        raise RefusedError("msg_blocks_too_long")
    for block in blocks:
        parsed = Block.parse(block)
        if parsed is None:
            raise RefusedError("invalid_blocks")
        try:
            parsed.validate_json()
            for element in getattr(parsed, "elements", None) or ():
                if hasattr(element, "validate_json"):
                    element.validate_json()
        except SlackObjectFormationError as error:
            raise RefusedError("invalid_blocks") from error
        if block.get("type") == "actions":
            _check_buttons(block)


def _check_buttons(block: Json) -> None:
    keys = [element.get("action_id") for element in block["elements"]]
    if len(keys) != len(set(keys)) or not keys:
        raise RefusedError("invalid_blocks")


def _letters(value: object) -> int:
    """Return how many characters a block shows."""
    if isinstance(value, dict):
        shown = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return (
            shown
            + sum(_letters(each) for key, each in value.items() if key != "text")
            + (_letters(value["text"]) if isinstance(value.get("text"), dict) else 0)
        )
    if isinstance(value, list):
        return sum(map(_letters, value))
    return 0


def _place(workspace: Workspace, asked: Json) -> Place:
    key = str(asked.get("channel", ""))
    if key in workspace.people:
        return workspace.direct(key)
    place = workspace.channels.get(key)
    if place is None:
        raise RefusedError("channel_not_found")
    if workspace.bot_member not in place.members:
        raise RefusedError("not_in_channel")
    if place.archived:
        raise RefusedError("is_archived")
    return place
