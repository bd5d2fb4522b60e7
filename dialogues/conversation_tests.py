"""A bot's own tests: talks each conversation of its folder through, turn by turn.

Every case has a fresh database in memory and goes through `take_turn` as the engine does.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, Final

from channels.messages import (
    Choice,
    Contact,
    InboundContent,
    Location,
    Media,
    Notice,
    Text,
    Unsupported,
)
from crm_store.customers import learn
from dialogues.bot import Bot
from dialogues.cases import Case, ReadCase, TurnSpec, read_cases
from dialogues.comparison import Difference, differences, seen
from dialogues.coverage import Reached, reached
from dialogues.later import ActionRunner
from dialogues.strict import written
from dialogues.stubs import Stubbed, Stubs
from dialogues.talk import Taken, Talk, open_talk
from knowledge_base.answer import Search
from nlu.interpreter import Interpreter

__all__ = ["CaseResult", "ReadCase", "TurnShown", "read_cases", "run_conversations"]

#: How long after one message a customer writes the next.
STEP: Final = timedelta(minutes=1)

#: How long ago a fact was learnt of which nothing is said.
_LEARNT_AGO: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TurnShown:
    """One turn of a conversation as people read it."""

    line: int  #: where it stands in the file
    said: str  #: what the customer did, or what happened
    steps: tuple[str, ...]  #: what the bot did about it
    replies: tuple[str, ...]  #: as the channel shows them
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one conversation went."""

    path: Path
    line: int
    name: str
    turns: tuple[TurnShown, ...]
    reached: Reached = field(default_factory=frozenset)  #: for coverage
    seconds: float = 0.0
    error: str = ""  #: why it broke off

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """One readable line for each thing that was not as expected."""
        found = [
            f"turn {number}, line {turn.line} ({turn.said}): {difference}"
            for number, turn in enumerate(self.turns, start=1)
            for difference in turn.differences
        ]
        return (*found, *((self.error,) if self.error else ()))

    @property
    def transcript(self) -> str:
        """What was said, with the steps taken."""
        lines: list[str] = []
        for turn in self.turns:
            lines.append(f"    > {turn.said}")
            lines += [f"      · {step}" for step in turn.steps]
            lines += [f"    < {line}" for reply in turn.replies for line in reply.splitlines()]
        return "\n".join(lines)

    def __str__(self) -> str:
        """Return the outcome with what differed and what was said."""
        if self.passed:
            return f"passed {self.path.name}: {self.name}"
        failures = "\n".join(f"  {failure}" for failure in self.failures)
        return f"FAILED {self.path}:{self.line}: {self.name}\n{failures}\n{self.transcript}"


def run_conversations(
    bot: Bot,
    *,
    interpreter: Interpreter,
    search: Search,
    runner: ActionRunner | None = None,
    cases: Iterable[ReadCase] | None = None,
) -> Iterator[CaseResult]:
    """Talk the bot's conversations through, and yield how each went.

    Args:
        bot: the bot to test.
        interpreter: understands the customer.
        search: asks the knowledge base: question, language.
        runner: runs slow actions that a case has no stub for; None: they fail.
        cases: which conversations; those in the bot's folder when None.

    Raises:
        FaultyFileError: the conversations cannot be read.
    """
    for read in read_cases(bot.folder) if cases is None else cases:
        started = time.perf_counter()
        with open_talk(bot, interpreter=interpreter, search=search, runner=runner) as talk:
            result = _run(talk, read)
        yield replace(result, seconds=time.perf_counter() - started)


def set_up(talk: Talk, case: Case) -> None:
    """Make everything so as the case says it is before the conversation."""
    talk.language = case.language
    talk.channel = case.channel or talk.channel
    if case.clock is not None:
        talk.now = case.clock.astimezone(UTC)
    talk.stubs = Stubs(
        {
            name: [Stubbed(outcome.result or {}, outcome.error) for outcome in outcomes]
            for name, outcomes in case.stubs.items()
        },
        runner=talk.stubs.runner,
    )
    if (known := case.customer) is None:
        return
    customer = talk.customer
    for name, fact in known.facts():
        learn(
            customer,
            source="test",
            now=talk.now - (fact.learnt_ago or _LEARNT_AGO),
            verified=fact.verified,
            **{name: fact.value},
        )
    for name in ("tier", "stage", "language"):
        if (value := getattr(known, name)) is not None:
            setattr(customer, name, value)
    talk.session.flush()


