"""Refusals: why a request was not done, in the one form in which browsers are told."""

import math
from typing import Final

import orjson
from starlette.responses import Response

from channels.webchat.frames import FrameError

#: Statuses of what a frame or body can be refused for; everything else is 400.
_STATUS: Final = {"too_large": 413}
#: Statuses of requests whose body was not read to its end: the rest must not be waited for.
_UNREAD: Final = frozenset({408, 413})


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is answered with an error."""

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @classmethod
    def for_frame(cls, error: FrameError) -> "Refused":
        """Return the refusal of a body that breaks the protocol."""
        return cls(_STATUS.get(error.code, 400), error.code, error.message)

    def body(self) -> dict[str, object]:
        """Return the error as the protocol writes it."""
        found: dict[str, object] = {"code": self.code, "message": self.message}
        if self.retry_after is not None:
            found["retry_after"] = math.ceil(self.retry_after * 100) / 100
        return found

    def response(self) -> Response:
        """Return the answer."""
        response = json_response({"error": self.body()}, self.status)
        if self.retry_after is not None:
            response.headers["retry-after"] = str(max(1, math.ceil(self.retry_after)))
        if self.status in _UNREAD:
            response.headers["connection"] = "close"
        return response


def unauthorized() -> Refused:
    """Return the refusal of a missing, foreign or expired visitor token."""
    return Refused(401, "unauthorized", "open a session and send its visitor token as Bearer")


def unavailable() -> Refused:
    """Return the refusal when the store takes no writes."""
    return Refused(
        503, "unavailable", "nothing was stored; send it again in a moment", retry_after=2.0
    )


def json_response(data: object, status: int = 200) -> Response:
    """Return `data` as JSON that nobody keeps."""
    return Response(
        orjson.dumps(data),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )
