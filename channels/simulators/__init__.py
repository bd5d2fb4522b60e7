"""Stand-ins of the providers that speak their wire protocol, for trying and for tests."""
