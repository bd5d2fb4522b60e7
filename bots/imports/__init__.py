"""Projects of other tools, brought into bot folders."""
