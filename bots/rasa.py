"""Rasa as the interpreter of a process: where it listens, and what the log tells of it."""

from collections.abc import Collection

import structlog

from bots.settings import Settings
from nlu.circuit_breaker import Change
from nlu.interpreter import Interpreter
from nlu.rasa_interpreter import RasaInterpreter, RasaServer

__all__ = ["RasaServer", "over_rasa", "rasa_server"]

log = structlog.get_logger()


def rasa_server(settings: Settings) -> RasaServer | None:
    """Return the Rasa server that the settings make the interpreter, if they do."""
    if settings.interpreter != "rasa" or settings.rasa_url is None:
        return None
    token = settings.rasa_token
    return RasaServer(settings.rasa_url, token.get_secret_value() if token else None)


def over_rasa(
    server: RasaServer, *, stand_in: Interpreter, intents: Collection[str]
) -> RasaInterpreter:
    """Return the interpreter over `server`; the log tells when it is given up and when back."""

    def tell(change: Change, reason: str) -> None:
        if change == "opened":
            log.warning("rasa.away", reason=reason)
        else:
            log.info("rasa.back")

    return RasaInterpreter(server, stand_in=stand_in, intents=intents, on_change=tell)
