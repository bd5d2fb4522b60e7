"""A completion: what a language model's server answered, as far as it is of use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

#: Bytes of a text that are one token at least; an estimate for servers that do not count.
_BYTES_OF_TOKEN: Final = 3
#: Most tokens a server may claim for one answer.
_TOKENS_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer as far as it is of use."""

    content: str
    refused: bool
    cut: bool
    tokens_in: int
    tokens_out: int


def estimated_tokens(prompt: list[dict[str, str]]) -> int:
    """Return about how many tokens a prompt has, rather too many than too few."""
    return sum(len(part["content"].encode()) for part in prompt) // _BYTES_OF_TOKEN + 1


def read_completion(body: bytes, prompt: list[dict[str, str]]) -> Completion:
    """Return what is of use in a completion; whatever is missing is empty."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        data = None
    usage = _part(data, "usage")
    choices = data.get("choices") if isinstance(data, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = _part(choice, "message")
    content = message.get("content")
    content = content if isinstance(content, str) else ""
    reason = choice.get("finish_reason") if isinstance(choice, dict) else None
    return Completion(
        content=content,
        refused=bool(message.get("refusal")) or reason == "content_filter",
        cut=reason == "length",
        tokens_in=_count(usage.get("prompt_tokens"), estimated_tokens(prompt)),
        tokens_out=_count(
            usage.get("completion_tokens"), len(content.encode()) // _BYTES_OF_TOKEN
        ),
    )


def _part(data: object, name: str) -> Mapping[str, Any]:
    part = data.get(name) if isinstance(data, dict) else None
    return part if isinstance(part, dict) else {}


def _count(stated: object, estimated: int) -> int:
    if isinstance(stated, int) and not isinstance(stated, bool) and 0 <= stated <= _TOKENS_MAX:
        return stated
    return estimated
