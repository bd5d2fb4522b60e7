"""What a trial of a bot shows: replies as a channel would, where it stands, why it went so."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dialogues.comparison import shown
from dialogues.conversation_tests import said, steps
from dialogues.talk import Taken, Talk

#: Intents and entities that are listed.
_LISTED_MAX = 5


def replies(taken: Taken) -> Iterator[RenderableType]:
    """Yield the replies of a turn; what can be pressed has a number."""
    number = 0
    for reply in taken.replies:
        for text in reply.texts:
            first, *more = text.split("\n")
            yield Text(f"< {first}", style="cyan")
            yield from (Text(f"  {line}", style="cyan") for line in more)
        if reply.numbered or not reply.options:
            continue
        line = Text("  ")
        for option in reply.options:
            number += 1
            line.append(f"{number} ", style="dim")
            line.append(f"[{option.label}]", style="bold cyan")
            line.append("  ")
        line.rstrip()
        yield line


def state_of(talk: Talk) -> Iterator[RenderableType]:
    """Yield where a dialogue stands: open flows with their slots, and what else is known."""
    table = Table("flow", "step", "asks", "slots", title="open flows", title_justify="left")
    for frame in talk.state.get("frames", ()):
        slots = "\n".join(f"{name}: {shown(value)}" for name, value in _slots(frame).items())
        path = ".".join(map(str, frame.get("path", (0,))))
        cells = (frame["flow"], path, frame.get("asked") or "", slots)
        table.add_row(*map(Text, cells))
    if talk.stack:
        yield table
    else:
        yield Text("no flow is open")
    customer = talk.customer
    facts = {name: getattr(customer, name) for name in ("name", "email", "phone", "company")}
    rows = {
        "owner": talk.owner,
        "language": talk.language or "",
        "channel": talk.channel,
        "time": talk.now.astimezone(talk.bot.file.zone).isoformat(timespec="seconds"),
        "failures": str(talk.state.get("failures", 0)),
        "customer": ", ".join(f"{k}: {v}" for k, v in facts.items() if v) or "unknown",
        "tier, stage": f"{customer.tier}, {customer.stage}",
    }
    for timer in sorted(talk.timers.values(), key=lambda each: each.due_at):
        rows[f"timer {timer.kind}"] = timer.due_at.astimezone(talk.bot.file.zone).isoformat(
            timespec="seconds"
        )
    grid = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        grid.add_row(Text(name, style="bold"), Text(value))
    yield grid


def _slots(frame: dict[str, Any]) -> dict[str, Any]:
    slots: dict[str, Any] = frame.get("slots", {})
    return slots


def why(taken: Taken) -> RenderableType:
    """Return why a turn went as it did: what was understood, decided, done and kept."""
    grid = Table.grid(padding=(0, 2))
    for name, lines in _reasons(taken):
        for index, line in enumerate(lines or ["nothing"]):
            grid.add_row(Text(name if index == 0 else "", style="bold"), Text(line))
    return Group(Text(f"> {said(taken.content)}", style="bold"), grid)


def _reasons(taken: Taken) -> Iterator[tuple[str, list[str]]]:
    understanding = taken.understanding
    if understanding is not None:
        ranked = understanding.intents[:_LISTED_MAX]
        scores = [f"{each.name} {each.confidence:.2f}" for each in ranked]
        by = f"{understanding.outcome}, {understanding.language}, by {understanding.interpreter}"
        yield "understood", [by, *scores]
        entities = [f"{e.name}: {shown(e.value)}" for e in understanding.entities]
        yield "entities", entities
    done = [step for step in steps(taken) if not step.startswith("understood")]
    for name, kind in (("commands", "command: "), ("searches", "search: ")):
        yield name, [step.removeprefix(kind) for step in done if step.startswith(kind)]
    others = ("command: ", "search: ")
    yield "steps", [step for step in done if not step.startswith(others)]
    kept = {"message_received", "message_sent", "notice_received"}
    entries = [entry for entry in taken.result.entries if entry.kind not in kept]
    yield "in the CRM", [f"{entry.kind} {shown(entry.data)}" for entry in entries]
    if taken.result.timers:
        yield (
            "timers",
            [f"{each.kind} {each.due_at.isoformat()}" for each in taken.result.timers],
        )
