"""WeChat: official accounts and the customer desks of mini-programs (docs/wechat.md)."""
