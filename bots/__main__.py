"""The command line `tributary`."""

import sys
from importlib import import_module
from typing import Final

import typer
from pydantic import ValidationError

from bots.supervisor import EXIT_CONFIGURATION

#: Command -> module below `bots.commands`; only the one that is called is imported, so that a
#: supervisor stays small and help stays quick.
COMMANDS: Final = {
    "serve": "serve",
    "check": "check",
    "prepare": "prepare",
    "train": "train",
    "evaluate": "evaluate",
    "test": "bot_tests",
    "graph": "graph",
    "chat": "trial",
    "new": "new",
    "schema": "schema",
    "timeline": "timeline",
    "why": "why",
    "ledger": "ledger",
    "requeue": "requeue",
    "token": "token",
    "doctor": "doctor",
    "migrate": "migrate",
    "orders": "orders",
    "import": "imports",
    "knowledge": "knowledge",
    "export": "exports",
}


def build(names: list[str]) -> typer.Typer:
    """Return the command line with these commands."""
    app = typer.Typer(
        name="tributary",
        help="Conversational engagement on every channel, one customer timeline.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
        add_completion=False,
    )

    @app.callback()
    def _root() -> None:
        """Conversational engagement on every channel, one customer timeline."""

    for name in names:
        module = import_module(f"bots.commands.{COMMANDS[name]}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(module.run)
    return app


def main() -> None:
    """Run the command line."""
    called = sys.argv[1:2]
    names = called if called and called[0] in COMMANDS else list(COMMANDS)
    try:
        build(names)()
    except ValidationError as error:
        if error.title != "Settings":
            raise
        for problem in error.errors(include_input=False):
            name = "_".join(str(part) for part in problem["loc"]).upper()
            told = problem["msg"].removeprefix("Value error, ")
            print(f"TRIBUTARY_{name}: {told}", file=sys.stderr)
        sys.exit(EXIT_CONFIGURATION)


if __name__ == "__main__":
    main()
