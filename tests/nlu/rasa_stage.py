"""A small server that plays Rasa's side of `POST /model/parse`, well or badly as it is told."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from nlu.rasa_interpreter import RasaInterpreter
from nlu.understanding import Understanding

#: What is played to one request: the parsed text and the open connection.
Play = Callable[["Request", str], None]

#: Makes an interpreter over the Rasa at an address; it is closed when the test ends.
Make = Callable[..., RasaInterpreter]

MEANINGS = {"parcel": "order_status", "leaks": "report_problem", "漏水": "report_problem"}


def answer(text: str, **parts: object) -> dict[str, Any]:
    """Return what a Rasa server answers about `text`; `parts` replace parts of it."""
    name = next((n for word, n in MEANINGS.items() if word in text), "nlu_fallback")
    ranking = [{"name": name, "confidence": 0.9}, {"name": "greet", "confidence": 0.05}]
    whole = {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": [],
        "text_tokens": [[0, len(text)]],
    }
    return whole | parts


class Request(BaseHTTPRequestHandler):
    """One request; `play` of the stage answers it."""

    protocol_version = "HTTP/1.1"
    server: "RasaStage"

    def do_POST(self) -> None:
        """Note what was asked and answer as the stage was told."""
        body = self.rfile.read(int(self.headers["content-length"]))
        text = json.loads(body)["text"]
        with self.server.lock:
            self.server.asked.append(text)
            self.server.paths.append(self.path)
        self.server.play(self, text)

    def reply(self, body: bytes, *, status: int = 200, kind: str = "application/json") -> None:
        """Send one whole answer."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Break the connection in the middle of an answer."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class RasaStage(ThreadingHTTPServer):
    """The server; `play` may be changed at any time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.paths: list[str] = []
        self.play: Play = well
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "RasaStage":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, *_request: object) -> None:
        """A client that left is no news here."""


def well(request: Request, text: str) -> None:
    """Answer as Rasa does."""
    request.reply(json.dumps(answer(text)).encode())


def with_parts(**parts: object) -> Play:
    """Return a play that answers with some parts replaced."""

    def play(request: Request, text: str) -> None:
        request.reply(json.dumps(answer(text, **parts)).encode())

    return play


def with_body(body: bytes, *, status: int = 200, kind: str = "application/json") -> Play:
    """Return a play that answers anything with `body`."""
    return lambda request, _: request.reply(body, status=status, kind=kind)


def slowly(seconds: float) -> Play:
    """Return a play that answers well, but late."""

    def play(request: Request, text: str) -> None:
        time.sleep(seconds)
        well(request, text)

    return play


def in_drops(request: Request, _text: str) -> None:
    """Send a byte now and then for ever: no single wait is long."""
    request.send_response(200)
    request.send_header("content-length", "1000000")
    request.end_headers()
    for _ in range(200):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.05)


def in_drops_from_the_start(request: Request, _text: str) -> None:
    """Send the headers a byte now and then, so that no answer ever begins."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(600):
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.05)


def reset(request: Request, _text: str) -> None:
    """Break the connection."""
    request.reset()


def understand(interpreter: RasaInterpreter, text: str) -> Understanding:
    """Return the meaning of one text."""
    return interpreter.interpret([text], languages=[None])[0]
