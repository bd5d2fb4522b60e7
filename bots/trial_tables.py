"""What a trial of a bot shows: replies as a channel would, where it stands, why it went so."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bots.commands.terminal import plain
from bots.explanation_page import page
from bots.tried_turns import explain_tried
from channels.messages import Address
from dialogues.comparison import shown
from dialogues.talk import Taken, Talk


def replies(taken: Taken) -> Iterator[RenderableType]:
    """Yield the replies of a turn; what can be pressed has a number."""
    number = 0
    for reply in taken.replies:
        for text in reply.texts:
            first, *more = text.split("\n")
            yield Text(f"< {plain(first)}", style="cyan")
            yield from (Text(f"  {plain(line)}", style="cyan") for line in more)
        if reply.numbered or not reply.options:
            continue
        line = Text("  ")
        for option in reply.options:
            number += 1
            line.append(f"{number} ", style="dim")
            line.append(f"[{plain(option.label)}]", style="bold cyan")
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


def why(taken: Taken, address: Address) -> RenderableType:
    """Return why a turn went as it did, on the page that stored turns have too."""
    explanation = explain_tried(
        taken.content,
        taken.understanding,
        taken.result,
        address=address,
        seq=taken.seq,
        at=taken.at,
    )
    return page(explanation)
