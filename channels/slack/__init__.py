"""Slack as a place where customers write: Events API and Socket Mode in, Web API out."""
