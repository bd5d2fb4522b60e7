"""What is known around a text and decides what words in it mean: where and when it was said."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a text was said."""

    region: str | None = None  #: ISO 3166, two letters; for phone numbers without a country code
    #: aware, in the customer's time zone: what "today" and "at three" refer to
    now: datetime = field(default_factory=_now)

    def __post_init__(self) -> None:
        """Refuse a naive time.

        Raises:
            ValueError: `now` has no time zone.
        """
        if self.now.tzinfo is None:
            raise ValueError("now needs a time zone")