def _run(talk: Talk, read: ReadCase) -> CaseResult:
    set_up(talk, read.case)
    turns: list[TurnShown] = []
    everything: set[tuple[str, ...]] = set()
    error = ""
    for index, spec in enumerate(read.case.turns):
        before = talk.stack
        try:
            earlier, taken = _take(talk, spec)
        except RecursionError as broken:
            error = f"turn {index + 1}: {broken}"
            break
        everything |= reached(talk.bot, [*earlier, *taken], before)
        line = read.line_of(index)
        turns += [_shown(each, line) for each in earlier]
        came = seen(taken, before, talk.state)
        found = tuple(differences(spec.expect, came))
        turns += _shown_together(spec, taken, line, found)
    return CaseResult(
        path=read.path,
        line=read.line,
        name=read.case.name,
        turns=tuple(turns),
        reached=frozenset(everything),
        error=error,
    )


def _take(talk: Talk, spec: TurnSpec) -> tuple[list[Taken], list[Taken]]:
    """Take a turn.

    Returns:
        The turns of timers that fell due before it, and those its expectations are about.
    """
    if spec.wait is not None:
        return [], talk.pass_time(spec.wait)
    earlier = talk.pass_time(STEP)
    return earlier, talk.take(content_of(talk, spec))


def content_of(talk: Talk, spec: TurnSpec) -> InboundContent:
    """Return what a turn sends to the bot."""
    if spec.press is not None:
        return talk.press(spec.press)
    if spec.notice is not None:
        return spec.notice.notice()
    whole = spec.media or spec.location or spec.contact
    return whole or Text(text="\n".join(spec.words))


def _shown(taken: Taken, line: int, found: Sequence[Difference] = ()) -> TurnShown:
    return TurnShown(
        line=line,
        said=said(taken.content),
        steps=tuple(steps(taken)),
        replies=tuple(map(str, taken.replies)),
        differences=tuple(found),
    )


def _shown_together(
    spec: TurnSpec, taken: Sequence[Taken], line: int, found: tuple[Difference, ...]
) -> list[TurnShown]:
    """Return what the expectations of one turn were about; time that passes may be many turns."""
    shown = [_shown(each, line) for each in taken[:-1]]
    if spec.wait is not None:
        passed = TurnShown(line, f"({written(spec.wait)} pass)", (), (), () if taken else found)
        shown.insert(0, passed)
    return [*shown, *(_shown(each, line, found) for each in taken[-1:])]


def said(content: InboundContent) -> str:
    """Return what a customer did as one reads it."""
    match content:
        case Text():
            return content.text.replace("\n", " / ")
        case Choice():
            return f"[{content.label or content.value}]"
        case Notice():
            return f"({' '.join((content.name, *content.data.values()))})"[:200]
        case Media():
            return f"({content.mime}) {content.caption or ''}".rstrip()
        case Location():
            return f"(place {content.latitude}, {content.longitude})"
        case Contact():
            return f"(phone {content.phone})"
        case Unsupported():
            return f"({content.what})"


def steps(taken: Taken) -> Iterator[str]:
    """Yield what the bot did in a turn, from its trace."""
    for item in taken.result.trace:
        if isinstance(item, dict) and (line := _step(item)):
            yield line


def _step(item: dict[str, Any]) -> str:
    match item:
        case {"understood": outcome, "intents": intents}:
            named = ", ".join(f"{name} {confidence:.2f}" for name, confidence in intents[:2])
            return f"understood: {outcome} ({named})" if named else f"understood: {outcome}"
        case {"command": name}:
            facts = ", ".join(f"{value}" for key, value in item.items() if key != "command")
            return f"command: {name} {facts}".rstrip()
        case {"say": name}:
            return f"say: {name}"
        case {"ask": name}:
            return f"ask: {name}"
        case {"search": outcome}:
            return f"search: {outcome} {item.get('article') or ''}".rstrip()
        case {"ended_with": _, "ended": flow}:
            return f"ended: {flow}"
    return ", ".join(f"{key}: {value}" for key, value in item.items())
