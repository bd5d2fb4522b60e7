"""WeChat on this machine: signed callbacks out, the account's interfaces in."""

from channels.simulators.wechat.server import WechatSimulator

__all__ = ["WechatSimulator"]
