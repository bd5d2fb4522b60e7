"""Trying a bot: lines are messages or commands, answered with what a terminal can show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bots.trial_record import Recorded, RecordError, save
from bots.trial_tables import replies, state_of, why
from channels.messages import Text as Words
from channels.profiles import PROFILES
from dialogues.hints import unknown
from dialogues.strict import Duration, written
from dialogues.talk import Moment, Taken, Talk

#: Turns that can be taken back; each keeps a copy of a small database.
MOMENTS_MAX: Final = 200

_DURATION: Final[TypeAdapter[timedelta]] = TypeAdapter(Duration)


class TrialError(Exception):
    """What was asked for cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class _Command:
    run: Callable[["Trial", str], Iterator[RenderableType]]
    argument: str  #: as the help names it, "" for none
    does: str


@dataclass
class Trial:
    """A talk with a bot that somebody tries."""

    talk: Talk
    folder: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    over: bool = False
    _recorded: list[Recorded] = field(default_factory=list)
    _moments: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.talk.now = self._seen_at = self.clock()
        self._first = self.talk.moment()

    def answer(self, line: str) -> Iterator[RenderableType]:
        """Yield what there is to show for one line; `//` begins a message with one stroke.

        Raises:
            TrialError: the line is a command that cannot be carried out.
        """
        line = line.strip()
        if not line:
            return
        if line.startswith("/") and not line.startswith("//"):
            name, _, argument = line[1:].partition(" ")
            command = COMMANDS.get(name)
            if command is None:
                raise TrialError(f"{unknown('command', name, COMMANDS)} (/help lists all)")
            if bool(command.argument) is not bool(argument.strip()) and name != "language":
                form = f"/{name} {command.argument}".strip()
                raise TrialError(f"say {form}")
            yield from command.run(self, argument.strip())
            return
        yield from self._say(line.removeprefix("/") if line.startswith("//") else line)

    def _say(self, text: str) -> Iterator[RenderableType]:
        option = self._option(text)
        try:
            content = self.talk.press(option) if option is not None else Words(text=text)
        except ValidationError as error:
            message = "a message has at most 4000 characters"
            raise TrialError(message) from error
        spec = {"press": option} if option is not None else {"user": text}
        yield from self._take(spec, lambda: self.talk.take(content))

    def _option(self, text: str) -> str | None:
        """Return the option whose number was typed, on a channel where one would press it."""
        last = self.talk.last
        if last is None or not text.isascii() or not text.isdigit():
            return None
        options = [
            option for reply in last.replies if not reply.numbered for option in reply.options
        ]
        index = int(text[:4]) - 1
        return options[index].value if 0 <= index < len(options) else None

    def _take(
        self, spec: dict[str, Any], take: Callable[[], list[Taken]]
    ) -> Iterator[RenderableType]:
        """Take the turns of one thing that happened and show them."""
        now = self.clock()
        passed, self._seen_at = max(now - self._seen_at, timedelta()), now
        self._moments = [*self._moments, self.talk.moment()][-MOMENTS_MAX:]
        before = self.talk.stack
        try:
            earlier = self.talk.pass_time(passed)
            taken = take()
        except RecursionError as error:
            raise TrialError(str(error)) from error
        talk, turns = self.talk, (tuple(taken), tuple(earlier))
        self._recorded.append(Recorded(spec, *turns, before, talk.state, talk.channel))
        for each in (*earlier, *taken):
            yield from replies(each)
        if not any(each.replies for each in (*earlier, *taken)):
            yield Text("(nothing is said)", style="dim")

    def back(self, _: str) -> Iterator[RenderableType]:
        """Forget the last turn."""
        if not self._moments:
            message = "there is no turn to take back"
            raise TrialError(message)
        self.talk.go_back(self._moments.pop())
        gone = self._recorded.pop()
        yield Text(f"(taken back: {next(iter(gone.spec.values()))})", style="dim")
        if self.talk.last is not None:
            yield from replies(self.talk.last)

    def restart(self, _: str) -> Iterator[RenderableType]:
        """Begin a new conversation."""
        channel = self.talk.channel
        self.talk.go_back(self._first)
        self.talk.now = self._seen_at = self.clock()
        self.talk.channel = channel
        self._moments.clear()
        self._recorded.clear()
        yield Text("(a new conversation)", style="dim")

    def move(self, channel: str) -> Iterator[RenderableType]:
        """Go on as another channel shows it."""
        if channel not in PROFILES:
            raise TrialError(unknown("channel", channel, PROFILES))
        self.talk.move(channel)
        yield Text(f"(as {channel} shows it)", style="dim")
        if self.talk.last is not None:
            yield from replies(self.talk.last)

    def speak(self, language: str) -> Iterator[RenderableType]:
        """Set the language of the conversation, which a message in another one changes again."""
        languages = self.talk.bot.languages
        if language and language not in languages:
            raise TrialError(unknown("language", language, languages))
        if language:
            self.talk.language = language
        yield Text(f"(language: {self.talk.language or languages[0]})", style="dim")

    def wait(self, span: str) -> Iterator[RenderableType]:
        """Let time pass; what falls due happens."""
        try:
            duration = _DURATION.validate_python(span)
        except ValidationError as error:
            message = "say e.g. /wait 90s, /wait 10m, /wait 2h or /wait 3d"
            raise TrialError(message) from error
        spec = {"wait": written(duration)}
        yield from self._take(spec, lambda: self.talk.pass_time(duration))

    def state(self, _: str) -> Iterator[RenderableType]:
        """Show where the dialogue stands."""
        yield from state_of(self.talk)

    def why(self, _: str) -> Iterator[RenderableType]:
        """Show why the last turn went as it did."""
        if not self._recorded:
            message = "there is no turn yet"
            raise TrialError(message)
        for taken in self._recorded[-1].taken:
            yield why(taken, self.talk.address)

    def save(self, name: str) -> Iterator[RenderableType]:
        """Write the talk as a conversation test."""
        try:
            path = save(self._recorded, self.talk.bot, self.folder, name=name)
        except RecordError as error:
            raise TrialError(str(error)) from error
        yield Text(f"(written to {path})", style="dim")

    def help(self, _: str) -> Iterator[RenderableType]:
        """List the commands."""
        table = Table.grid(padding=(0, 2))
        for name, command in COMMANDS.items():
            table.add_row(Text(f"/{name} {command.argument}".rstrip()), Text(command.does))
        table.add_row(Text("1, 2, …"), Text("press what stands behind the number"))
        table.add_row(Text("//…"), Text("a message that begins with one stroke"))
        yield table

    def quit(self, _: str) -> Iterator[RenderableType]:
        """Leave; nothing is kept."""
        self.over = True
        yield from ()


#: What may be typed behind a stroke.
COMMANDS: Final[dict[str, _Command]] = {
    "state": _Command(Trial.state, "", "where the dialogue stands: flows, slots, customer"),
    "why": _Command(Trial.why, "", "why the last turn went as it did"),
    "back": _Command(Trial.back, "", "take the last turn back"),
    "as": _Command(Trial.move, "CHANNEL", f"show replies as {', '.join(PROFILES)} would"),
    "language": _Command(Trial.speak, "CODE", "set the language of the conversation"),
    "wait": _Command(Trial.wait, "10m", "let time pass"),
    "save": _Command(Trial.save, "NAME", "write the talk as a conversation test"),
    "restart": _Command(Trial.restart, "", "begin a new conversation"),
    "help": _Command(Trial.help, "", "list these commands"),
    "quit": _Command(Trial.quit, "", "leave; nothing is kept"),
}
