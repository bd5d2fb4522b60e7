"""What WeChat knows of an account: the values a company copies from its site."""

from dataclasses import dataclass
from typing import Literal

from channels.wechat.crypto import MessageKey
from channels.wechat.opening import Mode


@dataclass(frozen=True, slots=True)
class Account:
    """What WeChat knows of the account that is simulated."""

    app_id: str = "wx0123456789abcdef"
    app_secret: str = "the secret of a simulated account"  # noqa: S105 - of no real account
    token: str = "simulated"  # noqa: S105 - as above
    encoding_aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    mode: Mode = "safe"
    kind: Literal["official", "mini_program"] = "official"
    original_id: str = "gh_0123456789ab"
    as_json: bool = False
    may_write: bool = True  #: it has the right to customer-service messages

    @property
    def key(self) -> MessageKey | None:
        """The key of its callbacks, None where they are plain."""
        if self.mode == "plain":
            return None
        return MessageKey(self.encoding_aes_key, receive_id=self.app_id)
