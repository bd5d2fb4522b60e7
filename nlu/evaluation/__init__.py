"""How well a bot understands: measured by cross-validation or on texts kept for testing."""
