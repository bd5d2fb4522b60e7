"""Speak with the outside: normalised messages in and out; no database, no dialogue."""
