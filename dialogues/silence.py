"""Silence, as `bot.yml` states it: after how long an open question is repeated, then dropped."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from dialogues.strict import Duration, Strict


class SilenceLimits(Strict):
    """How long a customer may leave a question open."""

    remind: Duration | None = None  #: then the question is asked again, once
    close: Duration | None = None  #: then the flow is closed politely

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.remind is None and self.close is None:
            message = "say `remind`, `close` or both"
            raise ValueError(message)
        if self.remind is not None and self.close is not None and self.remind >= self.close:
            message = "`remind` comes before `close`"
            raise ValueError(message)
        return self


class Silence(SilenceLimits):
    """The limits of all channels, and other ones for some."""

    channels: dict[Annotated[str, Field(max_length=64)], SilenceLimits | None] = Field(
        default_factory=dict
    )  #: null: never on this channel

    def limits(self, channel: str) -> SilenceLimits | None:
        """Return the limits on `channel`, or None where silence means nothing."""
        return self.channels.get(channel, self)
