"""The playground: phones with simulated Telegram, Slack and WeChat, wired to the running bot."""
