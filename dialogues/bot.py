"""A bot is a folder: reads it whole, checks every reference in it, refuses to start on faults."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    Field,
    JsonValue,
    RootModel,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dialogues.desk import Desk
from dialogues.flow import Flow, Response
from dialogues.hints import hint, keys_of
from dialogues.http_action import HttpAction, action_faults
from dialogues.quiet import QuietTimes, check_quiet
from dialogues.silence import Silence
from dialogues.step import TAG
from dialogues.strict import Id, Strict, Texts
from nlu.language import is_known
from nlu.traditional import Region
from nlu.yaml_file import Fault, FaultyFileError, KeyPath, YamlFile

#: The flows and texts every bot shares.
REPAIR_FOLDER = Path(__file__).parent / "repair"

#: Flows of repair, which the policy starts by themselves, are called so.
REPAIR_PREFIX = "repair_"

ModelT = TypeVar("ModelT", bound=BaseModel)


class Account(Strict):
    """One account of one channel; `${NAME}` in options is read from the environment by bots."""

    #: module of the adapter, e.g. webchat
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
    account: Annotated[str, Field(min_length=1, max_length=200)]  #: our identity there
    options: dict[str, str] = Field(default_factory=dict)  #: may hold ${ENVIRONMENT_NAME}


class Thresholds(Strict):
    """Limits a company sets itself instead of the calibrated ones, as probabilities."""

    #: least probability of an answer that is given
    answer: float | None = Field(default=None, ge=0, le=1)


class BotFile(Strict):
    """`bot.yml`: what a bot is called, speaks, recognises, and where it works."""

    name: Id  #: of the bot, the same as that of its folder
    title: Texts  #: shown to customers
    description: Texts  #: what it is for
    languages: tuple[str, ...] = Field(min_length=1)  #: BCP-47; the first is the default
    time_zone: str = "UTC"  #: of opening hours, and of what customers say
    #: country of phone numbers without a country code
    phone_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    patterns: dict[Id, str] = Field(default_factory=dict)  #: entity -> RE2 expression
    #: entity -> value -> what customers call it
    lookups: dict[Id, dict[Id, tuple[str, ...]]] = Field(default_factory=dict)
    desks: dict[Id, Desk] = Field(min_length=1)  #: where staff work; the first is the default
    menu: tuple[Id, ...] = ()  #: flows to offer a customer, best first; default: all
    examples: tuple[str, ...] = ()  #: what to try, shown to whoever starts the bot
    thresholds: Thresholds = Thresholds()  #: instead of the calibrated ones
    #: whether a language model may word answers, where the installation has one
    writing: bool = False
    silence: Silence | None = None  #: reminders when a question stays open; None: none
    channels: tuple[Account, ...] = ()  #: where it works
    #: Chinese replies are shown in Traditional characters, as written in Taiwan or Hong Kong, to
    #: customers who write in them; None: as the bot's texts are
    traditional: Region | None = None
    #: channel, or `default` -> pause after which a burst of texts is answered as one
    quiet: QuietTimes = Field(default_factory=dict)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of what customers say, while nothing better is known of them."""
        return ZoneInfo(self.time_zone)

    @field_validator("channels")
    @classmethod
    def _one_of_a_name(cls, value: tuple[Account, ...]) -> tuple[Account, ...]:
        names = [(account.channel, account.account) for account in value]
        if len(set(names)) < len(names):
            message = "two accounts of one channel have one name"
            raise ValueError(message)
        return value

    @field_validator("quiet")
    @classmethod
    def _quiet_channels_exist(cls, value: QuietTimes, info: ValidationInfo) -> QuietTimes:
        if (channels := info.data.get("channels")) is not None:
            check_quiet(value, [account.channel for account in channels])
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            message = f"no time zone is called {value!r}"
            raise ValueError(message) from error
        return value

    @field_validator("languages")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            message = "a language is given twice"
            raise ValueError(message)
        for language in value:
            if not is_known(language):
                message = f"{language!r} is no language code; write en, zh, pt-BR, …"
                raise ValueError(message)
        return value


