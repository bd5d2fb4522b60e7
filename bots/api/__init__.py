"""The HTTP API for programs: every route has a principal, every error names what to mend."""
