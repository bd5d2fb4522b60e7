"""The terms on which answers are written: where, by which model, how long and for how much."""

from dataclasses import dataclass, field

from bots.settings import Settings


@dataclass(frozen=True, slots=True)
class Terms:
    """Where and under which conditions answers are written."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 6.0  #: after so many a customer has the answer
    tokens: int = 500  #: most of one answer
    form: str = "json_schema"  #: how the server is held to JSON; json_object, none
    price_in: float = 0.0  #: of a million tokens
    price_out: float = 0.0
    budget: float | None = None  #: a day (UTC), in the prices' currency


def writer_terms(settings: Settings) -> Terms | None:
    """Return the terms of this installation; None when it has no server for writing."""
    if settings.writer_url is None or settings.writer_model is None:
        return None
    key = settings.writer_key
    return Terms(
        url=settings.writer_url,
        model=settings.writer_model,
        key=key.get_secret_value() if key is not None else None,
        seconds=settings.writer_seconds,
        tokens=settings.writer_tokens,
        form=settings.writer_form,
        price_in=settings.writer_price_in,
        price_out=settings.writer_price_out,
        budget=settings.writer_budget,
    )
