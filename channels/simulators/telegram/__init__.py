"""A Bot API of one's own: people, chats, updates and everything Telegram refuses."""
