"""Understand: text in, Understanding out; no database, no dialogue, no channel."""
