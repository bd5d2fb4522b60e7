"""Logs: structured, JSON when not on a terminal; ids and dotted names, never bodies or secrets."""

import logging
import re
import sys
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

_EMAIL: Final = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[a-zA-Z]{2,}")
_PHONE: Final = re.compile(r"(?<![\w-])\+?\d[\d ()-]{7,}\d(?![\w-])")
_TOKEN: Final = re.compile(r"\b(?:trb_|eyJ)[\w.-]{16,}|(?i:bearer)\s+\S+")


def mask(text: str) -> str:
    """Return `text` with e-mail addresses, phone numbers and tokens taken out."""
    text = _EMAIL.sub("<email>", text)
    text = _TOKEN.sub("<token>", text)
    return _PHONE.sub("<phone>", text)


def _mask_values(_logger: WrappedLogger, _name: str, entry: EventDict) -> EventDict:
    """Mask every text of a log entry but ids and times: a second fence, not the first."""
    for key, value in entry.items():
        if isinstance(value, str) and key not in {"timestamp", "level", "event"}:
            entry[key] = value if _is_id(key) else mask(value)
    return entry


def _is_id(key: str) -> bool:
    return key.endswith("_id") or key == "process"


def configure(level: str) -> None:
    """Set logging up for this process."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            _mask_values,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
