"""Actions over HTTP as a bot's `actions/*.yml` states them: where to call, with what, and back."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, model_validator

from dialogues.action_values import Input, Output, ValueType
from dialogues.hints import hint
from dialogues.strict import Duration, Id, Strict, written
from nlu.yaml_file import KeyPath

#: A secret or address of this installation, read from the environment.
SECRET: Final = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
#: An input, or `turn.language`.
FIELD: Final = re.compile(r"(?<!\$)\{([a-z][a-z0-9_.]*)\}")
#: What templates may insert besides inputs.
LANGUAGE: Final = "turn.language"

_POINTER: Final = r"^(/[^/]*)*$"
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
#: Headers that are ours to set.
_OURS: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "accept-encoding"),
        *("idempotency-key", "content-type", "user-agent"),
    }
)

#: Longest time one attempt may be given: shorter than a claim is believed to be alive.
TIMEOUT_MAX: Final = timedelta(seconds=30)
#: Longest time an action may be tried.
UP_TO_MAX: Final = timedelta(hours=24)

Pointer = Annotated[str, Field(pattern=_POINTER, max_length=500)]
Template = Annotated[str, Field(min_length=1, max_length=2000)]
Status = Annotated[int, Field(ge=100, le=599)]


class InputOverHttp(Strict):
    """A value the action takes from the flow."""

    type: ValueType = "text"
    required: bool = False
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        _check_choices(self.type, self.choices)
        return self

    @property
    def kind(self) -> Input:
        """What values of it must be."""
        return Input(self.type, required=self.required, choices=self.choices)


class OutputOverHttp(Strict):
    """A value the action finds in the answer."""

    pointer: Pointer  #: JSON pointer (RFC 6901) into the answer
    type: ValueType = "text"
    required: bool = False  #: an answer without it is a failure
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        _check_choices(self.type, self.choices)
        return self

    @property
    def kind(self) -> Output:
        """What values of it must be."""
        return Output(self.type, choices=self.choices)


def _check_choices(kind: ValueType, choices: tuple[str, ...]) -> None:
    if (kind == "choice") is not bool(choices):
        message = "type choice needs `choices`" if kind == "choice" else "only type choice has it"
        raise ValueError(message)


class Failure(Strict):
    """Which answers stand for a failure with a name: a status, or a value in the answer."""

    status: Status | tuple[Status, ...] | None = None
    pointer: Pointer | None = None
    is_: JsonValue = Field(default=None, alias="is")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        has_value = "is_" in self.model_fields_set
        if (self.status is None and self.pointer is None) or ((self.pointer is None) is has_value):
            message = "a failure is told by `status`, or by `pointer` with `is`"
            raise ValueError(message)
        return self

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses that tell it; none: any."""
        if self.status is None:
            return ()
        return (self.status,) if isinstance(self.status, int) else self.status


class HttpAction(Strict):
    """One call of a company's own API."""

    id: Id  #: the file's name
    description: str = Field(default="", max_length=500)  #: for whoever reads the file
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    #: with {input}, encoded for its place, and ${NAME} of the environment
    url: Template
    #: parameter -> text with {input}; left out when its only value is not known
    query: dict[str, Template] = Field(default_factory=dict, max_length=30)
    #: name -> text with ${NAME} for secrets
    headers: dict[str, Template] = Field(default_factory=dict, max_length=30)
    #: the body; a lone {input} keeps its type
    body: JsonValue = Field(default=None, alias="json")
    timeout: Duration = timedelta(seconds=10)  #: of one attempt
    attempts: int = Field(default=4, ge=1, le=10)  #: for what may pass by itself
    up_to: Duration = timedelta(minutes=2)  #: no attempt begins later
    repeatable: bool = True  #: called again when a value it took is corrected
    #: what flows hand over
    inputs: dict[Id, InputOverHttp] = Field(default_factory=dict, max_length=30)
    #: what flows may save
    outputs: dict[Id, OutputOverHttp] = Field(default_factory=dict, max_length=30)
    #: reason -> how it is told; the first that fits
    failures: dict[Id, Failure] = Field(default_factory=dict, max_length=30)


def action_faults(action: HttpAction, name: str) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong between the parts of an action that is called `name`, by key."""
    if action.id != name:
        yield ("id",), f"is {action.id!r}, but the file is called {name}.yml"
    yield from _address_faults(action.url)
    templates = dict(_templates(action))
    for key, template in templates.items():
        yield from ((key, message) for message in _template_faults(action, key[0], template))
    for header in action.headers:
        if not _HEADER.fullmatch(header):
            yield ("headers", header), "is no name of a header"
        elif header.lower() in _OURS:
            yield ("headers", header), "is set by the engine"
    used = {place for text in templates.values() for place in FIELD.findall(text)}
    for given in action.inputs:
        if given not in used:
            yield ("inputs", given), "is used nowhere; write {" + given + "} where it goes"
    if action.body is not None and action.method == "GET":
        yield ("json",), "a GET has no body; say `method: POST`, or use `query`"
    for limit, value, most in (
        ("timeout", action.timeout, TIMEOUT_MAX),
        ("up_to", action.up_to, UP_TO_MAX),
    ):
        if value > most:
            yield (limit,), f"may be {written(most)} at most"


def _template_faults(action: HttpAction, part: str | int, template: str) -> Iterator[str]:
    for place in FIELD.findall(template):
        if place == LANGUAGE:
            continue
        if place not in action.inputs:
            yield f"{{{place}}} is no input{hint(place, {*action.inputs, LANGUAGE})}"
        elif part in {"headers", "outputs"}:
            yield f"{{{place}}} is not inserted here, only {{{LANGUAGE}}} is"
    if part in {"json", "query", "outputs"} and SECRET.search(template):
        yield "a secret belongs into `headers`, where nothing shows it"


def _address_faults(url: str) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with the fixed part of the address, which no customer may choose."""
    plain = SECRET.sub("x", url)
    if SECRET.match(url):
        authority = re.split(r"[/?]", url[SECRET.match(url).end() :], maxsplit=1)[0]  # type: ignore[union-attr] # it matched above
    elif found := re.match(r"https?://([^/?]*)", url):
        authority = found[1]
    else:
        yield ("url",), "begins with https://, http:// or ${NAME}"
        return
    if FIELD.search(authority):
        yield ("url",), "no input belongs into the host: it says where secrets are sent"
    if "@" in authority:
        yield ("url",), "holds no name or password; write a header with ${NAME}"
    if "#" in plain or re.search(r"[\s\\]", plain):
        yield ("url",), "holds no blanks, backslashes or #"


def _templates(action: HttpAction) -> Iterator[tuple[KeyPath, str]]:
    yield ("url",), action.url
    yield from ((("query", name), text) for name, text in action.query.items())
    yield from ((("headers", name), text) for name, text in action.headers.items())
    yield from _texts_in(action.body, ("json",))
    yield from ((("outputs", n, "pointer"), o.pointer) for n, o in action.outputs.items())


def _texts_in(value: JsonValue, key: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts_in(inner, (*key, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts_in(inner, (*key, index))
