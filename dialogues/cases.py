"""Cases: what `conversations/*.yml` may state; every slip is named by file, key and line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Self, get_args

import orjson
from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    JsonValue,
    RootModel,
    ValidationError,
    field_validator,
    model_validator,
)

from channels.messages import Contact, Location, Media, Notice
from channels.profiles import PROFILES
from dialogues.expect import Expect, Words
from dialogues.hints import hint, keys_of, unknown
from dialogues.strict import Duration, Id, Strict
from nlu.yaml_file import Fault, FaultyFileError, KeyPath, YamlFile

#: What several cases share stands here, by name.
FIXTURES_FILE: Final = "fixtures.yml"

#: Cases that one case may become by `for` and `channels`.
_EXPANDED_MAX: Final = 500

#: Notices that channels and the engine make; others are told from outside.
MADE_NOTICES: Final = frozenset(get_args(Notice.model_fields["name"].annotation)) - {"told"}

#: Keys of which a turn has exactly one.
_KINDS: Final = ("user", "burst", "press", "notice", "wait", "media", "location", "contact")

_IT: Final = re.compile(r"\{it(?:\.([a-z][a-z0-9_]*))?\}")


class KnownFact(Strict):
    """Something the CRM knows of the customer, and since when."""

    value: str = Field(min_length=1, max_length=320)
    learnt_ago: Duration | None = None  #: None: a day
    verified: bool = False


def _fact(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


#: A fact, or its value alone.
Fact = Annotated[KnownFact, BeforeValidator(_fact, json_schema_input_type=str | KnownFact)]


class KnownCustomer(Strict):
    """Who talks to the bot, as far as the CRM knows."""

    name: Fact | None = None
    email: Fact | None = None
    phone: Fact | None = None
    company: Fact | None = None
    language: str | None = None
    tier: Annotated[str, Field(max_length=32)] | None = None
    stage: Annotated[str, Field(max_length=32)] | None = None

    def facts(self) -> Iterator[tuple[str, KnownFact]]:
        """Yield each fact by name."""
        for name in ("name", "email", "phone", "company"):
            if (fact := getattr(self, name)) is not None:
                yield name, fact


class Outcome(Strict):
    """How an action goes that is not to be run: what it returns, or why it fails."""

    result: dict[Id, JsonValue] | None = None
    error: str | None = Field(default=None, min_length=1, max_length=200)  #: "timeout" or a reason

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.result is None) is (self.error is None):
            message = "an action has either `result` or `error`"
            raise ValueError(message)
        return self


class ToldNotice(Strict):
    """Something that happened outside, or a notice that channels and the engine make."""

    name: Id
    data: dict[Id, JsonValue] = Field(default_factory=dict)

    def notice(self) -> Notice:
        """Return the notice as a conversation gets it."""
        if self.name in MADE_NOTICES:
            return Notice.model_validate(
                {"name": self.name, "data": {key: str(value) for key, value in self.data.items()}}
            )
        told = {"notice": self.name, "from": "test", "data": orjson.dumps(self.data).decode()}
        return Notice(name="told", data=told)


class TurnSpec(Strict):
    """What the customer does or what happens, and what must come of it."""

    user: Words | None = None
    burst: tuple[Words, ...] = ()  #: several messages in quick succession
    press: Words | None = None  #: an option's value or label
    notice: ToldNotice | None = None
    wait: Duration | None = None
    media: Media | None = None
    location: Location | None = None
    contact: Contact | None = None
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if len(self.model_fields_set & set(_KINDS)) != 1:
            message = f"a turn has exactly one of {', '.join(f'`{kind}`' for kind in _KINDS)}"
            raise ValueError(message)
        if "burst" in self.model_fields_set and not self.burst:
            message = "a burst has at least one message"
            raise ValueError(message)
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """The texts the customer writes in this turn."""
        return self.burst or ((self.user,) if self.user is not None else ())


class Circumstances(Strict):
    """What is so before a conversation begins."""

    language: str | None = None  #: of the conversation at its start
    channel: str | None = None  #: default: webchat
    customer: KnownCustomer | None = None
    clock: AwareDatetime | None = None  #: when the conversation begins
    #: action -> how each call goes; the last is repeated
    stubs: dict[Id, Annotated[tuple[Outcome, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )

    @field_validator("clock", mode="before")
    @classmethod
    def _has_zone(cls, value: object) -> object:
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return value
        if isinstance(moment, datetime) and moment.tzinfo is None:
            message = "has no time zone; write e.g. 2026-03-02T09:00+08:00"
            raise ValueError(message)
        return value

    @field_validator("channel")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is not None and value not in PROFILES:
            message = unknown("channel", value, PROFILES)
            raise ValueError(message)
        return value


class Case(Circumstances):
    """One conversation."""

    name: str = Field(min_length=1, max_length=200)
    fixtures: tuple[Id, ...] = ()  #: of `fixtures.yml`; what the case states itself stands
    turns: tuple[TurnSpec, ...] = Field(min_length=1, max_length=200)


class StatedCase(Case):
    """A case as files state it, which may become several."""

    for_: tuple[JsonValue, ...] | None = Field(default=None, alias="for", min_length=1)
    channels: tuple[str, ...] | None = Field(default=None, min_length=1)


class _Fixtures(RootModel[dict[Id, Circumstances]]):
    pass


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A case with the place it was read from."""

    path: Path
    line: int
    case: Case
    turn_lines: tuple[int, ...] = ()  #: where each turn stands

    def line_of(self, turn: int) -> int:
        """Return the line of a turn, counted from 0."""
        return self.turn_lines[turn] if turn < len(self.turn_lines) else self.line


