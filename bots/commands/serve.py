"""`tributary serve`: all roles in one process, or one role of several processes."""

import os
import socket
import sys
from typing import Annotated, Literal

import typer

from bots.logs import configure
from bots.settings import Settings
from bots.supervisor import (
    EXIT_CONFIGURATION,
    SOCKET_VARIABLE,
    SUPERVISOR_VARIABLE,
    Supervisor,
    listen,
)


def run(
    role: Annotated[
        Literal["all", "web", "worker"],
        typer.Option(help="What this process does; web and worker need PostgreSQL."),
    ] = "all",
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: any free.")] = None,
    supervised: Annotated[bool, typer.Option(help="Start the process again when it dies.")] = True,
) -> None:
    """Serve the bot: takes messages in, answers them, and shows the page with the widget."""
    settings = Settings()
    configure(settings.log_level)
    inherited = os.environ.pop(SOCKET_VARIABLE, None)
    if inherited is not None:
        supervisor = int(os.environ.pop(SUPERVISOR_VARIABLE))
        listening = socket.socket(fileno=int(inherited))
        _serve(settings, listening, role=role, supervisor=supervisor)
        return
    host = host or settings.host
    port = settings.port if port is None else port
    try:
        listening = listen(host, port)
    except OSError as error:
        typer.secho(
            f"cannot listen on {host}:{port}: {error.strerror}; "
            "say --port or TRIBUTARY_PORT to use another",
            fg="red",
            err=True,
        )
        raise typer.Exit(EXIT_CONFIGURATION) from error
    if supervised:
        command = [sys.executable, "-m", "bots", "serve", "--role", role]
        raise typer.Exit(Supervisor(command, listening).run())
    _serve(settings, listening, role=role, supervisor=None)


def _serve(
    settings: Settings,
    listening: socket.socket,
    *,
    role: Literal["all", "web", "worker"],
    supervisor: int | None,
) -> None:
    # Only the serving process pays for these imports; its supervisor stays small.
    from bots.serving import serve

    raise typer.Exit(serve(settings, listening, role=role, supervisor=supervisor))