class Order(Strict):
    """One order of the example company."""

    status: Texts
    eta: date | None = None
    items: tuple[str, ...] = ()


class _Responses(RootModel[dict[Id, Response]]):
    pass


class _Orders(RootModel[dict[str, Order]]):
    @model_validator(mode="before")
    @classmethod
    def _is_mapping(cls, data: object) -> object:
        return {} if data is None else data


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that was read and checked; immutable, shared by all threads."""

    folder: Path
    file: BotFile
    flows: Mapping[str, Flow]  #: by id, repair flows included
    responses: Mapping[str, Response]  #: bot-wide ones, shared ones included
    triggers: Mapping[str, str]  #: intent -> flow
    orders: Mapping[str, Order] = field(default_factory=dict)
    actions: Mapping[str, HttpAction] = field(default_factory=dict)  #: of its folder, by id
    flow_paths: Mapping[str, Path] = field(default_factory=dict)  #: of the bot's own flows
    hash: str = ""  #: of every file the bot was read from

    @property
    def name(self) -> str:
        """The bot's id."""
        return self.file.name

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it speaks; the first is the default."""
        return self.file.languages

    def title(self, language: str) -> str:
        """Return the name customers see."""
        return localised(self.file.title, language)

    def response(self, name: str, flow: Flow | None = None) -> Response | None:
        """Return the response called `name`: the flow's own, else the bot's, else the shared."""
        # What a shared flow says is in `responses` too, where the bot's own text replaces it.
        shared = flow is not None and flow.id.startswith(REPAIR_PREFIX)
        if flow is not None and not shared and (own := flow.responses.get(name)) is not None:
            return own
        return self.responses.get(name)

    def goals(self) -> list[Flow]:
        """Return the flows that are offered to a customer, best first."""
        if self.file.menu:
            return [self.flows[flow] for flow in self.file.menu]
        return [
            flow
            for flow in self.flows.values()
            if flow.triggers and "ask_human" not in flow.triggers
        ]

    @property
    def default_desk(self) -> str:
        """The desk that takes a conversation when none is named."""
        return next(iter(self.file.desks))


def localised(texts: Mapping[str, str], language: str) -> str:
    """Return the text in `language`, else the first there is."""
    return texts.get(language) or next(iter(texts.values()), "")


def load_bot(
    folder: Path,
    *,
    intents: Collection[str] | None = None,
    entities: Collection[str] | None = None,
) -> Bot:
    """Read and check the bot in `folder`.

    Args:
        folder: where `bot.yml` is.
        intents: every intent the interpreter will know; None: triggers are not checked.
        entities: every entity it will find, besides the bot's own patterns and lookups; None:
            slots of type entity are not checked.

    Raises:
        FaultyFileError: with every fault found.
    """
    from dialogues.references import Sources, check_references

    reading = _Reading()
    file = reading.model(folder / "bot.yml", BotFile)
    shared = reading.flows(sorted(REPAIR_FOLDER.glob("*.yml")))
    own = reading.flows(sorted((folder / "flows").glob("*.yml")))
    responses_path = folder / "responses.yml"
    responses = reading.model(responses_path, _Responses) if responses_path.exists() else None
    actions = reading.actions(sorted((folder / "actions").glob("*.yml")))
    orders_path = folder / "orders.yml"
    orders = reading.model(orders_path, _Orders) if orders_path.exists() else None
    if file is None or reading.faults:
        raise FaultyFileError(reading.faults)

    flows = {flow.id: flow for flow in [*shared, *own]}
    texts = _bot_wide(shared, own, responses)
    triggers = {intent: flow.id for flow in reversed(own) for intent in flow.triggers}
    bot = Bot(
        folder=folder,
        file=file,
        flows=MappingProxyType(flows),
        responses=MappingProxyType(texts),
        triggers=MappingProxyType(triggers),
        orders=MappingProxyType(orders.root if orders else {}),
        actions=MappingProxyType(actions),
        flow_paths=MappingProxyType({flow.id: reading.flow_paths[flow.id] for flow in own}),
        hash=reading.hash(),
    )
    faults = reading.faults + check_references(
        bot,
        Sources(
            files=reading.files,
            flow_paths=reading.flow_paths,
            shared_names=frozenset(name for flow in shared for name in flow.responses),
        ),
        intents=intents,
        entities=entities,
    )
    if faults:
        raise FaultyFileError(sorted(faults, key=lambda f: (str(f.path), f.line, f.key)))
    return bot


def _bot_wide(
    shared: list[Flow], own: list[Flow], responses: _Responses | None
) -> dict[str, Response]:
    """Return the responses every flow may say: shared ones, as far as the bot has no own."""
    texts: dict[str, Response] = {}
    for flow in [*shared, *(f for f in own if f.id.startswith(REPAIR_PREFIX))]:
        texts.update(flow.responses)
    texts.update(responses.root if responses else {})
    return texts


def read_orders(path: Path) -> Mapping[str, Order]:
    """Return the orders in the example company's `orders.yml`.

    Raises:
        FaultyFileError: it cannot be read.
    """
    return YamlFile.read(path).validate(_Orders).root


class _Reading:
    """The files of one bot as they are read, with the faults found so far."""

    def __init__(self) -> None:
        self.files: dict[Path, YamlFile] = {}
        self.flow_paths: dict[str, Path] = {}
        self.faults: list[Fault] = []

    def model(self, path: Path, model: type[ModelT]) -> ModelT | None:
        try:
            file = self.files[path] = YamlFile.read(path)
        except FaultyFileError as error:
            self.faults += error.faults
            return None
        try:
            return model.model_validate(file.data)
        except ValidationError as error:
            self.faults += _faults(file, error)
            return None

    def flows(self, paths: Iterable[Path]) -> list[Flow]:
        found: dict[str, Flow] = {}
        for path in paths:
            flow = self.model(path, Flow)
            if flow is None:
                continue
            if flow.id in found:
                other = self.flow_paths[flow.id].name
                self.faults.append(
                    self.files[path].fault(("id",), f"{other} is the flow {flow.id!r} already")
                )
                continue
            found[flow.id] = flow
            self.flow_paths[flow.id] = path
        return list(found.values())

    def actions(self, paths: Iterable[Path]) -> dict[str, HttpAction]:
        found = [(path, self.model(path, HttpAction)) for path in paths]
        for path, action in found:
            if action is not None:
                file = self.files[path]
                wrong = action_faults(action, path.stem)
                self.faults += [file.fault(key, message) for key, message in wrong]
        return {action.id: action for _, action in found if action is not None}

    def hash(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self.files):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]


def _faults(file: YamlFile, error: ValidationError) -> list[Fault]:
    """Return one fault for each thing pydantic found, at places that are in the file."""
    faults: dict[tuple[KeyPath, str], Fault] = {}
    for problem in error.errors():
        key = _place(file.data, problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            wrong = str(problem["loc"][-1])
            message = f"is not a key that is known here{hint(wrong, keys_of(Strict))}"
        faults.setdefault((key, message), file.fault(key, message))
    return list(faults.values())


def _place(data: JsonValue, loc: tuple[int | str, ...]) -> KeyPath:
    """Return `loc` without what pydantic adds to it for unions and normalised responses."""
    place: list[int | str] = []
    node: Any = data
    for part in loc:
        if isinstance(part, str) and (part.startswith(TAG) or part == "[key]"):
            continue
        in_list = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if in_list or (isinstance(node, Mapping) and part in node):
            node = node[part]
        elif part == "variants" or isinstance(part, int):
            continue
        else:
            node = None
        place.append(part)
    return tuple(place)