def read_cases(folder: Path) -> list[ReadCase]:
    """Return the conversations of the bot in `folder`.

    Raises:
        FaultyFileError: with every fault found.
    """
    found: list[ReadCase] = []
    faults: list[Fault] = []
    fixtures: Mapping[str, Circumstances] = {}
    shared = folder / "conversations" / FIXTURES_FILE
    if shared.is_file():
        try:
            file = YamlFile.read(shared)
            fixtures = _validated(file, _Fixtures, data=_with_days_as_text(file.data)).root
        except FaultyFileError as error:
            faults += error.faults
    for path in sorted((folder / "conversations").glob("*.yml")):
        if path == shared:
            continue
        try:
            found += read_file(path, fixtures)
        except FaultyFileError as error:
            faults += error.faults
    if faults:
        raise FaultyFileError(faults)
    return found


def read_file(path: Path, fixtures: Mapping[str, Circumstances] | None = None) -> list[ReadCase]:
    """Return the cases of one file.

    Raises:
        FaultyFileError: with every fault found.
    """
    file = YamlFile.read(path)
    if not isinstance(file.data, list):
        raise FaultyFileError([file.fault((), "must be a list of cases: `- name: …`")])
    found: list[ReadCase] = []
    faults: list[Fault] = []
    names: set[str] = set()
    for index, data in enumerate(_with_days_as_text(file.data)):
        try:
            for read in _cases(file, index, data, fixtures or {}):
                if read.case.name in names:
                    fault = file.fault((index, "name"), f"{read.case.name!r} is given twice")
                    raise FaultyFileError([fault])
                names.add(read.case.name)
                found.append(read)
        except FaultyFileError as error:
            faults += error.faults
    if faults:
        raise FaultyFileError(list(dict.fromkeys(faults)))
    return found


def _cases(
    file: YamlFile, index: int, data: object, fixtures: Mapping[str, Circumstances]
) -> Iterator[ReadCase]:
    """Yield the cases that one entry states: one, or one for each value and channel."""
    if not isinstance(data, dict):
        raise FaultyFileError([file.fault((index,), "must be a case: `name` and `turns`")])
    values = _listed(file, (index, "for"), data.get("for", [None]))
    channels = _listed(file, (index, "channels"), data.get("channels", [None]))
    if "channels" in data and "channel" in data:
        message = "a case has either `channel` or `channels`"
        raise FaultyFileError([file.fault((index, "channels"), message)])
    if len(values) * len(channels) > _EXPANDED_MAX:
        message = f"would become more than {_EXPANDED_MAX} cases"
        raise FaultyFileError([file.fault((index,), message)])
    rest = {key: value for key, value in data.items() if key not in {"for", "channels"}}
    lines = tuple(
        file.line((index, "turns", turn)) for turn in range(len(_list(data.get("turns"))))
    )
    for value in values:
        own = rest if "for" not in data else _with_name(_filled(rest, value), rest, value)
        for channel in channels:
            if channel is not None:
                own = {**own, "channel": channel, "name": f"{_first(own)} ({channel})"}
            case = _validated(file, Case, data=own, key=(index,))
            whole = _whole(file, index, case, fixtures)
            yield ReadCase(file.path, file.line((index,)), whole, lines)
            own = {**own, "name": _first(own).removesuffix(f" ({channel})")}


