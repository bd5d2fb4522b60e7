"""WeChat: official accounts and the customer desks of mini-programs (docs/wechat.md)."""

from channels.wechat.adapter import WechatChannel, create

__all__ = ["WechatChannel", "create"]
