"""Run: settings, composition, web application, workers, command line and the bots themselves."""
