"""A Slack of one's own: workspaces, people, channels, signed deliveries, sockets, refusals."""