def _with_days_as_text(data: Any) -> Any:  # noqa: ANN401 - anything YAML can state
    """Return `data` with days and times as slots hold them; YAML makes objects of them."""
    if isinstance(data, dict):
        return {key: _with_days_as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_days_as_text(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def _first(data: Mapping[str, Any]) -> str:
    return str(data.get("name", ""))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _listed(file: YamlFile, key: KeyPath, value: object) -> list[Any]:
    if isinstance(value, list) and value:
        return value
    raise FaultyFileError([file.fault(key, "must be a list with at least one value")])


def _with_name(filled: dict[str, Any], raw: Mapping[str, Any], value: object) -> dict[str, Any]:
    """Return the case of one value with a name of its own."""
    if _first(raw) == _first(filled):
        shown = ", ".join(map(str, value.values())) if isinstance(value, dict) else value
        filled["name"] = f"{_first(filled)} [{shown}]"[:200]
    return filled


def _filled(data: Any, value: Any) -> Any:  # noqa: ANN401 - anything YAML can state
    """Return `data` with `value` for `{it}`; a text that is nothing else keeps its kind."""
    if isinstance(data, dict):
        return {key: _filled(each, value) for key, each in data.items()}
    if isinstance(data, list):
        return [_filled(each, value) for each in data]
    if not isinstance(data, str):
        return data
    if (whole := _IT.fullmatch(data)) is not None:
        return _of(value, whole[1], data)
    return _IT.sub(lambda match: str(_of(value, match[1], match[0])), data)


def _of(value: Any, key: str | None, written: str) -> Any:  # noqa: ANN401 - as above
    if key is None:
        return value
    return value.get(key, written) if isinstance(value, dict) else written


def _whole(file: YamlFile, index: int, case: Case, fixtures: Mapping[str, Circumstances]) -> Case:
    """Return the case with what its fixtures say; a later fixture and the case itself win."""
    merged: dict[str, Any] = {}
    for place, name in enumerate(case.fixtures):
        if name not in fixtures:
            message = f"{unknown('fixture', name, fixtures)} ({FIXTURES_FILE})"
            raise FaultyFileError([file.fault((index, "fixtures", place), message)])
        merged |= {key: getattr(fixtures[name], key) for key in fixtures[name].model_fields_set}
    kept = {key: value for key, value in merged.items() if key not in case.model_fields_set}
    return case.model_copy(update=kept)


def _validated(file: YamlFile, model: type[Any], *, data: object = None, key: KeyPath = ()) -> Any:  # noqa: ANN401 - an instance of `model`
    """Return data as `model`; a misspelt key names the nearest that is known there."""
    try:
        return model.model_validate(file.data if data is None else data)
    except ValidationError as error:
        faults: dict[tuple[KeyPath, str], Fault] = {}
        problems = error.errors()
        for problem in problems:
            # A list whose items are wrong counts as too short, which helps nobody.
            if problem["type"] == "too_short" and _has_more(problem["loc"], problems):
                continue
            place = (*key, *(part for part in problem["loc"] if part != "[key]"))
            message = problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "extra_forbidden":
                known = _keys_at(problem["loc"])
                message = f"is not a key that is known here{hint(str(place[-1]), known)}"
            faults.setdefault((place, message), file.fault(place, message))
        raise FaultyFileError(list(faults.values())) from error


def _has_more(loc: tuple[int | str, ...], problems: Sequence[Any]) -> bool:
    return any(p["loc"][: len(loc)] == loc and len(p["loc"]) > len(loc) for p in problems)


def _keys_at(loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that may stand beside the last one of `loc`."""
    models: dict[str, type[Any]] = {
        "turns": TurnSpec,
        "expect": Expect,
        "customer": KnownCustomer,
        "stubs": Outcome,
        "notice": ToldNotice,
        "media": Media,
        "location": Location,
        "contact": Contact,
        **dict.fromkeys(("name", "email", "phone", "company"), KnownFact),
    }
    named = [part for part in loc[:-1] if part in models]
    if not named:
        return keys_of(StatedCase)
    return set(models[str(named[-1])].model_fields)
