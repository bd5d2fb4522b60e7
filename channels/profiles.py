"""What each kind of channel can show, for trying a bot before it has an account there."""

from collections.abc import Mapping
from typing import Final

from channels import callback
from channels.contract import Capabilities
from channels.messages import TEXT_MAX
from channels.telegram import limits as telegram
from channels.webchat import adapter as webchat
from channels.wechat import adapter as wechat

#: By the name of the channel; the limits of Slack are those of its API.
PROFILES: Final[Mapping[str, Capabilities]] = {
    "webchat": webchat.CAPABILITIES,
    "callback": callback.CAPABILITIES,
    "console": Capabilities(text_max=TEXT_MAX),
    "telegram": telegram.CAPABILITIES,
    "slack": Capabilities(
        text_max=3000,
        choices_max=25,
        label_max=75,
        cards=True,
        markdown=True,
        media=frozenset({"image/png", "image/jpeg", "image/gif"}),
    ),
    "wechat": wechat.CAPABILITIES,
}
