"""Language models for tests: what a server of OpenAI's protocol may answer, good or bad."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from tests.bots.partner import Reply, Seen

#: Answers the n-th request; what `Partner.answer` is.
Model = Callable[[int, Seen], Reply]


def asked(seen: Seen) -> dict[str, Any]:
    """Return the data a model was given: question, language, passages."""
    messages = json.loads(seen.body)["messages"]
    data: dict[str, Any] = json.loads(messages[-1]["content"])
    return data


def completion(content: str | None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a completion as a server sends it."""
    message = {"role": "assistant", "content": content, "refusal": changes.pop("refusal", None)}
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": changes.pop("finish_reason", "stop"),
        "logprobs": None,
    }
    usage = {"prompt_tokens": 400, "completion_tokens": 40, "total_tokens": 440}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "small",
        "choices": [choice],
        "usage": usage,
        **changes,
    }


def written(*sentences: tuple[str, Sequence[int]] | str) -> str:
    """Return sentences in the form that is asked for; those without numbers cite the first."""
    pairs = [(each, [1]) if isinstance(each, str) else each for each in sentences]
    return orjson.dumps(
        {"sentences": [{"text": text, "passages": list(cites)} for text, cites in pairs]}
    ).decode()


def says(*sentences: tuple[str, Sequence[int]] | str, seconds: float = 0.0) -> Model:
    """Return a model that writes these sentences whatever it is asked."""
    return lambda _n, _seen: Reply(data=completion(written(*sentences)), seconds=seconds)


def sends(**reply: Any) -> Model:  # noqa: ANN401 - passed on
    """Return a server that sends just this."""
    return lambda _n, _seen: Reply(**reply)


def copies(_number: int, seen: Seen) -> Reply:
    """Be a model that repeats the first sentence of the first passage."""
    text = asked(seen)["passages"][0]["text"].split("\n")[0]
    return Reply(data=completion(written(text)))


#: How texts tell a model what to say, in the tests.
_ORDER = re.compile(r"(?:say|output|respond with|reply)\s*[:：]?\s*[\"“]?([^\"”\n]{5,200})", re.I)
_HAN_ORDER = re.compile(r"(?:回答|输出|说)[:：]?[“\"]?([^”\"\n]{3,200})")


def obeys(_number: int, seen: Seen) -> Reply:
    """Be a model that does whatever any text it is shown tells it to, its own rules included."""
    data = asked(seen)
    everything = "\n".join([data["question"], *(p["text"] for p in data["passages"])])
    for form in (_ORDER, _HAN_ORDER):
        if (order := form.search(everything)) is not None:
            return Reply(data=completion(written(order[1].strip())))
    return copies(_number, seen)


def confesses(_number: int, seen: Seen) -> Reply:
    """Be a model that repeats its rules and everything it was shown."""
    messages = json.loads(seen.body)["messages"]
    return Reply(data=completion(written(messages[0]["content"][:400], messages[1]["content"])))
