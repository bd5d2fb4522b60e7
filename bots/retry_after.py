"""The pause a server asks for: its `Retry-After` header, in seconds or as a date."""

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: Longest pause a server may ask for, seconds.
RETRY_AFTER_MAX: Final = 3600.0


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return after how many seconds a server wants to be asked again, or None."""
    stated = headers.get("retry-after", "").strip()
    if not stated:
        return None
    try:
        seconds = float(stated)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(stated) - now).total_seconds()
        except (TypeError, ValueError):
            return None
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX)
