"""Remember: everything that must survive a restart, and the durable engine that moves it."""
