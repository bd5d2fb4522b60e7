"""What each kind of channel can show, for trying a bot before it has an account there."""

from collections.abc import Mapping
from typing import Final

from channels import callback
from channels.contract import Capabilities
from channels.messages import TEXT_MAX
from channels.slack import limits as slack
from channels.telegram import limits as telegram
from channels.webchat import adapter as webchat
from channels.wechat import adapter as wechat

#: By the name of the channel.
PROFILES: Final[Mapping[str, Capabilities]] = {
    "webchat": webchat.CAPABILITIES,
    "callback": callback.CAPABILITIES,
    "console": Capabilities(text_max=TEXT_MAX),
    "telegram": telegram.CAPABILITIES,
    "slack": slack.CAPABILITIES,
    "wechat": wechat.CAPABILITIES,
}
