"""`tributary orders FOLDER`: the example company's order book as a small HTTP API."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from bots.commands.terminal import console, fail, faults
from bots.example_orders import FILE, TOKEN_NAME, URL_NAME, OrderServer
from bots.settings import Settings
from dialogues.bot import read_orders
from nlu.yaml_file import FaultyFileError


def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bot.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any free.")] = 0,
) -> None:
    """Serve `orders.yml` on this machine until Ctrl-C; `serve` does so by itself."""
    path = (folder or Settings().bot) / FILE
    if not path.is_file():
        raise fail(f"there is no {path}")
    try:
        orders = read_orders(path)
        server = OrderServer(orders, token=os.environ.get(TOKEN_NAME), port=port)
    except FaultyFileError as error:
        raise faults(error) from error
    except OSError as error:
        raise fail(f"cannot listen on port {port}: {error.strerror}") from error
    with server:
        console.print(f"{len(orders)} orders at {server.url}/orders/NUMBER; for the bot, set")
        console.print(f"{URL_NAME}={server.url}", markup=False)
        console.print(f"{TOKEN_NAME}={server.token}", markup=False)
        console.print(f"TRIBUTARY_ACTION_HOSTS=127.0.0.1:{server.port}", markup=False)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
